/** BYP-07: only the publisher signs, and only those who release read their secrets. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import type { StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { conditionValues, readPolicyDocument, type Statement } from "../../iam/document";
import {
    actionPattern,
    effectivePermissions,
    mayDo,
    type PrincipalPermissions,
} from "../../iam/effectivePermissions";
import { isPublisher } from "../../pipeline/identities";
import { roleType } from "../../pipeline/project";
import { keepers, releaseSecrets, type ReleaseSecret } from "../../signing/releaseSecrets";
import { reachesKey, signingKeys, signVerbs, type SigningKey } from "../../signing/signingKeys";
import { holdOutcomes } from "./grip";
import { permissionPath } from "./permissionPath";
import { examples } from "./signingKeys.examples";

const fix =
    "Leave kms:Sign on the signing key to the role of the step that publishes, in its key policy and in IAM.";

/** What IAM grants. The key's own policy decides as well, but who is not to sign has no use for the action. */
function signerOutcomes(
    entry: PrincipalPermissions,
    key: SigningKey,
    graph: StackGraph,
    configuration: PackConfiguration,
): StackOutcome[] {
    const { principal } = entry;
    const publisher = principal.type === roleType && isPublisher(principal, graph, configuration);
    for (const verb of signVerbs.filter((each) => !publisher || each !== "kms:Sign")) {
        const answer = mayDo(entry, verb, key.arn);
        if (answer.kind === "no") continue;
        const doubt = answer.kind === "unknown" ? answer.doubts[0] : undefined;
        const reached = answer.kind === "yes" ? answer.permissions.map((each) => ({ each, reach: reachesKey(each, key) })) : []; // prettier-ignore
        const certain = reached.find(({ reach }) => reach === "yes");
        if (certain)
            return about(
                principal,
                violation(
                    `It may ${verb} with ${key.name}, whose signature says that the gate released an image: ${permissionPath(principal.name, verb, certain.each)}.`,
                    fix,
                    { findingId: `${principal.name}|${verb}|${key.name}` },
                ),
            );
        if (answer.kind === "unknown" || reached.some(({ reach }) => reach === "open"))
            return about(
                principal,
                inconclusive(
                    { property: doubt?.property ?? "policy" },
                    `whether it may ${verb} with ${key.name} is not known: ${doubt?.why ?? "which key is meant is not known yet"}`,
                ),
            );
    }
    return [];
}

/** Principals of the key policy that may sign and are no publisher. */
function policyOutcomes(
    { key, name }: SigningKey,
    graph: StackGraph,
    configuration: PackConfiguration,
): StackOutcome[] {
    const value = key.get("policy");
    if (value.kind === "absent")
        return about(
            key,
            violation(
                `${name} has no key policy of its own: with the default one every principal of the account signs whom IAM lets.`,
                fix,
                { findingId: name },
            ),
        );
    const document = value.kind === "known" ? readPolicyDocument(value.value) : { kind: "unknown" as const };
    if (document.kind !== "known")
        return about(
            key,
            inconclusive(
                value,
                `who may sign ${document.kind === "unknown" ? "is not known yet" : `cannot be read: the policy ${document.why}`}`,
            ),
        );
    for (const statement of document.statements) {
        if (statement.effect !== "Allow") continue;
        const verb = signVerbs.find((each) => actionPattern(statement, each) !== null);
        const who = verb === undefined ? null : stranger(statement, graph, configuration);
        if (verb === undefined || who === null) continue;
        return about(
            key,
            violation(
                `${value.property}, statement ${statement.sid ?? String(statement.index)}, lets ${who} ${verb} with ${name}, whose signature says that the gate released an image.`,
                fix,
                { findingId: `${name}|${who}` },
            ),
        );
    }
    return [];
}

/** The first whom the statement admits and who publishes nothing; null when there is none. */
function stranger(statement: Statement, graph: StackGraph, configuration: PackConfiguration): string | null {
    const { principals, conditions } = statement;
    if (!principals || principals.not) return "everybody but a few";
    const publishes = (arn: string): boolean => {
        if (/[*?]/.test(arn)) return false;
        const reference = graph.referenceOfValue(arn, "policy", [roleType]);
        return reference.kind === "exact" && isPublisher(reference.resource, graph, configuration);
    };
    const bound = conditionValues(conditions, "aws:PrincipalArn");
    const named = Object.entries(principals.byKind).flatMap(([kind, names]) =>
        kind === "AWS" || kind === "*" ? (bound ?? names) : names.map((name) => `${kind} ${name}`),
    );
    return named.find((name) => !publishes(name)) ?? null;
}

function secretOutcomes(entry: PrincipalPermissions, secrets: readonly ReleaseSecret[]): StackOutcome[] {
    return holdOutcomes(
        entry,
        secrets.map(({ arn, verbs }) => ({ what: arn, arns: [arn], verbs, certain: true })),
        ({ verb, what }, path) =>
            `It may ${verb} on ${what}, a secret of those who release, merge or comment for the gate: ${path}.`,
        "Take the action away, or give the step a secret of its own.",
    );
}

export const signers: StackRule = {
    level: "stack",
    metadata: {
        id: "BYP-07",
        family: "bypass",
        title: "Only the publisher signs, and release secrets are read by their keepers",
        rationale:
            "A signature proves a release only while nobody else can make one. Who reads the token that merges, or the key that signs, speaks for the gate.",
        severity: "high",
        remediation:
            "Give the signing key a policy that lets only the publishing roles `kms:Sign` (and the account's administrators everything but signing and grants), grant `kms:Sign` to nobody else in IAM, and keep secrets of publishing, deploying and merging away from all other roles.",
        references: ["OWASP CICD-SEC-6", "SLSA 1.0 provenance authenticity"],
    },
    evaluate: (graph, configuration) => {
        const keys = signingKeys(graph);
        const secrets = releaseSecrets(graph, configuration);
        if (keys.length + secrets.length === 0)
            return about(null, notApplicable("the stack has no signing key and no release secret"));
        const own = keepers(graph, configuration);
        const outcomes = [
            ...keys.flatMap((key) => policyOutcomes(key, graph, configuration)),
            ...effectivePermissions(graph).flatMap((entry) => [
                ...keys.flatMap((key) => signerOutcomes(entry, key, graph, configuration)),
                ...(own.has(entry.principal) ? [] : secretOutcomes(entry, secrets)),
            ]),
        ];
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples,
};
