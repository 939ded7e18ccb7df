import { roleArn, scheduleGroupArn, tableArn } from "../arn";
import { eventRuleName, functionNames, type FunctionNames, type NameAndArn } from "../function/functionNames";
import type { ScheduleNames } from "../function/functionSchedule";
import type { Account, Naming } from "../naming";

/** Every physical name and ARN of admission and the continuous check. */
export interface AdmissionNames {
    functions: Record<"admission" | "running", FunctionNames>;
    /** Overrides: where they are, and who may write one. */
    breakGlass: { table: NameAndArn; role: NameAndArn };
    /** Role with which Amazon ECS calls the function `admission`. */
    hookRole: NameAndArn;
    /** Rule with the tasks of some services; see `taskPatterns`. */
    taskRule(index: number): NameAndArn;
    schedule: ScheduleNames;
    /** What the functions' logs and metrics are called by. */
    service: string;
}

export function admissionNames(account: Account, naming: Naming): AdmissionNames {
    const role = (...parts: string[]): NameAndArn => {
        const name = naming.physical("iamRole", ...parts);
        return { name, arn: roleArn(account, name) };
    };
    const table = naming.physical("dynamodbTable", "break-glass");
    const group = naming.physical("scheduleGroup", "running");
    const schedule = role("running", "schedule");
    return {
        functions: {
            admission: functionNames(account, naming, "admission"),
            running: functionNames(account, naming, "running"),
        },
        breakGlass: { table: { name: table, arn: tableArn(account, table) }, role: role("break-glass") },
        hookRole: role("admission", "hook"),
        taskRule: (index) => eventRuleName(account, naming, ["running", "tasks"], index),
        schedule: {
            name: naming.physical("schedule", "running", "sweep"),
            group,
            groupArn: scheduleGroupArn(account, group),
            role: schedule.name,
            roleArn: schedule.arn,
        },
        service: `${naming.prefix}-admission`,
    };
}

/** What people look for when a deployment was refused, or has to be let through. */
export function admissionOutputs(
    { functions, breakGlass, hookRole }: AdmissionNames,
    hasBreakGlass: boolean,
) {
    return {
        /** For a service that the stack did not create: to be attached there at PRE_SCALE_UP. */
        hook: { functionArn: functions.admission.arn, roleArn: hookRole.arn },
        functions: { admission: functions.admission.name, running: functions.running.name },
        failedEvents: { admission: functions.admission.failed.name, running: functions.running.failed.name },
        breakGlass: {
            table: breakGlass.table.name,
            ...(hasBreakGlass ? { role: breakGlass.role.arn } : {}),
        },
    };
}
