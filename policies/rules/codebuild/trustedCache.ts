/** CB-15: nobody leaves anything in the cache of a build that judges or releases. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { effectivePermissions, mayDo } from "../../iam/effectivePermissions";
import { deliveryTier } from "../../pipeline/deliveryTarget";
import {
    allow,
    buildBuildspec,
    projectExample,
    roleExample,
    scanBuildspec,
} from "../../pipeline/exampleResources";
import { gateRole, projectBuildspec, projectRole, projectType } from "../../pipeline/project";
import { webhookExample, webhookType } from "./webhookFilters.examples";

const metadata: RuleMetadata = {
    id: "CB-15",
    family: "codebuild",
    title: "Builds that judge or release use no cache that others fill",
    rationale:
        "A layer or a file in a cache is taken for what it says it is. Whoever can put one there, an earlier build on the same host or a pull request, decides what the scan sees and what is released.",
    severity: "medium",
    remediation:
        "Set `cache.type` to `NO_CACHE` for projects that scan, promote or deploy, and give builds of pull requests a cache bucket of their own.",
    references: ["OWASP CICD-SEC-4"],
};

const judging = new Set(["scan", "scanner", "promote", "promoter", "publish", "publisher", "deploy", "deployer", "verifier"]); // prettier-ignore
const scan = (cache: unknown, role: string | undefined = "scanner"): ExampleResource =>
    projectExample("scan", scanBuildspec, role, { cache });
const layers = { type: "LOCAL", modes: ["LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE"] };
const finding = [{ resource: "scan", kind: "violation" as const }];

/** Whether the project judges or releases, by its tag, else by its commands. */
function judgesOrReleases(project: ResourceReader, configuration: PackConfiguration): boolean | "unknown" {
    const role = gateRole(project);
    if (role !== null) return judging.has(role);
    const buildspec = projectBuildspec(project);
    if (buildspec.kind === "unknown") return "unknown";
    if (buildspec.kind !== "inline") return false;
    const { scanners, deliveries } = buildspec.analysis;
    if (deliveries.some(({ kind }) => kind === "build")) return false;
    return (
        scanners.length > 0 ||
        deliveries.some(
            (delivery) =>
                delivery.kind === "deploy" ||
                deliveryTier(delivery, buildspec.analysis, configuration) === "production",
        )
    );
}

