/**
 * What SNS, SQS, EventBridge and EventBridge Scheduler refuse. Limits: their API references (CreateTopic, Subscribe,
 * SetQueueAttributes, PutRule, PutTargets, CreateSchedule).
 */
import { isObject } from "../../engine/wire";
import type { Wire, WireObject } from "../../engine/wire";
import type { InputRules, Rule } from "../valueRules";
import { arnOf, fields, isKnown, json, listOf, oneOf, policyDocument, text, whole } from "../valueRules";

const identifier = (max: number): Rule => text(1, max, /^[.\-_A-Za-z0-9]+$/, "letters, digits, . - and _");
const deadLetterQueue = fields({ arn: arnOf("sqs") });
const retryPolicy = fields({
    maximumEventAgeInSeconds: whole(60, 86_400, "seconds"),
    maximumRetryAttempts: whole(0, 185),
});

/** `rate(1 minute)`, `rate(5 minutes)`, `cron(…six fields…)`, and for EventBridge Scheduler `at(…)`. */
function schedule(once: boolean): Rule {
    return (value, where) => {
        const expression = String(value);
        const rate = /^rate\((\d+) (minute|minutes|hour|hours|day|days)\)$/.exec(expression);
        const wrong = [`${where} ${JSON.stringify(value)} is no schedule expression`];
        if (rate) {
            const [, amount = "0", unit = ""] = rate;
            return Number(amount) === 0 || (Number(amount) === 1) === unit.endsWith("s")
                ? [`${wrong[0]}: 1 minute, but 2 minutes`]
                : [];
        }
        const cron = /^cron\((.+)\)$/.exec(expression)?.[1]?.trim().split(/\s+/);
        if (cron) {
            const dayTwice = cron.length === 6 && cron[2] !== "?" && cron[4] !== "?";
            return cron.length !== 6
                ? [`${wrong[0]}: cron has six fields`]
                : dayTwice
                  ? [`${wrong[0]}: one of day-of-month and day-of-week has to be ?`]
                  : [];
        }
        return once && /^at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)$/.test(expression) ? [] : wrong;
    };
}

/** Every leaf of an event pattern is a list of values or matchers. */
function patternProblems(value: Wire, where: string): string[] {
    if (Array.isArray(value)) {
        return value.length === 0 ? [`${where} is an empty list, which matches nothing`] : [];
    }
    if (!isObject(value)) {
        return [`${where} is not a list: every value of a pattern stands in a list`];
    }
    const entries = Object.entries(value);
    return entries.length === 0
        ? [`${where} is an empty object`]
        : entries.flatMap(([key, inner]) => patternProblems(inner, `${where}.${key}`));
}

const redrive = (counted: boolean): Rule =>
    json(
        2048,
        fields({ deadLetterTargetArn: arnOf("sqs") }, (value, where) => [
            ...(value["deadLetterTargetArn"] === undefined ? [`${where} has no deadLetterTargetArn`] : []),
            ...(counted ? whole(1, 1000)(value["maxReceiveCount"] ?? null, `${where}.maxReceiveCount`) : []),
        ]),
    );
const redriveAllow = json(
    2048,
    fields({
        redrivePermission: oneOf("allowAll", "denyAll", "byQueue"),
        sourceQueueArns: listOf(arnOf("sqs"), 1, 10),
    }),
);

function queueProblems(inputs: WireObject): string[] {
    const fifo = inputs["fifoQueue"] === true;
    const name = inputs["name"];
    const named = typeof name === "string" && isKnown(name);
    return [
        ...(named && fifo !== name.endsWith(".fifo")
            ? ["the names of FIFO queues end in .fifo, and only theirs"]
            : []),
        ...(isKnown(inputs["kmsMasterKeyId"]) && inputs["sqsManagedSseEnabled"] === true
            ? ["kmsMasterKeyId and sqsManagedSseEnabled exclude each other"]
            : []),
    ];
}

