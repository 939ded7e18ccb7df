/** PIPE-08: no condition skips the stage that judges. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, type PathSegment } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import {
    approvalAction,
    deployStep,
    pipelineExample,
    scanStep,
    stageExample,
} from "../../pipeline/exampleResources";
import { pipelineType, type PipelineStage } from "../../pipeline/pipelineModel";
import { onPipeline } from "./pipelineOutcome";

/** Places of a stage that may say SKIP. */
const places: PathSegment[][] = [
    ["beforeEntry", "condition", "result"],
    ["beforeEntry", "conditions", 0, "result"],
    ["onFailure", "result"],
    ["onFailure", "condition", "result"],
    ["onFailure", "conditions", 0, "result"],
];

/** Only a stage of nothing but sources and deployments may be skipped: skipping a release releases nothing. */
function judges(stage: PipelineStage): boolean {
    return stage.actions.some(({ category }) => category !== "Source" && category !== "Deploy");
}

export const gateCannotBeSkipped: ResourceRule = {
    level: "resource",
    metadata: {
        id: "PIPE-08",
        family: "codepipeline",
        title: "Scan and approval stages cannot be skipped",
        rationale:
            "A condition with the result SKIP lets the pipeline go on as if the scan had passed or the approval had been given.",
        severity: "critical",
        remediation: "Use the result FAIL in `beforeEntry`, and ROLLBACK or FAIL in `onFailure`.",
        references: ["OWASP CICD-SEC-1"],
        neverExempt: true,
    },
    types: [pipelineType],
    evaluate: (pipeline) =>
        onPipeline(pipeline, (model) => {
            const outcomes = model.stages.filter(judges).flatMap((stage) =>
                places.flatMap((path): Outcome[] => {
                    const result = stage.reader.string(...path);
                    if (result.kind === "unknown")
                        return [inconclusive(result, `what happens to stage ${stage.name} is not known yet`)];
                    if (result.kind !== "known" || result.value.toUpperCase() !== "SKIP") return [];
                    return [
                        violation(
                            `${result.property} of stage ${stage.name} is SKIP: its scan or approval can be left out and the pipeline goes on.`,
                            "Set the result to FAIL.",
                            { findingId: result.property },
                        ),
                    ];
                }),
            );
            if (outcomes.length > 0) return outcomes;
            return [model.stages.some(judges) ? pass : notApplicable("no stage judges anything")];
        }),
    examples: [
        {
            title: "the scan stage is skipped on a condition",
            shows: "bad",
            resources: [
                pipelineExample([
                    { ...stageExample("Test", scanStep), beforeEntry: { condition: { result: "SKIP" } } },
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "a failed approval is skipped",
            shows: "bad",
            resources: [
                pipelineExample([
                    { ...stageExample("Approve", approvalAction()), onFailure: { result: "SKIP" } },
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "a failed condition fails the stage",
            shows: "good",
            resources: [
                pipelineExample([
                    { ...stageExample("Test", scanStep), beforeEntry: { condition: { result: "FAIL" } } },
                ]),
            ],
            expect: [],
        },
        {
            title: "a deployment may be skipped",
            shows: "good",
            resources: [
                pipelineExample([
                    { ...stageExample("Deploy", deployStep), beforeEntry: { condition: { result: "SKIP" } } },
                ]),
            ],
            expect: [],
        },
        {
            title: "no conditions",
            shows: "absent",
            resources: [pipelineExample([stageExample("Test", scanStep)])],
            expect: [],
        },
        {
            title: "a condition that is not known yet",
            shows: "unknown",
            resources: [
                pipelineExample([{ ...stageExample("Test", scanStep), onFailure: { result: unknown } }]),
            ],
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};
