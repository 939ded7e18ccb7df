/** CB-16: the build hands on the digest that the approval is about. */
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import {
    approvalAction,
    buildBuildspec,
    buildspecOf,
    completeStages,
    pipelineStack,
    projectExample,
    publishStep,
    scanStep,
    sourceAction,
    stageExample,
    testStage,
    buildStep,
} from "../../pipeline/exampleResources";
import {
    actionLabel,
    configurationText,
    pipelineType,
    readPipeline,
    variableReferences,
    type PipelineAction,
} from "../../pipeline/pipelineModel";
import { projectBuildspec } from "../../pipeline/project";
import { projectOf } from "../../pipeline/projectOfAction";

const stack = (buildspec: unknown): ExampleResource[] =>
    pipelineStack(completeStages, projectExample("build", buildspec, "builder"));
const exporting = (...names: string[]): string =>
    buildspecOf(["make"], { env: { "exported-variables": names } });
const scanningByDigest = [
    stageExample("Source", sourceAction),
    stageExample("Build", buildStep),
    testStage({
        ...scanStep,
        configuration: {
            ProjectName: "scan",
            EnvironmentVariables: JSON.stringify([{ name: "D", value: "#{Build.DIGEST_OF_IMAGE}" }]),
        },
    }),
    stageExample("Approve", approvalAction()),
    stageExample("Publish", publishStep),
];

export const exportedDigest: StackRule = {
    level: "stack",
    metadata: {
        id: "CB-16",
        family: "codebuild",
        title: "The build exports the digest that later actions name",
        rationale:
            "A variable that the buildspec does not export does not exist for the pipeline: the approval and the scan name an empty text instead of the image, and the execution ends there, or is about nothing.",
        severity: "high",
        remediation:
            "List the variable in `env.exported-variables` of the buildspec, under the very name that `#{<namespace>.<variable>}` has.",
        references: ["SLSA 1.0", "AWS CodePipeline User Guide: working with variables"],
    },
    relevantTypes: [pipelineType],
    evaluate: (graph) => graph.ofType(pipelineType).flatMap((pipeline) => judgedPipeline(pipeline, graph)),
    examples: [
        {
            title: "nothing is exported",
            shows: "bad",
            resources: stack(buildspecOf(["make"])),
            expect: [{ resource: "build", kind: "violation" }],
        },
        {
            title: "another name is exported",
            shows: "bad",
            resources: stack(exporting("DIGEST", "IMAGE_URI")),
            expect: [{ resource: "build", kind: "violation" }],
        },
        {
            title: "a scan is told a digest that is not exported",
            shows: "bad",
            resources: pipelineStack(scanningByDigest),
            expect: [{ resource: "build", kind: "violation" }],
        },
        {
            title: "a buildspec that cannot be read exports nothing",
            shows: "bad",
            resources: stack("version: 0.2\nphases:\n\tbuild:"),
            expect: [{ resource: "build", kind: "violation" }],
        },
        {
            title: "the digest of the approval text is exported",
            shows: "good",
            resources: stack(buildBuildspec),
            expect: [],
        },
        {
            title: "no later action names a digest",
            shows: "absent",
            resources: pipelineStack([
                stageExample("Source", sourceAction),
                stageExample("Build", buildStep),
                stageExample("Approve", approvalAction({ CustomData: "please look" })),
            ]),
            expect: [],
        },
        {
            title: "the buildspec is a file of the source",
            shows: "unknown",
            resources: stack("buildspec.yml"),
            expect: [{ resource: "build", kind: "inconclusive" }],
        },
        {
            title: "the buildspec is not known yet",
            shows: "unknown",
            resources: stack(unknown),
            expect: [{ resource: "build", kind: "inconclusive" }],
        },
    ],
};

function judgedPipeline(pipeline: ResourceReader, graph: StackGraph): StackOutcome[] {
    const model = readPipeline(pipeline);
    if (model.kind !== "known") return [];
    const { actions } = model.value;
    const named = new Map<string, PipelineAction>();
    for (const action of actions)
        for (const { namespace, variable } of variableReferences(configurationText(action)))
            if (/digest/i.test(variable) && !named.has(`${namespace}.${variable}`))
                named.set(`${namespace}.${variable}`, action);
    return [...named].flatMap(([reference, reader]) => {
        const [namespace = "", variable = ""] = reference.split(".");
        // A namespace that no action has is PIPE-06's finding; other providers have variables of their own.
        const source = actions.find((action) => action.namespace === namespace);
        const project = source && projectOf(source, graph);
        if (!source || !project) return [];
        return about(project, judged(project, variable, `${actionLabel(reader)} names #{${reference}}`));
    });
}

function judged(project: ResourceReader, variable: string, what: string): Outcome {
    const buildspec = projectBuildspec(project);
    const property = `${buildspec.property} (env.exported-variables)`;
    if (buildspec.kind === "unknown")
        return inconclusive({ property }, `${what}, and whether the build exports it is not known yet`);
    if (buildspec.kind !== "inline")
        return inconclusive(
            { property },
            `${what}, and whether the build exports it cannot be read from here`,
        );
    const exported = buildspec.analysis.buildspec?.env.exportedVariables ?? [];
    if (exported.includes(variable)) return pass;
    return violation(
        `${what}, but ${property} of ${project.name} does not list ${variable}.`,
        `Add ${variable} to env.exported-variables, and set it in the commands.`,
        { findingId: variable },
    );
}
