/** BYP-03: nobody in the stack can change the gate. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, notApplicable, pass } from "../../harness/outcome";
import { unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, RuleExample, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { matchesAny } from "../../harness/wildcard";
import { gateModel } from "../../gate/gateModel";
import { projectsIn, reviewsOf } from "../../review/reviewers";
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
import { isPublisher } from "../../pipeline/identities";
import { pipelineType } from "../../pipeline/pipelineModel";
import { projectType, roleType } from "../../pipeline/project";
import { repositoryArn } from "../../pipeline/resourceArn";
import { repositoryTier, repositoryType } from "../ecr/repository";
import { automaticGateGrips, topicVerbs } from "./automaticGate";
import { deliveryGripExamples } from "./deliveryGrips.examples";
import { deliveryGrips } from "./deliveryGrips";
import { automaticGateExamples } from "./automaticGate.examples";
import { ciRoles } from "./escalation";
import { judgingProjects } from "./gateProjects";
import { holdOutcomes, roleVerbs, type Grip, type Hold } from "./grip";

/** Service Authorization Reference: AWS CodePipeline, AWS CodeBuild, AWS IAM, Amazon ECR. */
const verbs = {
    pipeline: [
        "codepipeline:UpdatePipeline",
        "codepipeline:DeletePipeline",
        "codepipeline:OverrideStageCondition",
        "codepipeline:DisableStageTransition",
        "codepipeline:RollbackStage",
        "codepipeline:RetryStageExecution",
    ],
    project: ["codebuild:UpdateProject", "codebuild:DeleteProject"],
    role: roleVerbs,
    repository: [
        "ecr:SetRepositoryPolicy",
        "ecr:DeleteRepositoryPolicy",
        "ecr:PutImageTagMutability",
        "ecr:DeleteRepository",
        "ecr:PutImageScanningConfiguration",
    ],
    scanning: ["ecr:PutImageScanningConfiguration"],
    registry: ["ecr:PutRegistryScanningConfiguration"],
    topic: topicVerbs,
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

/** Projects that judge or release, and every other step of a delivery. */
function gateProjects(graph: StackGraph, configuration: PackConfiguration): ResourceReader[] {
    const { pipelines } = reviewsOf(graph, configuration);
    const deliveries = graph.ofType(pipelineType).filter((each) => !pipelines.includes(each));
    return [...new Set([...judgingProjects(graph, configuration), ...projectsIn(deliveries, graph)])];
}

const projectArn = (name: string): string => `arn:*:codebuild:*:*:project/${name}`;

function parts(graph: StackGraph, configuration: PackConfiguration): Grip[] {
    const tierOf = (repository: ResourceReader): string => {
        const tier = repositoryTier(repository, configuration);
        return tier.kind === "tier" ? tier.tier : "";
    };
    const repositories = graph.ofType(repositoryType);
    const topics = new Set(gateModel(graph).gates.flatMap(({ topics: all }) => all));
    const found: Grip[] = [
        ...graph.ofType(pipelineType).map((each) => {
            const whole = grip(each, "pipeline", (name) => `arn:*:codepipeline:*:*:${name}`);
            // Stages are resources of their own: pipeline/stage (Service Authorization Reference).
            return { ...whole, arns: [...whole.arns, ...whole.arns.map((arn) => `${arn}/*`)] };
        }),
        ...gateProjects(graph, configuration).map((each) => grip(each, "project", projectArn)),
        ...graph
            .ofType(roleType)
            .filter((role) => isPublisher(role, graph, configuration))
            .map((each) => grip(each, "role", (name) => `arn:*:iam::*:role/${name}`)),
        ...repositories
            .filter((each) => tierOf(each) === "production")
            .map((each) => ({ ...grip(each, "repository", () => ""), arns: [repositoryArn(each)] })),
        ...repositories
            .filter((each) => ["candidate", "staging"].includes(tierOf(each)))
            .map((each) => ({ ...grip(each, "scanning", () => ""), arns: [repositoryArn(each)] })),
        ...[...topics].map((each) => grip(each, "topic", (name) => `arn:*:sns:*:*:${name}`)),
        ...automaticGateGrips(graph),
        ...deliveryGrips(graph, configuration),
    ];
    if (found.length === 0) return [];
    const registry = { what: "what the registry scans", arns: ["arn:*:ecr:*:*:registry"], verbs: verbs.registry, certain: true }; // prettier-ignore
    return [...found, registry];
}

const fix = "Take the action away; the stack is changed by whoever deploys it, and by nothing in it.";

const sentence = ({ what, verb }: Hold, path: string): string =>
    `It may ${verb} on ${what}, which is part of the gate: ${path}.`;

/** People's roles that the settings declare; a role that commands run as is none, whatever its name. */
function isAdministrator(principal: ResourceReader, graph: StackGraph, configuration: PackConfiguration): boolean {
    if (configuration.gateAdministrators.length === 0 || ciRoles(graph).has(principal)) return false;
    return [valueOf(principal.string("name")), valueOf(principal.string("arn"))].some(
        (text) => text !== undefined && matchesAny(configuration.gateAdministrators, text),
    );
} // prettier-ignore

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
    [
        "what the pipeline does again",
        "codepipeline:RetryStageExecution",
        `arn:aws:codepipeline:eu-central-1:${account}:demo/*`,
    ],
    [
        "to which release it goes back",
        "codepipeline:RollbackStage",
        `arn:aws:codepipeline:eu-central-1:${account}:demo/*`,
    ],
    ["what the registry scans", "ecr:PutRegistryScanningConfiguration", "*"],
    ["whether the repository is scanned", "ecr:PutImageScanningConfiguration", "*"],
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

export const gateChange: StackRule = {
    level: "stack",
    metadata: {
        id: "BYP-03",
        family: "bypass",
        title: "Nobody in the stack can change the gate",
        severity: "critical",
        rationale:
            "Who can change the pipeline, a step's project, the publisher's role, the policy of the production repository, the roles that deploy, the signing key or the functions, rules, topic, queues and alarms of the gate needs no scan and no approval: they change the gate first.",
        remediation:
            "Take the action away; the stack is changed by whoever deploys it, and by nothing in it. Roles of people who administer the gate are named in the setting `gateAdministrators`.",
        references: ["OWASP CICD-SEC-1", "OWASP CICD-SEC-5"],
        neverExempt: true,
    },
    relevantTypes: [pipelineType, projectType, repositoryType],
    evaluate: (graph, configuration) => {
        const found = parts(graph, configuration);
        if (found.length === 0) return about(null, notApplicable("the stack has nothing of a gate"));
        const outcomes = effectivePermissions(graph)
            .filter(({ principal }) => !isAdministrator(principal, graph, configuration))
            .flatMap((entry) => holdOutcomes(entry, found, sentence, fix));
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples: [
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
        {
            title: "a declared administrator of the gate",
            shows: "good",
            resources: [...gate, roleExample("gate-admins", [allow("codepipeline:UpdatePipeline", "*")])],
            configuration: { gateAdministrators: ["gate-admins"] },
            expect: [],
        },
        {
            title: "a build is no administrator, whatever its role is called",
            shows: "bad",
            resources: [
                ...gate,
                projectExample("docs", undefined),
                roleExample("docs-role", [allow("codepipeline:UpdatePipeline", "*")]),
            ],
            configuration: { gateAdministrators: ["*"] },
            expect: [{ resource: "docs-role", kind: "violation" }],
        },
    ],
};
