/** IAM-04: roles are handed over one by one, to one service. */
import { violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { conditionValues } from "../../iam/document";
import { actionPattern } from "../../iam/effectivePermissions";
import { allow, documentTypes, onAllowStatements, policyExample } from "./documents";

const role = "arn:aws:iam::123456789012:role/portcullis-dev-demo-publish";
const toService = (service: string) => ({ StringEquals: { "iam:PassedToService": service } });

export const passRole: ResourceRule = {
    level: "resource",
    metadata: {
        id: "IAM-04",
        family: "iam",
        title: "iam:PassRole names roles and the service that gets them",
        rationale:
            "Who may pass any role to a service that runs code has the rights of the most powerful role of the account.",
        severity: "critical",
        remediation: "Give the role ARNs as resources and a condition on `iam:PassedToService`.",
        references: ["Trivy AWS-0342", "Checkov CKV_AWS_286"],
        publicEquivalent: true,
    },
    types: documentTypes,
    evaluate: (resource) =>
        onAllowStatements(resource, (statement, where): Outcome[] => {
            if (actionPattern(statement, "iam:PassRole") === null) return [];
            const fix = "Name the role ARNs in Resource and add StringEquals iam:PassedToService.";
            const { resources } = statement;
            const wide =
                !resources || resources.not
                    ? "everything but listed roles"
                    : resources.values.find((value) => /[*?]/.test(value));
            if (wide !== undefined)
                return [violation(`${where} allows iam:PassRole on ${wide}.`, fix, { findingId: where })];
            const services = conditionValues(statement.conditions, "iam:PassedToService");
            if (services === null || services.length === 0)
                return [
                    violation(`${where} allows iam:PassRole to any service (no iam:PassedToService).`, fix, {
                        findingId: where,
                    }),
                ];
            const open = services.find((service) => /[*?]/.test(service));
            return open === undefined
                ? []
                : [violation(`${where} allows iam:PassRole to ${open}.`, fix, { findingId: where })];
        }),
    examples: [
        {
            title: "any role",
            shows: "bad",
            resources: [policyExample(allow("iam:PassRole", "*"))],
            expect: [{ resource: "policy", kind: "violation" }],
        },
        {
            title: "roles by prefix",
            shows: "bad",
            resources: [
                policyExample(allow("iam:PassRole", `${role}*`, toService("codebuild.amazonaws.com"))),
            ],
            expect: [{ resource: "policy", kind: "violation" }],
        },
        {
            title: "a wildcard action that includes it",
            shows: "bad",
            resources: [policyExample(allow("iam:Pass*", role))],
            expect: [{ resource: "policy", kind: "violation" }],
        },
        {
            title: "everything but something else",
            shows: "bad",
            resources: [policyExample({ Effect: "Allow", NotAction: "ecr:*", Resource: role })],
            expect: [{ resource: "policy", kind: "violation" }],
        },
        {
            title: "the condition only applies if the key is there",
            shows: "bad",
            resources: [
                policyExample(
                    allow("iam:PassRole", role, {
                        StringEqualsIfExists: { "iam:PassedToService": "codebuild.amazonaws.com" },
                    }),
                ),
            ],
            expect: [{ resource: "policy", kind: "violation" }],
        },
        {
            title: "one role to one service",
            shows: "good",
            resources: [policyExample(allow("iam:PassRole", role, toService("codebuild.amazonaws.com")))],
            expect: [],
        },
        {
            title: "no PassRole",
            shows: "good",
            resources: [policyExample(allow("iam:GetRole", "*"))],
            expect: [],
        },
        {
            title: "no condition",
            shows: "absent",
            resources: [policyExample(allow("iam:PassRole", role))],
            expect: [{ resource: "policy", kind: "violation" }],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [{ type: "aws:iam/policy:Policy", name: "policy", props: { policy: unknown } }],
            expect: [{ resource: "policy", kind: "inconclusive" }],
        },
    ],
};
