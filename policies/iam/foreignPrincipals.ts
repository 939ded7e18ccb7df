/** Accounts beside the resource's own that a resource policy names. */
import { conditionValues, type Statement } from "./document";

export interface ForeignPrincipal {
    /** As the policy writes it. */
    text: string;
    account: string;
    statement: Statement;
}

/**
 * Accounts that the statements let in and that are neither that of the resource (by the ARNs in `Resource`) nor
 * trusted. Statements that only members of an organization pass are left out. Empty where the resource's own account is
 * not known: a policy alone does not tell then who is a stranger.
 */
export function foreignPrincipals(
    statements: readonly Statement[],
    trusted: readonly string[],
): ForeignPrincipal[] {
    const resources = statements.flatMap(({ resources: named }) => (named && !named.not ? named.values : []));
    const home = new Set(resources.flatMap((text) => accountOf(text) ?? []));
    if (home.size === 0) return [];
    return statements.flatMap((statement): ForeignPrincipal[] => {
        const { effect, principals, conditions } = statement;
        if (effect !== "Allow" || !principals || principals.not) return [];
        if (conditionValues(conditions, "aws:PrincipalOrgID") !== null) return [];
        const names = [...(principals.byKind["AWS"] ?? []), ...(principals.byKind["*"] ?? [])];
        // A statement for everybody may be for one account by its condition.
        const bounded = names.includes("*")
            ? ["aws:PrincipalAccount", "aws:PrincipalArn", "aws:SourceOwner"].flatMap(
                  (key) => conditionValues(conditions, key) ?? [],
              )
            : [];
        return [...names, ...bounded].flatMap((text) => {
            const account = accountOf(text);
            if (account === null || home.has(account) || trusted.includes(account)) return [];
            return [{ text, account, statement }];
        });
    });
}

function accountOf(text: string): string | null {
    return /^(?:arn:[\w-]+:[\w-]+:[\w-]*:)?(\d{12})(?::|$)/.exec(text)?.[1] ?? null;
}
