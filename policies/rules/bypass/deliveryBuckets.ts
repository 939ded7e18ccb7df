/** BYP-08, for what deliveries are made of: artifacts, buildspecs and caches in buckets. */
import { actionRole } from "../../delivery/deliveryServices";
import type { PackConfiguration } from "../../harness/configuration";
import { valueOf, type ResourceReader } from "../../harness/reader";
import type { StackOutcome } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { mayDo, type PrincipalPermissions } from "../../iam/effectivePermissions";
import { pipelineType, readPipeline } from "../../pipeline/pipelineModel";
import { projectBuildspec, projectRole, projectType, roleType } from "../../pipeline/project";
import { projectsIn, reviewsOf } from "../../review/reviewers";
import { holdOutcomes, type Grip } from "./grip";

export const bucketTypes = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"];

/** Verbs by which an object comes into a bucket. Service Authorization Reference, Amazon S3. */
export const objectVerbs = ["s3:PutObject", "s3:ReplicateObject"] as const;

/** Verbs that open a bucket to others, or fill it from another one. */
export const bucketVerbs = [
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutReplicationConfiguration",
    "s3:PutBucketPublicAccessBlock",
] as const;

interface DeliveryObject {
    what: string;
    grip: Grip;
    /** Who writes there. */
    writers: ReadonlySet<ResourceReader>;
}

/** Name of the bucket that a property names; `*` where it is not known yet. */
export function bucketName(
    from: ResourceReader,
    path: readonly [string, ...(string | number)[]],
    graph: StackGraph,
): string {
    const given = valueOf(from.string(...path));
    if (given !== undefined) return given.replace(/^arn:[^:]*:s3:::/, "");
    const reference = graph.reference(from, path, bucketTypes);
    return reference.kind === "exact" ? (valueOf(reference.resource.string("bucket")) ?? "*") : "*";
}

function object(
    what: string,
    bucket: string,
    key: string,
    writers: ReadonlySet<ResourceReader>,
): DeliveryObject[] {
    const certain = bucket !== "*";
    return [
        {
            what,
            grip: { what, arns: [`arn:*:s3:::${bucket}/${key}`], verbs: objectVerbs, certain },
            writers,
        },
        { what, grip: { what, arns: [`arn:*:s3:::${bucket}`], verbs: bucketVerbs, certain }, writers },
    ];
}

/** An artifact's objects: `<20 characters of the pipeline>/<10 of the artifact>/<random>` (CodePipeline User Guide, "Artifacts"). */
function artifacts(
    pipeline: ResourceReader,
    writers: ReadonlySet<ResourceReader>,
    graph: StackGraph,
): DeliveryObject[] {
    const model = readPipeline(pipeline);
    const name = valueOf(pipeline.string("name"));
    const outputs = model.kind === "known" ? model.value.actions.flatMap((each) => each.outputs) : [];
    const keys = outputs.map((output) => `${name?.slice(0, 20) ?? "*"}/${output.slice(0, 10)}/AbCdEfG`);
    const stores = valueOf(pipeline.list("artifactStores")) ?? [];
    return stores.flatMap((_, index) => {
        const bucket = bucketName(pipeline, ["artifactStores", index, "location"], graph);
        return (keys.length > 0 ? keys : ["*"]).flatMap((key) =>
            object(`the artifacts of ${name ?? pipeline.name}`, bucket, key, writers),
        );
    });
}

function roleOf(project: ResourceReader, graph: StackGraph): ResourceReader[] {
    const role = projectRole(project, graph);
    return role ? [role] : [];
}

/** Roles that run as part of a pipeline: its own, its actions', its projects'. */
function pipelineRoles(pipelines: readonly ResourceReader[], graph: StackGraph): Set<ResourceReader> {
    const found = new Set([...projectsIn(pipelines, graph)].flatMap((project) => roleOf(project, graph)));
    for (const pipeline of pipelines) {
        const own = graph.reference(pipeline, ["roleArn"], [roleType]);
        if (own.kind === "exact") found.add(own.resource);
        const model = readPipeline(pipeline);
        for (const action of model.kind === "known" ? model.value.actions : []) {
            const role = actionRole(action, pipeline, graph);
            if (role.kind === "exact") found.add(role.resource);
        }
    }
    return found;
}

