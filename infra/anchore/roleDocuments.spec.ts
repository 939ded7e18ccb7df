import assert from "node:assert/strict";
import { taskTrust } from "../iamStatement";
import { executionPolicy, ecrImage, instancePolicy, instanceTrust, taskPolicy } from "./roleDocuments";
import { exampleAccount, exampleNames } from "./testing/exampleEngine";

interface Statement {
    Sid: string;
    Effect: string;
    Action: string[];
    Resource: string[];
    Condition?: object;
}

function statements(policy: string): Statement[] {
    return (JSON.parse(policy) as { Statement: Statement[] }).Statement;
}

const pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const registryToken = {
    Sid: "RegistryToken",
    Effect: "Allow",
    Action: ["ecr:GetAuthorizationToken"],
    Resource: ["*"],
};
const image = "docker.io/anchore/anchore-engine:v1.1.0";

describe("roles of Anchore Engine", () => {
    it("instance: the agent's calls on one cluster, no image, no log, no parameter", () => {
        const cluster = "arn:aws:ecs:eu-central-1:123456789012:cluster/portcullis-dev-anchore";
        assert.deepEqual(statements(instancePolicy(exampleAccount, exampleNames)), [
            {
                Sid: "JoinCluster",
                Effect: "Allow",
                Action: [
                    "ecs:DeregisterContainerInstance",
                    "ecs:RegisterContainerInstance",
                    "ecs:SubmitAttachmentStateChanges",
                    "ecs:SubmitContainerStateChange",
                    "ecs:SubmitTaskStateChange",
                ],
                Resource: [cluster],
            },
            {
                Sid: "ServeCluster",
                Effect: "Allow",
                Action: ["ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState"],
                Resource: [
                    "arn:aws:ecs:eu-central-1:123456789012:container-instance/portcullis-dev-anchore/*",
                ],
                Condition: { ArnEquals: { "ecs:cluster": cluster } },
            },
            { Sid: "FindEndpoint", Effect: "Allow", Action: ["ecs:DiscoverPollEndpoint"], Resource: ["*"] },
        ]);
    });

    it("execution: exactly its parameters, its key through SSM, its log group", () => {
        const parameter = "arn:aws:ssm:eu-central-1:123456789012:parameter/portcullis/dev/anchore";
        assert.deepEqual(statements(executionPolicy(exampleAccount, exampleNames, "alias/k", image)), [
            {
                Sid: "ReadSecrets",
                Effect: "Allow",
                Action: ["ssm:GetParameters"],
                Resource: ["admin-password", "auth-secret", "database-host", "database-password"].map(
                    (name) => `${parameter}/${name}`,
                ),
            },
            {
                Sid: "DecryptSecrets",
                Effect: "Allow",
                Action: ["kms:Decrypt"],
                Resource: ["arn:aws:kms:eu-central-1:123456789012:key/*"],
                Condition: {
                    "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/k" },
                    StringEquals: { "kms:ViaService": "ssm.eu-central-1.amazonaws.com" },
                },
            },
            {
                Sid: "WriteLog",
                Effect: "Allow",
                Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
                Resource: [
                    "arn:aws:logs:eu-central-1:123456789012:log-group:portcullis-dev-anchore:log-stream:*",
                ],
            },
        ]);
    });

    it("execution: pulls a rebuilt engine from exactly its repository", () => {
        const rebuilt = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/anchore-engine:v1.1.0-2";
        assert.deepEqual(
            statements(executionPolicy(exampleAccount, exampleNames, "alias/k", rebuilt)).slice(3),
            [
                registryToken,
                {
                    Sid: "PullEngineImage",
                    Effect: "Allow",
                    Action: pull,
                    Resource: ["arn:aws:ecr:eu-west-1:123456789012:repository/team/anchore-engine"],
                },
            ],
        );
        assert.equal(ecrImage(image), undefined);
        assert.deepEqual(ecrImage("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/a@sha256:00"), {
            accountId: "123456789012",
            region: "cn-north-1",
            repository: "a",
        });
    });

    it("task: pulls from exactly the given repositories", () => {
        assert.deepEqual(statements(taskPolicy(["arn:b", "arn:a"])), [
            registryToken,
            { Sid: "PullAnalysedImages", Effect: "Allow", Action: pull, Resource: ["arn:a", "arn:b"] },
        ]);
    });

    it("is trusted by tasks of this account and region, and by instances", () => {
        assert.deepEqual(JSON.parse(taskTrust(exampleAccount)), {
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "TasksOfThisAccount",
                    Effect: "Allow",
                    Principal: { Service: "ecs-tasks.amazonaws.com" },
                    Action: "sts:AssumeRole",
                    Condition: {
                        StringEquals: { "aws:SourceAccount": "123456789012" },
                        ArnLike: { "aws:SourceArn": "arn:aws:ecs:eu-central-1:123456789012:*" },
                    },
                },
            ],
        });
        assert.deepEqual(JSON.parse(instanceTrust(exampleAccount)), {
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "Instances",
                    Effect: "Allow",
                    Principal: { Service: "ec2.amazonaws.com" },
                    Action: "sts:AssumeRole",
                },
            ],
        });
    });
});
