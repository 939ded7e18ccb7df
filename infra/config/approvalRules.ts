/** Rules between the waiting times and addresses of the stage Approve. Pure. */
import { decisionMinutes } from "./approvalSchema";
import type { ConfigProblem } from "./problems";
import type { StackConfig } from "./schema";

export function approvalProblems(config: StackConfig): ConfigProblem[] {
    const { alarmEmails, human } = config.approval;
    return [
        ...timeProblems(config),
        ...repeated("approval.alarmEmails", alarmEmails),
        ...repeated("approval.human.emails", human?.emails ?? []),
    ];
}

function timeProblems({ approval, gatePolicy }: StackConfig): ConfigProblem[] {
    const problems: ConfigProblem[] = [];
    const { scanTimeoutMinutes, timeoutMinutes, human } = approval;
    if (timeoutMinutes < scanTimeoutMinutes + decisionMinutes) {
        problems.push({
            path: "approval.timeoutMinutes",
            value: timeoutMinutes,
            allowed:
                `must be at least ${scanTimeoutMinutes + decisionMinutes}, which is approval.scanTimeoutMinutes and ` +
                `${decisionMinutes} minutes in which the gate rejects a release whose scan has not come`,
            involves: ["approval.scanTimeoutMinutes"],
        });
    }
    const longest = Math.floor(gatePolicy.maximumReportAgeHours * 60);
    const waiting = timeoutMinutes + (human?.timeoutMinutes ?? 0);
    if (waiting > longest) {
        const sum =
            human === undefined
                ? ""
                : `approval.timeoutMinutes and approval.human.timeoutMinutes are ${waiting} together and `;
        problems.push({
            path: human === undefined ? "approval.timeoutMinutes" : "approval.human.timeoutMinutes",
            value: human === undefined ? timeoutMinutes : human.timeoutMinutes,
            allowed:
                `${sum}must not be above ${longest}, which is gatePolicy.maximumReportAgeHours: ` +
                "the verdict is repeated after the approvals and would find the reports too old",
            involves: ["approval.timeoutMinutes", "gatePolicy.maximumReportAgeHours"],
        });
    }
    return problems;
}

/** Addresses that stand in a list more than once, in whatever letters. */
function repeated(path: string, emails: readonly string[]): ConfigProblem[] {
    const plain = emails.map((email) => email.toLowerCase());
    return plain.flatMap((email, index): ConfigProblem[] =>
        plain.indexOf(email) === index
            ? []
            : [{ path: `${path}[${index}]`, value: emails[index], allowed: "must be unique" }],
    );
}

/** A line when nobody would hear of the gate's own failures. */
export function approvalNotices({ alarmEmails }: StackConfig["approval"]): string[] {
    return alarmEmails.length > 0
        ? []
        : ["portcullis:approval: alarms of the gate reach nobody: set approval.alarmEmails."];
}
