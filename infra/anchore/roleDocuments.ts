/** Trust and permissions of the four parties: instance, agent on behalf of a task, task, and nobody else. */
import {
    anyKeyArn,
    clusterArn,
    containerInstancesArn,
    logStreamsArn,
    parameterArn,
    usingKeyAlias,
} from "../arn";
import type { Account } from "../naming";
import { identityPolicy, trust, type Statement } from "../iamStatement";
import type { AnchoreNames } from "./anchoreNames";

/** EC2 has no source conditions: the role is bound to instances by its instance profile. */
export function instanceTrust(account: Account): string {
    return trust(`ec2.${account.dnsSuffix}`, "Instances");
}

/**
 * What the ECS agent of an instance needs, on one cluster. Narrower than `AmazonEC2ContainerServiceforEC2Role`, which
 * also grants image pulls and logs on everything: those belong to the execution role. No Systems Manager agent: its
 * managed policy reads every parameter of the account.
 */
export function instancePolicy(account: Account, names: AnchoreNames): string {
    const cluster = clusterArn(account, names.cluster);
    return identityPolicy([
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
            Resource: [containerInstancesArn(account, names.cluster)],
            Condition: { ArnEquals: { "ecs:cluster": cluster } },
        },
        // Has no resource: the agent asks where to poll.
        { Sid: "FindEndpoint", Effect: "Allow", Action: ["ecs:DiscoverPollEndpoint"], Resource: ["*"] },
    ]);
}

/** An image in Amazon ECR: account, region and repository; undefined for images elsewhere. */
export function ecrImage(
    image: string,
): { accountId: string; region: string; repository: string } | undefined {
    const match = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)/.exec(image);
    if (match === null) return undefined;
    const [, accountId = "", region = "", repository = ""] = match;
    return { accountId, region, repository };
}

const pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/** A registry token. Amazon ECR has no resource for this action; the token carries the role's own permissions. */
const registryToken: Statement = {
    Sid: "RegistryToken",
    Effect: "Allow",
    Action: ["ecr:GetAuthorizationToken"],
    Resource: ["*"],
};

/** What the agent does before a task's containers start: read their secrets, open their logs, pull their image. */
export function executionPolicy(
    account: Account,
    names: AnchoreNames,
    keyAlias: string,
    image: string,
): string {
    const { databaseHost, databasePassword, adminPassword, authSecret } = names.parameters;
    const own = ecrImage(image);
    const pullOwnImage: Statement[] =
        own === undefined
            ? []
            : [
                  registryToken,
                  {
                      Sid: "PullEngineImage",
                      Effect: "Allow",
                      Action: pull,
                      Resource: [
                          `arn:${account.partition}:ecr:${own.region}:${own.accountId}:repository/${own.repository}`,
                      ],
                  },
              ];
    return identityPolicy([
        {
            Sid: "ReadSecrets",
            Effect: "Allow",
            Action: ["ssm:GetParameters"],
            Resource: [adminPassword, authSecret, databaseHost, databasePassword].map((path) =>
                parameterArn(account, path),
            ),
        },
        {
            Sid: "DecryptSecrets",
            Effect: "Allow",
            Action: ["kms:Decrypt"],
            Resource: [anyKeyArn(account)],
            Condition: {
                ...usingKeyAlias(keyAlias),
                StringEquals: { "kms:ViaService": `ssm.${account.region}.${account.dnsSuffix}` },
            },
        },
        {
            Sid: "WriteLog",
            Effect: "Allow",
            Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
            Resource: [logStreamsArn(account, names.logGroup)],
        },
        ...pullOwnImage,
    ]);
}

/**
 * What the engine itself may do: pull the images that it analyses.
 *
 * @param repositoryArns literal ARNs of the candidate and staging repositories of all applications
 */
export function taskPolicy(repositoryArns: string[]): string {
    return identityPolicy([
        registryToken,
        { Sid: "PullAnalysedImages", Effect: "Allow", Action: pull, Resource: [...repositoryArns].sort() },
    ]);
}
