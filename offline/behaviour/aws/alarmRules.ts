/** What CloudWatch refuses. Limits: its API references (PutMetricAlarm; CloudWatch Logs, PutRetentionPolicy). */
import { isObject } from "../../engine/wire";
import type { WireObject } from "../../engine/wire";
import type { InputRules, Rule } from "../valueRules";
import { arnOf, fields, listOf, oneOf, text, whole } from "../valueRules";

const week = 7 * 86_400;

function alarmProblems(inputs: WireObject): string[] {
    const { period, evaluationPeriods, datapointsToAlarm, metricQueries } = inputs;
    const queries = Array.isArray(metricQueries) ? metricQueries.filter(isObject) : [];
    const periods = typeof evaluationPeriods === "number" ? evaluationPeriods : 1;
    const lengths = [period, ...queries.flatMap((query) => [metricIn(query)?.["period"], query["period"]])];
    const returned = queries.filter((query) => query["returnData"] === true).length;
    const ids = queries.map((query) => String(query["id"]));
    return [
        ...lengths
            .filter((length): length is number => typeof length === "number")
            .filter((length) => length * periods > (length >= 3600 ? week : 86_400))
            .map(
                (length) =>
                    `period ${length} × evaluationPeriods ${periods} is more than ${length >= 3600 ? "a week" : "a day (a week from a period of one hour on)"}`,
            ),
        ...(typeof datapointsToAlarm === "number" && datapointsToAlarm > periods
            ? [`datapointsToAlarm ${datapointsToAlarm} is more than evaluationPeriods ${periods}`]
            : []),
        ...(queries.length > 0 && inputs["metricName"] !== undefined
            ? ["metricName and metricQueries exclude each other"]
            : []),
        ...(queries.length === 0 && metricQueries === undefined && inputs["metricName"] === undefined
            ? ["metricName or metricQueries is needed"]
            : []),
        ...(inputs["metricName"] !== undefined && (period === undefined || inputs["namespace"] === undefined)
            ? ["namespace and period are needed beside metricName"]
            : []),
        ...(inputs["metricName"] !== undefined &&
        (inputs["statistic"] === undefined) === (inputs["extendedStatistic"] === undefined)
            ? ["exactly one of statistic and extendedStatistic is needed"]
            : []),
        ...(queries.length > 0 && returned !== 1
            ? [`exactly one of metricQueries has returnData, not ${returned}`]
            : []),
        ...ids
            .filter((id, position) => ids.indexOf(id) !== position)
            .map((id) => `metricQueries has the id ${id} twice`),
        ...(inputs["threshold"] === undefined && inputs["thresholdMetricId"] === undefined
            ? ["threshold is needed"]
            : []),
    ];
}

function metricIn(query: WireObject): WireObject | undefined {
    return isObject(query["metric"]) ? query["metric"] : undefined;
}

const alarmPeriod: Rule = (value, where) =>
    [10, 20, 30].includes(value as number) ||
    (typeof value === "number" && value > 0 && value % 60 === 0 && value <= 86_400)
        ? []
        : [`${where} ${JSON.stringify(value)} is none of 10, 20, 30 and the multiples of 60 up to a day`];
const alarmActions = listOf(arnOf(), 0, 5);

/** Days of PutRetentionPolicy; 0 is the provider's word for "for ever". */
const retentionDays = [
    0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
    3653,
];

export const alarmRules: Record<string, InputRules> = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": {
        properties: {
            name: text(1, 255),
            alarmDescription: text(0, 1024),
            comparisonOperator: oneOf(
                ...["GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold"],
                ...["LessThanOrEqualToThreshold", "LessThanLowerOrGreaterThanUpperThreshold"],
                ...["LessThanLowerThreshold", "GreaterThanUpperThreshold"],
            ),
            evaluationPeriods: whole(1, 86_400 / 10),
            datapointsToAlarm: whole(1, 86_400 / 10),
            period: alarmPeriod,
            namespace: text(1, 255, /^[^:].*$/, "a namespace that does not begin with a colon"),
            metricName: text(1, 255),
            statistic: oneOf("SampleCount", "Average", "Sum", "Minimum", "Maximum"),
            treatMissingData: oneOf("breaching", "notBreaching", "ignore", "missing"),
            dimensions: (value, where) =>
                isObject(value) && Object.keys(value).length > 30
                    ? [`${where} has more than 30 dimensions`]
                    : [],
            alarmActions,
            okActions: alarmActions,
            insufficientDataActions: alarmActions,
            metricQueries: listOf(
                fields({
                    id: text(1, 255, /^[a-z][a-zA-Z0-9_]*$/, "a small letter, then letters, digits and _"),
                    expression: text(1, 2048),
                    metric: fields({ period: alarmPeriod }),
                }),
                1,
                20,
            ),
        },
        together: alarmProblems,
    },
    "aws:cloudwatch/logGroup:LogGroup": {
        properties: {
            name: text(1, 512, /^[.\-_/#A-Za-z0-9]+$/, "letters, digits and . - _ / #"),
            retentionInDays: oneOf(...retentionDays),
            kmsKeyId: arnOf("kms"),
        },
    },
};
