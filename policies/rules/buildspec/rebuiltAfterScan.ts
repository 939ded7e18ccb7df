/** BS-10, stack half: a step after the scan that builds the image again, under whatever name. */
import type { BuildspecAnalysis } from "../../buildspec/analysis";
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { Outcome, RuleExample, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import {
    actionExample,
    buildspecOf,
    pipelineExample,
    projectExample,
    stageExample,
} from "../../pipeline/exampleResources";
import {
    actionLabel,
    configurationText,
    isBefore,
    pipelineType,
    readPipeline,
    variableReferences,
    type PipelineAction,
} from "../../pipeline/pipelineModel";
import { projectBuildspec } from "../../pipeline/project";
import { projectOf } from "../../pipeline/projectOfAction";
import { buildOnce } from "./buildOnce";

const image = "registry.example.com/team/app";
const run = (name: string, projectName: unknown = name) =>
    stageExample(
        name,
        actionExample(
            name,
            "Build",
            "CodeBuild",
            { ProjectName: projectName },
            { inputArtifacts: ["source"] },
        ),
    );
const scanning = projectExample(
    "scan",
    buildspecOf([`docker build -t ${image} .`, `grype ${image} --fail-on high`]),
);
const again = projectExample(
    "again",
    buildspecOf([`docker build -t ${image}:1 .`, `docker push ${image}:1`]),
);
const example = (
    title: string,
    shows: RuleExample["shows"],
    stages: unknown[],
    kind?: "violation" | "inconclusive",
): RuleExample => ({
    title,
    shows,
    resources: [scanning, again, pipelineExample(stages)],
    expect: kind === undefined ? [] : [{ resource: kind === "violation" ? "again" : "pipeline", kind }],
});

export const rebuiltAfterScan: StackRule = {
    level: "stack",
    metadata: buildOnce.metadata,
    relevantTypes: [pipelineType],
    evaluate: (graph) =>
        graph.ofType(pipelineType).flatMap((pipeline) => {
            const model = readPipeline(pipeline);
            if (model.kind !== "known") return [];
            const { actions } = model.value;
            const steps = actions.flatMap((action) => stepOf(action, graph));
            const outcomes = steps.flatMap((step) => about(step.project, ...judged(step, steps, actions)));
            const builds = actions.filter(({ provider }) => provider === "CodeBuild");
            // One step alone scans what it builds, or does not (BS-03).
            const open =
                builds.length > 1
                    ? builds.find(
                          ({ configuration }) => configuration.string("ProjectName").kind === "unknown",
                      )
                    : undefined;
            const doubt = open && {
                property: `${open.property}.configuration.ProjectName`,
            };
            return [
                ...outcomes,
                ...about(
                    pipeline,
                    doubt
                        ? inconclusive(doubt, "whether a step builds again what was scanned is not known yet")
                        : pass,
                ),
            ];
        }),
    examples: [
        example("what is published is built again", "bad", [run("scan"), run("again")], "violation"),
        example("built before the scan", "good", [run("again"), run("scan")]),
        example("no scan", "absent", [run("again")]),
        example(
            "which projects run is not known yet",
            "unknown",
            [run("scan", unknown), run("again", unknown)],
            "inconclusive",
        ),
        example("what is built is scanned later", "good", [
            run("scan"),
            run("again"),
            stageExample("Inspect", actionExample("Inspect", "Invoke", "InspectorScan", {})),
        ]),
    ],
};

interface Step {
    action: PipelineAction;
    project: ResourceReader;
    analysis: BuildspecAnalysis;
}

function stepOf(action: PipelineAction, graph: StackGraph): Step[] {
    const project = projectOf(action, graph);
    const buildspec = project && projectBuildspec(project);
    return project && buildspec?.kind === "inline" ? [{ action, project, analysis: buildspec.analysis }] : [];
}

const scansImage = ({ analysis }: Step): boolean =>
    analysis.scanners.some(({ subject }) => subject === "image");

function judged(step: Step, steps: readonly Step[], actions: readonly PipelineAction[]): Outcome[] {
    const { action, analysis } = step;
    const build = analysis.deliveries.find(({ kind }) => kind === "build");
    if (!build || !analysis.deliveries.some(({ kind }) => kind === "push") || scansImage(step)) return [];
    const scan = steps.find(
        (other) =>
            isBefore(other.action, action) &&
            scansImage(other) &&
            other.action.inputs.some((input) => action.inputs.includes(input)),
    );
    if (!scan) return [];
    // Pipelines that build several images scan each after it is built, or ask about its digest.
    const later = actions.filter((other) => isBefore(action, other));
    const lookedAt =
        later.some(({ provider }) => provider === "InspectorScan") ||
        steps.some((other) => isBefore(action, other.action) && scansImage(other)) ||
        later.some(
            (other) =>
                other.category === "Approval" &&
                variableReferences(configurationText(other)).some(
                    ({ namespace }) => namespace === action.namespace,
                ),
        );
    if (lookedAt) return [];
    return [
        violation(
            `${actionLabel(action)} builds and pushes an image (${build.text}) after ${actionLabel(scan.action)} scanned one: what it pushes is another image, which nobody has scanned.`,
            "Build once, before the scan, and copy the scanned image by digest here.",
            { findingId: actionLabel(action) },
        ),
    ];
}
