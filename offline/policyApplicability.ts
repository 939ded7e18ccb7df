/** Which policies had something to judge: put together from what the pack calls not applicable, answer by answer. */
import { analyzerMessages } from "./engine/protocol";

export class Applicability {
    /** How many (policy, request) pairs were not applicable. */
    count = 0;
    private resources = 0;
    private readonly byPolicy = new Map<string, number>();
    private stackPolicies = new Set<string>();

    /** The answer about one resource. */
    resource(notApplicable: readonly string[]): void {
        this.resources += 1;
        this.count += notApplicable.length;
        for (const policy of notApplicable) {
            this.byPolicy.set(policy, (this.byPolicy.get(policy) ?? 0) + 1);
        }
    }

    /** The answer about the stack. */
    stack(notApplicable: readonly string[]): void {
        this.count += notApplicable.length;
        this.stackPolicies = new Set(notApplicable);
    }

    /**
     * Policies that concerned nothing, sorted. A policy with a resource half counts when no resource was its business:
     * the wire does not tell whether a stack half that said nothing has passed, and a pass must not be claimed for it.
     */
    never(policies: readonly analyzerMessages.PolicyInfo[]): string[] {
        return policies
            .filter((policy) =>
                policy.getPolicyType() === analyzerMessages.PolicyType.POLICY_TYPE_STACK
                    ? this.stackPolicies.has(policy.getName())
                    : this.resources > 0 && this.byPolicy.get(policy.getName()) === this.resources,
            )
            .map((policy) => policy.getName())
            .sort();
    }
}
