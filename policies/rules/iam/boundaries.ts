/** IAM-09: what CI creates or changes stays within a boundary. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, unknown } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";
import { matchesAny } from "../../harness/wildcard";
import { roleType } from "../../pipeline/project";

const boundary = "arn:aws:iam::123456789012:policy/ci-boundary";
const role = (props: Record<string, unknown>): ExampleResource => ({ type: roleType, name: "role", props });
const bad = (title: string, props: Record<string, unknown>) => ({
    title,
    shows: "bad" as const,
    resources: [role(props)],
    expect: [{ resource: "role", kind: "violation" as const }],
});

export const boundaries: ResourceRule = {
    level: "resource",
    metadata: {
        id: "IAM-09",
        family: "iam",
        title: "Roles that CI creates or changes have a permissions boundary",
        rationale:
            "Who may create roles can give them more than they have themselves. A permissions boundary is the limit that such a role cannot get past, whatever is attached to it.",
        severity: "medium",
        remediation:
            "Set `permissionsBoundary` on every role under the paths of the setting `ciRolePaths` to a policy of the setting `permissionsBoundaries`.",
        references: ["OWASP CICD-SEC-5", "OWASP CICD-SEC-2"],
    },
    types: [roleType],
    evaluate: (resource, { ciRolePaths, permissionsBoundaries }): Outcome[] => {
        const path = filled(resource.string("path"));
        const limit = filled(resource.string("permissionsBoundary"));
        const listed = limit.kind === "known" && matchesAny(permissionsBoundaries, limit.value);
        if (listed && path.kind !== "malformed") return [pass];
        if (path.kind === "malformed" || path.kind === "unknown")
            return [inconclusive(path, "whether CI creates or changes the role is not known")];
        if (path.kind === "absent" || !matchesAny(ciRolePaths, path.value))
            return [notApplicable("CI neither creates nor changes the role")];
        if (limit.kind === "unknown")
            return [inconclusive(limit, "which boundary the role has is not known yet")];
        const fix = "Set permissionsBoundary to a boundary of the setting permissionsBoundaries.";
        if (limit.kind !== "known")
            return [violation(`The role has the path ${path.value}, where CI works, and no permissionsBoundary.`, fix)]; // prettier-ignore
        return [violation(`permissionsBoundary is ${limit.value}, which is not on the list of boundaries.`, fix)]; // prettier-ignore
    },
    examples: [
        bad("a role of CI without a boundary", { path: "/ci/" }),
        bad("a role below the path", { path: "/ci/shop/", permissionsBoundary: "" }),
        {
            title: "a boundary that is not on the list",
            shows: "bad",
            resources: [
                role({ path: "/ci/", permissionsBoundary: "arn:aws:iam::aws:policy/AdministratorAccess" }),
            ],
            configuration: { permissionsBoundaries: [boundary] },
            expect: [{ resource: "role", kind: "violation" }],
        },
        bad("an administrators' policy is no boundary", {
            path: "/ci/",
            permissionsBoundary: "arn:aws:iam::aws:policy/AdministratorAccess",
        }),
        {
            title: "a role of CI within its boundary",
            shows: "good",
            resources: [role({ path: "/ci/", permissionsBoundary: boundary })],
            expect: [],
        },
        {
            title: "a role elsewhere",
            shows: "good",
            resources: [role({ path: "/service/" })],
            expect: [],
        },
        { title: "a role without a path", shows: "absent", resources: [role({})], expect: [] },
        {
            title: "a boundary or a path that is not known yet, or a path that is none",
            shows: "unknown",
            resources: [
                role({ path: "/ci/", permissionsBoundary: unknown }),
                { ...role({ path: unknown }), name: "second" },
                { ...role({ path: {}, permissionsBoundary: boundary }), name: "third" },
            ],
            expect: [
                { resource: "role", kind: "inconclusive" },
                { resource: "second", kind: "inconclusive" },
                { resource: "third", kind: "inconclusive" },
            ],
        },
    ],
};
