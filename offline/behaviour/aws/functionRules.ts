/** What AWS Lambda refuses. Limits: AWS Lambda API reference, CreateFunction, CreateEventSourceMapping, AddPermission. */
import { codeProblems } from "./functionCode";
import { isObject } from "../../engine/wire";
import type { WireObject } from "../../engine/wire";
import type { InputRules } from "../valueRules";
import { arnOf, fields, isKnown, json, listOf, oneOf, text, whole } from "../valueRules";

/** Names that the Lambda runtime sets itself; CreateFunction refuses them. */
const reservedVariables = new Set([
    ..."_HANDLER _X_AMZN_TRACE_ID LAMBDA_TASK_ROOT LAMBDA_RUNTIME_DIR".split(" "),
    ..."AWS_DEFAULT_REGION AWS_REGION AWS_EXECUTION_ENV AWS_LAMBDA_FUNCTION_NAME".split(" "),
    ..."AWS_LAMBDA_FUNCTION_MEMORY_SIZE AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_INITIALIZATION_TYPE".split(
        " ",
    ),
    ..."AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME AWS_ACCESS_KEY AWS_ACCESS_KEY_ID".split(" "),
    ..."AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_LAMBDA_RUNTIME_API".split(" "),
]);
/** All variables of a function together, names and values. */
const environmentBytes = 4096;

