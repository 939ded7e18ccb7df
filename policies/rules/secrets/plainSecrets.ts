/** SEC-02: no secret stands in the program, or where everybody reads it. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { plainSecretReason } from "../../harness/plainSecret";
import { filled, is, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { ofSecret, parameterType, secretVersionType, secretWith } from "./secret";

const metadata: RuleMetadata = {
    id: "SEC-02",
    family: "secrets",
    title: "Secrets are generated or configured, and stored where reading needs a key",
    rationale:
        "A password in the program is in every clone and every pull request; a parameter of type String is read by everybody who lists parameters.",
    severity: "critical",
    remediation:
        'Generate the value (`random.RandomPassword`) or take it from `config.requireSecret`. Give parameters that carry secrets `type: "SecureString"` and a `keyId`.',
    references: ["checkov CKV2_AWS_34", "checkov CKV_AWS_337", "OWASP CICD-SEC-6"],
};

/** Values that are tried first by everybody who tries. */
const guessed =
    /^(?:admin|administrator|anchore|changeit|change[-_ ]?me|default|dummy|example|foobar|hunter2|letmein|pass(?:word|w0rd|phrase)?|placeholder|postgres|qwerty|root|secret|super[-_]?secret|test|todo|welcome|x{3,}|\d{1,8})\d{0,4}[!.]?$/i;

function guessedOutcome(resource: ResourceReader, property: string): Outcome {
    const value = resource.string(property);
    if (value.kind === "unknown") return pass;
    if (value.kind === "malformed")
        return violation(`${property} ${value.why}.`, "Give the value as text.", { findingId: "guessed" });
    return value.kind === "known" && guessed.test(value.value)
        ? violation(
              `${property} is a value that is guessed at once.`,
              "Generate it, or take it from config.requireSecret.",
              { findingId: "guessed" },
          )
        : pass;
}

/** `/team/api-key` as the name of a variable: `team_api_key`. */
function asVariable(name: string): string {
    return name.replace(/^\//, "").replace(/[-/.]/g, "_");
}

function parameterOutcome(parameter: ResourceReader, configuration: PackConfiguration): Outcome {
    const type = parameter.string("type");
    if (type.kind === "unknown")
        return inconclusive(type, "whether the parameter is encrypted is not known yet");
    if (type.kind === "malformed")
        return violation(`type ${type.why}.`, 'Set type: "SecureString" and keyId.', { findingId: "type" });
    if (is(type, "SecureString")) {
        const key = filled(parameter.string("keyId"));
        if (key.kind === "known" || key.kind === "unknown") return guessedOutcome(parameter, "value");
        return violation(
            "keyId is not set: every role of the account that may read parameters may decrypt this one.",
            "Set keyId: key.arn.",
            // The value is encrypted: worth mending, not worth stopping for.
            { findingId: "keyId", severity: "medium" },
        );
    }
    const name = valueOf(parameter.string("name")) ?? parameter.name;
    const given = parameter.string(parameter.get("value").kind === "absent" ? "insecureValue" : "value");
    if (given.kind === "malformed")
        return violation(`${given.property} ${given.why}.`, "Give the value as text.", {
            findingId: "value",
        });
    const value = valueOf(given);
    const reason = plainSecretReason(asVariable(name), value, configuration);
    if (reason === undefined) return pass;
    return violation(
        `The parameter is of type ${valueOf(type) ?? "String"} and looks like a secret (${reason}): everybody who may list parameters reads it.`,
        'Set type: "SecureString" and keyId.',
        { findingId: "type" },
    );
}

const parameter = (props: Record<string, unknown>): ExampleResource => ({
    type: parameterType,
    name: "parameter",
    props,
});
const version = (secretString: unknown): ExampleResource =>
    ofSecret(secretVersionType, "version", "secretId", { secretString });

export const plainParameters: ResourceRule = {
    level: "resource",
    metadata,
    types: [parameterType, secretVersionType],
    evaluate: (resource, configuration) => [
        resource.type === parameterType
            ? parameterOutcome(resource, configuration)
            : guessedOutcome(resource, "secretString"),
    ],
    examples: [
        badExample(
            "a password as plain text",
            [parameter({ name: "/team/database-password", type: "String", value: "not shown" })],
            "parameter",
        ),
        badExample(
            "a key under a harmless name",
            [parameter({ name: "/team/setting", type: "String", value: "-----BEGIN PRIVATE KEY-----" })],
            "parameter",
        ),
        badExample(
            "encrypted with the key that everybody has",
            [parameter({ name: "/team/api-key", type: "SecureString", value: unknown })],
            "parameter",
        ),
        badExample("a value that is guessed at once", [secretWith(), version("changeme")], "version"),
        goodExample("encrypted with a key", [
            parameter({ name: "/team/api-key", type: "SecureString", value: unknown, keyId: unknown }),
        ]),
        goodExample("no secret", [parameter({ name: "/team/region", type: "String", value: "us-east-1" })]),
        goodExample("where a secret is, not what it is", [
            parameter({ name: "/team/token-arn", type: "String", value: unknown }),
        ]),
        goodExample("a generated value", [secretWith(), version(unknown)]),
        absentExample("type absent", [parameter({ name: "/team/api-token", value: unknown })], "parameter"),
        openExample(
            "type not known yet",
            [parameter({ name: "/team/api-token", type: unknown, value: unknown })],
            "parameter",
        ),
    ],
};

/** Only the whole stack shows whether a value is made of anything: a literal, or a value from the configuration, is not. */
export const literalSecrets: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [secretVersionType],
    evaluate: (graph) =>
        graph.ofType(secretVersionType).flatMap((version) => {
            const value = version.get("secretString");
            if (value.kind === "absent") return about(version, notApplicable("another kind of value"));
            if ((version.propertyDependencies["secretString"]?.length ?? 0) > 0) return about(version, pass);
            if (value.kind === "unknown")
                return about(version, inconclusive(value, "where the value comes from is not known yet"));
            return about(
                version,
                violation(
                    "secretString is made of no other resource: it stands in the program or in the configuration.",
                    "Generate it (random.RandomPassword); where it has to be configured, take it from config.requireSecret and exempt this finding.",
                    // From config.requireSecret it would be encrypted, which a policy cannot see.
                    { findingId: "literal", severity: "medium" },
                ),
            );
        }),
    examples: [
        badExample("a literal", [secretWith(), version("not shown")], "version"),
        goodExample("generated", [
            secretWith(),
            { type: "random:index/randomPassword:RandomPassword", name: "password", props: { length: 32 } },
            {
                ...version(unknown),
                propertyDependencies: { secretId: ["secret"], secretString: ["password"] },
            },
        ]),
        absentExample("binary", [secretWith(), version(undefined)]),
        openExample("not known yet", [secretWith(), version(unknown)], "version"),
    ],
};
