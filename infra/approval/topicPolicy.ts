/** Policies of the gate's topics as literal JSON. */
import { accountRootArn, alarmArn } from "../arn";
import type { Condition } from "../iamStatement";
import type { Account } from "../naming";

/** Whom a topic tells: one function, or people by e-mail. */
export type Subscriber = { protocol: "lambda"; functionArn: string } | { protocol: "email" };

const onlyOverTls = (topicArn: string) => ({
    Sid: "OnlyOverTls",
    Effect: "Deny",
    Principal: "*",
    Action: "sns:Publish",
    Resource: topicArn,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
});

function document(statements: unknown[]): string {
    return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/**
 * Policy of a topic for approvals: only the delivery pipelines may announce one, over TLS, and only those subscribe for
 * whom the topic is. Nobody else is allowed anything: who may change the topic is said by IAM, for administrators.
 *
 * The Denies make the lists final, whatever IAM policies say. Publishers are named by condition and not as
 * principals, because SNS refuses a policy that names a role which does not exist yet, and the pipelines' roles are
 * created after the topic.
 *
 * @param topicArn literal ARN
 * @param publisherRoleArns literal ARNs of the pipelines' roles, at least one
 */
export function announcementPolicy(
    account: Account,
    topicArn: string,
    publisherRoleArns: string[],
    subscriber: Subscriber,
): string {
    if (publisherRoleArns.length === 0) {
        throw new Error("an approval topic needs at least one pipeline that may publish to it");
    }
    const publishers = [...publisherRoleArns].sort();
    const others =
        subscriber.protocol === "lambda"
            ? { StringNotEquals: { "sns:Endpoint": subscriber.functionArn } }
            : { StringNotEquals: { "sns:Protocol": "email" } };
    return document([
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
            Sid: subscriber.protocol === "lambda" ? "OnlyTheRecorderSubscribes" : "OnlyByEmail",
            Effect: "Deny",
            Principal: "*",
            Action: "sns:Subscribe",
            Resource: topicArn,
            Condition: others,
        },
        onlyOverTls(topicArn),
    ]);
}

/**
 * Policy of the topic for alarms: the stack's own alarms publish, and nobody who is not a service. An alarm can be
 * tried with `cloudwatch:SetAlarmState`.
 *
 * @param alarms beginning of the names of the stack's alarms
 */
export function alarmTopicPolicy(account: Account, topicArn: string, alarms: string): string {
    return servicePublishesPolicy(topicArn, {
        sid: "AlarmsPublish",
        service: "cloudwatch.amazonaws.com",
        condition: {
            StringEquals: { "aws:SourceAccount": account.accountId },
            ArnLike: { "aws:SourceArn": alarmArn(account, `${alarms}*`) },
        },
    });
}

/**
 * Policy of a topic to which one service publishes, and nobody who is not a service does, whatever IAM policies say; over
 * TLS.
 */
export function servicePublishesPolicy(
    topicArn: string,
    { sid, service, condition }: { sid: string; service: string; condition: Condition },
): string {
    return document([
        {
            Sid: sid,
            Effect: "Allow",
            Principal: { Service: service },
            Action: "sns:Publish",
            Resource: topicArn,
            Condition: condition,
        },
        {
            Sid: "OnlyServicesPublish",
            Effect: "Deny",
            Principal: "*",
            Action: "sns:Publish",
            Resource: topicArn,
            Condition: { Bool: { "aws:PrincipalIsAWSService": "false" } },
        },
        onlyOverTls(topicArn),
    ]);
}
