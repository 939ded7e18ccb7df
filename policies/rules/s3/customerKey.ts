/** S3-03: who reads a bucket needs a key that the account controls. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import {
    filled,
    is,
    PropertyReader,
    unknown,
    valueOf,
    type PathSegment,
    type Reading,
    type ResourceReader,
} from "../../harness/reader";
import type { Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import {
    bucketTypes,
    bucketV2With,
    bucketWith,
    companionOf,
    companionWith,
    inline,
    isLogBucket,
} from "./bucket";

const fix =
    'Add an aws.s3.BucketServerSideEncryptionConfiguration with sseAlgorithm "aws:kms", kmsMasterKeyId: key.arn and bucketKeyEnabled: true.';

function ruleOutcome(rule: PropertyReader): Outcome {
    const lists = rule.get("applyServerSideEncryptionByDefaults").kind !== "absent";
    const apply: PathSegment[] = lists
        ? ["applyServerSideEncryptionByDefaults", 0]
        : ["applyServerSideEncryptionByDefault"];
    const algorithm = rule.string(...apply, "sseAlgorithm");
    if (algorithm.kind === "unknown")
        return inconclusive(algorithm, "how the bucket encrypts is not known yet");
    const name = valueOf(algorithm);
    if (name !== "aws:kms" && name !== "aws:kms:dsse")
        return violation(
            `${algorithm.property} is ${name === undefined ? "not set" : `"${name}"`}: whoever may read the bucket needs no key.`,
            fix,
            { findingId: "key" },
        );
    const key = filled(rule.string(...apply, "kmsMasterKeyId"));
    if (key.kind !== "known" && key.kind !== "unknown")
        return violation(`${key.property} is not set: the key is the one that AWS manages.`, fix, {
            findingId: "key",
        });
    const bucketKey = rule.boolean("bucketKeyEnabled");
    if (bucketKey.kind === "unknown")
        return inconclusive(bucketKey, "whether a bucket key is used is not known yet");
    // Double encryption cannot use bucket keys (Amazon S3 User Guide, "Using dual-layer server-side encryption").
    if (name === "aws:kms:dsse" || is(bucketKey, true)) return pass;
    return violation(
        `${bucketKey.property} is not true: every object asks KMS, which costs and throttles.`,
        "Set bucketKeyEnabled: true.",
        { findingId: "bucketKey", severity: "low" },
    );
}

function encryptionRule(graph: StackGraph, bucket: ResourceReader): Reading<PropertyReader> {
    const companion = companionOf(graph, bucket, "encryption");
    if (companion.kind === "one") return companion.resource.object("rules", 0);
    const own = inline(
        bucket,
        ["serverSideEncryptionConfiguration", "rule"],
        ["serverSideEncryptionConfigurations", 0, "rules", 0],
    );
    if (own.kind === "known") return { ...own, value: new PropertyReader(own.value, own.property) };
    if (own.kind === "absent" && companion.kind === "maybe")
        return { kind: "unknown", property: companion.property };
    return own;
}

function judge(graph: StackGraph, bucket: ResourceReader): Outcome {
    if (isLogBucket(graph, bucket))
        return notApplicable("log deliveries of S3 and load balancers cannot use a customer key");
    const rule = encryptionRule(graph, bucket);
    if (rule.kind === "unknown") return inconclusive(rule, "how the bucket encrypts is not known yet");
    if (rule.kind === "known") return ruleOutcome(rule.value);
    return violation("The bucket encrypts with a key of S3 itself: whoever may read it needs no key.", fix, {
        findingId: "key",
    });
}

const encrypted = (apply: unknown, bucketKeyEnabled?: boolean) =>
    companionWith("encryption", { rules: [{ applyServerSideEncryptionByDefault: apply, bucketKeyEnabled }] });

export const customerKey: StackRule = {
    level: "stack",
    metadata: {
        id: "S3-03",
        family: "s3",
        title: "Buckets are encrypted with a customer managed key",
        rationale:
            "With a key of one's own, a key policy decides who can read artifacts and reports, and every use of it is in the trail.",
        severity: "medium",
        remediation: fix,
        references: ["FSBP S3.17", "checkov CKV_AWS_145", "trivy AWS-0132"],
    },
    relevantTypes: bucketTypes,
    evaluate: (graph) =>
        graph.ofType(...bucketTypes).flatMap((bucket) => about(bucket, judge(graph, bucket))),
    examples: [
        badExample("a key of S3", [bucketWith(), encrypted({ sseAlgorithm: "AES256" })], "bucket"),
        badExample(
            "the key that AWS manages",
            [bucketWith(), encrypted({ sseAlgorithm: "aws:kms" }, true)],
            "bucket",
        ),
        badExample(
            "no bucket key",
            [bucketWith(), encrypted({ sseAlgorithm: "aws:kms", kmsMasterKeyId: unknown })],
            "bucket",
        ),
        goodExample("a customer key", [
            bucketWith(),
            encrypted({ sseAlgorithm: "aws:kms", kmsMasterKeyId: unknown }, true),
        ]),
        goodExample("twice encrypted", [
            bucketWith(),
            encrypted({ sseAlgorithm: "aws:kms:dsse", kmsMasterKeyId: unknown }),
        ]),
        goodExample("in line", [
            bucketWith({
                serverSideEncryptionConfiguration: {
                    rule: {
                        applyServerSideEncryptionByDefault: {
                            sseAlgorithm: "aws:kms",
                            kmsMasterKeyId: "alias/artifacts",
                        },
                        bucketKeyEnabled: true,
                    },
                },
            }),
        ]),
        goodExample("in line, in the deprecated resource", [
            bucketV2With({
                serverSideEncryptionConfigurations: [
                    {
                        rules: [
                            {
                                applyServerSideEncryptionByDefaults: [
                                    { sseAlgorithm: "aws:kms", kmsMasterKeyId: unknown },
                                ],
                                bucketKeyEnabled: true,
                            },
                        ],
                    },
                ],
            }),
        ]),
        badExample(
            "AWS's own key in line, in the deprecated resource",
            [
                bucketV2With({
                    serverSideEncryptionConfigurations: [
                        {
                            rules: [
                                {
                                    applyServerSideEncryptionByDefaults: [{ sseAlgorithm: "aws:kms" }],
                                    bucketKeyEnabled: true,
                                },
                            ],
                        },
                    ],
                }),
            ],
            "bucket",
        ),
        openExample(
            "in line and not known yet, in the deprecated resource",
            [bucketV2With({ serverSideEncryptionConfigurations: unknown })],
            "bucket",
        ),
        goodExample("a bucket for the logs of a load balancer", [
            bucketWith(),
            encrypted({ sseAlgorithm: "AES256" }),
            {
                type: "aws:lb/loadBalancer:LoadBalancer",
                name: "balancer",
                props: { accessLogs: { bucket: "bucket-of-example", enabled: true } },
            },
        ]),
        absentExample("nothing said", [bucketWith()], "bucket"),
        openExample(
            "not known yet",
            [bucketWith(), companionWith("encryption", { rules: unknown })],
            "bucket",
        ),
    ],
};
