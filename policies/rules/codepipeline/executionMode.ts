/** PIPE-09: one execution at a time waits at the gate. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { is, unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { isApproval } from "../../pipeline/classify";
import { completeStages, pipelineExample, scanStep, stageExample } from "../../pipeline/exampleResources";
import { pipelineType, readPipeline } from "../../pipeline/pipelineModel";
import { onPipeline } from "./pipelineOutcome";

export const executionMode: ResourceRule = {
    level: "resource",
    metadata: {
        id: "PIPE-09",
        family: "codepipeline",
        title: "Executions queue at the gate",
        rationale:
            "In mode PARALLEL the pipeline's state holds no approval token, and a gate that answers by pipeline name can answer for another execution; in mode SUPERSEDED a newer execution can take the place of one that waits.",
        severity: "high",
        remediation: "Set `executionMode` to `QUEUED` (pipeline type V2).",
        references: ["AWS CodePipeline API: PutApprovalResult, GetPipelineState"],
    },
    types: [pipelineType],
    evaluate: (pipeline) =>
        onPipeline(pipeline, (model) => {
            if (!model.actions.some(isApproval)) return [notApplicable("there is no approval")];
            const mode = pipeline.string("executionMode");
            const fix = 'Set executionMode to "QUEUED" and pipelineType to "V2".';
            if (mode.kind === "unknown") return [inconclusive(mode, "the execution mode is not known yet")];
            const value = mode.kind === "known" ? mode.value : "SUPERSEDED";
            if (value === "QUEUED") return [pass];
            if (value === "SUPERSEDED")
                return [
                    violation(
                        `executionMode is SUPERSEDED${mode.kind === "known" ? "" : " (the default)"}: a newer execution takes the place of one that waits for its approval.`,
                        fix,
                        { severity: "low" },
                    ),
                ];
            return [
                violation(
                    `executionMode is ${value}: several executions wait for the same approval at once, and none of them can be answered for certain.`,
                    fix,
                ),
            ];
        }),
    remediation: {
        when: "always",
        changes: (pipeline) => {
            const mode = pipeline.string("executionMode");
            const model = readPipeline(pipeline);
            const approves = model.kind === "known" && model.value.actions.some(isApproval);
            // Only type V2 can queue; which type it is, a person or PIPE-17 decides.
            if (!approves || !is(pipeline.string("pipelineType"), "V2")) return [];
            return mode.kind === "absent" || is(mode, "PARALLEL") || is(mode, "SUPERSEDED")
                ? [{ path: ["executionMode"], value: "QUEUED" }]
                : [];
        },
    },
    examples: [
        {
            title: "executions in parallel",
            shows: "bad",
            resources: [pipelineExample(completeStages, { executionMode: "PARALLEL" })],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        { title: "queued", shows: "good", resources: [pipelineExample(completeStages)], expect: [] },
        {
            title: "parallel without an approval",
            shows: "good",
            resources: [pipelineExample([stageExample("Test", scanStep)], { executionMode: "PARALLEL" })],
            expect: [],
        },
        {
            title: "the default is SUPERSEDED",
            shows: "absent",
            resources: [pipelineExample(completeStages, { executionMode: undefined })],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [pipelineExample(completeStages, { executionMode: unknown })],
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};
