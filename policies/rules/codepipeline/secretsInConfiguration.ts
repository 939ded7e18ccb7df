/** PIPE-15: no secret in the definition of the pipeline. */
import type { PackConfiguration } from "../../harness/configuration";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { plainSecretReason } from "../../harness/plainSecret";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import {
    buildAction,
    completeStages,
    pipelineExample,
    stageExample,
    actionExample,
} from "../../pipeline/exampleResources";
import { actionLabel, pipelineType, type PipelineAction } from "../../pipeline/pipelineModel";
import { actionVariables, referenceTypes, type EnvironmentVariable } from "../../pipeline/project";
import { onPipeline } from "./pipelineOutcome";

const fix =
    "Store the value in Secrets Manager or as a SecureString parameter and refer to it with type SECRETS_MANAGER or PARAMETER_STORE.";
/** Keys of source actions that hold a credential. */
const secretKeys = new Set(["OAuthToken", "Password", "Secret", "WebhookSecret"]);

const variables = (list: unknown) =>
    pipelineExample([
        stageExample(
            "Build",
            buildAction("Build", "build", {
                configuration: {
                    ProjectName: "build",
                    EnvironmentVariables: typeof list === "string" ? list : JSON.stringify(list),
                },
            }),
        ),
    ]);

export const secretsInConfiguration: ResourceRule = {
    level: "resource",
    metadata: {
        id: "PIPE-15",
        family: "codepipeline",
        title: "No secrets in action configurations",
        rationale:
            "Everybody who may read the pipeline reads its configuration, and so does everybody who may read the stack's state.",
        severity: "critical",
        remediation:
            "Use variables of type SECRETS_MANAGER or PARAMETER_STORE; use a connection instead of an OAuth token.",
        references: ["FSBP CodeBuild.2", "OWASP CICD-SEC-6", "NIST SP 800-190 4.1.4"],
        publicEquivalent: true,
    },
    types: [pipelineType],
    evaluate: (pipeline, configuration) =>
        onPipeline(pipeline, (model) => {
            const outcomes = model.actions.flatMap((action) => [
                ...keys(action, configuration),
                ...environment(action, configuration),
            ]);
            return outcomes.length > 0 ? outcomes : [pass];
        }),
    examples: [
        {
            title: "a token in plain text",
            shows: "bad",
            resources: [variables([{ name: "API_TOKEN", value: "value", type: "PLAINTEXT" }])],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "an access key under a harmless name",
            shows: "bad",
            resources: [variables([{ name: "USER", value: "AKIAABCDEFGHIJKLMNOP" }])],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "an OAuth token of a source",
            shows: "bad",
            resources: [
                pipelineExample([
                    stageExample(
                        "Source",
                        actionExample("Source", "Source", "GitHub", { OAuthToken: "value" }),
                    ),
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "a reference to a secret",
            shows: "good",
            resources: [variables([{ name: "API_TOKEN", value: "api:token", type: "SECRETS_MANAGER" }])],
            expect: [],
        },
        {
            title: "a digest of an earlier action",
            shows: "good",
            resources: [variables([{ name: "IMAGE_DIGEST", value: "#{Build.IMAGE_DIGEST}" }])],
            expect: [],
        },
        { title: "no variables", shows: "absent", resources: [pipelineExample(completeStages)], expect: [] },
        {
            title: "variables that are not known yet",
            shows: "unknown",
            resources: [variables(unknown)],
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};

function keys(action: PipelineAction, configuration: PackConfiguration): Outcome[] {
    return action.configuration.keys().flatMap((key): Outcome[] => {
        if (key === "EnvironmentVariables") return [];
        const value = action.configuration.get(key);
        const literal = value.kind === "known" && typeof value.value === "string" ? value.value : "";
        const secret = secretKeys.has(key)
            ? value.kind !== "absent"
            : plainSecretReason("", literal, configuration);
        if (!secret) return [];
        return [
            violation(`${value.property} of ${actionLabel(action)} holds a secret.`, fix, {
                findingId: `${actionLabel(action)}|${key}`,
            }),
        ];
    });
}

function environment(action: PipelineAction, configuration: PackConfiguration): Outcome[] {
    const list = actionVariables(action.configuration);
    if (!Array.isArray(list))
        return [
            inconclusive(
                { property: list.unknown },
                `the variables of ${actionLabel(action)} cannot be read`,
            ),
        ];
    return list.flatMap((variable) => judged(variable, action, configuration));
}

function judged(
    variable: EnvironmentVariable,
    action: PipelineAction,
    configuration: PackConfiguration,
): Outcome[] {
    const { name, value, type, property } = variable;
    if (type !== null && referenceTypes.has(type)) return [];
    const reason = plainSecretReason(name, value ?? undefined, configuration);
    if (reason === undefined) return [];
    return [
        violation(
            `Variable ${name} of ${actionLabel(action)} is plain text (${property}) and ${reason}.`,
            fix,
            {
                findingId: `${actionLabel(action)}|${name}`,
            },
        ),
    ];
}
