import assert from "node:assert/strict";
import * as arn from "./arn";
import type { Account } from "./naming";

const account: Account = {
    accountId: "123456789012",
    region: "eu-central-1",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
};
const here = "eu-central-1:123456789012";

describe("ARNs", () => {
    /** Formats of the Service Authorization Reference. */
    const table: [string, string][] = [
        [arn.accountRootArn(account), "arn:aws:iam::123456789012:root"],
        [arn.roleArn(account, "r"), "arn:aws:iam::123456789012:role/r"],
        [arn.repositoryArn(account, "a/b"), `arn:aws:ecr:${here}:repository/a/b`],
        [arn.registryHost(account), "123456789012.dkr.ecr.eu-central-1.amazonaws.com"],
        [arn.pipelineArn(account, "p"), `arn:aws:codepipeline:${here}:p`],
        [arn.pipelineActionArn(account, "p", "S", "A"), `arn:aws:codepipeline:${here}:p/S/A`],
        [arn.functionArn(account, "f"), `arn:aws:lambda:${here}:function:f`],
        [arn.tableArn(account, "t"), `arn:aws:dynamodb:${here}:table/t`],
        [arn.queueArn(account, "q"), `arn:aws:sqs:${here}:q`],
        [arn.scheduleGroupArn(account, "g"), `arn:aws:scheduler:${here}:schedule-group/g`],
        [arn.alarmArn(account, "a*"), `arn:aws:cloudwatch:${here}:alarm:a*`],
        [arn.projectArn(account, "p"), `arn:aws:codebuild:${here}:project/p`],
        [arn.codecommitArn(account, "c"), `arn:aws:codecommit:${here}:c`],
        [arn.topicArn(account, "t"), `arn:aws:sns:${here}:t`],
        [arn.eventRuleArn(account, "e"), `arn:aws:events:${here}:rule/e`],
        [arn.bucketArn(account, "b"), "arn:aws:s3:::b"],
        [arn.objectArn(account, "b", "k/*"), "arn:aws:s3:::b/k/*"],
        [arn.logGroupArn(account, "/aws/x"), `arn:aws:logs:${here}:log-group:/aws/x`],
        [arn.logStreamsArn(account, "g"), `arn:aws:logs:${here}:log-group:g:log-stream:*`],
        [arn.parameterArn(account, "/a/b"), `arn:aws:ssm:${here}:parameter/a/b`],
        [arn.anyKeyArn(account), `arn:aws:kms:${here}:key/*`],
        [arn.clusterArn(account, "c"), `arn:aws:ecs:${here}:cluster/c`],
        [arn.containerInstancesArn(account, "c"), `arn:aws:ecs:${here}:container-instance/c/*`],
    ];
    for (const [actual, expected] of table) it(expected, () => assert.equal(actual, expected));

    it("follows the partition", () => {
        const china: Account = {
            ...account,
            region: "cn-north-1",
            partition: "aws-cn",
            dnsSuffix: "amazonaws.com.cn",
        };
        assert.equal(arn.bucketArn(china, "b"), "arn:aws-cn:s3:::b");
        assert.equal(arn.registryHost(china), "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn");
    });

    it("names a key by its alias", () => {
        assert.deepEqual(arn.usingKeyAlias("alias/k"), {
            "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/k" },
        });
    });
});
