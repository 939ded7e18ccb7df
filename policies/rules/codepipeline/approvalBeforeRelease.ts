/** PIPE-02: nothing is released that was not approved before. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import { isApproval, isBefore, isDelivery } from "../../pipeline/classify";
import {
    approvalAction,
    buildStep,
    completeStages,
    deployStep,
    pipelineExample,
    pipelineStack,
    scanStep,
    sourceAction,
    stageExample,
} from "../../pipeline/exampleResources";
import {
    actionLabel,
    pipelineType,
    type PipelineAction,
    type PipelineModel,
} from "../../pipeline/pipelineModel";
import { gateRoleTag } from "../../pipeline/project";
import { metadataReleases, onPipeline, onPipelines, perRelease, stackReleases } from "./pipelineOutcome";

const metadata: RuleMetadata = {
    id: "PIPE-02",
    family: "codepipeline",
    title: "Every release is preceded by an approval",
    rationale:
        "Without an approval action the pipeline releases whatever it is given; there is no point at which anybody or anything can say no.",
    severity: "critical",
    remediation:
        "Add a stage with a Manual approval action before the stage that releases. A staging service outside the stack is named by the pipeline's tags `gate:staging-cluster` and `gate:staging-service`.",
    references: ["OWASP CICD-SEC-1", "CIS Software Supply Chain 1.0 5"],
    neverExempt: true,
};

const fix = "Add a stage with an action of category Approval, provider Manual, before this action.";

function approvedBefore(model: PipelineModel, action: PipelineAction, why: string): Outcome {
    if (model.actions.some((other) => isApproval(other) && isBefore(other, action))) return pass;
    const late = model.actions.find(isApproval);
    const found = late
        ? `the only approval, ${actionLabel(late)}, is not before it`
        : "the pipeline has no approval action";
    return violation(`${actionLabel(action)} releases (${why}) and ${found}.`, fix, {
        findingId: actionLabel(action),
    });
}

export const approvalBeforeRelease: ResourceRule = {
    level: "resource",
    metadata,
    types: [pipelineType],
    evaluate: (pipeline, configuration) =>
        onPipeline(pipeline, (model) => {
            const outcomes = perRelease(model, metadataReleases(configuration), (action, why) =>
                approvedBefore(model, action, why),
            );
            const approved = model.actions.some(isApproval);
            if (!isDelivery(pipeline) || approved || outcomes.some((outcome) => outcome.kind === "violation"))
                return outcomes;
            if (model.unknowns[0] !== undefined)
                return [
                    inconclusive(
                        { property: model.unknowns[0] },
                        "whether an action is an approval is not known yet",
                    ),
                ];
            return [
                violation(
                    `The pipeline is declared a delivery pipeline (tag ${gateRoleTag}) and has no approval action.`,
                    fix,
                ),
            ];
        }),
    examples: [
        {
            title: "build, test, deploy",
            shows: "bad",
            resources: [
                pipelineExample([
                    stageExample("Build", buildStep),
                    stageExample("Test", scanStep),
                    stageExample("Deploy", deployStep),
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "approval after the deployment",
            shows: "bad",
            resources: [
                pipelineExample([
                    stageExample("Deploy", deployStep),
                    stageExample("Approve", approvalAction()),
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "a declared delivery pipeline whose approval was taken out",
            shows: "bad",
            resources: [
                pipelineExample(completeStages.toSpliced(3, 1), { tags: { [gateRoleTag]: "delivery" } }),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "approval stage before the deployment",
            shows: "good",
            resources: [
                pipelineExample([
                    stageExample("Approve", approvalAction()),
                    stageExample("Deploy", deployStep),
                ]),
            ],
            expect: [],
        },
        {
            title: "before the approval, the staging service that the pipeline's tags name",
            shows: "good",
            resources: [
                pipelineExample(
                    [
                        stageExample("Try", {
                            ...deployStep,
                            configuration: { ClusterName: "live", ServiceName: "web" },
                        }),
                        stageExample("Approve", approvalAction()),
                        stageExample("Deploy", deployStep),
                    ],
                    { tags: { "gate:staging-cluster": "live", "gate:staging-service": "web" } },
                ),
            ],
            expect: [],
        },
        {
            title: "a condition on the stage is no approval",
            shows: "absent",
            resources: [
                pipelineExample([
                    stageExample("Source", sourceAction),
                    { ...stageExample("Deploy", deployStep), beforeEntry: { condition: { result: "FAIL" } } },
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "stages that are not known yet",
            shows: "unknown",
            resources: [pipelineExample(unknown)],
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};

export const approvalBeforeStackRelease: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [pipelineType],
    evaluate: (graph, configuration) =>
        onPipelines(graph, (model) =>
            perRelease(model, stackReleases(graph, configuration), (action, why) =>
                approvedBefore(model, action, why),
            ),
        ),
    examples: [
        {
            title: "a build step that pushes to production, without approval",
            shows: "bad",
            resources: pipelineStack(completeStages.toSpliced(3, 1)),
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
            title: "a project that is not known yet may release",
            shows: "unknown",
            resources: pipelineStack([
                stageExample("Build", buildStep),
                stageExample("Run", { ...scanStep, configuration: { ProjectName: unknown } }),
            ]),
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};
