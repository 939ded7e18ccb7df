/** BS-15: a build keeps its secrets to itself. */
import type { BuildspecAnalysis } from "../../buildspec/analysis";
import { declaring } from "../../buildspec/commands";
import { disclosures, secretVariables } from "../../buildspec/secretVariables";
import { violation } from "../../harness/outcome";
import { plainSecretReason } from "../../harness/plainSecret";
import type { PackConfiguration } from "../../harness/configuration";
import type { Outcome, ResourceRule } from "../../harness/rule";
import type { ResourceReader } from "../../harness/reader";
import { projectType, projectVariables } from "../../pipeline/project";
import { onCommands, wordlessLabel } from "./onBuildspec";
import { secretsKeptExamples } from "./secretsKept.examples";

export const secretsKept: ResourceRule = {
    level: "resource",
    metadata: {
        id: "BS-15",
        family: "buildspec",
        title: "Builds neither carry secrets in plain text nor give them away",
        rationale:
            "What a buildspec holds is read by everybody who may read the project, and what a command prints stays in the log for as long as that is kept. A password on a command line is seen by every process, and one in a build argument is in the image.",
        severity: "critical",
        remediation:
            "Take secrets from `env.secrets-manager` or `env.parameter-store`, print none, log in with `--password-stdin`, and give a build `--secret` instead of `--build-arg`.",
        references: ["NIST SP 800-190 4.1.4", "OWASP CICD-SEC-6"],
    },
    types: [projectType],
    evaluate: (project, configuration) =>
        onCommands(project, (analysis, property) => {
            const secrets = secretsOf(project, analysis, configuration);
            const isSecret = (name: string): boolean =>
                secrets.has(name) || plainSecretReason(name, undefined, configuration) !== undefined;
            const outcomes = [
                ...writtenOut(analysis, property, configuration),
                ...analysis.commands.flatMap((command): Outcome[] => {
                    const label = wordlessLabel(command);
                    return disclosures(command, isSecret).map(({ about, what, fix }) =>
                        violation(`${property}, ${label}: it ${what}.`, fix, {
                            findingId: `${label}|${what}`,
                            // Where the build has no secret there is nothing to give away yet.
                            ...(about === "everything" && secrets.size === 0 ? { severity: "medium" } : {}),
                        }),
                    );
                }),
            ];
            return distinct(outcomes);
        }),
    examples: secretsKeptExamples,
};

function secretsOf(
    project: ResourceReader,
    analysis: BuildspecAnalysis,
    configuration: PackConfiguration,
): ReadonlySet<string> {
    const variables = projectVariables(project);
    const declared = (Array.isArray(variables) ? variables : []).flatMap(({ name, type }) =>
        type === "SECRETS_MANAGER" ||
        (type === "PARAMETER_STORE" && plainSecretReason(name, undefined, configuration) !== undefined)
            ? [name]
            : [],
    );
    return secretVariables(
        analysis,
        declared,
        (name) => plainSecretReason(name, undefined, configuration) !== undefined,
    );
}

/** Secrets in the text of the buildspec: in its variables, and credentials of a known shape in its commands. */
function writtenOut(
    analysis: BuildspecAnalysis,
    property: string,
    configuration: PackConfiguration,
): Outcome[] {
    const variables = Object.entries(analysis.buildspec?.env.variables ?? {}).flatMap(([name, value]) => {
        const reason = plainSecretReason(name, value, configuration);
        return reason === undefined
            ? []
            : [
                  violation(
                      `${property}, env.variables.${name} is plain text and ${reason}.`,
                      `Move ${name} to env.secrets-manager or env.parameter-store.`,
                      { findingId: `env.variables.${name}` },
                  ),
              ];
    });
    const inCommands = [
        ...analysis.commands
            .filter(({ words }) => !declaring.has(words[0]?.text ?? ""))
            .flatMap((command) => command.words.map(({ text }) => ({ text, label: wordlessLabel(command) }))),
        ...analysis.assignments.map(({ name, value, phase }) => ({
            text: value.text,
            label: `${phase}: ${name}`,
        })),
    ].flatMap(({ text, label }) => {
        const reason = plainSecretReason("", text, configuration);
        return reason === undefined
            ? []
            : [
                  violation(
                      `${property}, ${label}: a text of the command is plain and ${reason}.`,
                      "Take it from env.secrets-manager or env.parameter-store, and change it: it is known now.",
                      { findingId: `${label}|text` },
                  ),
              ];
    });
    return [...variables, ...inCommands];
}

function distinct(outcomes: Outcome[]): Outcome[] {
    const byId = new Map(
        outcomes.map((outcome) => [outcome.kind === "violation" ? outcome.findingId : "", outcome]),
    );
    return [...byId.values()];
}
