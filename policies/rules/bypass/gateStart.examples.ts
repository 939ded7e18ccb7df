import { trustedRole, trustOf } from "../../delivery/exampleDelivery";
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import {
    allow,
    buildAction,
    completeStages,
    pipelineExample,
    pipelineStack,
    projectExample,
    publishBuildspec,
    pushActions,
    repositoryArnExample,
    repositoryExample,
    roleExample,
    scanBuildspec,
    stageExample,
} from "../../pipeline/exampleResources";
import { roleType } from "../../pipeline/project";

const account = "123456789012";
const project = (name: string): string => `arn:aws:codebuild:eu-central-1:${account}:project/${name}`;
const start = ["codebuild:StartBuild", "codebuild:BatchGetBuilds"];
const startPublish = allow(start, project("publish"));
const otherCommands = { Null: { "codebuild:source.buildspec": "false" } };
const deny = (
    actions: string | string[],
    resource: string | string[],
    condition: object = otherCommands,
) => ({
    ...allow(actions, resource),
    Effect: "Deny",
    Condition: condition,
});

const gate = [
    pipelineExample(completeStages, { name: "demo", roleArn: `arn:aws:iam::${account}:role/pipeline-role` }),
    projectExample("scan", scanBuildspec, "scanner"),
    projectExample("publish", publishBuildspec, "publisher"),
    roleExample("publish-role", [allow(pushActions, repositoryArnExample("production"))], "publisher"),
    repositoryExample("production", "production"),
];
const pipelineRole = (...statements: Record<string, unknown>[]): ExampleResource[] => [
    ...gate,
    roleExample("pipeline-role", statements),
];

/** The pipeline's publishing action, with commands of its own. */
const overriding = (commands: unknown): ExampleResource[] =>
    pipelineStack([
        ...completeStages.slice(0, -1),
        stageExample("Publish", buildAction("Publish", "publish", { configuration: { ProjectName: "publish", BuildspecOverride: commands } })), // prettier-ignore
    ]);

export const examples: RuleExample[] = [
    badExample("an action of the pipeline brings other commands", overriding("version: 0.2\nphases: {}"), "pipeline"), // prettier-ignore
    goodExample("an action that leaves the override empty", overriding("")),
    openExample("whether an action brings other commands is not known yet", overriding(unknown), "pipeline"),
    badExample("a role of the stack may start the publishing step", [...gate, roleExample("build-role", [startPublish], "builder")], "build-role"), // prettier-ignore
    badExample("a role of the stack may start every project", [...gate, roleExample("build-role", [allow("codebuild:Start*", "*")])], "build-role"), // prettier-ignore
    badExample("the Deny does not make others the pipeline", [...gate, roleExample("build-role", [startPublish, deny("codebuild:*", "*")])], "build-role"), // prettier-ignore
    badExample("a project that is declared to scan, with a file for commands", [pipelineExample(completeStages), projectExample("scan", "scan.yml", "scanner"), roleExample("build-role", [allow("codebuild:StartBuild", "*")])], "build-role"), // prettier-ignore
    badExample("the pipeline may start the steps with other commands", pipelineRole(startPublish), "pipeline-role"), // prettier-ignore
    badExample("the Deny is for another project", pipelineRole(startPublish, deny("codebuild:StartBuild", project("scan"))), "pipeline-role"), // prettier-ignore
    badExample("the Deny is for batches only", pipelineRole(startPublish, deny("codebuild:StartBuildBatch", "*")), "pipeline-role"), // prettier-ignore
    badExample("the Deny is for builds that bring no commands", pipelineRole(startPublish, deny("codebuild:StartBuild", "*", { Null: { "codebuild:source.buildspec": "true" } })), "pipeline-role"), // prettier-ignore
    badExample("the Deny also wants something else", pipelineRole(startPublish, deny("codebuild:StartBuild", "*", { ...otherCommands, Bool: { "aws:SecureTransport": "false" } })), "pipeline-role"), // prettier-ignore
    goodExample("the pipeline starts its steps with their own commands", pipelineRole(startPublish, deny(["codebuild:StartBuild", "codebuild:StartBuildBatch"], "*"))), // prettier-ignore
    goodExample("the Deny names the projects", pipelineRole(allow(start, [project("publish"), project("scan")]), deny("codebuild:Start*", [project("publish"), project("scan")]))), // prettier-ignore
    goodExample(
        "the Allow holds without other commands only",
        pipelineRole(allow(start, project("publish"), { Null: { "codebuild:source.buildspec": "true" } })),
    ),
    goodExample("the pipeline starts a build that neither judges nor releases", [
        ...gate,
        projectExample("docs", undefined),
        roleExample("pipeline-role", [allow("codebuild:StartBuild", project("docs"))]),
    ]),
    goodExample("the pipeline is gone, and its role stays behind", [
        ...gate.slice(1),
        trustedRole("pipeline-role", trustOf({ Service: "codepipeline.amazonaws.com" }), [
            startPublish,
            deny(["codebuild:StartBuild", "codebuild:StartBuildBatch"], "*"),
        ]),
    ]),
    badExample(
        "the pipeline is gone, and another role starts the step",
        [...gate.slice(1), trustedRole("build-role", trustOf({ Service: "codebuild.amazonaws.com" }), [startPublish])], // prettier-ignore
        "build-role",
    ),
    {
        title: "no step judges or releases",
        shows: "absent",
        resources: [
            projectExample("docs", undefined),
            roleExample("build-role", [allow("codebuild:StartBuild", "*")]),
        ],
        expect: [],
    },
    openExample(
        "a policy that is not known yet",
        [
            ...gate,
            {
                type: roleType,
                name: "build-role",
                props: { name: "build-role", inlinePolicies: [{ policy: unknown }] },
            },
        ],
        "build-role",
    ),
    openExample(
        "a Deny may be in a policy that is not known yet",
        [
            ...pipelineRole(startPublish),
            {
                type: "aws:iam/rolePolicy:RolePolicy",
                name: "more",
                props: { role: "pipeline-role", policy: unknown },
            },
        ],
        "pipeline-role",
    ),
];
