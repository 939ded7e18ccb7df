import { accountRootArn } from "../arn";
import type { Account } from "../naming";

/**
 * Policy of the approval topic: only the delivery pipelines may announce an approval, over TLS.
 *
 * The Deny makes the list of publishers final, whatever IAM policies say. Publishers are named by condition and not as
 * principals, because SNS refuses a policy that names a role which does not exist yet, and the pipelines' roles are
 * created after the topic.
 *
 * @param topicArn literal ARN
 * @param publisherRoleArns literal ARNs of the pipelines' roles, at least one
 */
export function approvalTopicPolicy(account: Account, topicArn: string, publisherRoleArns: string[]): string {
    if (publisherRoleArns.length === 0) {
        throw new Error("the approval topic needs at least one pipeline that may publish to it");
    }
    const publishers = [...publisherRoleArns].sort();
    return JSON.stringify({
        Version: "2012-10-17",
        Statement: [
            {
                Sid: "PipelinesPublish",
                Effect: "Allow",
                Principal: { AWS: accountRootArn(account) },
                Action: "sns:Publish",
                Resource: topicArn,
                Condition: { ArnEquals: { "aws:PrincipalArn": publishers } },
            },
            {
                Sid: "NobodyElsePublishes",
                Effect: "Deny",
                Principal: "*",
                Action: "sns:Publish",
                Resource: topicArn,
                Condition: { ArnNotEquals: { "aws:PrincipalArn": publishers } },
            },
            {
                Sid: "OnlyOverTls",
                Effect: "Deny",
                Principal: "*",
                Action: "sns:Publish",
                Resource: topicArn,
                Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
        ],
    });
}
