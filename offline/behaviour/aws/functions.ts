/** AWS Lambda: functions, who may call them, what starts them. */
import { arn, hex, keyedBy, list, physicalName, text, uuid } from "../behaviour";
import type { BehaviourContext, BehaviourTable } from "../behaviour";
import { functionCode } from "./functionCode";

const modified = "2026-01-01T00:00:00.000+0000";

/** What API Gateway calls a function by. */
function invokeArn(context: BehaviourContext, version: string, functionArn: string, path: string): string {
    const { partition, region } = context.account;
    return `arn:${partition}:apigateway:${region}:lambda:path/${version}/functions/${functionArn}/${path}`;
}

/** A function given by name, partial or full ARN, as the API takes it. */
function functionArnOf(context: BehaviourContext): string {
    const given = text(context, "functionName") ?? "";
    return given.startsWith("arn:") ? given : arn(context, "lambda", `function:${given}`);
}

export const functions: BehaviourTable = {
    "aws:lambda/function:Function": {
        id: (context) => physicalName(context),
        outputs: (context, name) => {
            const functionArn = arn(context, "lambda", `function:${name}`);
            // A new function's first published version is 1; without publishing there is only $LATEST.
            const version = context.inputs["publish"] === true ? "1" : "$LATEST";
            const qualifiedArn = `${functionArn}:${version}`;
            const code = functionCode(context.inputs["code"], context.directory);
            return {
                name,
                arn: functionArn,
                qualifiedArn,
                invokeArn: invokeArn(context, "2015-03-31", functionArn, "invocations"),
                qualifiedInvokeArn: invokeArn(context, "2015-03-31", qualifiedArn, "invocations"),
                responseStreamingInvokeArn: invokeArn(
                    context,
                    "2021-11-15",
                    functionArn,
                    "response-streaming-invocations",
                ),
                version,
                architectures:
                    list(context, "architectures").length > 0 ? list(context, "architectures") : ["x86_64"],
                ephemeralStorage: { size: 512 },
                loggingConfig: { logFormat: "Text", logGroup: `/aws/lambda/${name}` },
                codeSha256: code?.sha256 ?? "",
                sourceCodeHash: code?.sha256 ?? "",
                sourceCodeSize: code?.size ?? 0,
                lastModified: modified,
                tracingConfig: { mode: "PassThrough" },
                signingJobArn: "",
                signingProfileVersionArn: "",
            };
        },
    },
    "aws:lambda/alias:Alias": {
        id: (context) => `${functionArnOf(context)}:${text(context, "name") ?? ""}`,
        outputs: (context, id) => ({
            arn: id,
            invokeArn: invokeArn(context, "2015-03-31", id, "invocations"),
        }),
    },
    "aws:lambda/permission:Permission": {
        id: (context) => statementId(context),
        outputs: (_context, id) => ({ statementId: id, statementIdPrefix: "" }),
    },
    "aws:lambda/eventSourceMapping:EventSourceMapping": {
        id: (context) => uuid(context),
        outputs: (context, id) => ({
            uuid: id,
            arn: arn(context, "lambda", `event-source-mapping:${id}`),
            functionArn: functionArnOf(context),
            lastModified: modified,
            lastProcessingResult: "No records processed",
            maximumRecordAgeInSeconds: -1,
            maximumRetryAttempts: -1,
            parallelizationFactor: 1,
            state: "Enabled",
            stateTransitionReason: "User action",
        }),
    },
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
        id: (context) =>
            [text(context, "functionName") ?? "", text(context, "qualifier")].filter(Boolean).join(":"),
    },
    "aws:lambda/functionRecursionConfig:FunctionRecursionConfig": keyedBy("functionName"),
};

function statementId(context: BehaviourContext): string {
    return text(context, "statementId") ?? `terraform-${hex(context, 26)}`;
}
