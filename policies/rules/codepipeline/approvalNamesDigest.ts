/** PIPE-06: the approval says which image it is about. */
import type { StackGraph } from "../../harness/stackGraph";
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import { digestReferences, isApproval, isBefore } from "../../pipeline/classify";
import {
    approvalAction,
    buildBuildspec,
    buildspecOf,
    buildStep,
    completeStages,
    pipelineExample,
    pipelineStack,
    projectExample,
    stageExample,
} from "../../pipeline/exampleResources";
import {
    actionLabel,
    pipelineType,
    type PipelineAction,
    type PipelineModel,
} from "../../pipeline/pipelineModel";
import { projectBuildspec, projectType } from "../../pipeline/project";
import { onPipeline, onPipelines } from "./pipelineOutcome";

const metadata: RuleMetadata = {
    id: "PIPE-06",
    family: "codepipeline",
    title: "The approval names the digest of the image",
    rationale:
        "The approval message carries no image. Without a digest in it nobody can tie the answer to the scan of the image that is then released.",
    severity: "high",
    remediation:
        "Put `#{<namespace>.IMAGE_DIGEST}` into the approval's `CustomData`, from an earlier action with that namespace whose project exports the variable.",
    references: ["OWASP CICD-SEC-9", "SLSA 1.0"],
};

const fix =
    "Set CustomData to JSON that holds #{Build.IMAGE_DIGEST}, with namespace Build on the build action.";

/** Digest variables of the approval that an earlier action's namespace can fill. */
function judged(
    model: PipelineModel,
    approval: PipelineAction,
    producer: (action: PipelineAction, variable: string) => Outcome,
): Outcome {
    const data = approval.configuration.get("CustomData");
    if (data.kind === "unknown")
        return inconclusive(data, `what ${actionLabel(approval)} asks is not known yet`);
    const references = digestReferences(approval);
    if (references.length === 0) {
        const found =
            data.kind === "absent" ? "has no CustomData" : "has CustomData without a digest variable";
        return violation(
            `${actionLabel(approval)} ${found}, so the answer is about no image in particular.`,
            fix,
            { findingId: actionLabel(approval) },
        );
    }
    let doubt: Outcome | null = null;
    for (const { namespace, variable } of references) {
        const source = model.actions.find(
            (action) => action.namespace === namespace && isBefore(action, approval),
        );
        if (!source) continue;
        const outcome = producer(source, variable);
        if (outcome.kind === "pass") return pass;
        doubt = outcome;
    }
    const names = references.map(({ namespace, variable }) => `#{${namespace}.${variable}}`).join(", ");
    return (
        doubt ??
        violation(`${actionLabel(approval)} uses ${names}, but no earlier action has that namespace.`, fix, {
            findingId: actionLabel(approval),
        })
    );
}

function approvals(model: PipelineModel, judge: (approval: PipelineAction) => Outcome): Outcome[] {
    const outcomes = model.actions.filter(isApproval).map(judge);
    return outcomes.length > 0 ? outcomes : [notApplicable("there is no approval")];
}

export const approvalNamesDigest: ResourceRule = {
    level: "resource",
    metadata,
    types: [pipelineType],
    evaluate: (pipeline) =>
        onPipeline(pipeline, (model) => approvals(model, (approval) => judged(model, approval, () => pass))),
    examples: [
        {
            title: "free text",
            shows: "bad",
            resources: [
                pipelineExample([
                    stageExample("Build", buildStep),
                    stageExample("Approve", approvalAction({ CustomData: "Please approve the release" })),
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "a namespace that no earlier action has",
            shows: "bad",
            resources: [
                pipelineExample([
                    stageExample("Approve", approvalAction()),
                    stageExample("Build", buildStep),
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "the digest of the build",
            shows: "good",
            resources: [pipelineExample(completeStages)],
            expect: [],
        },
        {
            title: "no custom data",
            shows: "absent",
            resources: [
                pipelineExample([
                    stageExample("Build", buildStep),
                    stageExample("Approve", approvalAction({ CustomData: null })),
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "custom data that is not known yet",
            shows: "unknown",
            resources: [
                pipelineExample([
                    stageExample("Build", buildStep),
                    stageExample("Approve", approvalAction({ CustomData: unknown })),
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};

/** Does the project of the action export the variable? */
function variableIsExported(action: PipelineAction, variable: string, graph: StackGraph): Outcome {
    if (action.provider !== "CodeBuild") return pass;
    const name = action.configuration.string("ProjectName");
    const reference =
        name.kind === "known" ? graph.referenceOfValue(name.value, name.property, [projectType]) : null;
    if (reference?.kind !== "exact")
        return inconclusive(name, `the project of ${actionLabel(action)} cannot be read`);
    const buildspec = projectBuildspec(reference.resource);
    if (buildspec.kind !== "inline" || !buildspec.analysis.buildspec)
        return inconclusive(
            buildspec,
            `whether ${reference.resource.name} exports ${variable} cannot be read`,
        );
    if (buildspec.analysis.buildspec.env.exportedVariables.includes(variable)) return pass;
    return violation(
        `The approval uses ${variable} of ${actionLabel(action)}, but project ${reference.resource.name} does not export it, so the approver sees nothing.`,
        `Add ${variable} to env.exported-variables of the buildspec of ${reference.resource.name}.`,
        { findingId: `${actionLabel(action)}|${variable}` },
    );
}

export const approvalDigestIsExported: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [pipelineType],
    evaluate: (graph) =>
        onPipelines(graph, (model) =>
            approvals(model, (approval) => {
                const outcome = judged(model, approval, (source, variable) =>
                    variableIsExported(source, variable, graph),
                );
                // What the resource alone shows is the other half's finding.
                const own = judged(model, approval, () => pass);
                return own.kind === "violation" ? notApplicable("see the finding on the resource") : outcome;
            }),
        ),
    examples: [
        {
            title: "the build does not export the digest",
            shows: "bad",
            resources: pipelineStack(
                completeStages,
                projectExample("build", buildspecOf(["docker build -t x ."]), "builder"),
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
            title: "another variable is exported",
            shows: "absent",
            resources: pipelineStack(
                completeStages,
                projectExample("build", buildBuildspec.replace("IMAGE_DIGEST", "IMAGE_TAG"), "builder"),
            ),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "a buildspec that is not known yet",
            shows: "unknown",
            resources: pipelineStack(completeStages, projectExample("build", unknown, "builder")),
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};
