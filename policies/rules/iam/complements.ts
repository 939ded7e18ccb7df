/** IAM-05: an Allow says whom and what it allows, not whom and what it leaves out. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";
import { readPolicyDocument, type Statement } from "../../iam/document";
import { roleType } from "../../pipeline/project";
import { allow, documentsOf, documentTypes, policyExample, repository } from "./documents";

function complementsOf({ actions, resources, principals }: Statement): string[] {
    return [
        ...(actions.not ? ["NotAction"] : []),
        ...(resources?.not ? ["NotResource"] : []),
        ...(principals?.not ? ["NotPrincipal"] : []),
    ];
}

const role = (assumeRolePolicy: unknown): ExampleResource => ({
    type: roleType,
    name: "role",
    props: { assumeRolePolicy },
});
const trust = (statement: object): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
const bad = [{ resource: "policy", kind: "violation" as const }];

export const complements: ResourceRule = {
    level: "resource",
    metadata: {
        id: "IAM-05",
        family: "iam",
        title: "An Allow lists what it allows, not what it leaves out",
        rationale:
            "Allow with NotAction, NotResource or NotPrincipal allows everything that nobody thought of, every service that AWS adds next year included.",
        severity: "high",
        remediation:
            "List the actions, resources and principals. To take something away, add a Deny; `Deny` with `NotAction` is a guard rail and passes.",
        references: ["NIST SP 800-53 Rev. 5 AC-6", "OWASP CICD-SEC-2"],
    },
    types: documentTypes,
    evaluate: (resource) => {
        const documents = documentsOf(resource);
        if (documents.length === 0) return [notApplicable("the resource carries no document")];
        const outcomes = documents.flatMap((reading): Outcome[] => {
            const open = (why: string): Outcome[] => [inconclusive(reading, why)];
            if (!("value" in reading)) return open("the policy document is not known");
            const document = readPolicyDocument(reading.value);
            if (document.kind === "unknown") return open("the policy document is not known yet");
            if (document.kind === "malformed") return open(`the policy document ${document.why}`);
            return document.statements
                .filter(({ effect }) => effect === "Allow")
                .flatMap((statement) =>
                    complementsOf(statement).map((field) => {
                        const where = `${reading.property}, statement ${statement.sid ?? String(statement.index)}`;
                        return violation(
                            `${where}, allows by ${field}: everything that it does not list is allowed.`,
                            `Replace ${field} by a list of what is needed, or make the statement a Deny.`,
                            { findingId: `${where}|${field}` },
                        );
                    }),
                );
        });
        return outcomes.length > 0 ? outcomes : [pass];
    },
    examples: [
        {
            title: "every action but some",
            shows: "bad",
            resources: [policyExample({ Effect: "Allow", NotAction: ["iam:*"], Resource: "*" })],
            expect: bad,
        },
        {
            title: "every resource but one",
            shows: "bad",
            resources: [policyExample({ Effect: "Allow", Action: "ecr:PutImage", NotResource: repository })],
            expect: bad,
        },
        {
            title: "everybody but one may become the role",
            shows: "bad",
            resources: [
                role(trust({ Effect: "Allow", NotPrincipal: { AWS: "arn:aws:iam::123456789012:root" }, Action: "sts:AssumeRole" })), // prettier-ignore
            ],
            expect: [{ resource: "role", kind: "violation" }],
        },
        {
            title: "in the second in-line policy of a role",
            shows: "bad",
            resources: [
                {
                    type: roleType,
                    name: "role",
                    props: {
                        inlinePolicies: [
                            { name: "a", policy: trust(allow("ecr:PutImage", repository)) },
                            { name: "b", policy: trust({ Effect: "Allow", NotAction: "iam:*", Resource: repository }) }, // prettier-ignore
                        ],
                    },
                },
            ],
            expect: [{ resource: "role", kind: "violation" }],
        },
        {
            title: "a guard rail: Deny everything but some",
            shows: "good",
            resources: [policyExample({ Effect: "Deny", NotAction: ["iam:*"], Resource: "*" })],
            expect: [],
        },
        {
            title: "listed",
            shows: "good",
            resources: [policyExample(allow("ecr:PutImage", repository))],
            expect: [],
        },
        {
            title: "a role without documents",
            shows: "absent",
            resources: [{ type: roleType, name: "role", props: {} }],
            expect: [],
        },
        {
            title: "a trust policy that is not known yet does not hide the in-line policy",
            shows: "unknown",
            resources: [
                {
                    type: roleType,
                    name: "role",
                    props: {
                        assumeRolePolicy: unknown,
                        inlinePolicies: [
                            {
                                name: "a",
                                policy: trust({ Effect: "Allow", NotAction: "iam:*", Resource: "*" }),
                            },
                        ],
                    },
                },
            ],
            expect: [
                { resource: "role", kind: "inconclusive" },
                { resource: "role", kind: "violation" },
            ],
        },
    ],
};
