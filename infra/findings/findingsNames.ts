import { eventRuleName, functionNames, type FunctionNames, type NameAndArn } from "../function/functionNames";
import type { Account, Naming } from "../naming";

/** Every physical name and ARN of what imports findings; one place, so that no two documents can disagree. */
export interface FindingsNames {
    function: FunctionNames;
    /** Rule with the manifests that are stored in the evidence bucket. */
    evidenceRule: NameAndArn;
    /** Rule with the releases of some pipelines. */
    releaseRule(index: number): NameAndArn;
    /** What the function's logs and metrics are called by. */
    service: string;
}

export function findingsNames(account: Account, naming: Naming): FindingsNames {
    return {
        function: functionNames(account, naming, "findings"),
        evidenceRule: eventRuleName(account, naming, ["findings", "evidence"]),
        releaseRule: (index) => eventRuleName(account, naming, ["findings", "release"], index),
        service: `${naming.prefix}-findings`,
    };
}
