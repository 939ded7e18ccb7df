/** PIPE-19: what actions name is there. */
import { functionType } from "../../gate/resourceTypes";
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, RuleExample, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import {
    buildAction,
    deployStep,
    pipelineExample,
    projectExample,
    sourceAction,
    stageExample,
} from "../../pipeline/exampleResources";
import { actionLabel, pipelineType, type PipelineAction } from "../../pipeline/pipelineModel";
import { projectType } from "../../pipeline/project";
import { repositoryType } from "../ecr/repository";
import { onPipelines } from "./pipelineOutcome";

const clusterType = "aws:ecs/cluster:Cluster";
const serviceType = "aws:ecs/service:Service";
const sourceRepositoryType = "aws:codecommit/repository:Repository";

/** Keys by which the actions of a provider name resources. CodePipeline User Guide, action structure reference. */
const namedBy: Readonly<Record<string, readonly { key: string; type: string }[]>> = {
    CodeBuild: [{ key: "ProjectName", type: projectType }],
    Lambda: [{ key: "FunctionName", type: functionType }],
    ECS: [
        { key: "ClusterName", type: clusterType },
        { key: "ServiceName", type: serviceType },
    ],
    EKS: [{ key: "ClusterName", type: "aws:eks/cluster:Cluster" }],
    CodeCommit: [{ key: "RepositoryName", type: sourceRepositoryType }],
    ECR: [{ key: "RepositoryName", type: repositoryType }],
    ECRBuildAndPublish: [{ key: "ECRRepositoryName", type: repositoryType }],
    InspectorScan: [{ key: "ECRRepositoryName", type: repositoryType }],
};

const source: ExampleResource = {
    type: sourceRepositoryType,
    name: "source",
    props: { repositoryName: "demo" },
};
const running = (...actions: unknown[]): ExampleResource =>
    pipelineExample([stageExample("Source", sourceAction), stageExample("Work", ...actions)]);
const cluster: ExampleResource = { type: clusterType, name: "cluster", props: { name: "main" } };
const service: ExampleResource = { type: serviceType, name: "service", props: { name: "shop" } };
const build = projectExample("build", undefined);
const bad: RuleExample["expect"] = [{ resource: "pipeline", kind: "violation" }];
const open: RuleExample["expect"] = [{ resource: "pipeline", kind: "inconclusive" }];

export const referencesExist: StackRule = {
    level: "stack",
    metadata: {
        id: "PIPE-19",
        family: "codepipeline",
        title: "Projects, functions, services and repositories of actions exist",
        rationale:
            "An action that names something that is not there fails on the first run, or works on something of the same name that nobody has looked at.",
        severity: "medium",
        remediation:
            "Take the name from the resource itself (`project.name`), or name what lives outside the stack in the setting `externalReferences`.",
        references: ["AWS CodePipeline User Guide: action structure reference"],
    },
    relevantTypes: [pipelineType],
    evaluate: (graph) =>
        onPipelines(graph, (model, pipeline) => {
            const outcomes = model.actions.flatMap((action) => actionOutcomes(action, pipeline, graph));
            return outcomes.length > 0 ? outcomes : [notApplicable("no action names another resource")];
        }),
    examples: [
        {
            title: "a slip of the pen",
            shows: "bad",
            resources: [source, build, running(buildAction("Build", "biuld"))],
            expect: bad,
        },
        {
            title: "one bad name among good ones",
            shows: "bad",
            resources: [
                source,
                build,
                cluster,
                { ...service, props: { name: "till" } },
                running(buildAction("Build", "build"), deployStep),
            ],
            expect: bad,
        },
        {
            title: "all are there",
            shows: "good",
            resources: [source, build, cluster, service, running(buildAction("Build", "build"), deployStep)],
            expect: [],
        },
        {
            title: "declared to be elsewhere",
            shows: "good",
            configuration: { externalReferences: ["shared-*"] },
            resources: [source, running(buildAction("Build", "shared-build"))],
            expect: [],
        },
        {
            title: "a name that is an output of a project",
            shows: "good",
            resources: [
                source,
                build,
                { ...running(buildAction("Build", unknown)), propertyDependencies: { stages: ["build"] } },
            ],
            expect: [],
        },
        { title: "no name at all is the service's own error", shows: "absent", resources: [source, running(buildAction("Build", undefined))], expect: [] }, // prettier-ignore
        {
            title: "a name that nothing explains does not hide the next",
            shows: "unknown",
            resources: [source, build, running(buildAction("First", unknown), buildAction("Last", "biuld"))],
            expect: [...open, ...bad],
        },
        {
            title: "a stack without any project",
            shows: "unknown",
            resources: [source, running(buildAction("Build", "build"))],
            expect: open,
        },
        {
            title: "a project whose name is not known yet may be meant",
            shows: "unknown",
            resources: [
                source,
                projectExample("build", undefined, undefined, { name: unknown }),
                running(buildAction("Build", "build")),
            ],
            expect: open,
        },
    ],
};

function actionOutcomes(action: PipelineAction, pipeline: ResourceReader, graph: StackGraph): Outcome[] {
    // The pipeline's tags declare this service to be outside the stack.
    if (action.declaredStaging) return [];
    return (namedBy[action.provider] ?? []).flatMap(({ key, type }): Outcome[] => {
        const name = action.configuration.string(key);
        if (name.kind === "unknown") {
            if (graph.dependencies(pipeline, "stages", [type]).length > 0) return [pass];
            return [inconclusive(name, `what ${actionLabel(action)} names is not known yet`)];
        }
        // The service refuses an action without it.
        if (name.kind !== "known") return [];
        if (name.value.includes("#{"))
            return [inconclusive(name, `what ${actionLabel(action)} names is only known when it runs`)];
        const reference = graph.referenceOfValue(name.value, name.property, [type]);
        if (reference.kind !== "dangling") return [pass];
        const label = actionLabel(action);
        // Where the stack has nothing of the kind, what actions name lives elsewhere, and nobody mistyped it.
        if (graph.ofType(type).length === 0)
            return [
                inconclusive(
                    name,
                    `whether ${name.value}, which ${label} names, exists is not seen from here; the setting externalReferences can say so`,
                ),
            ];
        const identity = type === sourceRepositoryType ? "repositoryName" : "name";
        if (graph.ofType(type).some((each) => each.string(identity).kind === "unknown"))
            return [
                inconclusive(
                    name,
                    `whether a resource of the stack is called ${name.value} is not known yet`,
                ),
            ];
        return [
            violation(
                `${name.property} is ${name.value}, and the stack has no ${type.split(":").at(-1)} of that name.`,
                `Take the name from the resource, or add ${name.value} to the setting externalReferences.`,
                { findingId: `${label}|${key}` },
            ),
        ];
    });
}
