/** IAM-10: a role's policies are managed in one way. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, StackOutcome, StackRule } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { roleType } from "../../pipeline/project";

/** Property of the role that claims all policies of a kind, and the resources that attach one of that kind. */
const claims = [
    {
        property: "inlinePolicies",
        rivals: [
            ["aws:iam/rolePolicy:RolePolicy", "role"],
            ["aws:iam/rolePoliciesExclusive:RolePoliciesExclusive", "roleName"],
        ],
    },
    {
        property: "managedPolicyArns",
        rivals: [
            ["aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role"],
            ["aws:iam/policyAttachment:PolicyAttachment", "roles"],
            ["aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", "roleName"],
        ],
    },
] as const;

/** Attachments by the role that they are for; made once, so that a stack of many roles stays quick. */
function rivalsByRole(graph: StackGraph): Map<ResourceReader, { property: string; rival: ResourceReader; certain: boolean }[]> {
    const found = new Map<ResourceReader, { property: string; rival: ResourceReader; certain: boolean }[]>();
    for (const { property, rivals } of claims) {
        for (const [type, owner] of rivals) {
            for (const rival of graph.ofType(type)) {
                for (const reference of graph.references(rival, [owner], [roleType])) {
                    const roles =
                        reference.kind === "exact"
                            ? [reference.resource]
                            : reference.kind === "candidates"
                              ? reference.resources
                              : [];
                    for (const role of roles) {
                        const entries = found.get(role) ?? [];
                        entries.push({ property, rival, certain: reference.kind === "exact" });
                        found.set(role, entries);
                    }
                }
            }
        }
    }
    return found;
} // prettier-ignore

function judged(
    role: ResourceReader,
    rivals: { property: string; rival: ResourceReader; certain: boolean }[],
): StackOutcome[] {
    return claims.flatMap(({ property }) => {
        const claim = role.isInput(property) ? role.list(property) : { kind: "absent" as const };
        const of = rivals.filter((each) => each.property === property);
        const [first] = of.filter(({ certain }) => certain).concat(of);
        if (!first || claim.kind === "absent" || (claim.kind === "known" && claim.value.length === 0))
            return [];
        if (claim.kind !== "known" || !first.certain)
            return about(
                role,
                inconclusive({ property }, `whether ${first.rival.name} attaches to it as well is not known`),
            );
        return about(
            role,
            violation(
                `${property} claims all policies of ${role.name}, and ${first.rival.name} attaches another: each update takes away what the other added.`,
                `Keep one of the two: leave ${property} out, or move the policy of ${first.rival.name} into it.`,
                { findingId: property },
            ),
        );
    });
}

const managed = "arn:aws:iam::123456789012:policy/shop";
const role = (props: Record<string, unknown>): ExampleResource => ({
    type: roleType,
    name: "build",
    props: { name: "build", ...props },
});
const attachment: ExampleResource = {
    type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    name: "attachment",
    props: { role: "build", policyArn: managed },
};
const inline: ExampleResource = {
    type: "aws:iam/rolePolicy:RolePolicy",
    name: "inline",
    props: { role: "build", policy: "{}" },
};

export const managementMode: StackRule = {
    level: "stack",
    metadata: {
        id: "IAM-10",
        family: "iam",
        title: "A role's policies are managed in one way only",
        rationale:
            "inlinePolicies and managedPolicyArns claim the whole set: an attachment beside them is removed by one update and put back by the next, and which permissions hold depends on what ran last.",
        severity: "medium",
        remediation:
            "Use the role's own properties, or separate RolePolicy and RolePolicyAttachment resources, not both for one kind of policy.",
        references: ["AWSGuard iamRoleNoPolicyManagementConflicts"],
        publicEquivalent: true,
    },
    relevantTypes: [roleType],
    evaluate: (graph) => {
        const rivals = rivalsByRole(graph);
        if (rivals.size === 0) return about(null, notApplicable("nothing is attached to a role"));
        const outcomes = [...rivals].flatMap(([each, list]) => judged(each, list));
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples: [
        badExample("managed policies in both ways", [role({ managedPolicyArns: [managed] }), attachment], "build"), // prettier-ignore
        badExample("in-line policies in both ways", [role({ inlinePolicies: [{ name: "a", policy: "{}" }] }), inline], "build"), // prettier-ignore
        badExample(
            "by an attachment to several roles",
            [
                role({ managedPolicyArns: [managed] }),
                {
                    type: "aws:iam/policyAttachment:PolicyAttachment",
                    name: "several",
                    props: { roles: ["other", "build"], policyArn: managed },
                },
            ],
            "build",
        ),
        goodExample("one way for each kind", [
            role({ inlinePolicies: [{ name: "a", policy: "{}" }] }),
            attachment,
        ]),
        goodExample("what the provider found attached is no claim", [
            { ...role({}), computed: { managedPolicyArns: [managed], inlinePolicies: unknown } },
            attachment,
            inline,
        ]),
        goodExample("another role's", [
            role({ managedPolicyArns: [managed] }),
            { ...attachment, props: { role: "other", policyArn: managed } },
        ]),
        {
            title: "an empty list",
            shows: "absent",
            resources: [role({ managedPolicyArns: [] }), attachment],
            expect: [],
        },
        openExample(
            "which role is meant is not known yet",
            [
                role({ managedPolicyArns: [managed] }),
                { ...role({}), name: "second" },
                {
                    ...attachment,
                    props: { role: unknown, policyArn: managed },
                    propertyDependencies: { role: ["build", "second"] },
                },
            ],
            "build",
        ),
    ],
};
