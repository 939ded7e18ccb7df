import type { Account } from "../naming";
import type { Statement } from "../iamStatement";
import { allow, writeOwnLog } from "../pipeline/permissions";
import type { FunctionNames } from "./functionNames";

/** AWS X-Ray has no resources for these actions (Service Authorization Reference). */
const sendTraces = allow("SendTraces", ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"]);

/** What every function does: write its log, send traces, and put away what it could not handle. */
export function runningStatements(account: Account, names: FunctionNames): Statement[] {
    return [
        writeOwnLog(account, names),
        sendTraces,
        allow("KeepFailedEvents", ["sqs:SendMessage"], [names.failed.arn]),
    ];
}
