/** SEC-01: a secret has a key of its own, is renewed, and does not vanish at once. */
import { expectValue } from "../../harness/expectation";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, is, unknown, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { isDisposable } from "../../harness/stackName";
import { ofSecret, secretRotationType, secretType, secretWith } from "./secret";

/** Days after which a leaked secret is worthless at the latest. */
const longestRotation = 90;

const metadata: RuleMetadata = {
    id: "SEC-01",
    family: "secrets",
    title: "Secrets have a customer managed key, are rotated and can be had back",
    rationale:
        "A secret that nobody renews is good for whoever copied it years ago; one that is deleted without a window takes the service with it.",
    severity: "medium",
    remediation:
        "Set `kmsKeyId`, leave `recoveryWindowInDays` at 7 to 30, and add an aws.secretsmanager.SecretRotation of 90 days or less. Secrets that cannot be rotated by a function take an exemption with that reason.",
    references: [
        "FSBP SecretsManager.1",
        "FSBP SecretsManager.4",
        "checkov CKV_AWS_149",
        "checkov CKV_AWS_304",
        "checkov CKV2_AWS_57",
        "trivy AWS-0098",
        "cdk-nag AwsSolutions-SMG4",
    ],
};

export const keptSecret: ResourceRule = {
    level: "resource",
    metadata,
    types: [secretType],
    evaluate: (secret, configuration) => {
        const key = filled(secret.string("kmsKeyId"));
        // An ARN that is not known yet is enough to see that a key is set.
        const keyOutcome =
            key.kind === "known" || key.kind === "unknown"
                ? pass
                : violation(
                      `${key.property} is not set: whoever may read the secret needs no key of yours.`,
                      "Set kmsKeyId: key.arn.",
                      { findingId: "kmsKeyId" },
                  );
        const window = isDisposable(secret.urn, configuration)
            ? notApplicable("the settings allow this stack to be destroyed")
            : expectValue(secret.number("recoveryWindowInDays"), {
                  accepts: (days) => days > 0,
                  absent: "accepted",
                  consequence: "a secret that is deleted by mistake is gone at once",
                  fix: "Set recoveryWindowInDays to 7 or more, or leave it out (30).",
                  findingId: "recoveryWindowInDays",
              });
        return [keyOutcome, window];
    },
    examples: [
        badExample("the key that AWS manages", [secretWith({ recoveryWindowInDays: 7 })], "secret"),
        badExample("gone at once", [secretWith({ kmsKeyId: unknown, recoveryWindowInDays: 0 })], "secret"),
        goodExample("a key, and a month", [secretWith({ kmsKeyId: unknown, recoveryWindowInDays: 30 })]),
        {
            ...goodExample("a stack that may be thrown away", [
                secretWith({ kmsKeyId: "alias/secrets", recoveryWindowInDays: 0 }),
            ]),
            configuration: { disposableStacks: ["example"] },
        },
        absentExample("no key; the window is 30 days by default", [secretWith()], "secret"),
        openExample(
            "not known yet",
            [secretWith({ kmsKeyId: unknown, recoveryWindowInDays: unknown })],
            "secret",
        ),
    ],
};

function rotationOutcome(graph: StackGraph, secret: ResourceReader): Outcome {
    const { certain, possible } = graph.referrers(secret, [secretRotationType], "secretId");
    const [rotation] = certain;
    if (rotation) {
        if (is(rotation.boolean("rotationEnabled"), false))
            return violation("Rotation of the secret is switched off.", "Switch rotation on.", {
                findingId: "rotation",
            });
        // A schedule expression is an alternative to days; it is taken for what it says.
        if (rotation.get("rotationRules", "automaticallyAfterDays").kind === "absent") {
            const schedule = rotation.get("rotationRules", "scheduleExpression");
            if (schedule.kind !== "absent") return pass;
        }
        return expectValue(rotation.number("rotationRules", "automaticallyAfterDays"), {
            accepts: (days) => days > 0 && days <= longestRotation,
            consequence: `the secret is older than ${longestRotation} days before it is renewed`,
            fix: `Set rotationRules: { automaticallyAfterDays: ${longestRotation} } or less.`,
            findingId: "rotation",
        });
    }
    if (possible[0])
        return inconclusive(
            { property: `${possible[0].name}.secretId` },
            "whether this rotation belongs to the secret is not known yet",
        );
    return violation(
        "Nothing rotates the secret.",
        "Add an aws.secretsmanager.SecretRotation of 90 days or less.",
        { findingId: "rotation" },
    );
}

export const rotatedSecret: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [secretType],
    evaluate: (graph) =>
        graph.ofType(secretType).flatMap((secret) => about(secret, rotationOutcome(graph, secret))),
    examples: [
        badExample(
            "once a year",
            [
                secretWith({ kmsKeyId: unknown }),
                ofSecret(secretRotationType, "rotation", "secretId", {
                    rotationRules: { automaticallyAfterDays: 365 },
                }),
            ],
            "secret",
        ),
        goodExample("every month", [
            secretWith({ kmsKeyId: unknown }),
            ofSecret(secretRotationType, "rotation", "secretId", {
                rotationRules: { automaticallyAfterDays: 30 },
            }),
        ]),
        goodExample("by a schedule", [
            secretWith({ kmsKeyId: unknown }),
            ofSecret(secretRotationType, "rotation", "secretId", {
                rotationRules: { scheduleExpression: "rate(10 days)" },
            }),
        ]),
        absentExample("never", [secretWith({ kmsKeyId: unknown })], "secret"),
        openExample(
            "not known yet",
            [
                secretWith({ kmsKeyId: unknown }),
                ofSecret(secretRotationType, "rotation", "secretId", { rotationRules: unknown }),
            ],
            "secret",
        ),
    ],
};
