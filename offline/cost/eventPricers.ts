/** What the approval gate is made of: functions, tables, topics, schedules, alarms. */
import type { CapturedResource } from "../model";
import type { Reading } from "../report/resourceIndex";
import { listOf, readPath, readProperty, textIn, textOf } from "../report/resourceIndex";
import type { Charges } from "./estimate";
import { prices, usagePrices } from "./prices";
import type { Pricer } from "./pricers";

/** The number a reading holds: numbers, and strings that are numbers, as configuration often has them. */
function numberOf(reading: Reading): number | undefined {
    if (reading.kind !== "known") {
        return undefined;
    }
    const value =
        typeof reading.value === "string" && reading.value.trim() !== ""
            ? Number(reading.value)
            : reading.value;
    return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** By metric and resolution; whoever watches a metric of a namespace of its own has somebody send it. */
function metricAlarm(resource: CapturedResource): Charges {
    const metrics = listOf(resource, "metricQueries").filter(
        (query) => readPath(query, ["metric"]).kind !== "absent",
    ).length;
    const periods = [
        readProperty(resource, "period"),
        ...listOf(resource, "metricQueries").map((query) => readPath(query, ["metric", "period"])),
    ].map(numberOf);
    const highResolution = periods.some((period) => period !== undefined && period < 60);
    const namespaces = [
        textOf(resource, "namespace"),
        ...listOf(resource, "metricQueries").map((query) => textIn(query, "metric", "namespace")),
    ];
    const own = namespaces.some((namespace) => namespace !== undefined && !namespace.startsWith("AWS/"));
    return {
        ...(own
            ? { usage: [{ item: "CloudWatch custom metrics", prices: [usagePrices.customMetrics] }] }
            : {}),
        fixed: [
            { price: highResolution ? prices.alarmHighResolution : prices.alarm, quantity: metrics || 1 },
        ],
    };
}

function table(resource: CapturedResource): Charges {
    const mode = readProperty(resource, "billingMode");
    if (mode.kind !== "known" || mode.value !== "PAY_PER_REQUEST") {
        return { unpriced: ["no price for DynamoDB tables with provisioned capacity"] };
    }
    const isOff = (...path: string[]): boolean => {
        const reading = readPath(resource.inputs, path);
        return reading.kind === "absent" || (reading.kind === "known" && reading.value === false);
    };
    return {
        usage: [
            {
                item: "DynamoDB",
                prices: [
                    usagePrices.tableWrites,
                    usagePrices.tableReads,
                    usagePrices.tableStorage,
                    ...(isOff("pointInTimeRecovery", "enabled") ? [] : [usagePrices.tableRecovery]),
                    ...(isOff("streamEnabled") ? [] : [usagePrices.streamReads]),
                ],
            },
        ],
    };
}

/** Seconds cost by processor; the provider's default is x86_64. */
function lambdaFunction(resource: CapturedResource): Charges {
    const architectures = readProperty(resource, "architectures", 0);
    const storage = numberOf(readProperty(resource, "ephemeralStorage", "size"));
    const tracing = readProperty(resource, "tracingConfig", "mode");
    const seconds =
        architectures.kind === "unknown"
            ? [usagePrices.functionSecondsArm, usagePrices.functionSeconds]
            : architectures.kind === "known" && architectures.value === "arm64"
              ? [usagePrices.functionSecondsArm]
              : [usagePrices.functionSeconds];
    return {
        usage: [
            { item: "Lambda", prices: [usagePrices.functionRequests, ...seconds] },
            ...(tracing.kind === "known" && tracing.value === "Active"
                ? [{ item: "X-Ray", prices: [usagePrices.traces] }]
                : []),
        ],
        unpriced: storage !== undefined && storage > 512 ? ["no price for Lambda storage above 512 MB"] : [],
    };
}

/** Deliveries to Lambda and SQS are free; those to people are not. */
function subscription(resource: CapturedResource): Charges {
    const protocol = textOf(resource, "protocol");
    if (protocol === "lambda" || protocol === "sqs") {
        return {};
    }
    return protocol?.startsWith("email")
        ? { usage: [{ item: "SNS e-mails", prices: [usagePrices.topicEmails] }] }
        : { unpriced: [`no price for SNS deliveries by ${protocol ?? "a protocol that is not known"}`] };
}

export const eventPricers: Readonly<Record<string, Pricer>> = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": metricAlarm,
    "aws:dynamodb/table:Table": table,
    "aws:lambda/function:Function": lambdaFunction,
    "aws:sns/topicSubscription:TopicSubscription": subscription,
};
