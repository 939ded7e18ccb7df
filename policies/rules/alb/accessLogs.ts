/** ALB-05: who called is on record, in a bucket that nobody else reads. */
import { expectValue } from "../../harness/expectation";
import { nested } from "../../harness/nested";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, is, unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { isApplicationLoadBalancer, loadBalancerTypes } from "./loadBalancer";

const bucketTypes = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"];
const publicAccessBlockType = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
const flags = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"] as const;

const metadata: RuleMetadata = {
    id: "ALB-05",
    family: "alb",
    title: "Load balancers write access logs to a bucket that is not public",
    rationale:
        "Without a log nobody can tell who asked the scanner what, or whether somebody guessed its password; a log that anybody reads tells it to everybody.",
    severity: "medium",
    remediation:
        "Set `accessLogs: { enabled: true, bucket }`, and give the bucket an `aws.s3.BucketPublicAccessBlock` with four true flags. The bucket has to be encrypted with SSE-S3: the service does not deliver to one with a customer key.",
    references: ["FSBP ELB.5", "checkov CKV_AWS_91", "cdk-nag AwsSolutions-ELB2"],
};
const fix = "Set accessLogs: { enabled: true, bucket: bucket.id }.";

export const accessLogs: ResourceRule = {
    level: "resource",
    metadata,
    types: loadBalancerTypes,
    evaluate: (balancer) => {
        if (!isApplicationLoadBalancer(balancer)) return [notApplicable("not an application load balancer")];
        const enabled = nested(balancer, "accessLogs", (inner) => inner.boolean("enabled"));
        const judged = expectValue(enabled, {
            accepts: (value) => value,
            consequence: `nobody can tell who called load balancer ${balancer.name}`,
            fix,
            findingId: "enabled",
        });
        if (judged.kind !== "pass") return [judged];
        const bucket = filled(balancer.string("accessLogs", "bucket"));
        // The name may be an output of the bucket: not known yet is enough to see that one is set.
        if (bucket.kind === "unknown") return [pass];
        return [
            expectValue(bucket, {
                accepts: () => true,
                consequence: "the access logs have nowhere to go",
                fix,
                findingId: "bucket",
            }),
        ];
    },
    examples: [
        badExample("switched off", [balancer({ enabled: false, bucket: "logs" })], "alb"),
        badExample("no bucket", [balancer({ enabled: true, bucket: "" })], "alb"),
        goodExample("to a bucket", [balancer({ enabled: true, bucket: unknown })]),
        goodExample("a network load balancer", [
            { ...balancer(null), props: { loadBalancerType: "network" } },
        ]),
        absentExample("not set", [balancer(null)], "alb"),
        openExample("not known yet", [balancer({ enabled: unknown, bucket: "logs" })], "alb"),
    ],
};

function judgeBucket(graph: StackGraph, bucket: ResourceReader): Outcome {
    const { certain, possible } = graph.referrers(bucket, [publicAccessBlockType], "bucket");
    const readings = certain.flatMap((block) => flags.map((flag) => block.boolean(flag)));
    if (readings.length > 0 && readings.every((reading) => is(reading, true))) return pass;
    const open = readings.find(({ kind }) => kind === "unknown");
    if (open) return inconclusive(open, "whether the bucket of the access logs is public is not known yet");
    const [unclear] = possible;
    if (certain.length === 0 && unclear)
        return inconclusive({ property: `${unclear.name}.bucket` }, "whether this block protects the bucket of the access logs cannot be told yet"); // prettier-ignore
    return violation(
        `The access logs go to bucket ${bucket.name}, which does not block every kind of public access.`,
        "Add an aws.s3.BucketPublicAccessBlock for it with four true flags.",
        { findingId: "public" },
    );
}

function judgeDestination(graph: StackGraph, balancer: ResourceReader): Outcome {
    if (!isApplicationLoadBalancer(balancer) || !is(balancer.boolean("accessLogs", "enabled"), true))
        return notApplicable("the resource half asks for access logs");
    const reference = graph.reference(balancer, ["accessLogs", "bucket"], bucketTypes);
    if (reference.kind === "absent") return notApplicable("the resource half asks for a bucket");
    if (reference.kind === "external") return pass;
    if (reference.kind === "dangling" || reference.kind === "unknown") {
        const hint = "name it in the setting externalReferences";
        return inconclusive(
            reference,
            `whether a bucket outside the stack exists and is protected cannot be told; ${hint}`,
        );
    }
    const buckets = reference.kind === "exact" ? [reference.resource] : reference.resources;
    const judged = buckets.map((bucket) => judgeBucket(graph, bucket));
    const [first] = judged;
    if (first && judged.every(({ kind }) => kind === first.kind)) return first;
    return inconclusive(reference, "which bucket the access logs go to cannot be told yet");
}

export const accessLogBucket: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: loadBalancerTypes,
    evaluate: (graph) =>
        graph.ofType(...loadBalancerTypes).flatMap((each) => about(each, judgeDestination(graph, each))),
    examples: [
        badExample("a bucket without protection", [bucket("logs"), logging(["logs"])], "alb"),
        badExample(
            "three of four flags",
            [bucket("logs"), block("logs", { restrictPublicBuckets: false }), logging(["logs"])],
            "alb",
        ),
        goodExample("a bucket that blocks public access", [bucket("logs"), block("logs"), logging(["logs"])]),
        goodExample("the same, by its name", [
            bucket("logs"),
            { ...block("logs"), props: { ...block("logs").props, bucket: "logs" } },
            balancer({ enabled: true, bucket: "logs" }),
        ]),
        {
            title: "a bucket that is declared external",
            shows: "good",
            configuration: { externalReferences: ["central-logs"] },
            resources: [balancer({ enabled: true, bucket: "central-logs" })],
            expect: [],
        },
        absentExample("no access logs: the resource half says so", [balancer(null)]),
        openExample(
            "a bucket of another stack",
            [balancer({ enabled: true, bucket: "central-logs" })],
            "alb",
        ),
        openExample(
            "one of two buckets",
            [bucket("logs"), block("logs"), bucket("other"), logging(["logs", "other"])],
            "alb",
        ),
    ],
};

function balancer(given: unknown): ExampleResource {
    return { type: loadBalancerTypes[0] ?? "", name: "alb", props: { name: "alb", accessLogs: given } };
}

function logging(to: string[]): ExampleResource {
    return {
        ...balancer({ enabled: true, bucket: unknown }),
        propertyDependencies: { accessLogs: to },
    };
}

function bucket(name: string): ExampleResource {
    return { type: bucketTypes[0] ?? "", name, props: { bucket: name } };
}

function block(of: string, changes: Record<string, unknown> = {}): ExampleResource {
    return {
        type: publicAccessBlockType,
        name: `${of}-block`,
        props: { bucket: unknown, ...Object.fromEntries(flags.map((flag) => [flag, true])), ...changes },
        propertyDependencies: { bucket: [of] },
    };
}
