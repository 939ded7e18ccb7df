/** BYP-01, from the publisher's side: nothing but the pipeline's own service can become it. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, violation } from "../../harness/outcome";
import type { ResourceReader } from "../../harness/reader";
import type { StackOutcome } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { readPolicyDocument } from "../../iam/document";
import { actionPattern } from "../../iam/effectivePermissions";
import { isPublisher } from "../../pipeline/identities";
import { roleType } from "../../pipeline/project";

const entrances = ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"];

/** Publishers that people, other roles or identity providers may assume. */
export function publisherTrust(graph: StackGraph, configuration: PackConfiguration): StackOutcome[] {
    return graph
        .ofType(roleType)
        .filter((role) => isPublisher(role, graph, configuration))
        .flatMap(judged);
}

function judged(role: ResourceReader): StackOutcome[] {
    const value = role.get("assumeRolePolicy");
    // A role without a trust policy cannot be created: the provider refuses it.
    if (value.kind === "absent") return [];
    const document = value.kind === "known" ? readPolicyDocument(value.value) : { kind: "unknown" as const };
    if (document.kind !== "known")
        return about(
            role,
            inconclusive(
                { property: value.property },
                `who may become the publisher ${document.kind === "unknown" ? "is not known yet" : `cannot be read: the policy ${document.why}`}`,
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
        const [who] = admitted;
        if (who === undefined) continue;
        return about(
            role,
            violation(
                `${role.name} is the publisher, and ${who} may assume it (${value.property}, statement ${statement.sid ?? String(statement.index)}): that is a way to production without the gate.`,
                "Let only the service codebuild.amazonaws.com assume the publishing role.",
                { findingId: `${role.name}|trust|${who}` },
            ),
        );
    }
    return [];
}
