/** CB-01 over the stack: what a pipeline uses a privileged project for. */
import { about, notApplicable, inconclusive, pass, violation } from "../../harness/outcome";
import { is, unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { isApproval, isBefore } from "../../pipeline/classify";
import {
    buildBuildspec,
    completeStages,
    pipelineExample,
    pipelineStack,
    projectExample,
    stageExample,
} from "../../pipeline/exampleResources";
import { actionLabel, pipelineType, readPipeline } from "../../pipeline/pipelineModel";
import { projectType } from "../../pipeline/project";
import { projectOf } from "../../pipeline/projectOfAction";
import { privilegedMode } from "./privilegedMode";

const privileged = (name: string, role: string): ExampleResource =>
    projectExample(name, buildBuildspec, role, { environment: { privilegedMode: true } });
const stack = (name: string, role = "builder"): ExampleResource[] =>
    pipelineStack(completeStages, privileged(name, role));

export const privilegedUse: StackRule = {
    level: "stack",
    metadata: privilegedMode.metadata,
    relevantTypes: [projectType],
    evaluate: (graph, configuration) =>
        graph
            .ofType(projectType)
            .filter((project) => is(project.boolean("environment", "privilegedMode"), true))
            .flatMap((project) => {
                // What one project shows by itself is said by the other half.
                const alone = privilegedMode.evaluate(project, configuration);
                if (alone.some(({ kind }) => kind === "violation"))
                    return about(project, notApplicable("the project by itself is refused already"));
                return about(project, judged(project, graph));
            }),
    examples: [
        {
            title: "the scan step builds images too",
            shows: "bad",
            resources: stack("scan"),
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "the release builds images",
            shows: "bad",
            resources: stack("publish"),
            expect: [{ resource: "publish", kind: "violation" }],
        },
        { title: "the builder", shows: "good", resources: stack("build"), expect: [] },
        {
            title: "a builder without a pipeline",
            shows: "good",
            resources: [privileged("build", "builder")],
            expect: [],
        },
        {
            title: "nothing is privileged",
            shows: "absent",
            resources: pipelineStack(completeStages),
            expect: [],
        },
        {
            title: "the stages are not known yet",
            shows: "unknown",
            resources: [privileged("build", "builder"), pipelineExample(unknown)],
            expect: [{ resource: "build", kind: "inconclusive" }],
        },
        {
            title: "a pipeline that is not known yet does not hide the other",
            shows: "unknown",
            resources: [
                { ...pipelineExample([stageExample("Source"), unknown]), name: "first" },
                ...stack("scan"),
            ],
            expect: [{ resource: "scan", kind: "violation" }],
        },
    ],
};

function judged(project: ResourceReader, graph: StackGraph): Outcome {
    let open: Outcome = pass;
    for (const pipeline of graph.ofType(pipelineType)) {
        const model = readPipeline(pipeline);
        if (model.kind !== "known") {
            open = inconclusive(
                { property: `${pipeline.name}.stages` },
                "what the pipeline uses the privileged project for is not known yet",
            );
            continue;
        }
        const { actions } = model.value;
        for (const action of actions.filter((each) => projectOf(each, graph) === project)) {
            const released = actions.some((each) => isApproval(each) && isBefore(each, action));
            if (action.category !== "Test" && action.category !== "Deploy" && !released) continue;
            return violation(
                `environment.privilegedMode is true, and ${actionLabel(action)} of ${pipeline.name} uses the project ${released ? "after the approval" : `as a ${action.category} action`}: what it reads can take it over.`,
                "Split the project: a privileged one that builds, and another one without for this action.",
                { findingId: actionLabel(action) },
            );
        }
    }
    return open;
}
