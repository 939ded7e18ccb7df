/** Delivery: ECR, CodePipeline, CodeBuild, CodeCommit, connections, Inspector, Security Hub, notifications. */
import { arn, globalArn, hex, identifiedByArn, keyedBy, list, named, text, uuid } from "../behaviour";
import type { Behaviour, BehaviourContext, BehaviourTable } from "../behaviour";
import type { WireObject } from "../../engine/wire";

export const delivery: BehaviourTable = {
    "aws:ecr/repository:Repository": named(
        (context, name) => arn(context, "ecr", `repository/${name}`),
        (context, name) => ({
            registryId: context.account.accountId,
            repositoryUrl: `${context.account.accountId}.dkr.ecr.${context.account.region}.${context.account.dnsSuffix}/${name}`,
        }),
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": keyedBy("repository", (context) => ({
        registryId: context.account.accountId,
    })),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": keyedBy("repository", (context) => ({
        registryId: context.account.accountId,
    })),
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": {
        id: (context) => context.account.accountId,
        outputs: (context) => ({ registryId: context.account.accountId }),
    },
    "aws:ecr/registryPolicy:RegistryPolicy": {
        id: (context) => context.account.accountId,
        outputs: (context) => ({ registryId: context.account.accountId }),
    },
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": keyedBy("ecrRepositoryPrefix", (context) => ({
        registryId: context.account.accountId,
    })),
    "aws:inspector2/enabler:Enabler": {
        id: (context) =>
            `${list(context, "accountIds").join(",")}-${list(context, "resourceTypes").join(":")}`,
    },
    "aws:codebuild/project:Project": identifiedByArn(
        (context, name) => arn(context, "codebuild", `project/${name}`),
        (context) => ({
            badgeUrl: "",
            description: "",
            publicProjectAlias: "",
            encryptionKey: arn(context, "kms", "alias/aws/s3"),
        }),
    ),
    "aws:codepipeline/pipeline:Pipeline": named(
        (context, name) => arn(context, "codepipeline", name),
        () => ({ triggerAlls: [] }),
    ),
    "aws:codecommit/repository:Repository": named(
        (context, name) => arn(context, "codecommit", name),
        (context, name) => ({
            repositoryId: uuid(context),
            cloneUrlHttp: `https://git-codecommit.${context.account.region}.${context.account.dnsSuffix}/v1/repos/${name}`,
            cloneUrlSsh: `ssh://git-codecommit.${context.account.region}.${context.account.dnsSuffix}/v1/repos/${name}`,
        }),
        "repositoryName",
    ),
    "aws:codestarconnections/connection:Connection": connection("codestar-connections"),
    "aws:codeconnections/connection:Connection": connection("codeconnections", (context) => ({
        ownerAccountId: context.account.accountId,
    })),
    "aws:codestarnotifications/notificationRule:NotificationRule": {
        id: (context) => arn(context, "codestar-notifications", `notificationrule/${hex(context, 40)}`),
        outputs: (_context, id) => ({ arn: id }),
    },
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": {
        // Chat configurations belong to no region.
        id: (context) =>
            globalArn(
                context,
                "chatbot",
                `chat-configuration/slack-channel/${text(context, "configurationName") ?? context.name}`,
            ),
        outputs: (_context, id) => ({
            chatConfigurationArn: id,
            loggingLevel: "NONE",
            slackChannelName: "",
            // The workspace's name comes from Slack, which nobody asks here.
            slackTeamName: "",
            snsTopicArns: [],
            guardrailPolicyArns: [],
            userAuthorizationRequired: false,
        }),
    },
    "aws:securityhub/account:Account": {
        id: (context) => context.account.accountId,
        outputs: (context) => ({
            arn: arn(context, "securityhub", "hub/default"),
            controlFindingGenerator: "SECURITY_CONTROL",
        }),
    },
};

function connection(service: string, outputs?: (context: BehaviourContext) => WireObject): Behaviour {
    return {
        id: (context) => arn(context, service, `connection/${uuid(context)}`),
        outputs: (context, id) => ({
            arn: id,
            name: text(context, "name") ?? context.name,
            // Somebody has to complete the handshake in the console.
            connectionStatus: "PENDING",
            providerType: "GitHub",
            ...outputs?.(context),
        }),
    };
}
