import { eventRuleName, functionNames, type FunctionNames, type NameAndArn } from "../function/functionNames";
import type { Account, Naming } from "../naming";

/** Every physical name and ARN of the function that merges what was published. */
export interface MergeNames {
    function: FunctionNames;
    /** Rule with the publications of some pipelines. */
    rule(index: number): NameAndArn;
    /** What the function's logs and metrics are called by. */
    service: string;
}

export function mergeNames(account: Account, naming: Naming): MergeNames {
    return {
        function: functionNames(account, naming, "merge"),
        rule: (index) => eventRuleName(account, naming, ["merge", "published"], index),
        service: `${naming.prefix}-merge`,
    };
}
