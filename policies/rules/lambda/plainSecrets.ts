/** LAM-05: no secret in the environment of a function, and the environment is encrypted with a key of the customer. */
import { functionType } from "../../gate/resourceTypes";
import type { PackConfiguration } from "../../harness/configuration";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { plainSecretReason } from "../../harness/plainSecret";
import { filled, unknown, type PropertyReader, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { exampleArn, workerExample } from "./function";

const keyArn = exampleArn("kms", "key/1111");
const withVariables = (variables: unknown, kmsKeyArn: unknown = keyArn) => [
    workerExample({ environment: { variables }, ...(kmsKeyArn === null ? {} : { kmsKeyArn }) }),
];

/** Names that point to a secret: an identifier, or one of several pieces of a reference. */
const pointer = /(?:_|^)(?:ID|IDS|REF|REFERENCE|VERSION|STAGE|REGION|PREFIX|PROVIDER|HEADER|KEY_ALIAS)$/i;
/** Names of which the value can only be the secret itself, even while it is not known. */
const certainName = /PASSWORD|PASSWD|PASSPHRASE|API_?KEY|PRIVATE_?KEY/i;

export const plainSecrets: ResourceRule = {
    level: "resource",
    metadata: {
        id: "LAM-05",
        family: "lambda",
        title: "No secret in the environment of a function, which is encrypted",
        rationale:
            "Everybody who may read a function's configuration reads its variables, and old versions keep them.",
        severity: "critical",
        remediation:
            "Give the function the ARN or name of the secret and let it read the secret with its role. Harmless names that look like secrets go into the setting `plainVariableNames`. Set `kmsKeyArn` where there are variables.",
        references: ["checkov CKV_AWS_45", "checkov CKV_AWS_173", "OWASP CICD-SEC-6"],
    },
    types: [functionType],
    evaluate: (resource, configuration) => {
        const environment = resource.object("environment");
        const variables = environment.kind === "known" ? environment.value.object("variables") : environment;
        if (variables.kind === "absent") return [pass];
        if (variables.kind === "unknown")
            return [inconclusive(variables, "what the function is told is not known yet")];
        if (variables.kind === "malformed")
            return [
                violation(
                    `The variables of ${resource.name} cannot be read: ${variables.property} ${variables.why}.`,
                    "Give environment: { variables: { NAME: text } }.",
                ),
            ];
        const names = variables.value.keys();
        if (names.length === 0) return [pass];
        const outcomes = [
            ...names.flatMap((name) => judgeVariable(resource, variables.value, name, configuration)),
            ...judgeKey(resource),
        ];
        return outcomes.length > 0 ? outcomes : [pass];
    },
    examples: [
        badExample("a password by name", withVariables({ ANCHORE_PASSWORD: "correct horse" }), "worker"),
        badExample("a key by its form", withVariables({ SETTING: "AKIAIOSFODNN7EXAMPLE" }), "worker"),
        badExample("no key of the customer", withVariables({ TABLE: "requests" }, null), "worker"),
        badExample("a computed password", withVariables({ DB_PASSWORD: unknown }), "worker"),
        goodExample(
            "the secret by reference",
            withVariables({
                TABLE: "requests",
                ANCHORE_PASSWORD_SECRET_ARN: exampleArn("secretsmanager", "secret:anchore"),
                DB_SECRET: exampleArn("secretsmanager", "secret:database"),
                DB_SECRET_ID: unknown,
            }),
        ),
        goodExample("a key whose ARN is not known yet is set", withVariables({ TABLE: unknown }, unknown)),
        absentExample("no variables", [workerExample({ environment: {} })]),
        absentExample("no environment", [workerExample()]),
        openExample("variables not known yet", withVariables(unknown), "worker"),
        {
            title: "a token that may be the name of one does not hide the password after it",
            shows: "unknown",
            resources: withVariables({ BOT_TOKEN: unknown, DB_PASSWORD: "correct horse" }),
            expect: [
                { resource: "worker", kind: "inconclusive" },
                { resource: "worker", kind: "violation" },
            ],
        },
    ],
};

function judgeVariable(
    resource: ResourceReader,
    variables: PropertyReader,
    name: string,
    configuration: PackConfiguration,
): Outcome[] {
    const value = variables.string(name);
    const text = value.kind === "known" ? value.value : undefined;
    if (text?.startsWith("arn:")) return [];
    const reason = plainSecretReason(name, text, configuration);
    if (reason === undefined) return [];
    const byName = text === undefined || plainSecretReason("x", text, configuration) === undefined;
    if (byName && pointer.test(name)) return [];
    if (value.kind === "unknown" && !certainName.test(name))
        return [inconclusive(value, "whether this is a secret or only its name is not known yet")];
    return [
        violation(
            `${resource.name} gets ${name} as plain text (${value.property}): ${reason}.`,
            `Pass the ARN of a secret (${name}_SECRET_ARN) and let the function read it with its role.`,
            { findingId: name },
        ),
    ];
}

/** A key ARN is an output: not known yet is enough to see that a key is set. */
function judgeKey(resource: ResourceReader): Outcome[] {
    const key = filled(resource.string("kmsKeyArn"));
    if (key.kind === "known" || key.kind === "unknown") return [];
    const read = key.kind === "malformed" ? key.why : "is not set";
    return [
        violation(
            `The variables of ${resource.name} are encrypted with a key of AWS (kmsKeyArn ${read}), so whoever may read the configuration reads them.`,
            "Set kmsKeyArn: key.arn.",
            { findingId: "kmsKeyArn", severity: "medium" },
        ),
    ];
}
