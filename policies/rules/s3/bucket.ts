/** S3 buckets, and the resources that complete them: since provider 4 most settings stand in resources of their own. */
import { unknown, valueOf, type PathSegment, type Reading, type ResourceReader } from "../../harness/reader";
import type { ExampleResource } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";

/** Both are the same thing; the second is deprecated and still emitted. */
export const bucketTypes = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"];

const both = (name: string): string[] => {
    const capital = name.charAt(0).toUpperCase() + name.slice(1);
    return [`aws:s3/${name}:${capital}`, `aws:s3/${name}V2:${capital}V2`];
};

/** Resources that refer to a bucket by their property `bucket`. */
export const companionTypes = {
    publicAccess: ["aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"],
    versioning: both("bucketVersioning"),
    encryption: both("bucketServerSideEncryptionConfiguration"),
    policy: ["aws:s3/bucketPolicy:BucketPolicy"],
    logging: both("bucketLogging"),
    lifecycle: both("bucketLifecycleConfiguration"),
    ownership: ["aws:s3/bucketOwnershipControls:BucketOwnershipControls"],
    acl: both("bucketAcl"),
    objectLock: both("bucketObjectLockConfiguration"),
} as const;

export type Companion =
    | { kind: "one"; resource: ResourceReader }
    | { kind: "none" }
    /** A resource that may belong to the bucket; `property` would tell. */
    | { kind: "maybe"; property: string };

/** The resource that completes the bucket in this respect. */
export function companionOf(
    graph: StackGraph,
    bucket: ResourceReader,
    part: keyof typeof companionTypes,
): Companion {
    const { certain, possible } = graph.referrers(bucket, companionTypes[part], "bucket");
    if (certain[0]) return { kind: "one", resource: certain[0] };
    if (possible[0]) return { kind: "maybe", property: `${possible[0].name}.bucket` };
    return { kind: "none" };
}

/** Where a bucket says in line which bucket takes its access logs. */
export function loggingPath(bucket: ResourceReader): PathSegment[] {
    return bucket.type === bucketTypes[1] ? ["loggings", 0, "targetBucket"] : ["logging", "targetBucket"];
}

/** An in-line setting of a bucket. What is an object in `Bucket` is mostly the first of a list in `BucketV2`. */
export function inline(
    bucket: ResourceReader,
    path: readonly PathSegment[],
    pathOfV2: readonly PathSegment[],
): Reading<unknown> {
    return bucket.get(...(bucket.type === bucketTypes[1] ? pathOfV2 : path));
}

const words = (resource: ResourceReader): string[] =>
    [resource.name, valueOf(resource.string("bucket")), valueOf(resource.string("bucketPrefix"))].filter(
        (word): word is string => word !== undefined,
    );

/** Whether name or tags say that scan reports, SBOMs or other evidence lie here. */
export function isEvidenceBucket(bucket: ResourceReader): boolean {
    const role = valueOf(bucket.string("tags", "gate:role"));
    return (
        role === "evidence" ||
        words(bucket).some((word) => /evidence|sbom|scan-?(?:reports?|results?)/i.test(word))
    );
}

/** Types that deliver logs into a bucket, and where they say so. */
const logSources: readonly (readonly [types: readonly string[], path: readonly PathSegment[]])[] = [
    [companionTypes.logging, ["targetBucket"]],
    [bucketTypes.slice(0, 1), ["logging", "targetBucket"]],
    [bucketTypes.slice(1), ["loggings", 0, "targetBucket"]],
    [
        ["aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer"],
        ["accessLogs", "bucket"],
    ],
];

const logBucketsByGraph = new WeakMap<StackGraph, Set<ResourceReader>>();

/** Buckets that other resources of the stack write their logs to. Worked out once per graph. */
export function isLogBucket(graph: StackGraph, bucket: ResourceReader): boolean {
    let found = logBucketsByGraph.get(graph);
    if (!found) {
        found = new Set(
            logSources.flatMap(([types, path]) =>
                graph.ofType(...types).flatMap((source) => {
                    const reference = graph.reference(source, path, bucketTypes);
                    return reference.kind === "exact" ? [reference.resource] : [];
                }),
            ),
        );
        logBucketsByGraph.set(graph, found);
    }
    return found.has(bucket);
}

/** The deprecated spelling of the same, for examples. */
export function bucketV2With(props: Record<string, unknown>): ExampleResource {
    return { ...bucketWith(props), type: "aws:s3/bucketV2:BucketV2" };
}

/** Smallest bucket for examples, called `bucket`. */
export function bucketWith(props: Record<string, unknown> = {}, name = "bucket"): ExampleResource {
    return { type: "aws:s3/bucket:Bucket", name, props: { bucket: `${name}-of-example`, ...props } };
}

/** A companion for examples; of the bucket called `bucket`, by an output. */
export function companionWith(
    part: keyof typeof companionTypes,
    props: Record<string, unknown>,
    more: Partial<ExampleResource> = {},
): ExampleResource {
    return {
        type: companionTypes[part][0],
        name: part,
        props: { bucket: unknown, ...props },
        propertyDependencies: { bucket: ["bucket"] },
        ...more,
    };
}
