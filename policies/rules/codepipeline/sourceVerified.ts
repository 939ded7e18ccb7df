/** PIPE-14, its first half: what is pushed is looked at before it is built. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import type { BuildspecAnalysis, ScannerFinding } from "../../buildspec/analysis";
import { isBefore } from "../../pipeline/classify";
import {
    buildspecOf,
    completeStages,
    pipelineStack,
    projectExample,
    actionExample,
    stageExample,
} from "../../pipeline/exampleResources";
import { actionLabel, pipelineType, type PipelineAction } from "../../pipeline/pipelineModel";
import { asRunBy, projectBuildspec, projectType } from "../../pipeline/project";
import { onPipelines } from "./pipelineOutcome";

/** What has to stand before the build, and the tools that do it. */
const checks = [
    { what: "lint of the Dockerfile", tools: ["hadolint"], command: "lint" },
    { what: "search for secrets", tools: ["gitleaks", "trufflehog"], command: "secrets" },
] as const;

function doesCheck(scanner: ScannerFinding, { tools, command }: (typeof checks)[number]): boolean {
    // In a container the tool is named by its image.
    const inContainer =
        scanner.tool === "container" && tools.some((tool) => new RegExp(`\\b${tool}\\b`).test(scanner.text));
    const is =
        inContainer ||
        scanner.gate?.command === command ||
        (tools as readonly string[]).includes(scanner.tool);
    const lost =
        scanner.swallowed || scanner.skippable || scanner.inFinally || scanner.onFailure === "CONTINUE";
    return is && scanner.failing.kind !== "no" && !lost;
}

type Commands = { kind: "known"; analysis: BuildspecAnalysis } | { kind: "unknown"; property: string } | null;

/** The commands of a CodeBuild action; null for another action or commands that are elsewhere. */
function commandsOf(action: PipelineAction, graph: StackGraph): Commands {
    if (action.provider !== "CodeBuild") return null;
    const name = action.configuration.string("ProjectName");
    if (name.kind !== "known") return { kind: "unknown", property: name.property };
    const project = graph.referenceOfValue(name.value, name.property, [projectType]);
    if (project.kind !== "exact") return null;
    const buildspec = projectBuildspec(asRunBy(action, project.resource));
    if (buildspec.kind === "inline") return { kind: "known", analysis: buildspec.analysis };
    return buildspec.kind === "unknown" ? buildspec : null;
}

const lint = projectExample("lint", buildspecOf(["gate lint --dockerfile Dockerfile --rules rules.yaml"]));
const secrets = projectExample("secrets", buildspecOf(['gate secrets --repository . --head "$COMMIT_ID" --tool gitleaks'])); // prettier-ignore
const verify = stageExample(
    "Verify",
    actionExample("Lint", "Test", "CodeBuild", { ProjectName: "lint" }),
    actionExample("Secrets", "Test", "CodeBuild", { ProjectName: "secrets" }),
);
const verified = completeStages.toSpliced(1, 0, verify);

export const sourceVerified: StackRule = {
    level: "stack",
    metadata: {
        id: "PIPE-14",
        family: "codepipeline",
        title: "The source is linted and searched for secrets before it is built",
        rationale:
            "A secret that is built into an image is in every copy of it, and a Dockerfile's faults are cheapest to find before there is an image.",
        severity: "medium",
        remediation:
            "Put a stage before the build that runs `gate lint` and `gate secrets` (or hadolint and gitleaks or trufflehog) so that their failure stops the pipeline.",
        references: ["OWASP CICD-SEC-1", "OWASP CICD-SEC-6"],
    },
    relevantTypes: [pipelineType],
    evaluate: (graph) =>
        onPipelines(graph, (model): Outcome[] => {
            const all = model.actions.map((action) => ({ action, commands: commandsOf(action, graph) }));
            const build = all.find(
                ({ commands }) =>
                    commands?.kind === "known" &&
                    commands.analysis.deliveries.some(({ kind }) => kind === "build"),
            );
            const doubt = all.flatMap(({ commands }) => (commands?.kind === "unknown" ? [commands] : []))[0];
            if (!build)
                return doubt
                    ? [inconclusive(doubt, "whether an action builds is not known yet")]
                    : [notApplicable("no action of the pipeline builds an image")];
            const before = all.filter(({ action }) => isBefore(action, build.action));
            return checks.map((check): Outcome => {
                const found = before.some(
                    ({ commands }) =>
                        commands?.kind === "known" &&
                        commands.analysis.scanners.some((scanner) => doesCheck(scanner, check)),
                );
                if (found) return pass;
                const open = before.flatMap(({ commands }) =>
                    commands?.kind === "unknown" ? [commands] : [],
                )[0];
                if (open) return inconclusive(open, `whether there is a ${check.what} before the build is not known yet`); // prettier-ignore
                return violation(
                    `${actionLabel(build.action)} builds what no ${check.what} has looked at.`,
                    `Add an action before it that runs gate ${check.command}, and let its failure stop the pipeline.`,
                    { findingId: `${actionLabel(build.action)}|${check.command}` },
                );
            });
        }),
    examples: [
        {
            title: "the tools run in containers of their own",
            shows: "good",
            resources: pipelineStack(
                verified,
                projectExample(
                    "lint",
                    buildspecOf(["docker run --rm -i hadolint/hadolint:v2.12.0 hadolint - < Dockerfile"]),
                ),
                secrets,
            ),
            expect: [],
        },
        {
            title: "nothing before the build",
            shows: "bad",
            resources: pipelineStack(completeStages),
            expect: [
                { resource: "pipeline", kind: "violation" },
                { resource: "pipeline", kind: "violation" },
            ],
        },
        {
            title: "no search for secrets",
            shows: "bad",
            resources: pipelineStack(completeStages.toSpliced(1, 0, stageExample("Lint", actionExample("Lint", "Test", "CodeBuild", { ProjectName: "lint" }))), lint), // prettier-ignore
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "after the build",
            shows: "bad",
            resources: pipelineStack(completeStages.toSpliced(2, 0, verify), lint, secrets),
            expect: [
                { resource: "pipeline", kind: "violation" },
                { resource: "pipeline", kind: "violation" },
            ],
        },
        {
            title: "its result is lost",
            shows: "bad",
            resources: pipelineStack(
                verified,
                lint,
                projectExample("secrets", buildspecOf(["gitleaks git . || true"])),
            ),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "both before the build",
            shows: "good",
            resources: pipelineStack(verified, lint, secrets),
            expect: [],
        },
        {
            title: "both by the tools themselves",
            shows: "good",
            resources: pipelineStack(
                verified,
                projectExample("lint", buildspecOf(["hadolint --config rules.yaml Dockerfile"])),
                projectExample("secrets", buildspecOf(["gitleaks git ."])),
            ),
            expect: [],
        },
        {
            title: "a pipeline that builds nothing",
            shows: "absent",
            resources: pipelineStack(completeStages.toSpliced(1, 1)),
            expect: [],
        },
        {
            title: "what runs before the build is not known yet",
            shows: "unknown",
            resources: pipelineStack(verified, lint, projectExample("secrets", unknown)),
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};
