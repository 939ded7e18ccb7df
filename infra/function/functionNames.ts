import { functionArn, queueArn, roleArn } from "../arn";
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
