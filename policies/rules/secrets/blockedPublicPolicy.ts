/** SEC-03: AWS itself refuses a secret's policy that is open to the world. */
import { expectValue } from "../../harness/expectation";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { publicPolicyOutcomes } from "../../iam/publicStatements";
import { ofSecret, secretPolicyType } from "./secret";

const role = { AWS: "arn:aws:iam::123456789012:role/reader" };
const policy = (Principal: unknown, blockPublicPolicy?: unknown) => ({
    ...ofSecret(secretPolicyType, "policy", "secretArn", {
        policy: JSON.stringify({
            Statement: [
                { Effect: "Allow", Principal, Action: "secretsmanager:GetSecretValue", Resource: "*" },
            ],
        }),
        blockPublicPolicy,
    }),
    propertyDependencies: {},
});

export const blockedPublicPolicy: ResourceRule = {
    level: "resource",
    metadata: {
        id: "SEC-03",
        family: "secrets",
        title: "Policies of secrets are checked for public access, and have none",
        rationale:
            "With blockPublicPolicy AWS analyses the policy and refuses one that gives the secret to everybody, today and after every change.",
        severity: "high",
        remediation: "Set `blockPublicPolicy: true` and name roles in `Principal`.",
        references: ["AWS Secrets Manager API: PutResourcePolicy BlockPublicPolicy"],
    },
    types: [secretPolicyType],
    evaluate: (resource) => [
        expectValue(resource.boolean("blockPublicPolicy"), {
            accepts: (blocked) => blocked,
            consequence: "AWS takes a policy that gives the secret to everybody",
            fix: "Set blockPublicPolicy: true.",
            findingId: "blockPublicPolicy",
        }),
        // The document's own unknowns are not asked about: AWS checks it when it is known.
        ...publicPolicyOutcomes(resource, ["policy"], {
            consequence: "any AWS account reads the secret",
            fix: "Name roles in Principal.",
            absent: "accepted",
        }).filter(({ kind }) => kind === "violation"),
    ],
    remediation: { when: "always", changes: () => [{ path: ["blockPublicPolicy"], value: true }] },
    examples: [
        badExample("switched off", [policy(role, false)], "policy"),
        badExample("everybody", [policy("*", true)], "policy"),
        goodExample("checked", [policy(role, true)]),
        absentExample("not set", [policy(role)], "policy"),
        openExample("not known yet", [policy(role, unknown)], "policy"),
    ],
};
