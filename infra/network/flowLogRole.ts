/** Documents of the role with which Amazon VPC writes the flow log. */
import { logGroupArn, logStreamsArn } from "../arn";
import type { Account } from "../naming";
import { identityPolicy, trust } from "../iamStatement";

/** The flow log's id is not known before it exists, so any flow log of this account and region may use the role. */
export function flowLogTrust(account: Account): string {
    return trust("vpc-flow-logs.amazonaws.com", "FlowLogsOfThisAccount", {
        StringEquals: { "aws:SourceAccount": account.accountId },
        ArnLike: {
            "aws:SourceArn": `arn:${account.partition}:ec2:${account.region}:${account.accountId}:vpc-flow-log/*`,
        },
    });
}

/** Writing to one log group. `logs:CreateLogGroup` is left out: the group exists, with key and retention. */
export function flowLogPolicy(account: Account, logGroup: string): string {
    return identityPolicy([
        {
            Sid: "WriteFlowLog",
            Effect: "Allow",
            Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            Resource: [logGroupArn(account, logGroup), logStreamsArn(account, logGroup)],
        },
        // Has no resource: the service looks for the group by name.
        { Sid: "FindLogGroup", Effect: "Allow", Action: ["logs:DescribeLogGroups"], Resource: ["*"] },
    ]);
}
