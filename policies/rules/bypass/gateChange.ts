/** BYP-03 and BYP-04: nobody in the stack can change the gate, or run its steps with other commands. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, notApplicable, pass } from "../../harness/outcome";
import { unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, RuleExample, RuleMetadata, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { effectivePermissions } from "../../iam/effectivePermissions";
import {
    allow,
    completeStages,
    pipelineExample,
    projectExample,
    publishBuildspec,
    pushActions,
    repositoryArnExample,
    repositoryExample,
    roleExample,
    scanBuildspec,
} from "../../pipeline/exampleResources";
import { isPublisher, pipelinesOf } from "../../pipeline/identities";
import { pipelineType } from "../../pipeline/pipelineModel";
import { projectBuildspec, projectType, roleType } from "../../pipeline/project";
import { repositoryArn } from "../../pipeline/resourceArn";
import { repositoryTier, repositoryType } from "../ecr/repository";
import { automaticGateGrips } from "./automaticGate";
import { deliveryGripExamples } from "./deliveryGrips.examples";
import { deliveryGrips } from "./deliveryGrips";
import { automaticGateExamples } from "./automaticGate.examples";
import { holdOutcomes, roleVerbs, type Grip, type Hold } from "./grip";

/** Service Authorization Reference: AWS CodePipeline, AWS CodeBuild, AWS IAM, Amazon ECR. */
const verbs = {
    pipeline: [
        "codepipeline:UpdatePipeline",
        "codepipeline:DeletePipeline",
        "codepipeline:OverrideStageCondition",
        "codepipeline:DisableStageTransition",
    ],
    project: ["codebuild:UpdateProject", "codebuild:DeleteProject"],
    run: ["codebuild:StartBuild", "codebuild:StartBuildBatch", "codebuild:RetryBuild"],
    role: roleVerbs,
    repository: [
        "ecr:SetRepositoryPolicy",
        "ecr:DeleteRepositoryPolicy",
        "ecr:PutImageTagMutability",
        "ecr:DeleteRepository",
    ],
} as const;

function grip(resource: ResourceReader, kind: keyof typeof verbs, arn: (name: string) => string): Grip {
    const name = valueOf(resource.string("name"));
    return {
        what: name ?? resource.name,
        arns: [arn(name ?? "*")],
        verbs: verbs[kind],
        certain: name !== undefined,
    };
}

/** Projects that judge or release; what builds may be started by whoever develops. */
function gateProjects(graph: StackGraph): ResourceReader[] {
    return graph.ofType(projectType).filter((project) => {
        const buildspec = projectBuildspec(project);
        if (buildspec.kind !== "inline") return false;
        const { scanners, deliveries } = buildspec.analysis;
        return scanners.length > 0 || deliveries.some(({ kind }) => kind === "copy");
    });
}

const projectArn = (name: string): string => `arn:*:codebuild:*:*:project/${name}`;

function parts(graph: StackGraph, configuration: PackConfiguration): Grip[] {
    const production = graph.ofType(repositoryType).filter((repository) => {
        const tier = repositoryTier(repository, configuration);
        return tier.kind === "tier" && tier.tier === "production";
    });
    return [
        ...graph.ofType(pipelineType).map((each) => grip(each, "pipeline", (name) => `arn:*:codepipeline:*:*:${name}`)), // prettier-ignore
        ...gateProjects(graph).map((each) => grip(each, "project", projectArn)),
        ...graph
            .ofType(roleType)
            .filter((role) => isPublisher(role, graph, configuration))
            .map((each) => grip(each, "role", (name) => `arn:*:iam::*:role/${name}`)),
        ...production.map((each) => ({
            ...grip(each, "repository", () => ""),
            arns: [repositoryArn(each)],
        })),
        ...automaticGateGrips(graph),
        ...deliveryGrips(graph, configuration),
    ];
}

const sentence = ({ what, verb }: Hold, path: string): string =>
    `It may ${verb} on ${what}, which is part of the gate: ${path}.`;

function rule(
    metadata: Pick<RuleMetadata, "id" | "title" | "rationale" | "remediation" | "references" | "neverExempt">,
    grips: (graph: StackGraph, configuration: PackConfiguration) => Grip[],
    exempt: (principal: ResourceReader, graph: StackGraph) => boolean,
    examples: RuleExample[],
): StackRule {
    return {
        level: "stack",
        metadata: { ...metadata, family: "bypass", severity: "critical" },
        relevantTypes: [pipelineType, projectType, repositoryType],
        evaluate: (graph, configuration) => {
            const found = grips(graph, configuration);
            if (found.length === 0) return about(null, notApplicable("the stack has nothing of a gate"));
            const outcomes = effectivePermissions(graph)
                .filter(({ principal }) => !exempt(principal, graph))
                .flatMap((entry) => holdOutcomes(entry, found, sentence, metadata.remediation));
            return outcomes.length > 0 ? outcomes : about(null, pass);
        },
        examples,
    };
}

