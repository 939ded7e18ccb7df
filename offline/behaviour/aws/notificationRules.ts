/**
 * What AWS CodeStar Notifications, Amazon Q Developer in chat applications (AWS Chatbot), AWS Security Hub and the event
 * notifications of Amazon S3 refuse. Limits: their API references (CreateNotificationRule, CreateSlackChannelConfiguration,
 * EnableSecurityHub, PutBucketNotificationConfiguration); event ids: Developer Tools console user guide, "Notification
 * concepts".
 */
import type { WireObject } from "../../engine/wire";
import type { InputRules } from "../valueRules";
import { arnOf, fields, isKnown, listOf, oneOf, text } from "../valueRules";

function ids(prefix: string, groups: Record<string, string>): string[] {
    return Object.entries(groups).flatMap(([group, events]) =>
        events.split(" ").map((event) => `${prefix}-${group}-${event}`),
    );
}

/** Event ids by the service whose resource a rule watches. */
const eventTypes: Record<string, string[]> = {
    codepipeline: ids("codepipeline-pipeline", {
        "action-execution": "succeeded failed canceled started",
        "stage-execution": "started succeeded resumed canceled failed",
        "pipeline-execution": "failed canceled started resumed succeeded superseded",
        "manual-approval": "failed needed succeeded",
    }),
    codebuild: ids("codebuild-project", {
        "build-state": "failed succeeded in-progress stopped",
        "build-phase": "failure success",
    }),
    codecommit: ids("codecommit-repository", {
        comments: "on-commits on-pull-requests",
        approvals: "status-changed rule-override",
        "pull-request": "created source-updated status-changed merged",
        "branches-and-tags": "created deleted updated",
    }),
    codedeploy: ids("codedeploy-application", { deployment: "failed succeeded started" }),
};

function eventProblems(inputs: WireObject): string[] {
    const { resource, eventTypeIds } = inputs;
    const service = /^arn:[\w-]+:([\w-]+):/.exec(String(resource))?.[1];
    if (!isKnown(resource) || service === undefined || !Array.isArray(eventTypeIds)) {
        return [];
    }
    const known = eventTypes[service];
    return known === undefined
        ? [`resource is of ${service}: rules are for ${Object.keys(eventTypes).join(", ")}`]
        : eventTypeIds
              .filter(isKnown)
              .filter((id) => !known.includes(String(id)))
              .map((id) => `eventTypeIds: ${JSON.stringify(id)} is no event of ${service}`);
}

/** Where a target's address has to be, by its type. */
const targets: Record<string, string> = {
    SNS: "sns",
    AWSChatbotSlack: "chatbot",
    AWSChatbotMicrosoftTeams: "chatbot",
};

export const notificationRules: Record<string, InputRules> = {
    "aws:codestarnotifications/notificationRule:NotificationRule": {
        properties: {
            name: text(1, 64, /^[A-Za-z0-9\-_ ]+$/, "letters, digits, - _ and spaces"),
            detailType: oneOf("BASIC", "FULL"),
            status: oneOf("ENABLED", "DISABLED"),
            resource: arnOf(...Object.keys(eventTypes)),
            eventTypeIds: listOf(text(1, 200), 1, 200),
            targets: listOf(
                fields({ type: oneOf(...Object.keys(targets)) }, (target, where) =>
                    isKnown(target["address"])
                        ? arnOf(targets[String(target["type"] ?? "SNS")] ?? "sns")(
                              target["address"],
                              `${where}.address`,
                          )
                        : [],
                ),
                0,
                10,
            ),
        },
        together: eventProblems,
    },
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": {
        properties: {
            configurationName: text(1, 128, /^[A-Za-z0-9\-_]+$/, "letters, digits, - and _"),
            iamRoleArn: arnOf("iam"),
            slackChannelId: text(1, 255, /^[A-Za-z0-9]+$/, "letters and digits"),
            slackTeamId: text(1, 255, /^[0-9A-Z]+$/, "capital letters and digits"),
            loggingLevel: oneOf("ERROR", "INFO", "NONE"),
            snsTopicArns: listOf(arnOf("sns")),
            guardrailPolicyArns: listOf(arnOf("iam")),
        },
    },
    "aws:securityhub/account:Account": {
        properties: { controlFindingGenerator: oneOf("STANDARD_CONTROL", "SECURITY_CONTROL") },
    },
    "aws:s3/bucketNotification:BucketNotification": {
        properties: {
            lambdaFunctions: listOf(
                fields({
                    lambdaFunctionArn: arnOf("lambda"),
                    events: listOf(text(1, 128, /^s3:/, "s3: and an event"), 1),
                }),
            ),
            queues: listOf(
                fields({
                    queueArn: arnOf("sqs"),
                    events: listOf(text(1, 128, /^s3:/, "s3: and an event"), 1),
                }),
            ),
            topics: listOf(
                fields({
                    topicArn: arnOf("sns"),
                    events: listOf(text(1, 128, /^s3:/, "s3: and an event"), 1),
                }),
            ),
        },
    },
};
