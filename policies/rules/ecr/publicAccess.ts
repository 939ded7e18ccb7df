/** ECR-05: nobody outside reads or writes images. */
import { unknown } from "../../harness/reader";
import type { ExampleResource, ResourceRule } from "../../harness/rule";
import { publicPolicyOutcomes } from "../../iam/publicStatements";
import { registryPolicyType, repositoryPolicyType } from "./repository";

const statement = (more: object) => ({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "ecr:BatchGetImage", Principal: "*", ...more }],
});
const repositoryPolicy = (policy: unknown): ExampleResource => ({
    type: repositoryPolicyType,
    name: "policy",
    props: { repository: "app", policy: typeof policy === "object" ? JSON.stringify(policy) : policy },
});
const bad = [{ resource: "policy", kind: "violation" as const }];
const open = [{ resource: "policy", kind: "inconclusive" as const }];

export const publicAccess: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECR-05",
        family: "ecr",
        title: "No repository or registry policy admits everybody",
        rationale:
            "A policy for everybody gives images away, or lets any AWS account put its own in their place.",
        severity: "critical",
        remediation:
            "Name accounts or roles in `Principal`, or bound the statement by `aws:PrincipalOrgID` in a `StringEquals` " +
            "condition.",
        references: [
            "NIST SP 800-190 4.2.3",
            "checkov CKV_AWS_32",
            "trivy AWS-0032",
            "cdk-nag AwsSolutions-ECR1",
            "CIS AWS 7.0.0 2.21",
        ],
        publicEquivalent: true,
    },
    types: [repositoryPolicyType, registryPolicyType],
    evaluate: (policy) =>
        publicPolicyOutcomes(policy, ["policy"], {
            consequence: "images can be had, or put in the place of others, by any AWS account",
            fix: 'Name accounts or roles in Principal, or add Condition { StringEquals: { "aws:PrincipalOrgID": … } }.',
            absent: "refused",
        }),
    examples: [
        {
            title: "principal as text",
            shows: "bad",
            resources: [repositoryPolicy(statement({}))],
            expect: bad,
        },
        {
            title: "principal as object, and list",
            shows: "bad",
            resources: [
                repositoryPolicy(statement({ Principal: { AWS: ["arn:aws:iam::123456789012:root", "*"] } })),
            ],
            expect: bad,
        },
        {
            title: "any account's root",
            shows: "bad",
            resources: [repositoryPolicy(statement({ Principal: { AWS: "arn:aws:iam::*:root" } }))],
            expect: bad,
        },
        {
            title: "everybody but one",
            shows: "bad",
            resources: [
                repositoryPolicy({
                    Statement: {
                        Effect: "Allow",
                        Action: "ecr:*",
                        NotPrincipal: { AWS: "arn:aws:iam::123456789012:root" },
                    },
                }),
            ],
            expect: bad,
        },
        {
            title: "a condition that holds when its key is missing",
            shows: "bad",
            resources: [
                repositoryPolicy(
                    statement({ Condition: { StringEqualsIfExists: { "aws:PrincipalOrgID": "o-example" } } }),
                ),
            ],
            expect: bad,
        },
        {
            title: "an account",
            shows: "good",
            resources: [
                repositoryPolicy(statement({ Principal: { AWS: "arn:aws:iam::123456789012:root" } })),
            ],
            expect: [],
        },
        {
            title: "everybody of the organization",
            shows: "good",
            resources: [
                repositoryPolicy(
                    statement({ Condition: { StringEquals: { "aws:PrincipalOrgID": "o-example" } } }),
                ),
            ],
            expect: [],
        },
        {
            title: "denying everybody something",
            shows: "good",
            resources: [
                {
                    ...repositoryPolicy(statement({ Effect: "Deny", Action: "ecr:DeleteRepository" })),
                    type: registryPolicyType,
                },
            ],
            expect: [],
        },
        { title: "no document", shows: "absent", resources: [repositoryPolicy(null)], expect: bad },
        {
            title: "a principal that is not known yet does not hide the next statement",
            shows: "unknown",
            resources: [
                repositoryPolicy({
                    Statement: [
                        { Effect: "Allow", Action: "ecr:BatchGetImage", Principal: unknown },
                        { Effect: "Allow", Action: "ecr:BatchGetImage", Principal: { AWS: [unknown] } },
                        { Effect: "Allow", Action: "ecr:BatchGetImage", Principal: { AWS: unknown } },
                        { Effect: "Allow", Action: "ecr:BatchGetImage", Principal: "*" },
                    ],
                }),
            ],
            expect: [...open, ...open, ...open, ...bad],
        },
        {
            title: "a condition that is not known yet",
            shows: "unknown",
            resources: [
                repositoryPolicy(statement({ Condition: unknown })),
                {
                    ...repositoryPolicy(
                        statement({ Condition: { StringEquals: { "aws:PrincipalOrgID": unknown } } }),
                    ),
                    name: "second",
                },
            ],
            expect: [...open, { resource: "second", kind: "inconclusive" }],
        },
        {
            title: "a condition that names an organization, or any",
            shows: "bad",
            resources: [
                repositoryPolicy(
                    statement({ Condition: { StringLike: { "aws:PrincipalOrgID": ["o-example", "*"] } } }),
                ),
            ],
            expect: bad,
        },
        {
            title: "a condition that any organization fulfils",
            shows: "bad",
            resources: [
                repositoryPolicy(statement({ Condition: { StringLike: { "aws:PrincipalOrgID": "*" } } })),
            ],
            expect: bad,
        },
        {
            title: "document not known yet",
            shows: "unknown",
            resources: [repositoryPolicy(unknown)],
            expect: [{ resource: "policy", kind: "inconclusive" }],
        },
    ],
};
