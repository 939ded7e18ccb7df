import { eventRuleName, functionNames, type FunctionNames, type NameAndArn } from "../function/functionNames";
import type { Account, Naming } from "../naming";

/** What the function `review` hears of, each by rules of its own. */
export const reviewEvents = ["pull-requests", "executions", "builds"] as const;
export type ReviewEvent = (typeof reviewEvents)[number];

/** Every physical name and ARN of the function that starts reviews and tells about them. */
export interface ReviewNames {
    function: FunctionNames;
    /** Rule with the events of some repositories, pipelines or projects. */
    rule(event: ReviewEvent, index: number): NameAndArn;
    /** What the function's logs and metrics are called by. */
    service: string;
}

export function reviewNames(account: Account, naming: Naming): ReviewNames {
    return {
        function: functionNames(account, naming, "review"),
        rule: (event, index) => eventRuleName(account, naming, ["review", event], index),
        service: `${naming.prefix}-review`,
    };
}