function environmentProblems(variables: WireObject, where: string): string[] {
    const entries = Object.entries(variables);
    const bytes = entries.reduce(
        (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(String(value)),
        0,
    );
    return [
        ...entries.flatMap(([name]) =>
            reservedVariables.has(name)
                ? [`${where}.${name} is reserved: Lambda sets it`]
                : /^[a-zA-Z][a-zA-Z0-9_]+$/.test(name)
                  ? []
                  : [`${where}: ${JSON.stringify(name)} is no name of a variable`],
        ),
        ...(bytes > environmentBytes
            ? [`${where} has ${bytes} bytes in all, at most ${environmentBytes} are allowed`]
            : []),
    ];
}

function packageProblems(inputs: WireObject): string[] {
    const image = inputs["packageType"] === "Image";
    const sources = ["code", "s3Bucket", "imageUri"].filter(
        // An unknown value counts as given.
        (property) => inputs[property] !== undefined && inputs[property] !== null,
    );
    const missing = image ? [] : ["handler", "runtime"].filter((property) => inputs[property] === undefined);
    return [
        ...(sources.length === 1
            ? []
            : [
                  `exactly one of code, s3Bucket and imageUri is needed, given: ${sources.join(", ") || "none"}`,
              ]),
        ...missing.map((property) => `${property} is needed for a function of type Zip`),
    ];
}

/** Streams and queues differ in what a mapping may say. */
function mappingProblems(inputs: WireObject): string[] {
    const source = inputs["eventSourceArn"];
    if (typeof source !== "string" || !source.startsWith("arn:")) {
        return [];
    }
    const service = source.split(":")[2] ?? "";
    const stream = service === "dynamodb" || service === "kinesis";
    const streamOnly = [
        "bisectBatchOnFunctionError",
        "maximumRecordAgeInSeconds",
        "maximumRetryAttempts",
        "parallelizationFactor",
        "startingPosition",
        "tumblingWindowInSeconds",
    ];
    return [
        ...(service === "dynamodb" && !/:table\/[^/]+\/stream\//.test(source)
            ? [`eventSourceArn ${source} is not the ARN of a table's stream (streamArn)`]
            : []),
        ...(stream && inputs["startingPosition"] === undefined
            ? ["startingPosition is needed for a stream"]
            : []),
        ...(service === "dynamodb" && inputs["startingPosition"] === "AT_TIMESTAMP"
            ? ["startingPosition AT_TIMESTAMP is not for DynamoDB"]
            : []),
        ...(service === "sqs"
            ? streamOnly
                  .filter((property) => isKnown(inputs[property]))
                  .map((property) => `${property} is for streams, not for queues`)
            : []),
    ];
}

const functionName = text(
    1,
    170,
    /^(arn:[\w-]+:lambda:[a-z0-9-]+:\d{12}:function:)?(\d{12}:function:)?[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?$/,
    "a function's name or ARN",
);
const failureDestination = fields({ destinationArn: arnOf("sqs", "sns", "s3", "lambda", "events") });

export const functionRules: Record<string, InputRules> = {
    "aws:lambda/function:Function": {
        properties: {
            name: text(1, 64, /^[a-zA-Z0-9-_]+$/, "letters, digits, - and _"),
            description: text(0, 256),
            handler: text(1, 128, /^\S+$/, "text without spaces"),
            role: arnOf("iam"),
            memorySize: whole(128, 10_240, "MB"),
            timeout: whole(1, 900, "seconds"),
            // -1 is the provider's word for "not reserved".
            reservedConcurrentExecutions: whole(-1, 1_000_000),
            architectures: listOf(oneOf("x86_64", "arm64"), 1, 1),
            packageType: oneOf("Zip", "Image"),
            ephemeralStorage: fields({ size: whole(512, 10_240, "MB") }),
            tracingConfig: fields({ mode: oneOf("Active", "PassThrough") }),
            deadLetterConfig: fields({ targetArn: arnOf("sqs", "sns") }),
            kmsKeyArn: arnOf("kms"),
            layers: listOf(arnOf("lambda"), 0, 5),
            loggingConfig: fields(
                {
                    logFormat: oneOf("Text", "JSON"),
                    logGroup: text(1, 512, /^[.\-_/#A-Za-z0-9]+$/, "letters, digits and . - _ / #"),
                    applicationLogLevel: oneOf("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"),
                    systemLogLevel: oneOf("DEBUG", "INFO", "WARN"),
                },
                (config, where) =>
                    config["logFormat"] !== "JSON" &&
                    (config["applicationLogLevel"] || config["systemLogLevel"])
                        ? [`${where}: log levels need logFormat JSON`]
                        : [],
            ),
            environment: fields({
                variables: (value, where) =>
                    isObject(value) ? environmentProblems(value, where) : [`${where} is not an object`],
            }),
        },
        together: (inputs, directory) => [...packageProblems(inputs), ...codeProblems(inputs, directory)],
    },
    "aws:lambda/permission:Permission": {
        properties: {
            action: text(1, 100, /^(lambda:[*]|lambda:[a-zA-Z]+|[*])$/, "lambda: and one action, or *"),
            function: functionName,
            principal: text(1, 256, /^\S+$/, "text without spaces"),
            sourceAccount: text(12, 12, /^\d{12}$/, "twelve digits"),
            sourceArn: arnOf(),
            statementId: text(1, 100, /^[a-zA-Z0-9-_]+$/, "letters, digits, - and _"),
        },
    },
    "aws:lambda/eventSourceMapping:EventSourceMapping": {
        properties: {
            functionName,
            eventSourceArn: arnOf("dynamodb", "kinesis", "sqs", "kafka", "mq", "rds"),
            batchSize: whole(1, 10_000),
            maximumBatchingWindowInSeconds: whole(0, 300, "seconds"),
            maximumRecordAgeInSeconds: (value, where) =>
                value === -1 ? [] : whole(60, 604_800, "seconds, or -1")(value, where),
            maximumRetryAttempts: whole(-1, 10_000),
            parallelizationFactor: whole(1, 10),
            tumblingWindowInSeconds: whole(0, 900, "seconds"),
            startingPosition: oneOf("TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"),
            functionResponseTypes: listOf(oneOf("ReportBatchItemFailures"), 0, 1),
            destinationConfig: fields({
                onFailure: fields({ destinationArn: arnOf("sqs", "sns", "s3", "kafka") }),
            }),
            filterCriteria: fields({
                // Ten after a quota increase; five without.
                filters: listOf(fields({ pattern: json(4096, fields({})) }), 0, 5),
            }),
        },
        together: mappingProblems,
    },
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
        properties: {
            functionName,
            maximumEventAgeInSeconds: whole(60, 21_600, "seconds"),
            maximumRetryAttempts: whole(0, 2),
            destinationConfig: fields({ onFailure: failureDestination, onSuccess: failureDestination }),
        },
    },
};
