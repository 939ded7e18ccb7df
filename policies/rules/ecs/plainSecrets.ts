/** ECS-05: secrets reach containers by reference. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { plainSecretReason } from "../../harness/plainSecret";
import { unknown, valueOf } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { exampleTask, judgeContainers, taskDefinitionType } from "./containers";

const container = (name: unknown, value: unknown) => ({ name: "engine", environment: [{ name, value }] });
const bad = [{ resource: "task", kind: "violation" as const }];

export const plainSecrets: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECS-05",
        family: "ecs",
        title: "No secret in the plain environment of a container",
        rationale:
            "Plain variables are readable in the task definition, in every older revision of it and in the console, by " +
            "anybody who may describe tasks.",
        severity: "critical",
        remediation:
            "Move the variable to `secrets: [{ name, valueFrom }]` with the ARN of a Secrets Manager secret or an SSM " +
            "SecureString parameter. Harmless names that look like secrets go into the setting `plainVariableNames`.",
        references: ["FSBP ECS.8", "trivy AWS-0036", "cdk-nag AwsSolutions-ECS2", "NIST SP 800-190 4.1.4"],
    },
    types: [taskDefinitionType],
    evaluate: (resource, configuration) =>
        judgeContainers(resource, (definition, container) => {
            const environment = definition.list("environment");
            if (environment.kind === "unknown") {
                return [
                    inconclusive(environment, `the environment of container ${container} is not known yet`),
                ];
            }
            if (environment.kind === "malformed") {
                return [
                    violation(
                        `The environment of container ${container} cannot be read: ${environment.property} ${environment.why}.`,
                        "Give it as a list of { name, value }.",
                        { findingId: container },
                    ),
                ];
            }
            const outcomes = (valueOf(environment) ?? []).flatMap((variable): Outcome[] => {
                const name = variable.string("name");
                if (variable.isUnknown() || name.kind === "unknown") {
                    return [inconclusive(name, `a variable of container ${container} is not known yet`)];
                }
                const label = valueOf(name) ?? "";
                // A secret-like name with a value that is not known yet is a secret in the wrong place all the same.
                const reason = plainSecretReason(label, valueOf(variable.string("value")), configuration);
                if (reason === undefined) return [];
                return [
                    violation(
                        `Container ${container} gets ${label} as plain text (${variable.property}): ${reason}.`,
                        `Give it as secrets: [{ name: "${label}", valueFrom: <ARN of the secret or parameter> }].`,
                        { findingId: `${container}|${label}` },
                    ),
                ];
            });
            return outcomes.length > 0 ? outcomes : [pass];
        }),
    examples: [
        {
            title: "password by name",
            shows: "bad",
            resources: [exampleTask([container("ANCHORE_ADMIN_PASSWORD", "correct horse battery")])],
            expect: bad,
        },
        {
            title: "credentials inside an address",
            shows: "bad",
            resources: [exampleTask([container("DB", "postgresql://app:hunter2@db.internal/app")])],
            expect: bad,
        },
        {
            title: "an environment that is no list",
            shows: "bad",
            resources: [exampleTask([{ name: "engine", environment: { DB_PASSWORD: "x" } }])],
            expect: bad,
        },
        {
            title: "switches, places and lifetimes are no secrets",
            shows: "good",
            resources: [
                exampleTask([
                    {
                        name: "engine",
                        environment: [
                            { name: "ANCHORE_AUTH_ENABLE_HASHED_PASSWORDS", value: "true" },
                            { name: "ANCHORE_OAUTH_TOKEN_EXPIRATION", value: "3600" },
                            { name: "PGPASSFILE", value: "" },
                            { name: "DB_PASSWORD_PARAMETER", value: "/app/password" },
                        ],
                        secrets: [
                            {
                                name: "ANCHORE_ADMIN_PASSWORD",
                                valueFrom: "arn:aws:ssm:eu-west-1:123456789012:parameter/app/password",
                            },
                        ],
                    },
                ]),
            ],
            expect: [],
        },
        {
            title: "no environment",
            shows: "absent",
            resources: [exampleTask([{ name: "engine" }])],
            expect: [],
        },
        {
            title: "definitions not known yet",
            shows: "unknown",
            resources: [exampleTask(unknown)],
            expect: [{ resource: "task", kind: "inconclusive" }],
        },
        {
            title: "a computed password is still in the wrong place",
            shows: "unknown",
            resources: [exampleTask([container(unknown, "x"), container("DB_PASSWORD", unknown)])],
            expect: [{ resource: "task", kind: "inconclusive" }, ...bad],
        },
    ],
};
