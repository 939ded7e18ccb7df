/** PIPE-04: what must happen before something else does not run beside it. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import { isApproval, isBeside, mayBeScan, scanEvidence } from "../../pipeline/classify";
import {
    approvalAction,
    completeStages,
    deployStep,
    pipelineExample,
    pipelineStack,
    publishStep,
    scanStep,
    stageExample,
} from "../../pipeline/exampleResources";
import {
    actionLabel,
    pipelineType,
    type PipelineAction,
    type PipelineModel,
} from "../../pipeline/pipelineModel";
import {
    metadataReleases,
    onPipeline,
    onPipelines,
    stackReleases,
    type ReleaseJudge,
} from "./pipelineOutcome";

const metadata: RuleMetadata = {
    id: "PIPE-04",
    family: "codepipeline",
    title: "Scan, approval and release do not run beside each other",
    rationale:
        "Actions of one stage with the same run order start together: a release beside its approval has happened before anybody answers.",
    severity: "critical",
    remediation:
        "Put the release into a later stage, or give it a larger `runOrder` than the approval and the scan.",
    references: ["OWASP CICD-SEC-1"],
};

function besideEachOther(
    model: PipelineModel,
    judgeRelease: ReleaseJudge,
    isScan: (action: PipelineAction) => boolean,
): Outcome[] {
    const what = (action: PipelineAction): "approval" | "scan" | "release" | null => {
        if (isApproval(action)) return "approval";
        if (judgeRelease(action).kind === "yes") return "release";
        return isScan(action) ? "scan" : null;
    };
    const classified = model.actions.map((action) => ({ action, kind: what(action) }));
    const outcomes: Outcome[] = [];
    for (const [index, later] of classified.entries()) {
        if (later.kind === null) continue;
        for (const earlier of classified.slice(0, index)) {
            // Scans beside each other are fine, and so are approvals or releases of one kind.
            if (
                earlier.kind === null ||
                earlier.kind === later.kind ||
                !isBeside(earlier.action, later.action)
            )
                continue;
            outcomes.push(
                violation(
                    `${actionLabel(earlier.action)} (${earlier.kind}) and ${actionLabel(later.action)} (${later.kind}) have the same runOrder ${later.action.runOrder} in one stage, so they run in parallel.`,
                    "Move the one that has to wait to a later stage, or give it a larger runOrder.",
                    { findingId: `${actionLabel(earlier.action)}|${actionLabel(later.action)}` },
                ),
            );
        }
    }
    if (outcomes.length > 0) return outcomes;
    const [open] = model.unknowns;
    return [
        open === undefined
            ? pass
            : inconclusive({ property: open }, "what an action is, or when it runs, is not known yet"),
    ];
}

export const falseSequencing: ResourceRule = {
    level: "resource",
    metadata,
    types: [pipelineType],
    evaluate: (pipeline, configuration) =>
        onPipeline(pipeline, (model) =>
            besideEachOther(model, metadataReleases(configuration), (action) =>
                mayBeScan(action, configuration),
            ),
        ),
    examples: [
        {
            title: "approval beside the deployment",
            shows: "bad",
            resources: [
                pipelineExample([
                    stageExample("Release", approvalAction({}, { runOrder: 1 }), {
                        ...deployStep,
                        runOrder: 1,
                    }),
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "deployment after the approval in one stage",
            shows: "good",
            resources: [
                pipelineExample([
                    stageExample("Release", approvalAction({}, { runOrder: 1 }), {
                        ...deployStep,
                        runOrder: 2,
                    }),
                ]),
            ],
            expect: [],
        },
        {
            title: "two scans beside each other",
            shows: "good",
            resources: [pipelineExample([stageExample("Test", scanStep, { ...scanStep, name: "Other" })])],
            expect: [],
        },
        {
            title: "no run order means 1",
            shows: "absent",
            resources: [
                pipelineExample([stageExample("Release", approvalAction(), { ...deployStep, runOrder: 1 })]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "a run order that is not known yet",
            shows: "unknown",
            resources: [
                pipelineExample([
                    stageExample("Release", approvalAction(), {
                        ...deployStep,
                        runOrder: unknown,
                        category: "Invoke",
                        provider: "Lambda",
                    }),
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};

export const falseStackSequencing: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [pipelineType],
    evaluate: (graph, configuration) =>
        onPipelines(graph, (model) =>
            besideEachOther(
                model,
                stackReleases(graph, configuration),
                (action) => scanEvidence(action, graph).kind === "proven",
            ),
        ),
    examples: [
        {
            title: "approval beside the project that publishes",
            shows: "bad",
            resources: pipelineStack([
                ...completeStages.slice(0, 3),
                stageExample("Release", approvalAction(), publishStep),
            ]),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "the complete pipeline",
            shows: "good",
            resources: pipelineStack(completeStages),
            expect: [],
        },
        { title: "no pipeline", shows: "absent", resources: [], expect: [] },
        {
            title: "stages that are not known yet",
            shows: "unknown",
            resources: pipelineStack(unknown),
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};
