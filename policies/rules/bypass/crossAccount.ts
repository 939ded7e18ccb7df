/** BYP-12: no resource policy hands a piece of the delivery to another account. */
import type { PackConfiguration } from "../../harness/configuration";
import { breakGlassRoles } from "../../gate/gateTables";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import type { StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { conditionValues, readPolicyDocument, type Statement } from "../../iam/document";
import { actionPattern } from "../../iam/effectivePermissions";
import { isSubset } from "../../iam/matcher";
import { roleEntrants } from "../../iam/roleEntrants";
import { stackAccounts } from "../../iam/stackAccount";
import { accountOf } from "../ecr/ownAccounts";
import { examples } from "./crossAccount.examples";
import { guardedPolicies, type GuardedPolicy } from "./guardedPolicies";

/** Keys of a condition that say for which account a statement for everybody is. */
const accountKeys = [
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOwner",
    "kms:CallerAccount",
];
const organizationKeys = [
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
];

/** Whom an Allow lets in who may be of another account: account ids, or null for everybody. */
function admitted({ principals, conditions }: Statement): { who: string; account: string | null }[] {
    const bound = (keys: readonly string[]): string[] | null =>
        keys.map((key) => conditionValues(conditions, key)).find((values) => values !== null) ?? null;
    const organization = bound(organizationKeys);
    if (organization?.length && organization.every((value) => /^o-[a-z0-9]/.test(value))) return [];
    if (!principals || principals.not) return [{ who: "everybody but a few", account: null }];
    const names = Object.entries(principals.byKind).flatMap(([kind, list]) =>
        kind === "AWS" || kind === "*" ? list : [],
    );
    return names.flatMap((name) => {
        const account = accountOf(name);
        if (account !== null) return [{ who: name, account }];
        // A name with a star for the account, or the star itself: the condition says who comes.
        if (!/[*?]/.test(name)) return [];
        const values = bound(accountKeys);
        if (values === null || values.length === 0) return [{ who: name === "*" ? "everybody" : name, account: null }];
        return values.map((value) => ({ who: value, account: accountOf(value) }));
    });
} // prettier-ignore

/** A Deny for everybody of other accounts than these. */
function shutsOut(statement: Statement, verb: string, account: string | null): boolean {
    const { effect, actions, principals, conditions } = statement;
    if (effect !== "Deny" || actions.not || !principals || principals.not) return false;
    if (!Object.values(principals.byKind).some((names) => names.includes("*"))) return false;
    if (!actions.values.some((pattern) => isSubset(verb.toLowerCase(), pattern.toLowerCase()))) return false;
    const entries = Object.entries(conditions);
    const [operator, keys] = entries[0] ?? [];
    if (entries.length !== 1 || operator === undefined || !/^StringNot(?:Equals|Like)$/i.test(operator))
        return false;
    const [key, ...more] = Object.keys(keys ?? {});
    if (more.length > 0 || key?.toLowerCase() !== "aws:principalaccount") return false;
    const kept = keys?.[key] ?? [];
    return !kept.some((each) => /[*?]/.test(each)) && (account === null || !kept.includes(account));
}

interface Handed {
    verb: string;
    who: string;
    account: string | null;
    statement: Statement;
}

function handedOver(statements: readonly Statement[], verbs: readonly string[]): Handed[] {
    return statements
        .filter(({ effect }) => effect === "Allow")
        .flatMap((statement) => {
            const held = verbs.filter((verb) => actionPattern(statement, verb) !== null);
            return admitted(statement).flatMap(({ who, account }) => {
                const open = held.find((verb) => !statements.some((each) => shutsOut(each, verb, account)));
                return open === undefined ? [] : [{ verb: open, who, account, statement }];
            });
        });
}

function judged(
    { policy, what, verbs, certain, reading }: GuardedPolicy,
    graph: StackGraph,
    { trustedAccounts }: PackConfiguration,
): StackOutcome[] {
    const document =
        reading.kind === "known" ? readPolicyDocument(reading.value) : { kind: "unknown" as const };
    const open = (why: string): StackOutcome[] => about(policy, inconclusive(reading, why));
    if (document.kind === "unknown") return open(`whom it lets at ${what} is not known yet`);
    if (document.kind === "malformed") return open(`whom it lets at ${what} cannot be read: it ${document.why}`);
    const own = stackAccounts(graph);
    const foreign = handedOver(document.statements, verbs).filter(
        ({ account }) => account === null || (!own.has(account) && !trustedAccounts.includes(account)),
    );
    const [first] = foreign;
    if (!first) return [];
    if (first.account !== null && own.size === 0)
        return open(`whether account ${first.account}, which it lets at ${what}, is the stack's own is not known`);
    if (!certain) return open(`whether it is the policy of ${what} is not known yet`);
    return about(
        policy,
        violation(
            `${reading.property}, statement ${first.statement.sid ?? String(first.statement.index)}, lets ${first.who} ${first.verb} on ${what}: another account then takes part in the delivery.`,
            "Take the statement away, bound it by aws:PrincipalOrgID, or name the account in the setting trustedAccounts after somebody has decided that it may.",
            { findingId: `${what}|${first.who}|${first.verb}` },
        ),
    );
} // prettier-ignore

/** People of another account who may let images run without an approval. */
function overriders(graph: StackGraph, { trustedAccounts }: PackConfiguration): StackOutcome[] {
    const own = stackAccounts(graph);
    return [...breakGlassRoles(graph)].flatMap((role) => {
        const trust = roleEntrants(role);
        // What is not known is BYP-08's finding.
        if (trust.kind === "unknown") return [];
        const foreign = trust.entrants.find(({ name }) => {
            const account = accountOf(name);
            return account !== null && !own.has(account) && !trustedAccounts.includes(account);
        });
        if (!foreign) return [];
        if (own.size === 0)
            return about(role, inconclusive(trust, `whether ${foreign.name} is of the stack's own account is not known`)); // prettier-ignore
        return about(
            role,
            violation(
                `${foreign.name} of another account may become ${role.name}, which lets images run without an approval (${trust.property}).`,
                "Name people's roles of the stack's own account, or the account in the setting trustedAccounts.",
                { findingId: `${role.name}|${foreign.name}` },
            ),
        );
    });
}

export const crossAccount: StackRule = {
    level: "stack",
    metadata: {
        id: "BYP-12",
        family: "bypass",
        title: "No resource policy hands a piece of the delivery to another account",
        rationale:
            "What a policy of a repository, bucket, topic, key or bus gives to another account no rule about this account's roles can see: who writes there goes past the gate from outside.",
        severity: "critical",
        remediation:
            "Take statements for other accounts out of the policies of production repositories, artifact and evidence buckets, approval topics, keys and event buses. An account that has to take part is named in the setting `trustedAccounts`.",
        references: ["OWASP CICD-SEC-2", "OWASP CICD-SEC-5"],
    },
    evaluate: (graph, configuration) => {
        const policies = guardedPolicies(graph, configuration);
        const roles = breakGlassRoles(graph);
        if (policies.length + roles.size === 0)
            return about(null, notApplicable("the stack has no policy of anything of a delivery"));
        const outcomes = [
            ...policies.flatMap((each) => judged(each, graph, configuration)),
            ...overriders(graph, configuration),
        ];
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples,
};
