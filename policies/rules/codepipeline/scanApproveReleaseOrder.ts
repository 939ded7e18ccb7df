/** PIPE-03: scan, then approval, then release: whoever approves sees the verdict on this image. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import { asynchronousGate } from "../../pipeline/asynchronousGate";
import { isApproval, isBefore, mayBeScan, namesDigest, scanEvidence } from "../../pipeline/classify";
import { changed, gatePipelineExample, gateStack, gateStages, scanRuleExample } from "../../gate/exampleGate";
import {
    approvalAction,
    buildspecOf,
    completeStages,
    deployStep,
    pipelineExample,
    pipelineStack,
    projectExample,
    scanBuildspec,
    scanStep,
    stageExample,
    stagingScanStep,
} from "../../pipeline/exampleResources";
import {
    actionLabel,
    pipelineType,
    type PipelineAction,
    type PipelineModel,
} from "../../pipeline/pipelineModel";
import { stagesJudgedBy } from "../../pipeline/releaseStages";
import { metadataReleases, onPipeline, onPipelines, perRelease, stackReleases } from "./pipelineOutcome";

const metadata: RuleMetadata = {
    id: "PIPE-03",
    family: "codepipeline",
    title: "The order is scan, approval, release",
    rationale:
        "An approval that is asked before the scan has ended is given without knowing the verdict; the scan then only decorates the release.",
    severity: "high",
    remediation: "Put the scan stage before the approval stage, and the approval stage before the release.",
    references: ["OWASP CICD-SEC-1"],
};

/** `scans`: actions that are, or for certain may be taken for, scans. */
function ordered(model: PipelineModel, release: PipelineAction, scans: PipelineAction[]): Outcome {
    const approvals = model.actions.filter((other) => isApproval(other) && isBefore(other, release));
    if (approvals.length === 0) return notApplicable("there is no approval before the release (PIPE-02)");
    if (scans.length === 0) return notApplicable("there is no scan action (PIPE-01)");
    const informed = approvals.find((approval) => scans.some((scan) => isBefore(scan, approval)));
    if (informed) return pass;
    const [approval] = approvals;
    const [scan] = scans;
    return violation(
        `${approval ? actionLabel(approval) : "The approval"} is asked before the scan ${scan ? actionLabel(scan) : ""} has ended, and ${actionLabel(release)} releases on it.`,
        "Move the approval behind the scan: Scan → Approve → release.",
        { findingId: actionLabel(release) },
    );
}

