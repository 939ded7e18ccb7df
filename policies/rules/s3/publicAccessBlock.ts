/** S3-01: no policy and no access list can open a bucket to the world. */
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { is, unknown, type ResourceReader } from "../../harness/reader";
import type { Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { bucketTypes, bucketWith, companionOf, companionWith } from "./bucket";

const accountBlockType = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock";
const flags = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"] as const;
const all = Object.fromEntries(flags.map((flag) => [flag, true]));
const fix =
    "Add an aws.s3.BucketPublicAccessBlock for the bucket with blockPublicAcls, blockPublicPolicy, ignorePublicAcls and restrictPublicBuckets all true.";

function blockOutcome(block: ResourceReader): Outcome {
    const readings = flags.map((flag) => block.boolean(flag));
    const open = readings.filter((reading) => reading.kind !== "unknown" && !is(reading, true));
    if (open.length > 0)
        return violation(
            `${block.name} leaves ${open.map(({ property }) => property).join(", ")} off: the bucket can be opened to the world.`,
            fix,
        );
    const notKnown = readings.find(({ kind }) => kind === "unknown");
    return notKnown ? inconclusive(notKnown, "whether public access is blocked is not known yet") : pass;
}

function judge(graph: StackGraph, bucket: ResourceReader): Outcome {
    const companion = companionOf(graph, bucket, "publicAccess");
    if (companion.kind === "one") return blockOutcome(companion.resource);
    if (graph.ofType(accountBlockType).some((block) => blockOutcome(block).kind === "pass")) return pass;
    if (companion.kind === "maybe")
        return inconclusive(companion, "whether this block belongs to the bucket is not known yet");
    return violation("The bucket has no public access block: a policy can open it to the world.", fix);
}

export const publicAccessBlock: StackRule = {
    level: "stack",
    metadata: {
        id: "S3-01",
        family: "s3",
        title: "Every bucket blocks public access",
        rationale:
            "One statement too many in a bucket policy gives artifacts and reports to the world; the four blocks keep it shut whatever a policy says.",
        severity: "critical",
        remediation: fix,
        references: [
            "FSBP S3.2",
            "FSBP S3.3",
            "FSBP S3.8",
            "checkov CKV2_AWS_6",
            "checkov CKV_AWS_53",
            "trivy AWS-0086",
            "trivy AWS-0087",
            "cdk-nag AwsSolutions-S2",
            "CIS AWS 5.0.0 2.1.4",
        ],
    },
    relevantTypes: bucketTypes,
    evaluate: (graph) =>
        graph.ofType(...bucketTypes).flatMap((bucket) => about(bucket, judge(graph, bucket))),
    examples: [
        badExample(
            "three of four",
            [bucketWith(), companionWith("publicAccess", { ...all, restrictPublicBuckets: undefined })],
            "bucket",
        ),
        badExample(
            "the block belongs to the other bucket",
            [
                bucketWith(),
                bucketWith({}, "other"),
                companionWith("publicAccess", all, { propertyDependencies: { bucket: ["other"] } }),
            ],
            "bucket",
        ),
        goodExample("all four", [bucketWith(), companionWith("publicAccess", all)]),
        goodExample("all four, by name", [
            { ...bucketWith(), type: "aws:s3/bucketV2:BucketV2" },
            companionWith(
                "publicAccess",
                { ...all, bucket: "bucket-of-example" },
                { propertyDependencies: {} },
            ),
        ]),
        goodExample("for the whole account", [
            bucketWith(),
            { type: accountBlockType, name: "account", props: all },
        ]),
        absentExample("no block", [bucketWith()], "bucket"),
        openExample("not known yet", [bucketWith(), companionWith("publicAccess", { ...all, blockPublicAcls: unknown })], "bucket"), // prettier-ignore
        {
            title: "a block of one of two buckets; a third has none",
            shows: "unknown",
            resources: [
                bucketWith(),
                bucketWith({}, "other"),
                companionWith("publicAccess", all, { propertyDependencies: { bucket: ["bucket", "other"] } }),
            ],
            expect: [
                { resource: "bucket", kind: "inconclusive" },
                { resource: "other", kind: "inconclusive" },
            ],
        },
    ],
};