const account = "123456789012";
const publish = projectExample("publish", publishBuildspec, "publisher");
const publishRole = roleExample(
    "publish-role",
    [allow(pushActions, repositoryArnExample("production"))],
    "publisher",
);
const gate = [
    pipelineExample(completeStages, { name: "demo", roleArn: `arn:aws:iam::${account}:role/pipeline-role` }),
    projectExample("scan", scanBuildspec, "scanner"),
    publish,
    publishRole,
    repositoryExample("production", "production"),
];
const holding = (actions: string | string[], resource: string): ExampleResource =>
    roleExample("build-role", [allow(actions, resource)], "builder");
const startPublish = allow(
    ["codebuild:StartBuild", "codebuild:BatchGetBuilds"],
    `arn:aws:codebuild:eu-central-1:${account}:project/publish`,
);
const notKnown: ExampleResource = {
    type: roleType,
    name: "build-role",
    props: { name: "build-role", inlinePolicies: [{ policy: unknown }] },
};
const unclear: RuleExample = {
    title: "a policy that is not known yet",
    shows: "unknown",
    resources: [...gate, notKnown],
    expect: [{ resource: "build-role", kind: "inconclusive" }],
};

const refused: [title: string, actions: string | string[], resource: string][] = [
    ["the pipeline", "codepipeline:UpdatePipeline", `arn:aws:codepipeline:eu-central-1:${account}:demo`],
    ["a scan's project", "codebuild:Update*", `arn:aws:codebuild:eu-central-1:${account}:project/scan`],
    ["the publisher's role", "iam:PutRolePolicy", `arn:aws:iam::${account}:role/publish-role`],
    ["what the publisher's role can no longer do", "iam:DetachRolePolicy", `arn:aws:iam::${account}:role/publish-role`], // prettier-ignore
    ["who may become the publisher", "iam:UpdateAssumeRolePolicy", `arn:aws:iam::${account}:role/*`],
    [
        "who may write production",
        "ecr:SetRepositoryPolicy",
        `arn:aws:ecr:eu-central-1:${account}:repository/demo/production`,
    ],
];

export const gateChange = rule(
    {
        id: "BYP-03",
        title: "Nobody in the stack can change the gate",
        rationale:
            "Who can change the pipeline, a step's project, the publisher's role, the policy of the production repository, the roles that deploy, the signing key or the functions, rules, topic, queues and alarms of the gate needs no scan and no approval: they change the gate first.",
        remediation:
            "Take the action away; the stack is changed by whoever deploys it, and by nothing in it.",
        references: ["OWASP CICD-SEC-1", "OWASP CICD-SEC-5"],
        neverExempt: true,
    },
    parts,
    () => false,
    [
        ...refused.map(([title, actions, resource]): RuleExample => ({
            title: `the builder may change ${title}`,
            shows: "bad",
            resources: [...gate, holding(actions, resource)],
            expect: [{ resource: "build-role", kind: "violation" }],
        })),
        {
            title: "the builder may change what is no part of the gate",
            shows: "good",
            resources: [
                ...gate,
                holding(
                    ["codebuild:UpdateProject", "ecr:SetRepositoryPolicy"],
                    `arn:aws:codebuild:eu-central-1:${account}:project/docs`,
                ),
            ],
            expect: [],
        },
        {
            title: "nothing of a gate",
            shows: "absent",
            resources: [holding("codepipeline:UpdatePipeline", "*")],
            expect: [],
        },
        ...automaticGateExamples,
        ...deliveryGripExamples,
        unclear,
    ],
);

export const gateStart = rule(
    {
        id: "BYP-04",
        title: "Only the pipeline starts the steps that judge and release",
        rationale:
            "StartBuild can replace the commands of a project for one run (`buildspecOverride`): who may start the publishing step may run anything as the publisher.",
        remediation: "Grant codebuild:StartBuild on these projects to the pipeline's role alone.",
        references: ["OWASP CICD-SEC-4", "OWASP CICD-SEC-5"],
    },
    (graph) => gateProjects(graph).map((each) => grip(each, "run", projectArn)),
    (principal, graph) => principal.type === roleType && pipelinesOf(principal, graph).length > 0,
    [
        {
            title: "a role of the stack may start the publishing step",
            shows: "bad",
            resources: [...gate, roleExample("build-role", [startPublish], "builder")],
            expect: [{ resource: "build-role", kind: "violation" }],
        },
        {
            title: "a role of the stack may start every project",
            shows: "bad",
            resources: [...gate, holding("codebuild:Start*", "*")],
            expect: [{ resource: "build-role", kind: "violation" }],
        },
        {
            title: "the pipeline starts its steps",
            shows: "good",
            resources: [...gate, roleExample("pipeline-role", [startPublish])],
            expect: [],
        },
        {
            title: "no step judges or releases",
            shows: "absent",
            resources: [projectExample("docs", undefined), holding("codebuild:StartBuild", "*")],
            expect: [],
        },
        unclear,
    ],
);
