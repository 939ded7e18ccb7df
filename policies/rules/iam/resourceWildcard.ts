/** IAM-03: actions that can be limited to resources are. */
import { violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { matchesAction } from "../../iam/matcher";
import { resourceLevelActions } from "../../iam/resourceLevelActions";
import { allow, documentTypes, onAllowStatements, policyExample, repository } from "./documents";

export const resourceWildcard: ResourceRule = {
    level: "resource",
    metadata: {
        id: "IAM-03",
        family: "iam",
        title: "Actions name the resources that they are for",
        rationale:
            "`ecr:PutImage` on `*` is the right to push to production, whatever the role was made for.",
        severity: "high",
        remediation:
            "Replace `*` by ARNs. Actions without resources, such as `ecr:GetAuthorizationToken`, go into a statement of their own.",
        references: ["Checkov CKV_AWS_355", "Trivy AWS-0345", "cdk-nag AwsSolutions-IAM5"],
        publicEquivalent: true,
    },
    types: documentTypes,
    evaluate: (resource) =>
        onAllowStatements(resource, (statement, where): Outcome[] => {
            const { actions, resources } = statement;
            const wide = resources?.not
                ? `everything but ${resources.values.join(", ")}`
                : resources?.values.find(isEveryResource);
            if (wide === undefined || actions.not) return [];
            const covered = [...resourceLevelActions].filter((action) =>
                actions.values.some((pattern) => matchesAction(pattern, action)),
            );
            if (covered.length === 0) return [];
            const shown =
                covered.slice(0, 4).join(", ") +
                (covered.length > 4 ? ` and ${covered.length - 4} more` : "");
            return [
                violation(
                    `${where} allows ${shown} on ${wide}, although they can be limited to resources.`,
                    "Give the ARNs of the resources.",
                    { findingId: where },
                ),
            ];
        }),
    examples: [
        {
            title: "push to any repository",
            shows: "bad",
            resources: [policyExample(allow("ecr:PutImage", "*"))],
            expect: [{ resource: "policy", kind: "violation" }],
        },
        {
            title: "a prefix that covers writes",
            shows: "bad",
            resources: [policyExample(allow("ECR:put*", ["*"]))],
            expect: [{ resource: "policy", kind: "violation" }],
        },
        {
            title: "an ARN of nothing but wildcards",
            shows: "bad",
            resources: [policyExample(allow("ecr:PutImage", "arn:*:ecr:*:*:*"))],
            expect: [{ resource: "policy", kind: "violation" }],
        },
        {
            title: "everything but one resource",
            shows: "bad",
            resources: [policyExample({ Effect: "Allow", Action: "ecr:PutImage", NotResource: repository })],
            expect: [{ resource: "policy", kind: "violation" }],
        },
        {
            title: "actions that know no resources",
            shows: "good",
            resources: [policyExample(allow(["ecr:GetAuthorizationToken", "logs:DescribeLogGroups"], "*"))],
            expect: [],
        },
        {
            title: "a repository",
            shows: "good",
            resources: [policyExample(allow("ecr:PutImage", repository))],
            expect: [],
        },
        {
            title: "any key with one alias",
            shows: "good",
            resources: [
                policyExample(
                    allow("kms:Decrypt", "arn:aws:kms:eu-central-1:123456789012:key/*", {
                        "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/portcullis-dev" },
                    }),
                ),
            ],
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
            resources: [{ type: "aws:iam/policy:Policy", name: "policy", props: { policy: unknown } }],
            expect: [{ resource: "policy", kind: "inconclusive" }],
        },
    ],
};

/** `*`, or an ARN whose resource part (and everything that could narrow it) is nothing but wildcards. */
function isEveryResource(pattern: string): boolean {
    if (/^[*?]+$/.test(pattern)) return true;
    const parts = pattern.split(":");
    if (parts[0] !== "arn" || parts.length < 6) return /^arn:[*:?]*\*$/.test(pattern);
    return /^[*?:/]+$/.test(parts.slice(5).join(":"));
}
