import { eventRuleArn } from "../arn";
import { functionNames, type FunctionNames, type NameAndArn } from "../function/functionNames";
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
    const rule = (...parts: string[]): NameAndArn => {
        const name = naming.physical("eventRule", "findings", ...parts);
        return { name, arn: eventRuleArn(account, name) };
    };
    return {
        function: functionNames(account, naming, "findings"),
        evidenceRule: rule("evidence"),
        releaseRule: (index) => rule("release", ...(index === 0 ? [] : [String(index + 1)])),
        service: `${naming.prefix}-findings`,
    };
}