export const scanApproveReleaseOrder: ResourceRule = {
    level: "resource",
    metadata,
    types: [pipelineType],
    evaluate: (pipeline, configuration) =>
        onPipeline(pipeline, (model) => {
            const scans = model.actions.filter((action) => mayBeScan(action, configuration));
            return perRelease(model, metadataReleases(configuration), (release) => {
                const abstains =
                    scans.length === 0 &&
                    model.actions.some((other) => isApproval(other) && namesDigest(other));
                return abstains
                    ? notApplicable("the stack rule proves the gate behind the approval")
                    : ordered(model, release, scans);
            });
        }),
    examples: [
        {
            title: "approval, scan, deployment",
            shows: "bad",
            resources: [
                pipelineExample([
                    stageExample("Approve", approvalAction()),
                    stageExample("Test", scanStep),
                    stageExample("Deploy", deployStep),
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "scan, approval, deployment",
            shows: "good",
            resources: [
                pipelineExample([
                    stageExample("Test", scanStep),
                    stageExample("Approve", approvalAction()),
                    stageExample("Deploy", deployStep),
                ]),
            ],
            expect: [],
        },
        {
            title: "no approval is another rule's finding",
            shows: "absent",
            resources: [pipelineExample([stageExample("Deploy", deployStep)])],
            expect: [],
        },
        {
            title: "stages that are not known yet",
            shows: "unknown",
            resources: [pipelineExample(unknown)],
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};

export const scanApproveStackReleaseOrder: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [pipelineType],
    evaluate: (graph, configuration) =>
        onPipelines(graph, (model, pipeline) => {
            const answeredByScans = (approval: PipelineAction): boolean =>
                namesDigest(approval) &&
                asynchronousGate(pipeline, approval, graph, configuration).kind === "proven";
            const judged = model.actions.map((action) => ({ action, evidence: scanEvidence(action, graph) }));
            const scans = judged.flatMap(({ action, evidence }) =>
                evidence.kind === "proven" ? [{ action, stages: evidence.stages }] : [],
            );
            const open = judged.flatMap(({ action, evidence }) =>
                evidence.kind === "unclear" || evidence.kind === "declared" ? [{ action, evidence }] : [],
            );
            return perRelease(model, stackReleases(graph, configuration), (release) => {
                const inOrder = (some: typeof scans) => ordered(model, release, some.map(({ action }) => action)); // prettier-ignore
                const order = inOrder(scans);
                const informed =
                    order.kind === "violation" &&
                    model.actions.some(
                        (each) => isApproval(each) && isBefore(each, release) && answeredByScans(each),
                    );
                const outcome = informed ? pass : order;
                // Each stage that the release asks for; one without a scan of its own is PIPE-01's matter.
                const stages = stagesJudgedBy(release, graph).map((stage) =>
                    inOrder(scans.filter((scan) => scan.stages.includes(stage))),
                );
                const late = stages.find(({ kind }) => kind === "violation");
                const complete = stages.every(({ kind }) => kind === "pass");
                if (outcome.kind === "pass" && complete) return outcome;
                const [doubt] = open.filter(
                    ({ action }) => action.category === "Test" || outcome.kind === "violation",
                );
                if (!doubt) return late ?? outcome;
                return inconclusive(
                    { property: doubt.evidence.property },
                    `whether ${actionLabel(doubt.action)} is a scan cannot be proven: ${doubt.evidence.why}`,
                );
            });
        }),
    examples: [
        {
            title: "the approval is asked before the scan",
            shows: "bad",
            resources: pipelineStack([
                ...completeStages.slice(0, 2),
                stageExample("Approve", approvalAction()),
                stageExample("Test", scanStep),
                ...completeStages.slice(4),
            ]),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "the approval is asked before the scan of the staging image",
            shows: "bad",
            resources: pipelineStack([
                ...completeStages.slice(0, 2),
                stageExample("Test", scanStep),
                stageExample("Approve", approvalAction()),
                stageExample("ScanStagingImage", stagingScanStep),
                ...completeStages.slice(4),
            ]),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "approval beside the scan",
            shows: "bad",
            resources: pipelineStack([
                ...completeStages.slice(0, 2),
                stageExample("Test", scanStep, approvalAction()),
                ...completeStages.slice(4),
            ]),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "an approval that scan events answer is informed, though a scan comes later",
            shows: "good",
            resources: gateStack(
                gatePipelineExample(gateStages.toSpliced(2, 0, stageExample("Test", scanStep))),
                projectExample("scan", scanBuildspec, "scanner"),
            ),
            expect: [],
        },
        {
            title: "the same, with a rule that is switched off",
            shows: "bad",
            resources: gateStack(
                gatePipelineExample(gateStages.toSpliced(2, 0, stageExample("Test", scanStep))),
                projectExample("scan", scanBuildspec, "scanner"),
                changed(scanRuleExample, { state: "DISABLED" }),
            ),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "the complete pipeline",
            shows: "good",
            resources: pipelineStack(completeStages),
            expect: [],
        },
        {
            title: "no scan is another rule's finding",
            shows: "absent",
            resources: pipelineStack(completeStages, projectExample("scan", buildspecOf(["echo"]))),
            expect: [],
        },
        {
            title: "a scan that cannot be proven yet",
            shows: "unknown",
            resources: pipelineStack(completeStages, projectExample("scan", unknown, "scanner")),
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};
