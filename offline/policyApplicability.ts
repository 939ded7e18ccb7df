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
     * Policies that concerned nothing, sorted: those that said so of the stack as a whole, and those whose resource half said
     * so of every resource. Of a policy that says nothing the wire does not tell whether it has passed; our own pack says
     * of the stack what concerned nothing in it.
     */
    never(policies: readonly analyzerMessages.PolicyInfo[]): string[] {
        return policies
            .map((policy) => policy.getName())
            .filter(
                (name) =>
                    this.stackPolicies.has(name) ||
                    (this.resources > 0 && this.byPolicy.get(name) === this.resources),
            )
            .sort();
    }
}
