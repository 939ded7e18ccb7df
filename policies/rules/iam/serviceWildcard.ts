/** IAM-02: actions are named, not whole services. */
import { violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { allow, documentTypes, onAllowStatements, policyExample, repository } from "./documents";

export const serviceWildcard: ResourceRule = {
    level: "resource",
    metadata: {
        id: "IAM-02",
        family: "iam",
        title: "No statement allows a whole service",
        rationale:
            "`ecr:*` on a build role includes switching the scan off and deleting the evidence; tomorrow it includes actions that do not exist today.",
        severity: "high",
        remediation: "List the actions. A prefix that only reads, such as `ecr:Describe*`, is accepted.",
        references: ["FSBP IAM.21", "Checkov CKV_AWS_289", "cdk-nag AwsSolutions-IAM5"],
        publicEquivalent: true,
    },
    types: documentTypes,
    evaluate: (resource) =>
        onAllowStatements(resource, (statement, where) =>
            statement.actions.not
                ? []
                : statement.actions.values
                      .filter(isServiceWide)
                      .map((action) =>
                          violation(
                              `${where} allows ${action}, that is every action of the service.`,
                              `List the actions instead of ${action}.`,
                              { findingId: `${where}|${action}` },
                          ),
                      ),
        ),
    examples: [
        {
            title: "the whole registry service",
            shows: "bad",
            resources: [policyExample(allow("ecr:*", repository))],
            expect: [{ resource: "policy", kind: "violation" }],
        },
        {
            title: "other wildcards for the same",
            shows: "bad",
            resources: [policyExample(allow(["s3:?*", "co*:*"], repository))],
            expect: [
                { resource: "policy", kind: "violation" },
                { resource: "policy", kind: "violation" },
            ],
        },
        {
            title: "everything, without a service",
            shows: "bad",
            resources: [policyExample(allow("*", repository))],
            expect: [{ resource: "policy", kind: "violation" }],
        },
        {
            title: "an in-line policy beside one that is not known yet and one that is none",
            shows: "unknown",
            resources: [
                {
                    type: "aws:iam/role:Role",
                    name: "role",
                    props: {
                        inlinePolicies: [
                            { name: "first", policy: unknown },
                            { name: "second", policy: 7 },
                            policyExample(allow("ecr:*", repository)).props,
                        ],
                    },
                },
            ],
            expect: [
                { resource: "role", kind: "inconclusive" },
                { resource: "role", kind: "inconclusive" },
                { resource: "role", kind: "violation" },
            ],
        },
        {
            title: "in-line policies that are not known yet, and a document whose statements are not",
            shows: "unknown",
            resources: [
                { type: "aws:iam/role:Role", name: "role", props: { inlinePolicies: unknown } },
                {
                    type: "aws:iam/policy:Policy",
                    name: "policy",
                    props: { policy: { Version: "2012-10-17", Statement: unknown } },
                },
            ],
            expect: [
                { resource: "role", kind: "inconclusive" },
                { resource: "policy", kind: "inconclusive" },
            ],
        },
        {
            title: "listed",
            shows: "good",
            resources: [policyExample(allow(["ecr:PutImage", "ecr:Describe*"], repository))],
            expect: [],
        },
        {
            title: "no policy",
            shows: "absent",
            resources: [{ type: "aws:iam/role:Role", name: "role", props: {} }],
            expect: [],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [
                { type: "aws:iam/rolePolicy:RolePolicy", name: "policy", props: { policy: unknown } },
            ],
            expect: [{ resource: "policy", kind: "inconclusive" }],
        },
    ],
};

/** Nothing but wildcards behind the colon, or a wildcard before it. */
function isServiceWide(action: string): boolean {
    const colon = action.indexOf(":");
    if (colon < 0) return /[*?]/.test(action);
    return /[*?]/.test(action.slice(0, colon)) || /^[*?]+$/.test(action.slice(colon + 1));
}
