/** S3-05: who read what is written down, somewhere else. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import {
    bucketTypes,
    bucketV2With,
    bucketWith,
    companionOf,
    companionWith,
    isLogBucket,
    loggingPath,
} from "./bucket";

const fix = "Add an aws.s3.BucketLogging with the targetBucket of logs.";

function judge(graph: StackGraph, bucket: ResourceReader): Outcome {
    const companion = companionOf(graph, bucket, "logging");
    const [holder, path] =
        companion.kind === "one"
            ? ([companion.resource, ["targetBucket"]] as const)
            : ([bucket, loggingPath(bucket)] as const);
    const target = graph.reference(holder, path, bucketTypes);
    if (target.kind === "exact" && target.resource === bucket)
        return violation(
            "The bucket logs to itself: whoever can delete what it holds deletes the trace too.",
            fix,
        );
    // The bucket that takes the logs would log every delivery of a log.
    if (isLogBucket(graph, bucket)) return notApplicable("a bucket for logs");
    if (target.kind !== "absent") return pass;
    if (bucket.get(...loggingPath(bucket)).kind !== "absent") return pass;
    if (companion.kind === "maybe")
        return inconclusive(companion, "whether this logging belongs to the bucket is not known yet");
    return violation("Nobody can tell who read or wrote the bucket: it has no access log.", fix);
}

export const accessLog: StackRule = {
    level: "stack",
    metadata: {
        id: "S3-05",
        family: "s3",
        title: "Buckets log access to another bucket",
        rationale: "After an incident the access log is what says who had the artifact, and when.",
        severity: "low",
        remediation: fix,
        references: ["FSBP S3.9", "checkov CKV_AWS_18", "trivy AWS-0089", "cdk-nag AwsSolutions-S1"],
    },
    relevantTypes: bucketTypes,
    evaluate: (graph) =>
        graph.ofType(...bucketTypes).flatMap((bucket) => about(bucket, judge(graph, bucket))),
    examples: [
        badExample(
            "logs to itself",
            [bucketWith(), companionWith("logging", { targetBucket: "bucket-of-example" })],
            "bucket",
        ),
        goodExample("logs to another, which itself needs none", [
            bucketWith(),
            bucketWith({}, "logs"),
            companionWith("logging", { targetBucket: "logs-of-example" }),
        ]),
        goodExample("logs to a bucket outside, in line", [
            bucketWith({ logging: { targetBucket: "central-logs" } }),
        ]),
        goodExample("logs to another in line, in the deprecated resource", [
            bucketV2With({ loggings: [{ targetBucket: "logs-of-example" }] }),
            bucketWith({}, "logs"),
        ]),
        badExample(
            "logs to itself in line, in the deprecated resource",
            [bucketV2With({ loggings: [{ targetBucket: "bucket-of-example" }] })],
            "bucket",
        ),
        absentExample("no log", [bucketWith()], "bucket"),
        {
            title: "a log of one of two buckets",
            shows: "unknown",
            resources: [
                bucketWith(),
                bucketWith({}, "other"),
                companionWith(
                    "logging",
                    { targetBucket: "central-logs" },
                    { propertyDependencies: { bucket: ["bucket", "other"] } },
                ),
            ],
            expect: [
                { resource: "bucket", kind: "inconclusive" },
                { resource: "other", kind: "inconclusive" },
            ],
        },
        openExample(
            "a log of a bucket that is not known yet",
            [
                bucketWith(),
                companionWith(
                    "logging",
                    { bucket: unknown, targetBucket: "x" },
                    { propertyDependencies: {} },
                ),
            ],
            "bucket",
        ),
    ],
};
