/** Messages, events, schedules, alarms and logs: SNS, SQS, EventBridge, EventBridge Scheduler, CloudWatch. */
import { arn, globalArn, hex, identifiedByArn, keyedBy, named, physicalName, text, uuid } from "../behaviour";
import type { BehaviourContext, BehaviourTable } from "../behaviour";

const created = "2026-01-01T00:00:00Z";

export const messages: BehaviourTable = {
    "aws:sns/topic:Topic": identifiedByArn(
        (context, name) => arn(context, "sns", name),
        (context) => ({
            owner: context.account.accountId,
            beginningArchiveTime: "",
            fifoThroughputScope: "",
            namePrefix: "",
            signatureVersion: 1,
            tracingConfig: "PassThrough",
        }),
    ),
    "aws:sns/topicPolicy:TopicPolicy": keyedBy("arn", (context) => ({ owner: context.account.accountId })),
    "aws:sns/topicSubscription:TopicSubscription": {
        id: (context) => `${text(context, "topic") ?? ""}:${uuid(context)}`,
        outputs: (context, id) => ({
            arn: id,
            ownerId: context.account.accountId,
            // An e-mail subscription waits for the reader to confirm it.
            pendingConfirmation: text(context, "protocol") === "email",
            confirmationWasAuthenticated: text(context, "protocol") !== "email",
            filterPolicyScope: "MessageAttributes",
        }),
    },
    "aws:sqs/queue:Queue": {
        id: (context) =>
            `https://sqs.${context.account.region}.${context.account.dnsSuffix}/${context.account.accountId}/${physicalName(context)}`,
        outputs: (context, id) => ({
            url: id,
            name: physicalName(context),
            namePrefix: "",
            arn: arn(context, "sqs", physicalName(context)),
            deduplicationScope: "",
            fifoThroughputLimit: "",
            kmsDataKeyReusePeriodSeconds: 300,
            policy: "",
            redriveAllowPolicy: "",
            redrivePolicy: "",
            // A queue without a key of its own is encrypted with one that SQS keeps.
            sqsManagedSseEnabled: text(context, "kmsMasterKeyId") === undefined,
        }),
    },
    "aws:sqs/queuePolicy:QueuePolicy": keyedBy("queueUrl"),
    "aws:sqs/redrivePolicy:RedrivePolicy": keyedBy("queueUrl"),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": keyedBy("queueUrl"),
    "aws:cloudwatch/eventRule:EventRule": named(
        (context, name) => {
            const bus = text(context, "eventBusName") ?? "default";
            return arn(context, "events", `rule/${bus === "default" ? "" : `${bus}/`}${name}`);
        },
        () => ({ namePrefix: "" }),
    ),
    "aws:cloudwatch/eventTarget:EventTarget": {
        id: (context) => `${text(context, "rule") ?? ""}-${targetId(context)}`,
        outputs: (context) => ({ targetId: targetId(context) }),
    },
    "aws:scheduler/schedule:Schedule": {
        id: (context) => `${groupName(context)}/${physicalName(context)}`,
        outputs: (context, id) => ({
            name: physicalName(context),
            namePrefix: "",
            groupName: groupName(context),
            arn: arn(context, "scheduler", `schedule/${id}`),
            actionAfterCompletion: "NONE",
        }),
    },
    "aws:scheduler/scheduleGroup:ScheduleGroup": named(
        (context, name) => arn(context, "scheduler", `schedule-group/${name}`),
        () => ({ namePrefix: "", state: "ACTIVE", creationDate: created, lastModificationDate: created }),
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": named(
        (context, name) => arn(context, "cloudwatch", `alarm:${name}`),
        () => ({ evaluateLowSampleCountPercentiles: "" }),
    ),
    "aws:cloudwatch/dashboard:Dashboard": keyedBy("dashboardName", (context) => ({
        dashboardArn: globalArn(context, "cloudwatch", `dashboard/${text(context, "dashboardName") ?? ""}`),
    })),
    "aws:cloudwatch/logGroup:LogGroup": named(
        (context, name) => arn(context, "logs", `log-group:${name}`),
        () => ({ logGroupClass: "STANDARD", deletionProtectionEnabled: false, namePrefix: "" }),
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": keyedBy("policyName"),
};

function targetId(context: BehaviourContext): string {
    return text(context, "targetId") ?? `terraform-${hex(context, 26)}`;
}

function groupName(context: BehaviourContext): string {
    return text(context, "groupName") ?? "default";
}
