/** DDB-05: nobody outside reads or writes a table. */
import { unknown } from "../../harness/reader";
import type { ExampleResource, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { publicPolicyOutcomes } from "../../iam/publicStatements";

const resourcePolicyType = "aws:dynamodb/resourcePolicy:ResourcePolicy";
const tableArn = "arn:aws:dynamodb:us-east-1:123456789012:table/orders";

const policy = (statement: unknown): ExampleResource => ({
    type: resourcePolicyType,
    name: "policy",
    props: {
        resourceArn: tableArn,
        policy:
            typeof statement === "object" && statement !== null
                ? JSON.stringify({ Version: "2012-10-17", Statement: [statement] })
                : statement,
    },
});
const allow = (Principal: unknown, Condition?: object): object => ({
    Effect: "Allow",
    Principal,
    Action: "dynamodb:GetItem",
    Resource: tableArn,
    Condition,
});

export const publicAccess: ResourceRule = {
    level: "resource",
    metadata: {
        id: "DDB-05",
        family: "dynamodb",
        title: "No policy of a table admits everybody",
        rationale:
            "A table's resource policy counts beside IAM: with a star as principal, every AWS account reads or writes its items.",
        severity: "high",
        remediation:
            "Name roles in `Principal`, or bound the statement by `aws:PrincipalOrgID` in a `StringEquals` condition.",
        references: ["OWASP CICD-SEC-2"],
    },
    types: [resourcePolicyType],
    evaluate: (resource) =>
        publicPolicyOutcomes(resource, ["policy"], {
            consequence: "any AWS account can use the table",
            fix: 'Name roles in Principal, or add Condition { StringEquals: { "aws:PrincipalOrgID": … } }.',
            absent: "refused",
        }),
    examples: [
        badExample("everybody reads", [policy(allow("*"))], "policy"),
        badExample("everybody, as an object", [policy(allow({ AWS: "*" }))], "policy"),
        goodExample("a role", [policy(allow({ AWS: "arn:aws:iam::123456789012:role/orders" }))]),
        goodExample("everybody of the organization", [
            policy(allow("*", { StringEquals: { "aws:PrincipalOrgID": "o-example" } })),
        ]),
        absentExample("no document", [policy(null)], "policy"),
        openExample("not known yet", [policy(unknown)], "policy"),
    ],
};
