/** Who may become a role of the gate: asked of each by the rule that owns the role. */
import { about, inconclusive, violation } from "../../harness/outcome";
import type { ResourceReader } from "../../harness/reader";
import type { StackOutcome } from "../../harness/rule";
import { roleEntrants, type Entrant } from "../../iam/roleEntrants";

export interface TrustedRole {
    role: ResourceReader;
    /** e.g. `the publisher`. */
    who: string;
    /** Where whoever else becomes it gets to. */
    way: string;
    fix: string;
    /** Who may; by default every service and nobody else. */
    admits?: (entrant: Entrant) => boolean;
}

const anyService = ({ kind }: Entrant): boolean => kind === "service";

/** The first who may assume the role and should not. */
export function roleTrust({ role, who, way, fix, admits = anyService }: TrustedRole): StackOutcome[] {
    const trust = roleEntrants(role);
    if (trust.kind === "unknown")
        return about(role, inconclusive(trust, `who may become ${who} ${trust.why}`));
    const stranger = trust.entrants.find((entrant) => !admits(entrant));
    if (stranger === undefined) return [];
    const { name, statement } = stranger;
    return about(
        role,
        violation(
            `${role.name} is ${who}, and ${name} may assume it (${trust.property}, statement ${statement}): that is ${way}.`,
            fix,
            { findingId: `${role.name}|trust|${name}` },
        ),
    );
}
