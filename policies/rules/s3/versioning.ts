/** S3-02: what was overwritten or deleted can be had back. */
import { expectValue } from "../../harness/expectation";
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { bucketTypes, bucketWith, companionOf, companionWith, inline } from "./bucket";

const fix = 'Add an aws.s3.BucketVersioning with versioningConfiguration: { status: "Enabled" }.';

function judge(graph: StackGraph, bucket: ResourceReader): Outcome {
    const companion = companionOf(graph, bucket, "versioning");
    if (companion.kind === "one")
        return expectValue(companion.resource.string("versioningConfiguration", "status"), {
            accepts: (status) => status === "Enabled",
            consequence: "what is overwritten or deleted in the bucket is gone",
            fix,
        });
    const own = inline(bucket, ["versioning", "enabled"], ["versionings", 0, "enabled"]);
    if (own.kind === "known" && own.value === true) return pass;
    if (own.kind === "unknown") return inconclusive(own, "whether versions are kept is not known yet");
    if (companion.kind === "maybe")
        return inconclusive(companion, "whether this versioning belongs to the bucket is not known yet");
    return violation("The bucket keeps no versions: what is overwritten or deleted is gone.", fix);
}

export const versioning: StackRule = {
    level: "stack",
    metadata: {
        id: "S3-02",
        family: "s3",
        title: "Buckets keep versions",
        rationale:
            "Artifacts, buildspecs, logs and reports that can be overwritten without a trace can be exchanged without a trace.",
        severity: "medium",
        remediation: fix,
        references: ["FSBP S3.14", "checkov CKV_AWS_21", "trivy AWS-0090"],
    },
    relevantTypes: bucketTypes,
    evaluate: (graph) =>
        graph.ofType(...bucketTypes).flatMap((bucket) => about(bucket, judge(graph, bucket))),
    examples: [
        badExample(
            "suspended",
            [bucketWith(), companionWith("versioning", { versioningConfiguration: { status: "Suspended" } })],
            "bucket",
        ),
        badExample("switched off in line", [bucketWith({ versioning: { enabled: false } })], "bucket"),
        goodExample("enabled", [
            bucketWith(),
            companionWith("versioning", { versioningConfiguration: { status: "Enabled" } }),
        ]),
        goodExample("enabled in line", [bucketWith({ versioning: { enabled: true } })]),
        goodExample("the deprecated resources", [
            { ...bucketWith(), type: "aws:s3/bucketV2:BucketV2" },
            companionWith(
                "versioning",
                { versioningConfiguration: { status: "Enabled" } },
                { type: "aws:s3/bucketVersioningV2:BucketVersioningV2" },
            ),
        ]),
        absentExample("nothing said", [bucketWith()], "bucket"),
        openExample(
            "not known yet",
            [bucketWith(), companionWith("versioning", { versioningConfiguration: unknown })],
            "bucket",
        ),
        openExample("in line, not known yet", [bucketWith({ versioning: unknown })], "bucket"),
    ],
};
