import { exampleOf, gateStack } from "../../gate/exampleGate";
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { completeStages, pipelineExample, pipelineStack } from "../../pipeline/exampleResources";

const of = (type: string, props: Record<string, unknown>, protect = false): ExampleResource[] => [
    { type, name: "subject", props, protect },
];
const found = [{ resource: "subject", kind: "violation" as const }];
const repository = "aws:ecr/repository:Repository";
const production = { tags: { tier: "production" } };

const unprotected: [title: string, type: string, props: Record<string, unknown>][] = [
    ["a production repository", repository, production],
    ["a key", "aws:kms/key:Key", {}],
    ["a database", "aws:rds/instance:Instance", { engine: "postgres" }],
    ["a cluster of databases", "aws:rds/cluster:Cluster", {}],
    ["a pipeline", "aws:codepipeline/pipeline:Pipeline", {}],
];

export const resourceExamples: RuleExample[] = [
    ...unprotected.flatMap(([title, type, props]): RuleExample[] => [
        {
            title: `${title}, not protected`,
            shows: "bad",
            resources: of(type, props),
            expect: found,
        },
        { title: `${title}, protected`, shows: "good", resources: of(type, props, true), expect: [] },
    ]),
    {
        title: "a stack that may be thrown away",
        shows: "good",
        resources: of("aws:kms/key:Key", {}),
        configuration: { disposableStacks: ["exam*"] },
        expect: [],
    },
    {
        title: "a staging repository, a replica, a pipeline of reviews",
        shows: "good",
        resources: [
            ...of(repository, { tags: { tier: "staging" } }),
            { type: "aws:rds/instance:Instance", name: "replica", props: { replicateSourceDb: "main" } },
            {
                type: "aws:codepipeline/pipeline:Pipeline",
                name: "review",
                props: { tags: { "gate:role": "review" } },
            },
        ],
        expect: [],
    },
    { title: "a repository without a tier", shows: "absent", resources: of(repository, { name: "x" }), expect: [] }, // prettier-ignore
    {
        title: "a repository whose tier is not known yet",
        shows: "unknown",
        resources: of(repository, { tags: unknown }),
        expect: [{ resource: "subject", kind: "inconclusive" }],
    },
];

const store = (protect: boolean, location: unknown = "demo-artifacts", more: Partial<ExampleResource> = {}) =>
    pipelineStack(
        completeStages,
        {
            ...pipelineExample(completeStages, { artifactStores: [{ location, type: "S3" }] }),
            ...more,
        },
        {
            type: "aws:s3/bucket:Bucket",
            name: "artifacts",
            props: location === unknown ? {} : { bucket: "demo-artifacts" },
            protect,
        },
        { type: "aws:s3/bucket:Bucket", name: "website", props: { bucket: "website" } },
    );

export const stackExamples: RuleExample[] = [
    {
        title: "the artifacts' bucket, not protected",
        shows: "bad",
        resources: store(false),
        expect: [{ resource: "artifacts", kind: "violation" }],
    },
    {
        title: "the artifacts' bucket by a reference, not protected",
        shows: "bad",
        resources: store(false, unknown, { propertyDependencies: { artifactStores: ["artifacts"] } }),
        expect: [{ resource: "artifacts", kind: "violation" }],
    },
    {
        title: "the gate's table, not protected",
        shows: "bad",
        resources: gateStack(),
        expect: [{ resource: "demo-approvals-table", kind: "violation" }],
    },
    { title: "the artifacts' bucket, protected", shows: "good", resources: store(true), expect: [] },
    {
        title: "a table of something else",
        shows: "good",
        resources: [exampleOf("aws:dynamodb/table:Table", "sessions")],
        expect: [],
    },
    { title: "no bucket", shows: "absent", resources: [pipelineExample(completeStages)], expect: [] },
    {
        title: "one of two buckets that the artifacts may be in",
        shows: "unknown",
        resources: [
            {
                ...pipelineExample(completeStages, { artifactStores: [{ location: unknown, type: "S3" }] }),
                propertyDependencies: { artifactStores: ["first", "second"] },
            },
            { type: "aws:s3/bucket:Bucket", name: "first", props: {}, protect: true },
            { type: "aws:s3/bucket:Bucket", name: "second", props: {} },
        ],
        expect: [{ resource: "second", kind: "inconclusive" }],
    },
];
