import type { ApprovalCloud } from "./approvalCloud";
import type { Principal, Statement } from "./permissions";

const list = (value: string | string[] | undefined): string[] =>
    value === undefined ? [] : typeof value === "string" ? [value] : value;

/**
 * Which grants of which role were needed so far: by the functions' calls, and by what AWS did in a role's name.
 * @returns by role, `Sid action resource` with the patterns of the statement that matched.
 */
export async function usesOf(cloud: ApprovalCloud): Promise<Map<string, Set<string>>> {
    const { journal, delivery, permissions } = cloud;
    const used = new Map<string, Set<string>>();
    const asked: { principal: Principal; permission: Parameters<typeof permissions.judge>[1] }[] = [
        ...journal.calls.flatMap(({ principal, permissions: needed }) =>
            needed.map((permission) => ({ principal: { role: cloud.roleOf(principal) }, permission })),
        ),
        ...delivery.serviceUses,
    ];
    for (const { principal, permission } of asked) {
        if (!("role" in principal)) continue;
        const { grants } = await permissions.judge(principal, permission);
        const known = used.get(principal.role) ?? new Set<string>();
        for (const grant of grants) known.add(grant);
        used.set(principal.role, known);
    }
    return used;
}

/** Every `Sid action resource` that statements grant and nobody needed. */
export function unusedGrants(statements: readonly Statement[], used: ReadonlySet<string>): string[] {
    return statements
        .filter(({ Effect }) => Effect === "Allow")
        .flatMap(({ Sid = "", Action, Resource }) =>
            list(Action).flatMap((action) =>
                list(Resource).map((resource) => `${Sid} ${action} ${resource}`),
            ),
        )
        .filter((grant) => !used.has(grant));
}
