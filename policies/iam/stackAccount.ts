/** The account of a stack whose ARNs are not known yet: told by what its roles' policies name. */
import { valueOf } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import { accountOf, ownAccounts } from "../rules/ecr/ownAccounts";
import { conditionValues, readPolicyDocument } from "./document";
import { effectivePermissions } from "./effectivePermissions";

const cache = new WeakMap<StackGraph, ReadonlySet<string>>();

/**
 * Accounts that the stack lives in: those that its resources say, else those for which services may assume its roles
 * (`aws:SourceAccount`), else the one that its roles' permissions name most. Worked out once per graph.
 */
export function stackAccounts(graph: StackGraph): ReadonlySet<string> {
    let found = cache.get(graph);
    if (!found) cache.set(graph, (found = collect(graph)));
    return found;
}

function collect(graph: StackGraph): ReadonlySet<string> {
    const certain = ownAccounts(graph);
    if (certain.size > 0) return certain;
    const sources = graph.ofType("aws:iam/role:Role").flatMap((role) => {
        const document = readPolicyDocument(valueOf(role.get("assumeRolePolicy")));
        if (document.kind !== "known") return [];
        return document.statements
            .filter(({ effect }) => effect === "Allow")
            .flatMap(({ conditions }) => conditionValues(conditions, "aws:SourceAccount") ?? [])
            .filter((value) => /^\d{12}$/.test(value));
    });
    if (sources.length > 0) return new Set(sources);
    const counts = new Map<string, number>();
    for (const { grants } of effectivePermissions(graph)) {
        for (const { statement } of grants) {
            for (const resource of statement.resources?.values ?? []) {
                const account = accountOf(resource);
                if (account !== null) counts.set(account, (counts.get(account) ?? 0) + 1);
            }
        }
    }
    const [most] = [...counts].sort(([, a], [, b]) => b - a);
    return new Set(most ? [most[0]] : []);
}
