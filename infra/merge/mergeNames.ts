import { eventRuleArn } from "../arn";
import { functionNames, type FunctionNames, type NameAndArn } from "../function/functionNames";
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
        rule: (index) => {
            const parts = index === 0 ? [] : [String(index + 1)];
            const name = naming.physical("eventRule", "merge", "published", ...parts);
            return { name, arn: eventRuleArn(account, name) };
        },
        service: `${naming.prefix}-merge`,
    };
}