/** Text of a cache location is `bucket/prefix`. */
function cacheOf(project: ResourceReader, graph: StackGraph): { bucket: string; prefix: string } | null {
    if (valueOf(project.string("cache", "type")) !== "S3") return null;
    const location = valueOf(project.string("cache", "location"));
    if (location === undefined) return { bucket: bucketName(project, ["cache", "location"], graph), prefix: "*" };
    const [bucket = "*", ...prefix] = location.replace(/^arn:[^:]*:s3:::/, "").split("/");
    return { bucket, prefix: prefix.join("/") };
} // prettier-ignore

const cache = new WeakMap<StackGraph, DeliveryObject[]>();

/** What deliveries read from buckets, and who puts it there; found once per graph. */
export function deliveryObjects(graph: StackGraph, configuration: PackConfiguration): DeliveryObject[] {
    let found = cache.get(graph);
    if (!found) cache.set(graph, (found = collect(graph, configuration)));
    return found;
}

function collect(graph: StackGraph, configuration: PackConfiguration): DeliveryObject[] {
    return distinct(gathered(graph, configuration));
}

/** A bucket keeps many artifacts: it is asked about once. */
function distinct(objects: readonly DeliveryObject[]): DeliveryObject[] {
    const found = new Map<string, DeliveryObject>();
    for (const each of objects) {
        const key = `${each.what} ${each.grip.arns.join(" ")}`;
        if (!found.has(key)) found.set(key, each);
    }
    return [...found.values()];
}

function gathered(graph: StackGraph, configuration: PackConfiguration): DeliveryObject[] {
    const reviews = reviewsOf(graph, configuration);
    const pipelines = graph.ofType(pipelineType).filter((each) => !reviews.pipelines.includes(each));
    const writers = pipelineRoles(pipelines, graph);
    for (const { role } of reviews.roles) writers.delete(role);
    const nobody = new Set<ResourceReader>();
    return [
        ...pipelines.flatMap((pipeline) => artifacts(pipeline, writers, graph)),
        ...graph.ofType(projectType).flatMap((project) => {
            if (reviews.projects.includes(project)) return [];
            const buildspec = projectBuildspec(project);
            const [bucket = "*", ...key] = buildspec.kind === "object" ? buildspec.arn.replace(/^arn:[^:]*:s3:::/, "").split("/") : []; // prettier-ignore
            const kept = cacheOf(project, graph);
            return [
                ...(buildspec.kind === "object"
                    ? object(`the buildspec of ${project.name}`, bucket, key.join("/"), nobody)
                    : []),
                ...(kept
                    ? object(`the cache of ${project.name}`, kept.bucket, `${kept.prefix}/AbCdEfG`.replace(/^\//, ""), cacheWriters(project, kept.bucket, graph, reviews.projects)) // prettier-ignore
                    : []),
            ];
        }),
    ];
}

/** Roles of the deliveries' projects that keep their cache in the same bucket. */
function cacheWriters(
    project: ResourceReader,
    bucket: string,
    graph: StackGraph,
    reviewed: readonly ResourceReader[],
): Set<ResourceReader> {
    const same = graph
        .ofType(projectType)
        .filter((each) => each === project || (!reviewed.includes(each) && cacheOf(each, graph)?.bucket === bucket)); // prettier-ignore
    return new Set(same.flatMap((each) => roleOf(each, graph)));
}

/** What of it a principal may write that is not its own to write. */
export function deliveryBucketOutcomes(
    entry: PrincipalPermissions,
    objects: readonly DeliveryObject[],
): StackOutcome[] {
    // Most principals may write no bucket, or only with one of the verbs: that is asked first.
    const verbs = [...objectVerbs, ...bucketVerbs].filter((verb) => mayDo(entry, verb, "*").kind !== "no");
    if (verbs.length === 0) return [];
    const held = new Set<string>(verbs);
    return holdOutcomes(
        entry,
        objects
            .filter(({ writers }) => !writers.has(entry.principal))
            .map(({ grip }) => ({ ...grip, verbs: grip.verbs.filter((verb) => held.has(verb)) }))
            .filter((grip) => grip.verbs.length > 0),
        ({ verb, what }, path) =>
            `It may ${verb} on ${what}: a later step runs or releases what it puts there (${path}).`,
        "Take the action away, or limit it to a prefix or bucket that no delivery reads.",
    );
}