/** What the endpoint of a subscription has to look like. */
const endpoints: Record<string, Rule> = {
    lambda: arnOf("lambda"),
    sqs: arnOf("sqs"),
    firehose: arnOf("firehose"),
    email: text(3, 320, /^[^@\s]+@[^@\s]+$/, "an e-mail address"),
    "email-json": text(3, 320, /^[^@\s]+@[^@\s]+$/, "an e-mail address"),
    https: text(9, 2048, /^https:\/\//, "a URL that begins with https://"),
    http: text(8, 2048, /^http:\/\//, "a URL that begins with http://"),
};

function subscriptionProblems(inputs: WireObject): string[] {
    const protocol = String(inputs["protocol"]);
    const { endpoint } = inputs;
    const raw = inputs["rawMessageDelivery"] === true;
    return [
        ...(isKnown(endpoint) ? (endpoints[protocol]?.(endpoint, "endpoint") ?? []) : []),
        ...(raw && (protocol === "lambda" || protocol.startsWith("email"))
            ? [`rawMessageDelivery is not for ${protocol}`]
            : []),
    ];
}

function targetProblems(inputs: WireObject): string[] {
    const inputsGiven = ["input", "inputPath", "inputTransformer"].filter((property) =>
        isKnown(inputs[property]),
    );
    return inputsGiven.length > 1 ? [`${inputsGiven.join(" and ")} exclude each other`] : [];
}

export const messageRules: Record<string, InputRules> = {
    "aws:sns/topic:Topic": {
        properties: {
            name: text(1, 256, /^[a-zA-Z0-9_-]+(\.fifo)?$/, "letters, digits, - and _"),
            displayName: text(0, 100),
            signatureVersion: oneOf(1, 2),
            tracingConfig: oneOf("Active", "PassThrough"),
        },
    },
    "aws:sns/topicPolicy:TopicPolicy": { properties: { arn: arnOf("sns"), policy: policyDocument(30_720) } },
    "aws:sns/topicSubscription:TopicSubscription": {
        properties: {
            topic: arnOf("sns"),
            protocol: oneOf(
                ...[
                    "application",
                    "email",
                    "email-json",
                    "firehose",
                    "http",
                    "https",
                    "lambda",
                    "sms",
                    "sqs",
                ],
            ),
            redrivePolicy: redrive(false),
            filterPolicy: json(262_144, fields({})),
        },
        together: subscriptionProblems,
    },
    "aws:sqs/queue:Queue": {
        properties: {
            name: text(1, 80, /^[a-zA-Z0-9_-]+(\.fifo)?$/, "letters, digits, - and _"),
            messageRetentionSeconds: whole(60, 1_209_600, "seconds"),
            visibilityTimeoutSeconds: whole(0, 43_200, "seconds"),
            delaySeconds: whole(0, 900, "seconds"),
            receiveWaitTimeSeconds: whole(0, 20, "seconds"),
            maxMessageSize: whole(1024, 1_048_576, "bytes"),
            kmsDataKeyReusePeriodSeconds: whole(60, 86_400, "seconds"),
            redrivePolicy: redrive(true),
            redriveAllowPolicy: redriveAllow,
            policy: policyDocument(262_144),
        },
        together: queueProblems,
    },
    "aws:sqs/queuePolicy:QueuePolicy": {
        properties: {
            queueUrl: text(1, 2048, /^https:\/\//, "the URL of a queue"),
            policy: policyDocument(262_144),
        },
    },
    "aws:sqs/redrivePolicy:RedrivePolicy": { properties: { redrivePolicy: redrive(true) } },
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": { properties: { redriveAllowPolicy: redriveAllow } },
    "aws:cloudwatch/eventRule:EventRule": {
        properties: {
            name: identifier(64),
            description: text(0, 512),
            eventPattern: json(2048, patternProblems),
            scheduleExpression: schedule(false),
            state: oneOf("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
        },
        together: (inputs) =>
            inputs["eventPattern"] === undefined && inputs["scheduleExpression"] === undefined
                ? ["eventPattern or scheduleExpression is needed"]
                : [],
    },
    "aws:cloudwatch/eventTarget:EventTarget": {
        properties: {
            arn: arnOf(),
            rule: identifier(64),
            targetId: identifier(64),
            roleArn: arnOf("iam"),
            deadLetterConfig: deadLetterQueue,
            retryPolicy,
            input: json(8192),
        },
        together: targetProblems,
    },
    "aws:scheduler/schedule:Schedule": {
        properties: {
            name: identifier(64),
            groupName: identifier(64),
            scheduleExpression: schedule(true),
            state: oneOf("ENABLED", "DISABLED"),
            kmsKeyArn: arnOf("kms"),
            flexibleTimeWindow: fields(
                { mode: oneOf("OFF", "FLEXIBLE"), maximumWindowInMinutes: whole(1, 1440, "minutes") },
                (value, where) =>
                    (value["mode"] === "FLEXIBLE") === (value["maximumWindowInMinutes"] === undefined)
                        ? [`${where}: maximumWindowInMinutes belongs to FLEXIBLE, and only to it`]
                        : [],
            ),
            target: fields({
                arn: arnOf(),
                roleArn: arnOf("iam"),
                deadLetterConfig: deadLetterQueue,
                retryPolicy,
                input: text(1, 262_144),
            }),
        },
    },
};
