/** Who may become a role of the gate: BYP-01 for the publisher, BYP-02 for the one that answers approvals. */
import { about, inconclusive, violation } from "../../harness/outcome";
import type { ResourceReader } from "../../harness/reader";
import type { StackOutcome } from "../../harness/rule";
import { readPolicyDocument } from "../../iam/document";
import { actionPattern } from "../../iam/effectivePermissions";

const entrances = ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"];

export interface TrustedRole {
    role: ResourceReader;
    /** e.g. `the publisher`. */
    who: string;
    /** Where whoever else becomes it gets to. */
    way: string;
    fix: string;
}

/** The first of the people, other roles or identity providers that may assume the role; services may. */
export function roleTrust({ role, who, way, fix }: TrustedRole): StackOutcome[] {
    const value = role.get("assumeRolePolicy");
    // A role without a trust policy cannot be created: the provider refuses it.
    if (value.kind === "absent") return [];
    const document = value.kind === "known" ? readPolicyDocument(value.value) : { kind: "unknown" as const };
    if (document.kind !== "known")
        return about(
            role,
            inconclusive(
                { property: value.property },
                `who may become ${who} ${document.kind === "unknown" ? "is not known yet" : `cannot be read: the policy ${document.why}`}`,
            ),
        );
    for (const statement of document.statements) {
        if (statement.effect !== "Allow") continue;
        if (!entrances.some((action) => actionPattern(statement, action) !== null)) continue;
        const { principals } = statement;
        const admitted =
            !principals || principals.not
                ? ["everybody but a few"]
                : Object.entries(principals.byKind).flatMap(([kind, names]) =>
                      kind === "Service" ? [] : names,
                  );
        const [name] = admitted;
        if (name === undefined) continue;
        return about(
            role,
            violation(
                `${role.name} is ${who}, and ${name} may assume it (${value.property}, statement ${statement.sid ?? String(statement.index)}): that is ${way}.`,
                fix,
                { findingId: `${role.name}|trust|${name}` },
            ),
        );
    }
    return [];
}
