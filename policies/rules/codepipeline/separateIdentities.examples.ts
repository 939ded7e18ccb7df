/** Examples of PIPE-16. */
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import {
    allow,
    buildBuildspec,
    buildspecOf,
    completeStages,
    deployStep,
    pipelineExample,
    pipelineStack,
    projectExample,
    publishBuildspec,
    pushActions,
    repositoryArnExample,
    repositoryExample,
    roleExample,
    stageExample,
} from "../../pipeline/exampleResources";

const role = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;
const running = (name: string, stages: unknown = completeStages): ExampleResource =>
    pipelineExample(stages, { roleArn: name === unknown ? unknown : role(name) });
const pipelineRole = roleExample("pipeline-role", []);
const sharing = (name: string, buildspec: unknown, serviceRole: unknown): ExampleResource =>
    projectExample(name, buildspec, undefined, { serviceRole });
const deploying = (roleArn?: unknown): unknown[] => [
    ...completeStages,
    stageExample("Deploy", { ...deployStep, roleArn }),
];
const bad: RuleExample["expect"] = [{ resource: "pipeline", kind: "violation" }];
const open: RuleExample["expect"] = [{ resource: "pipeline", kind: "inconclusive" }];

export const separateIdentitiesExamples: RuleExample[] = [
    {
        title: "the pipeline runs as the builder",
        shows: "bad",
        resources: pipelineStack(completeStages, running("build-role")),
        expect: bad,
    },
    {
        title: "one role for all, which is not of the stack",
        shows: "bad",
        resources: [
            running("everything"),
            sharing("build", buildBuildspec, role("everything")),
            sharing("publish", publishBuildspec, role("everything")),
        ],
        expect: bad,
    },
    {
        title: "the builder and the publisher share a role",
        shows: "bad",
        resources: pipelineStack(
            completeStages,
            running("pipeline-role"),
            pipelineRole,
            sharing("build", buildBuildspec, role("publish-role")),
        ),
        expect: [{ resource: "publish-role", kind: "violation" }],
    },
    {
        title: "a shared role that can push to production, though no command does",
        shows: "bad",
        resources: [
            running("pipeline-role"),
            pipelineRole,
            repositoryExample("production", "production"),
            roleExample("shared", [allow(pushActions, repositoryArnExample("production"))]),
            sharing("build", buildspecOf(["make"]), role("shared")),
            sharing("scan", buildspecOf(["make test"]), role("shared")),
        ],
        expect: [{ resource: "shared", kind: "violation" }],
    },
    {
        title: "a Deploy action without a role of its own",
        shows: "absent",
        resources: [running("pipeline-role", deploying()), pipelineRole],
        expect: bad,
    },
    {
        title: "a Deploy action with the pipeline's role",
        shows: "bad",
        resources: [running("pipeline-role", deploying(role("pipeline-role"))), pipelineRole],
        expect: bad,
    },
    {
        title: "a role for each",
        shows: "good",
        resources: pipelineStack(
            completeStages,
            running("pipeline-role", deploying(role("deploy-role"))),
            pipelineRole,
            roleExample("deploy-role", []),
        ),
        expect: [],
    },
    {
        title: "two scanners that reach nothing share a role",
        shows: "good",
        resources: pipelineStack(
            completeStages,
            running("pipeline-role"),
            pipelineRole,
            sharing("scan-staging", buildspecOf(["make test"]), role("scan-role")),
        ),
        expect: [],
    },
    {
        title: "roles that only the dependencies name",
        shows: "bad",
        resources: pipelineStack(
            completeStages,
            {
                ...pipelineExample(completeStages, { roleArn: unknown }),
                propertyDependencies: { roleArn: ["build-role"] },
            },
            {
                ...sharing("build", buildBuildspec, unknown),
                propertyDependencies: { serviceRole: ["build-role"] },
            },
        ),
        expect: bad,
    },
    {
        title: "a role of which nothing is known yet",
        shows: "unknown",
        resources: pipelineStack(completeStages, running(unknown)),
        expect: open,
    },
    {
        title: "stages that are not known yet",
        shows: "unknown",
        resources: [running("pipeline-role", unknown), pipelineRole],
        expect: open,
    },
    { title: "no pipeline", shows: "good", resources: [projectExample("build", buildBuildspec)], expect: [] },
];
