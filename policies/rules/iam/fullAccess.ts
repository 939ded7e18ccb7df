/** IAM-01: nobody may do everything. */
import { violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { isSubset } from "../../iam/matcher";
import { allow, documentTypes, onAllowStatements, policyExample, repository } from "./documents";

export const fullAccess: ResourceRule = {
    level: "resource",
    metadata: {
        id: "IAM-01",
        family: "iam",
        title: "No statement allows everything on everything",
        rationale:
            "Allow `*` on `*` makes every other control of the account a matter of goodwill, the gate first of all.",
        severity: "critical",
        remediation: "List the actions and resources that the principal needs.",
        references: ["FSBP IAM.1", "CIS AWS 5.0.0 1.15", "Checkov CKV_AWS_62", "Checkov CKV_AWS_63"],
        publicEquivalent: true,
    },
    types: documentTypes,
    evaluate: (resource) =>
        onAllowStatements(resource, (statement, where) => {
            const { actions, resources } = statement;
            const everything =
                !actions.not &&
                actions.values.some((action) => isSubset("*", action) || isSubset("*:*", action));
            const everywhere =
                resources !== null &&
                !resources.not &&
                resources.values.some((value) => isSubset("*", value) || isSubset("arn:*", value));
            if (!everything || !everywhere) return [];
            return [
                violation(
                    `${where} allows every action on every resource.`,
                    "List the actions and resources that are needed.",
                    { findingId: where },
                ),
            ];
        }),
    examples: [
        {
            title: "everything on everything",
            shows: "bad",
            resources: [policyExample(allow("*", "*"))],
            expect: [{ resource: "policy", kind: "violation" }],
        },
        {
            title: "in other words",
            shows: "bad",
            resources: [policyExample(allow(["*:*"], ["arn:aws:s3:::x", "**"]))],
            expect: [{ resource: "policy", kind: "violation" }],
        },
        {
            title: "in a role's inline policy",
            shows: "bad",
            resources: [
                {
                    type: "aws:iam/role:Role",
                    name: "role",
                    props: {
                        inlinePolicies: [
                            { name: "a", policy: JSON.stringify({ Statement: allow("*", "*") }) },
                        ],
                    },
                },
            ],
            expect: [{ resource: "role", kind: "violation" }],
        },
        {
            title: "listed",
            shows: "good",
            resources: [policyExample(allow(["ecr:PutImage"], [repository]))],
            expect: [],
        },
        {
            title: "a guard rail denies everything else",
            shows: "good",
            resources: [policyExample({ Effect: "Deny", Action: "*", Resource: "*" })],
            expect: [],
        },
        {
            title: "a role without policies",
            shows: "absent",
            resources: [{ type: "aws:iam/role:Role", name: "role", props: {} }],
            expect: [],
        },
        {
            title: "a document that is not known yet",
            shows: "unknown",
            resources: [{ type: "aws:iam/policy:Policy", name: "policy", props: { policy: unknown } }],
            expect: [{ resource: "policy", kind: "inconclusive" }],
        },
        {
            title: "a document that cannot be read",
            shows: "unknown",
            resources: [{ type: "aws:iam/policy:Policy", name: "policy", props: { policy: "{" } }],
            expect: [{ resource: "policy", kind: "inconclusive" }],
        },
    ],
};
