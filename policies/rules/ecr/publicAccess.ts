/** ECR-05: nobody outside reads or writes images. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, type PropertyReader, type Reading } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";
import { registryPolicyType, repositoryPolicyType } from "./repository";

/**
 * Condition keys that name who may come; with one of them a statement for everybody is not for everybody. Only in a
 * positive operator that fails when the key is missing, and not with a value that matches anything.
 */
const boundingKeys = new Set(
    [
        "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:SourceOrgID",
        "aws:SourceOrgPaths",
    ].map((key) => key.toLowerCase()),
);
const boundingOperator =
    /^(?:ForAnyValue:)?(?:StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike)$/i;

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
    evaluate: (resource) => {
        const document = resource.json("policy");
        if (document.kind === "unknown")
            return [inconclusive(document, "whom the policy admits is not known yet")];
        if (document.kind !== "known") {
            const why = document.kind === "malformed" ? document.why : "is not set";
            return [
                violation(
                    `The policy cannot be read: ${document.property} ${why}.`,
                    "Give a policy document as JSON.",
                ),
            ];
        }
        const statements = statementsOf(document.value);
        if (statements.kind === "unknown")
            return [inconclusive(statements, "whom the policy admits is not known yet")];
        if (statements.kind !== "known") {
            return [
                violation(
                    `The policy has no statements at ${statements.property}.`,
                    "Give a Statement list.",
                ),
            ];
        }
        const outcomes = statements.value.flatMap(judgeStatement);
        return outcomes.length > 0 ? outcomes : [pass];
    },
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

/** `Statement` may be one object instead of a list. */
function statementsOf(document: PropertyReader): Reading<PropertyReader[]> {
    const single = document.object("Statement");
    if (single.kind === "known") return { ...single, value: [single.value] };
    return document.list("Statement");
}

function judgeStatement(statement: PropertyReader): Outcome[] {
    const effect = statement.string("Effect");
    if (effect.kind === "known" && effect.value === "Deny") return [];
    const fix =
        'Name accounts or roles in Principal, or add Condition { StringEquals: { "aws:PrincipalOrgID": … } }.';
    if (statement.get("NotPrincipal").kind !== "absent") {
        return [
            violation(`${statement.property} allows everybody except NotPrincipal.`, fix, {
                findingId: statement.property,
            }),
        ];
    }
    const principals = principalTexts(statement);
    const everybody = principals.texts.find(isEverybody);
    if (everybody === undefined) {
        return principals.unknown
            ? [inconclusive(statement, "a principal of the statement is not known yet")]
            : [];
    }
    const bounded = isBounded(statement);
    if (bounded === "yes") return [];
    if (bounded === "unknown")
        return [inconclusive(statement, "the condition of a statement for everybody is not known yet")];
    return [
        violation(
            `${statement.property} allows everybody (Principal "${everybody}", no condition on account or organization).`,
            fix,
            { findingId: statement.property },
        ),
    ];
}

function principalTexts(statement: PropertyReader): { texts: string[]; unknown: boolean } {
    const whole = statement.strings("Principal");
    if (whole.kind === "known") return { texts: whole.value.values, unknown: whole.value.unknownCount > 0 };
    if (whole.kind === "unknown") return { texts: [], unknown: true };
    const found = { texts: [] as string[], unknown: false };
    // Service and Federated principals are never everybody; AWS and CanonicalUser may be.
    for (const key of ["AWS", "*"]) {
        const principals = statement.strings("Principal", key);
        if (principals.kind === "unknown") found.unknown = true;
        if (principals.kind !== "known") continue;
        found.texts.push(...principals.value.values);
        found.unknown ||= principals.value.unknownCount > 0;
    }
    return found;
}

function isEverybody(principal: string): boolean {
    return principal === "*" || /^arn:[^:]*:(?:iam|sts)::[^:]*\*[^:]*:/.test(principal);
}

function isBounded(statement: PropertyReader): "yes" | "no" | "unknown" {
    const condition = statement.object("Condition");
    if (condition.kind === "unknown") return "unknown";
    if (condition.kind !== "known") return "no";
    let open: "no" | "unknown" = "no";
    for (const operator of condition.value.keys()) {
        if (!boundingOperator.test(operator)) continue;
        const keys = condition.value.object(operator);
        if (keys.kind !== "known") continue;
        for (const key of keys.value.keys()) {
            if (!boundingKeys.has(key.toLowerCase())) continue;
            const values = keys.value.strings(key);
            if (values.kind === "unknown" || (values.kind === "known" && values.value.unknownCount > 0))
                open = "unknown";
            else if (values.kind === "known" && values.value.values.every((value) => !/^[*?]*$/.test(value)))
                return "yes";
        }
    }
    return open;
}
