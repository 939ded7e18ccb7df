/** ECR-06: other accounts reach a repository only when somebody decided that they may. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import type { ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { conditionValues, readPolicyDocument, type Statement } from "../../iam/document";
import { roleType } from "../../pipeline/project";
import { resourceExamples, stackExamples } from "./foreignAccounts.examples";
import { accountOf, ownAccounts } from "./ownAccounts";
import { registryPolicyType, repositoryPolicyType } from "./repository";

const metadata: RuleMetadata = {
    id: "ECR-06",
    family: "ecr",
    title: "Other accounts reach repositories only by name or organization",
    rationale:
        "Whoever holds another account may read what is released from here, or put something in its place, for as long as a forgotten policy names that account.",
    severity: "high",
    remediation:
        "Bound the statement by `aws:PrincipalOrgID`, or name the account in the setting `trustedAccounts` after somebody has decided that it may.",
    references: ["NIST SP 800-190 4.2.3", "OWASP CICD-SEC-2"],
};

const types = [repositoryPolicyType, registryPolicyType];
const principalTypes = [roleType, "aws:iam/user:User"];

/** Keys of a condition that say which account a statement for everybody is for. */
const accountKeys = ["aws:PrincipalAccount", "aws:PrincipalArn", "aws:SourceAccount", "aws:SourceArn"];

interface Named {
    /** As the policy writes it. */
    text: string;
    account: string;
    statement: Statement;
}

/** True when the statement is for members of a named organization only. */
function boundByOrganization({ conditions }: Statement): boolean {
    return ["aws:PrincipalOrgID", "aws:PrincipalOrgPaths"].some((key) => {
        const values = conditionValues(conditions, key);
        return values !== null && values.length > 0 && values.every((value) => /^o-[a-z0-9]/.test(value));
    });
}

/** Accounts that the statements let in, without those that only an organization's members pass. */
function namedAccounts(statements: readonly Statement[]): Named[] {
    return statements.flatMap((statement): Named[] => {
        if (statement.effect !== "Allow" || statement.principals?.not || boundByOrganization(statement))
            return [];
        const byKind = statement.principals?.byKind ?? {};
        const principals = [...(byKind["AWS"] ?? []), ...(byKind["*"] ?? [])];
        // A statement for everybody (ECR-05) may be for one account by its condition.
        const bounded = principals.includes("*")
            ? accountKeys.flatMap((key) => conditionValues(statement.conditions, key) ?? [])
            : [];
        return [...principals, ...bounded].flatMap((text) => {
            const account = accountOf(text);
            return account === null ? [] : [{ text, account, statement }];
        });
    });
}

/** The registry's own account, which the resources of a registry policy name. */
function accountsOfResources(statements: readonly Statement[]): Set<string> {
    return new Set(
        statements.flatMap(({ resources }) =>
            (resources?.values ?? []).flatMap((resource) => accountOf(resource) ?? []),
        ),
    );
}

function judged(
    statements: readonly Statement[],
    isOwn: (named: Named) => boolean,
    { trustedAccounts }: PackConfiguration,
): Outcome[] {
    const foreign = namedAccounts(statements).filter(
        (named) => !trustedAccounts.includes(named.account) && !isOwn(named),
    );
    const first = new Map(foreign.map((named) => [named.account, named] as const).reverse());
    const outcomes = [...first.values()]
        .reverse()
        .map(({ account, text, statement }) =>
            violation(
                `policy, statement ${statement.sid ?? String(statement.index)}, admits ${text}: account ${account} is not the stack's own and nobody has declared it trusted.`,
                `Add Condition { StringEquals: { "aws:PrincipalOrgID": … } }, or add ${account} to the setting trustedAccounts.`,
                { findingId: account },
            ),
        );
    return outcomes.length > 0 ? outcomes : [pass];
}

/** The statements of the policy, or the outcome of one that cannot be read. */
function statementsOf(policy: ResourceReader): readonly Statement[] | Outcome {
    const value = policy.get("policy");
    const document = value.kind === "known" ? readPolicyDocument(value.value) : value;
    if (document.kind === "known" && "statements" in document) return document.statements;
    if (document.kind === "unknown")
        return inconclusive(value, "which accounts the policy admits is not known yet");
    const why = document.kind === "malformed" ? document.why : "is not set";
    return violation(`policy ${why}, so nothing shows which accounts it admits.`, "Give a policy document.");
}

/** One policy says which account it belongs to only where it names resources. */
export const foreignAccounts: ResourceRule = {
    level: "resource",
    metadata,
    types,
    evaluate: (policy, configuration) => {
        const statements = statementsOf(policy);
        if ("kind" in statements) return [statements];
        const own = accountsOfResources(statements);
        return own.size > 0
            ? judged(statements, ({ account }) => own.has(account), configuration)
            : [notApplicable("the policy does not say which account is its own; the stack does")];
    },
    examples: resourceExamples,
};

/** Policies that do not name their own account: other resources of the stack tell it. */
export const foreignAccountsOfStack: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: types,
    evaluate: (graph, configuration) =>
        graph.ofType(...types).flatMap((policy) => {
            const statements = statementsOf(policy);
            if ("kind" in statements)
                return statements.kind === "inconclusive" ? about(policy, statements) : [];
            if (accountsOfResources(statements).size > 0) return [];
            return about(policy, ...judged(statements, (named) => isOwn(named, graph), configuration));
        }),
    examples: stackExamples,
};

/** A principal is the stack's own when the stack creates it, or when its account is one that resources here live in. */
function isOwn({ text, account }: Named, graph: StackGraph): boolean {
    return (
        ownAccounts(graph).has(account) ||
        graph.referenceOfValue(text, "policy", principalTypes).kind === "exact"
    );
}
