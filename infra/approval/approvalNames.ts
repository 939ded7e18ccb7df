import type { ApprovalFunctionName } from "../../lambdas/bundle";
import { openIndex } from "../../gate/approval/records";
import { roleArn, scheduleGroupArn, tableArn, topicArn } from "../arn";
import { eventRuleName, functionNames, type FunctionNames, type NameAndArn } from "../function/functionNames";
import type { ScheduleNames } from "../function/functionSchedule";
import type { Account, Naming } from "../naming";

/** Every physical name and ARN of the approval gate; one place, so that no two documents can disagree. */
export interface ApprovalNames {
    /** `streamsArn`: every stream that the table ever had; the label of the present one is only known to AWS. */
    table: NameAndArn & { index: string; indexArn: string; streamsArn: string };
    functions: Record<ApprovalFunctionName, FunctionNames>;
    topics: {
        /** Where the pipelines announce approvals to the gate. */
        requests: NameAndArn;
        /** Where the pipelines announce approvals to people. */
        people: NameAndArn;
        alarms: NameAndArn;
    };
    /** Rule with the scan events of some repositories; see `ScanRules`. */
    scanRule(index: number): NameAndArn;
    schedule: ScheduleNames;
    /** What the functions' logs and metrics are called by. */
    service: string;
}

export function approvalNames(account: Account, naming: Naming): ApprovalNames {
    const table = naming.physical("dynamodbTable", "approvals");
    const arn = tableArn(account, table);
    const gateFunction = (part: ApprovalFunctionName): FunctionNames =>
        functionNames(account, naming, "approval", part);
    const topic = (...parts: string[]): NameAndArn => {
        const name = naming.physical("snsTopic", ...parts);
        return { name, arn: topicArn(account, name) };
    };
    const group = naming.physical("scheduleGroup", "approval");
    const scheduleRole = naming.physical("iamRole", "approval", "schedule");
    return {
        table: {
            name: table,
            arn,
            index: openIndex,
            indexArn: `${arn}/index/${openIndex}`,
            streamsArn: `${arn}/stream/*`,
        },
        functions: {
            recorder: gateFunction("recorder"),
            "scan-event": gateFunction("scan-event"),
            watchdog: gateFunction("watchdog"),
        },
        topics: {
            requests: topic("approvals"),
            people: topic("approval", "people"),
            alarms: topic("gate", "alarms"),
        },
        scanRule: (index) => eventRuleName(account, naming, ["approval", "scan"], index),
        schedule: {
            name: naming.physical("schedule", "approval", "watchdog"),
            group,
            groupArn: scheduleGroupArn(account, group),
            role: scheduleRole,
            roleArn: roleArn(account, scheduleRole),
        },
        service: `${naming.prefix}-approval`,
    };
}

/** What people look for first when the gate has to be understood: where requests, decisions and failed events are. */
export function approvalOutputs({ table, functions, topics }: ApprovalNames) {
    const perFunction = <T>(value: (names: FunctionNames) => T): Record<string, T> =>
        Object.fromEntries(Object.entries(functions).map(([part, names]) => [part, value(names)]));
    return {
        table: table.name,
        topic: topics.requests.arn,
        alarmTopic: topics.alarms.arn,
        functions: perFunction(({ name }) => name),
        failedEvents: perFunction(({ failed }) => failed.name),
    };
}
