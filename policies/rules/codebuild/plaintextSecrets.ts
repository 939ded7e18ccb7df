/** CB-02: no credential in the environment of a project. */
import type { PackConfiguration } from "../../harness/configuration";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { plainSecretReason } from "../../harness/plainSecret";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { projectExample, scanBuildspec } from "../../pipeline/exampleResources";
import {
    projectType,
    projectVariables,
    referenceTypes,
    type EnvironmentVariable,
} from "../../pipeline/project";

const withVariables = (environmentVariables: unknown) =>
    projectExample("scan", scanBuildspec, "scanner", { environment: { environmentVariables } });

export const plaintextSecrets: ResourceRule = {
    level: "resource",
    metadata: {
        id: "CB-02",
        family: "codebuild",
        title: "No plaintext credentials in project variables",
        rationale:
            "The variables of a project are shown by the console and the API to everybody who may read the project, and printed by any build that lists its environment.",
        severity: "critical",
        remediation:
            "Give the variable the type PARAMETER_STORE or SECRETS_MANAGER and its value the name of the parameter or secret.",
        references: ["FSBP CodeBuild.2", "NIST SP 800-190 4.1.4", "OWASP CICD-SEC-6"],
        publicEquivalent: true,
    },
    types: [projectType],
    evaluate: (project, configuration) => {
        const variables = projectVariables(project);
        if (!Array.isArray(variables))
            return [inconclusive({ property: variables.unknown }, "the variables are not known yet")];
        const outcomes = variables.flatMap((variable) => judged(variable, configuration));
        return outcomes.length > 0 ? outcomes : [pass];
    },
    examples: [
        {
            title: "a password in plain text",
            shows: "bad",
            resources: [withVariables([{ name: "ANCHORE_PASSWORD", value: "value", type: "PLAINTEXT" }])],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "the default type is plain text",
            shows: "bad",
            resources: [withVariables([{ name: "API_KEY", value: "value" }])],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "a private key under a harmless name",
            shows: "bad",
            resources: [withVariables([{ name: "DATA", value: "-----BEGIN RSA PRIVATE KEY-----" }])],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "a parameter",
            shows: "good",
            resources: [
                withVariables([
                    {
                        name: "ANCHORE_PASSWORD",
                        value: "/portcullis/dev/anchore/password",
                        type: "PARAMETER_STORE",
                    },
                ]),
            ],
            expect: [],
        },
        {
            title: "no variables",
            shows: "absent",
            resources: [projectExample("scan", scanBuildspec)],
            expect: [],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [withVariables(unknown)],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
        {
            title: "a secret name is enough, whatever its value will be",
            shows: "unknown",
            resources: [withVariables([{ name: "DB_PASSWORD", value: unknown }])],
            expect: [{ resource: "scan", kind: "violation" }],
        },
    ],
};

function judged(variable: EnvironmentVariable, configuration: PackConfiguration): Outcome[] {
    const { name, value, type, property } = variable;
    if (type !== null && referenceTypes.has(type)) return [];
    const reason = plainSecretReason(name, value ?? undefined, configuration);
    if (reason === undefined) return [];
    if (type === null)
        return [
            inconclusive({ property: `${property}.type` }, `whether ${name} is plain text is not known yet`),
        ];
    return [
        violation(
            `${property} (${name}) is plain text and ${reason}.`,
            `Give ${name} the type PARAMETER_STORE or SECRETS_MANAGER.`,
            { findingId: name },
        ),
    ];
}
