/** PIPE-01: nothing is released that was not scanned before. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import { asynchronousGate, type GateProof } from "../../pipeline/asynchronousGate";
import {
    isApproval,
    isBefore,
    mayBeScan,
    namesDigest,
    scanEvidence,
    type ScanEvidence,
} from "../../pipeline/classify";
import {
    actionExample,
    buildStep,
    deployStep,
    pipelineExample,
    scanStep,
    sourceAction,
    stageExample,
} from "../../pipeline/exampleResources";
import { actionLabel, pipelineType, type PipelineAction } from "../../pipeline/pipelineModel";
import { provenScanExamples } from "./scanBeforeRelease.examples";
import { actionVariables } from "../../pipeline/project";
import { stagesJudgedBy } from "../../pipeline/releaseStages";
import { tamperedVariable, variableDoubt } from "../../pipeline/tamperedVariable";
import { metadataReleases, onPipeline, onPipelines, perRelease, stackReleases } from "./pipelineOutcome";

const metadata: RuleMetadata = {
    id: "PIPE-01",
    family: "codepipeline",
    title: "Every release is preceded by a scan that can stop it",
    rationale:
        "A pipeline without a scan before the release, or with one that cannot fail, puts every vulnerable image into production.",
    severity: "critical",
    remediation:
        "Put a scan action before the release: a CodeBuild project whose in-line buildspec runs a scanner that fails the build, or `InspectorScan` with thresholds.",
    references: ["NIST SP 800-190 4.1.1", "OWASP CICD-SEC-1", "OWASP CICD-SEC-9", "SLSA 1.0 verification"],
    neverExempt: true,
};

const fix = "Add a scan action in a stage before this action, and let its failure stop the pipeline.";

export const scanBeforeRelease: ResourceRule = {
    level: "resource",
    metadata,
    types: [pipelineType],
    evaluate: (pipeline, configuration) =>
        onPipeline(pipeline, (model) =>
            perRelease(model, metadataReleases(configuration), (action) => {
                const before = model.actions.filter((other) => isBefore(other, action));
                if (before.some((other) => mayBeScan(other, configuration))) return pass;
                if (before.some((other) => isApproval(other) && namesDigest(other)))
                    return notApplicable(
                        "the approval names a digest: the gate may be answered by scan events, which the stack rule proves",
                    );
                return violation(
                    `${actionLabel(action)} releases and no action before it (${model.stages.map((stage) => stage.name).join(" → ")}) can be a scan.`,
                    fix,
                    { findingId: actionLabel(action) },
                );
            }),
        ),
    examples: [
        {
            title: "source, build, deploy",
            shows: "bad",
            resources: [
                pipelineExample([
                    stageExample("Source", sourceAction),
                    stageExample("Build", buildStep),
                    stageExample("Deploy", deployStep),
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "InspectorScan without thresholds only reports",
            shows: "bad",
            resources: [
                pipelineExample([
                    stageExample(
                        "Scan",
                        actionExample("Scan", "Invoke", "InspectorScan", {
                            InspectorRunMode: "ECRImageScan",
                        }),
                    ),
                    stageExample("Deploy", deployStep),
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "a test stage before the deployment",
            shows: "good",
            resources: [
                pipelineExample([
                    stageExample("Build", buildStep),
                    stageExample("Test", scanStep),
                    stageExample("Deploy", deployStep),
                ]),
            ],
            expect: [],
        },
        {
            title: "InspectorScan with thresholds",
            shows: "good",
            resources: [
                pipelineExample([
                    stageExample(
                        "Scan",
                        actionExample("Scan", "Invoke", "InspectorScan", {
                            InspectorRunMode: "ECRImageScan",
                            CriticalThreshold: "0",
                            HighThreshold: "0",
                        }),
                    ),
                    stageExample("Deploy", deployStep),
                ]),
            ],
            expect: [],
        },
        {
            title: "a deployment to staging is no release",
            shows: "good",
            resources: [
                pipelineExample([
                    stageExample("Deploy", { ...deployStep, configuration: { ServiceName: "shop-staging" } }),
                ]),
            ],
            expect: [],
        },
        { title: "no stages", shows: "absent", resources: [pipelineExample(undefined)], expect: [] },
        {
            title: "stages that are not known yet",
            shows: "unknown",
            resources: [pipelineExample(unknown)],
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
        {
            title: "an unknown category does not hide the release without a scan",
            shows: "unknown",
            resources: [
                pipelineExample([
                    stageExample("X", actionExample("X", unknown, "Lambda", {})),
                    stageExample("Deploy", deployStep),
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
    ],
};

interface Judged {
    action: PipelineAction;
    evidence: ScanEvidence;
}

export const scanProvenBeforeRelease: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [pipelineType],
    evaluate: (graph, configuration) =>
        onPipelines(graph, (model, pipeline) => {
            const judged = model.actions.map((action) => ({ action, evidence: scanEvidence(action, graph) }));
            return perRelease(model, stackReleases(graph, configuration), (action, why) => {
                const approvals = model.actions.filter(
                    (other) => isApproval(other) && isBefore(other, action),
                );
                const gate = (): GateProof[] =>
                    approvals
                        .filter(namesDigest)
                        .map((approval) => asynchronousGate(pipeline, approval, graph, configuration));
                const outcome = provenBefore(action, why, judged, gate);
                if (outcome.kind !== "pass") return outcome;
                const stages = stagesJudgedBy(action, graph);
                return (
                    recordedBefore(action, stages, judged) ??
                    (stages.length > 0 ? tamperedVerdict(action) : null) ??
                    outcome
                );
            });
        }),
    examples: provenScanExamples,
};

function provenBefore(
    action: PipelineAction,
    why: string,
    judged: Judged[],
    gate: () => GateProof[],
): Outcome {
    const before = judged.filter((other) => isBefore(other.action, action));
    if (before.some(({ evidence }) => evidence.kind === "proven")) return pass;
    const proofs = gate();
    if (proofs.some(({ kind }) => kind === "proven")) return pass;
    for (const { action: scan, evidence } of before) {
        if (evidence.kind === "unclear" || evidence.kind === "declared")
            return inconclusive(
                { property: evidence.property },
                `whether ${actionLabel(scan)} scans cannot be proven: ${evidence.why}`,
            );
    }
    for (const proof of proofs) {
        if (proof.kind === "unknown")
            return inconclusive(
                proof,
                `whether scans answer the approval before ${actionLabel(action)} is not known: ${proof.why}`,
            );
    }
    const late = judged.find(({ action: other, evidence }) => evidence.kind === "proven" && other !== action);
    if (late)
        return violation(
            `${actionLabel(action)} releases (${why}) before or beside the scan ${actionLabel(late.action)}, so the scan cannot stop it.`,
            "Move the scan to a stage before the release.",
            { findingId: actionLabel(action) },
        );
    const reasons = before
        .filter(({ action: other }) => other.provider === "CodeBuild" && other.category === "Test")
        .map(
            ({ action: other, evidence }) =>
                `${actionLabel(other)}: ${evidence.kind === "none" ? evidence.why : ""}`,
        );
    const found = reasons.length > 0 ? ` (${reasons.join("; ")})` : "";
    return violation(
        `${actionLabel(action)} releases (${why}) and no action before it is proven to be a scan that can stop it${found}.`,
        fix,
        { findingId: actionLabel(action) },
    );
}

/** A verdict of the release for whose stage nothing before it records a scan; null when there is none. */
function recordedBefore(action: PipelineAction, stages: readonly string[], judged: Judged[]): Outcome | null {
    const before = judged.filter((other) => isBefore(other.action, action));
    const proven = before.flatMap(({ evidence }) => (evidence.kind === "proven" ? [evidence] : []));
    // A scanner that is not the gate's decides by itself, whatever is recorded.
    if (proven.some(({ stages }) => stages.length === 0)) return null;
    const recorded = proven.flatMap(({ stages }) => stages);
    const missing = stages.find((stage) => !recorded.some((each) => each === stage || each.includes("$")));
    if (missing === undefined) return null;
    for (const { action: scan, evidence } of before) {
        if (evidence.kind === "unclear" || evidence.kind === "declared")
            return inconclusive(
                { property: evidence.property },
                `whether ${actionLabel(scan)} scans for stage ${missing} cannot be proven: ${evidence.why}`,
            );
    }
    return violation(
        `${actionLabel(action)} releases on a verdict about stage ${missing}, and no action before it is proven to scan for that stage.`,
        `Add the action that runs gate scan --stage ${missing}; without it the release can never pass.`,
        { findingId: `${actionLabel(action)}|${missing}` },
    );
}

/** Variables by which the pipeline changes what the verdict of the release is; BS-06 reads those of the project. */
function tamperedVerdict(action: PipelineAction): Outcome | null {
    const variables = actionVariables(action.configuration);
    const label = actionLabel(action);
    if (!Array.isArray(variables))
        return inconclusive({ property: variables.unknown }, `the variables of ${label} cannot be read`);
    const tampering = tamperedVariable(variables);
    if (tampering)
        return violation(
            `${label} releases on a verdict that need not be what runs: ${tampering.reason}.`,
            "Remove the variable from the action.",
            { findingId: `${label}|variables` },
        );
    const doubt = variableDoubt(variables);
    if (!doubt) return null;
    const property = variables.find(({ name }) => name === doubt.text)?.property ?? "stages";
    return inconclusive({ property }, `${label}: ${doubt.reason}, and its value is not known`);
}
