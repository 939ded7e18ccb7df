import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import {
    allow,
    buildspecOf,
    completeStages,
    pipelineExample,
    pipelineStack,
    projectExample,
    roleExample,
} from "../../pipeline/exampleResources";

const store = (location: unknown) => ({ artifactStores: [{ location, type: "S3" }] });
const role = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;

/** A pipeline with its artifacts in a bucket, and a project for pull requests beside it. */
const delivery = (location: unknown, ...more: ExampleResource[]): ExampleResource[] =>
    pipelineStack(
        completeStages,
        { type: "aws:s3/bucket:Bucket", name: "artifacts", props: { bucket: "demo-artifacts" } },
        pipelineExample(completeStages, { roleArn: role("pipeline-role"), ...store(location) }),
        roleExample("pipeline-role", [allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::demo-artifacts/*")]), // prettier-ignore
        projectExample("review", buildspecOf(["npm test"])),
        {
            type: "aws:codebuild/webhook:Webhook",
            name: "hook",
            props: {
                projectName: "review",
                filterGroups: [{ filters: [{ type: "EVENT", pattern: "PULL_REQUEST_CREATED" }] }],
            },
        },
        ...more,
    );
const reviewing = (actions: string | string[], resource: string): ExampleResource =>
    roleExample("review-role", [allow(actions, resource)]);
const bucket = "arn:aws:s3:::demo-artifacts";

const cached = (name: string): ExampleResource => projectExample(name, buildspecOf(["npm ci"]), undefined, { cache: { type: "S3", location: "demo-cache/npm" } }); // prettier-ignore
const stored = projectExample("stored", "arn:aws:s3:::demo-buildspecs/stored.yml");

export const deliveryBucketExamples: RuleExample[] = [
    badExample("a project for pull requests writes artifacts", delivery("demo-artifacts", reviewing("s3:PutObject", `${bucket}/*`)), "review-role"), // prettier-ignore
    badExample("one artifact of the pipeline", delivery("demo-artifacts", reviewing("s3:Put*", `${bucket}/demo/image/*`)), "review-role"), // prettier-ignore
    badExample("artifacts by replication", delivery("demo-artifacts", reviewing("s3:ReplicateObject", `${bucket}/*`)), "review-role"), // prettier-ignore
    badExample("who may write artifacts", delivery("demo-artifacts", reviewing("s3:PutBucketPolicy", bucket)), "review-role"), // prettier-ignore
    badExample(
        "the buildspec of a step",
        [stored, roleExample("build-role", [allow("s3:PutObject", "arn:aws:s3:::demo-buildspecs/*")])],
        "build-role",
    ),
    badExample(
        "another's cache",
        [cached("tests"), roleExample("docs-role", [allow("s3:PutObject", "arn:aws:s3:::demo-cache/*")])],
        "docs-role",
    ),
    badExample(
        "the bucket is named by a reference",
        delivery(unknown, reviewing("s3:PutObject", `${bucket}/*`)).map((each) =>
            each.name === "pipeline"
                ? { ...each, propertyDependencies: { artifactStores: ["artifacts"] } }
                : each,
        ),
        "review-role",
    ),
    goodExample(
        "the pipeline and its builds write artifacts",
        delivery(
            "demo-artifacts",
            roleExample("build-role", [allow("s3:PutObject", `${bucket}/*`)], "builder"),
        ),
    ),
    goodExample(
        "a project for pull requests reads artifacts, and writes elsewhere",
        delivery(
            "demo-artifacts",
            roleExample("review-role", [
                allow("s3:GetObject", `${bucket}/*`),
                allow("s3:PutObject", "arn:aws:s3:::demo-reports/*"),
            ]),
        ),
    ),
    goodExample("a project its own cache", [
        cached("tests"),
        roleExample("tests-role", [allow("s3:PutObject", "arn:aws:s3:::demo-cache/npm/*")]),
    ]),
    openExample(
        "which bucket keeps the artifacts is not known yet",
        [
            pipelineExample(completeStages, store(unknown)),
            roleExample("docs-role", [allow("s3:PutObject", `${bucket}/*`)]),
        ],
        "docs-role",
    ),
];