export const trustedCache: ResourceRule = {
    level: "resource",
    metadata,
    types: [projectType],
    evaluate: (project, configuration) => {
        const cache = project.object("cache");
        if (cache.kind === "malformed")
            return [violation(`${cache.property} ${cache.why}.`, "Give an object.")];
        const type = project.string("cache", "type");
        const modes = project.strings("cache", "modes");
        if (cache.kind === "absent" || (type.kind === "known" && type.value !== "LOCAL")) return [pass];
        const concerned = judgesOrReleases(project, configuration);
        if (concerned === false) return [notApplicable("the project neither judges nor releases")];
        if (type.kind === "absent") return [pass];
        const layered = modes.kind === "known" && modes.value.values.includes("LOCAL_DOCKER_LAYER_CACHE");
        if (type.kind === "known" && layered && concerned === true)
            return [
                violation(
                    `${modes.property} has LOCAL_DOCKER_LAYER_CACHE: layers that an earlier build left on the host are taken for those of the image.`,
                    "Set cache.type to NO_CACHE.",
                ),
            ];
        const open = [type, modes].find(({ kind }) => kind === "unknown" || kind === "malformed");
        if (open) return [inconclusive(open, "which cache the build uses is not known")];
        return layered ? [inconclusive(modes, "what the project does is not known yet")] : [pass];
    },
    examples: [
        {
            title: "layers on the host of a scanner",
            shows: "bad",
            resources: [scan(layers)],
            expect: finding,
        },
        {
            title: "layers on the host of a scanner that only its commands show",
            shows: "bad",
            resources: [projectExample("scan", scanBuildspec, undefined, { cache: layers })],
            expect: finding,
        },
        { title: "no cache", shows: "good", resources: [scan({ type: "NO_CACHE" })], expect: [] },
        { title: "nothing is said", shows: "absent", resources: [scan(undefined)], expect: [] },
        {
            title: "the source only",
            shows: "good",
            resources: [scan({ type: "LOCAL", modes: ["LOCAL_SOURCE_CACHE"] })],
            expect: [],
        },
        {
            title: "the builder may keep its layers",
            shows: "good",
            resources: [projectExample("build", buildBuildspec, "builder", { cache: layers })],
            expect: [],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [scan({ type: unknown })],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};

const toBucket = (name: string, location: unknown, role?: string): ExampleResource =>
    projectExample(name, name === "build" ? buildBuildspec : scanBuildspec, role, {
        cache: { type: "S3", location },
    });
const writer = (resource: string): ExampleResource[] => [
    projectExample("review", "buildspec.yml", "review"),
    roleExample("review-role", [allow("s3:PutObject", resource)]),
];

export const cacheBucket: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [projectType],
    evaluate: (graph) => {
        const reviewing = reviewProjects(graph);
        return graph
            .ofType(projectType)
            .flatMap((project) => about(project, judged(project, reviewing, graph)));
    },
    examples: [
        {
            title: "a build of pull requests may write the bucket",
            shows: "bad",
            resources: [toBucket("scan", "caches/scan", "scanner"), ...writer("arn:aws:s3:::caches/*")],
            expect: finding,
        },
        {
            title: "a project that a webhook starts for pull requests shares the cache",
            shows: "bad",
            resources: [
                toBucket("scan", "caches/all", "scanner"),
                toBucket("build", "caches/all"),
                webhookExample([{ filters: [{ type: "EVENT", pattern: "PULL_REQUEST_CREATED" }] }]),
            ],
            expect: finding,
        },
        {
            title: "buckets of their own",
            shows: "good",
            resources: [toBucket("scan", "caches/scan", "scanner"), ...writer("arn:aws:s3:::others/*")],
            expect: [],
        },
        {
            title: "no builds of pull requests",
            shows: "good",
            resources: [toBucket("scan", "caches/scan", "scanner"), toBucket("build", "caches/build")],
            expect: [],
        },
        { title: "no cache", shows: "absent", resources: [scan(undefined), ...writer("*")], expect: [] },
        {
            title: "the bucket is not known yet",
            shows: "unknown",
            resources: [toBucket("scan", unknown, "scanner"), ...writer("arn:aws:s3:::caches/*")],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};

/** Projects that build what somebody proposes: declared reviews, and those that a webhook starts for pull requests. */
function reviewProjects(graph: StackGraph): ResourceReader[] {
    const byWebhook = graph.ofType(webhookType).flatMap((webhook) => {
        const groups = webhook.list("filterGroups");
        const events = (valueOf(groups) ?? []).flatMap((group) =>
            (valueOf(group.list("filters")) ?? []).map((filter) => valueOf(filter.string("pattern")) ?? ""),
        );
        const any = groups.kind === "absent" || events.some((pattern) => pattern.includes("PULL_REQUEST_"));
        const project = graph.reference(webhook, ["projectName"], [projectType]);
        return any && project.kind === "exact" ? [project.resource] : [];
    });
    return [...new Set([...graph.ofType(projectType).filter((each) => gateRole(each) === "review"), ...byWebhook])]; // prettier-ignore
}

/** The bucket of `bucket/prefix` or of an ARN. */
const bucketOf = (location: string): string => location.replace(/^arn:[^:]*:s3:::/, "").split("/")[0] ?? "";

function judged(project: ResourceReader, reviewing: readonly ResourceReader[], graph: StackGraph): Outcome {
    if (valueOf(project.string("cache", "type")) !== "S3")
        return notApplicable("the project has no cache in S3");
    const others = reviewing.filter((each) => each !== project);
    if (others.length === 0 || reviewing.includes(project))
        return notApplicable("no other project builds pull requests");
    const location = project.string("cache", "location");
    if (location.kind !== "known")
        return inconclusive(location, "whether builds of pull requests may write the cache is not known yet");
    const bucket = bucketOf(location.value);
    for (const other of others) {
        const shared = valueOf(other.string("cache", "location"));
        const role = projectRole(other, graph);
        const permissions = role && effectivePermissions(graph).find(({ principal }) => principal === role);
        const may =
            permissions && mayDo(permissions, "s3:PutObject", `arn:aws:s3:::${bucket}/*`).kind === "yes";
        if ((shared !== undefined && bucketOf(shared) === bucket) || may)
            return violation(
                `${location.property} is in ${bucket}, which ${other.name} may write, and that project builds pull requests: what they leave there is used here.`,
                "Give builds of pull requests a bucket of their own, or set cache.type to NO_CACHE.",
                { findingId: other.name },
            );
    }
    return pass;
}
