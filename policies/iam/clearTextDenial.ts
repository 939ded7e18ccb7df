/** Does a resource policy refuse whoever comes without TLS? */
import type { Statement } from "./document";
import { matchesAction } from "./matcher";

/** True when a Deny for everybody covers the action and depends on nothing but `aws:SecureTransport`. */
export function deniesClearText(statements: readonly Statement[], action: string): boolean {
    return statements.some((statement) => {
        if (statement.effect !== "Deny" || !isForEverybody(statement)) return false;
        const named = statement.actions.values.some((pattern) => matchesAction(pattern, action));
        return named !== statement.actions.not && asksForTlsOnly(statement);
    });
}

/** The statement that does it, for remediation and examples. */
export function clearTextDenial(
    action: string,
    resource: string | readonly string[],
): Record<string, unknown> {
    return {
        Sid: "OnlyOverTls",
        Effect: "Deny",
        Principal: "*",
        Action: action,
        Resource: resource,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
    };
}

function isForEverybody({ principals }: Statement): boolean {
    return (
        principals !== null &&
        !principals.not &&
        Object.entries(principals.byKind).some(
            ([kind, names]) => (kind === "*" || kind === "AWS") && names.includes("*"),
        )
    );
}

/** Bool or BoolIfExists: the key is in every request. */
function asksForTlsOnly({ conditions }: Statement): boolean {
    const keys = Object.entries(conditions).flatMap(([operator, named]) =>
        Object.entries(named).map(([key, values]) => ({ operator, key, values })),
    );
    const [only, ...others] = keys;
    return (
        only !== undefined &&
        others.length === 0 &&
        /^Bool(?:IfExists)?$/i.test(only.operator) &&
        only.key.toLowerCase() === "aws:securetransport" &&
        only.values.length > 0 &&
        only.values.every((value) => value.toLowerCase() === "false")
    );
}
