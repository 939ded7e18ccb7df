import { eventRuleArn, functionArn, queueArn, roleArn } from "../arn";
import type { Account, Naming } from "../naming";

export interface NameAndArn {
    name: string;
    arn: string;
}

/** Everything that one function of the stack is called. */
export interface FunctionNames extends NameAndArn {
    role: string;
    roleArn: string;
    logGroup: string;
    /** Queue of the events that the function could not handle. */
    failed: NameAndArn;
}

/** Names of the function `<prefix>-<parts>`: of itself, its role, its log and its queue `…-failed`. */
export function functionNames(account: Account, naming: Naming, ...parts: string[]): FunctionNames {
    const name = naming.physical("lambdaFunction", ...parts);
    const role = naming.physical("iamRole", ...parts);
    const failed = naming.physical("sqsQueue", ...parts, "failed");
    return {
        name,
        arn: functionArn(account, name),
        role,
        roleArn: roleArn(account, role),
        logGroup: `/aws/lambda/${name}`,
        failed: { name: failed, arn: queueArn(account, failed) },
    };
}

/** What people look for when a function has to be understood: itself, and the events that it could not handle. */
export function functionOutputs({ name, failed }: FunctionNames) {
    return { function: name, failedEvents: failed.name };
}

/**
 * Name of the rule `<prefix>-<parts>`, and of those beside it where one event pattern is not enough: the second ends in
 * `-2`, and so on.
 * @param index from 0.
 */
export function eventRuleName(
    account: Account,
    naming: Naming,
    parts: readonly string[],
    index = 0,
): NameAndArn {
    const name = naming.physical("eventRule", ...parts, ...(index === 0 ? [] : [String(index + 1)]));
    return { name, arn: eventRuleArn(account, name) };
}
