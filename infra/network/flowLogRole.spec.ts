import assert from "node:assert/strict";
import type { Account } from "../naming";
import { flowLogPolicy, flowLogTrust } from "./flowLogRole";

const account: Account = {
    accountId: "123456789012",
    region: "eu-central-1",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
};

describe("flow log role", () => {
    it("is assumed by flow logs of this account and region only", () => {
        assert.deepEqual(JSON.parse(flowLogTrust(account)), {
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "FlowLogsOfThisAccount",
                    Effect: "Allow",
                    Principal: { Service: "vpc-flow-logs.amazonaws.com" },
                    Action: "sts:AssumeRole",
                    Condition: {
                        StringEquals: { "aws:SourceAccount": "123456789012" },
                        ArnLike: { "aws:SourceArn": "arn:aws:ec2:eu-central-1:123456789012:vpc-flow-log/*" },
                    },
                },
            ],
        });
    });

    it("writes to its log group only", () => {
        const group = "arn:aws:logs:eu-central-1:123456789012:log-group:flow";
        assert.deepEqual(JSON.parse(flowLogPolicy(account, "flow")), {
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "WriteFlowLog",
                    Effect: "Allow",
                    Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                    Resource: [group, `${group}:log-stream:*`],
                },
                { Sid: "FindLogGroup", Effect: "Allow", Action: ["logs:DescribeLogGroups"], Resource: ["*"] },
            ],
        });
    });
});
