/** Resource policies of what a delivery is made of, and the verbs that would hand it over. */
import type { PackConfiguration } from "../../harness/configuration";
import { gateTables, breakGlassTables, itemVerbs, tableVerbs } from "../../gate/gateTables";
import { gateModel } from "../../gate/gateModel";
import { resourcePolicy } from "../../gate/resourcePolicy";
import { topicPolicyType } from "../../gate/resourceTypes";
import type { Reading, ResourceReader } from "../../harness/reader";
import type { Reference, StackGraph } from "../../harness/stackGraph";
import { pipelineType } from "../../pipeline/pipelineModel";
import { projectBuildspec, projectType } from "../../pipeline/project";
import { keyType, keyVerbs, signVerbs } from "../../signing/signingKeys";
import {
    registryPolicyType,
    repositoryLabel,
    repositoryPolicyType,
    repositoryTier,
    repositoryType,
    tiersOfName,
} from "../ecr/repository";
import { bucketName, bucketTypes } from "./deliveryBuckets";
import { pushVerbs } from "./productionVerbs";

export interface GuardedPolicy {
    /** The resource that carries the document. */
    policy: ResourceReader;
    reading: Reading<unknown>;
    /** What it is the policy of. */
    what: string;
    verbs: readonly string[];
    /** False when what it is the policy of is not known yet. */
    certain: boolean;
}

export const bucketPolicyTypes = ["aws:s3/bucketPolicy:BucketPolicy"];
export const keyPolicyType = "aws:kms/keyPolicy:KeyPolicy";
export const busPolicyType = "aws:cloudwatch/eventBusPolicy:EventBusPolicy";
export const tablePolicyType = "aws:dynamodb/resourcePolicy:ResourcePolicy";

/** Service Authorization Reference of each service. */
const verbs = {
    repository: [
        ...pushVerbs,
        "ecr:BatchDeleteImage",
        "ecr:SetRepositoryPolicy",
        "ecr:DeleteRepository",
        "ecr:PutImageTagMutability",
        "ecr:PutImageScanningConfiguration",
    ],
    registry: ["ecr:ReplicateImage", "ecr:BatchImportUpstreamImage"],
    bucket: [
        "s3:PutObject",
        "s3:ReplicateObject",
        "s3:DeleteObject",
        "s3:PutBucketPolicy",
        "s3:PutBucketVersioning",
        "s3:PutReplicationConfiguration",
        "s3:GetObject",
    ],
    topic: [
        "sns:Publish",
        "sns:Subscribe",
        "sns:SetTopicAttributes",
        "sns:AddPermission",
        "sns:RemovePermission",
        "sns:DeleteTopic",
    ],
    key: [...signVerbs, ...keyVerbs, "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom"],
    bus: ["events:PutEvents", "events:PutRule", "events:DisableRule", "events:DeleteRule", "events:PutTargets", "events:RemoveTargets"],
    table: [...itemVerbs, ...tableVerbs],
} as const; // prettier-ignore

type Target = { what: string; certain: boolean } | null;

/** Whether a reference leads to one of the wanted resources. */
function targetOf(
    reference: Reference,
    wanted: ReadonlySet<ResourceReader>,
    named: (value: string) => string | null = () => null,
): Target {
    if (reference.kind === "exact")
        return wanted.has(reference.resource) ? { what: reference.resource.name, certain: true } : null;
    if (reference.kind === "dangling" || reference.kind === "external") {
        const what = named(reference.value);
        return what === null ? null : { what, certain: true };
    }
    if (reference.kind === "absent") return null;
    const possible = reference.kind === "candidates" ? reference.resources.filter((each) => wanted.has(each)) : [...wanted]; // prettier-ignore
    const [first] = possible;
    return first ? { what: first.name, certain: false } : null;
}

function isProduction(repository: ResourceReader, configuration: PackConfiguration): boolean {
    const tier = repositoryTier(repository, configuration);
    return tier.kind === "tier" ? tier.tier === "production" : tier.kind === "several" && tier.tiers.includes("production"); // prettier-ignore
}

function repositories(graph: StackGraph, configuration: PackConfiguration): GuardedPolicy[] {
    const production = new Set(graph.ofType(repositoryType).filter((each) => isProduction(each, configuration))); // prettier-ignore
    const byName = (name: string): string | null =>
        tiersOfName(name, configuration).includes("production") ? name : null;
    const own = graph.ofType(repositoryPolicyType).flatMap((policy) => {
        const target = targetOf(graph.reference(policy, ["repository"], [repositoryType]), production, byName);
        return target ? [{ ...target, policy, reading: policy.get("policy"), verbs: verbs.repository }] : [];
    });
    const [first] = production;
    const registry = first
        ? graph.ofType(registryPolicyType).map((policy) => ({
              policy,
              reading: policy.get("policy"),
              what: `the registry with ${repositoryLabel(first)}`,
              certain: true,
              verbs: verbs.registry,
          }))
        : [];
    return [...own, ...registry];
} // prettier-ignore

/** Names of the buckets that deliveries read or that hold evidence: artifacts, buildspecs, caches, reports. */
function deliveryBucketNames(graph: StackGraph): Set<string> {
    const names = new Set<string>();
    for (const pipeline of graph.ofType(pipelineType)) {
        const stores = pipeline.list("artifactStores");
        for (const [index] of (stores.kind === "known" ? stores.value : []).entries())
            names.add(bucketName(pipeline, ["artifactStores", index, "location"], graph));
    }
    for (const project of graph.ofType(projectType)) {
        const buildspec = projectBuildspec(project);
        if (buildspec.kind === "object") names.add(/^arn:[^:]*:s3:::([^/]+)/.exec(buildspec.arn)?.[1] ?? "*");
        if (buildspec.kind !== "inline") continue;
        for (const { gate } of buildspec.analysis.scanners) {
            const bucket = /^s3:\/\/([^/$]+)\/?$/.exec(gate?.evidence ?? "")?.[1];
            if (bucket !== undefined) names.add(bucket);
        }
    }
    return names;
}

/** The buckets of deliveries that are in the stack, and whether each is one for certain. */
export function storeBuckets(graph: StackGraph): Map<ResourceReader, boolean> {
    const names = deliveryBucketNames(graph);
    const found = new Map<ResourceReader, boolean>();
    for (const pipeline of graph.ofType(pipelineType)) {
        const stores = pipeline.list("artifactStores");
        for (const [index] of (stores.kind === "known" ? stores.value : []).entries()) {
            const bucket = graph.reference(pipeline, ["artifactStores", index, "location"], bucketTypes);
            if (bucket.kind === "exact") found.set(bucket.resource, true);
            else if (bucket.kind === "candidates")
                for (const each of bucket.resources) found.set(each, found.get(each) ?? false);
        }
    }
    for (const bucket of graph.ofType(...bucketTypes)) {
        const name = bucket.string("bucket");
        if (name.kind === "known" && names.has(name.value)) found.set(bucket, true);
    }
    return found;
}

function buckets(graph: StackGraph): GuardedPolicy[] {
    const names = deliveryBucketNames(graph);
    const wanted = new Set(storeBuckets(graph).keys());
    return graph.ofType(...bucketPolicyTypes).flatMap((policy) => {
        const reference = graph.reference(policy, ["bucket"], bucketTypes);
        const target = targetOf(reference, wanted, (value) => (names.has(value) ? value : null));
        return target ? [{ ...target, policy, reading: policy.get("policy"), verbs: verbs.bucket }] : [];
    });
}

function topics(graph: StackGraph): GuardedPolicy[] {
    const wanted = new Set(gateModel(graph).gates.flatMap(({ topics: all }) => all));
    const separate = graph.ofType(topicPolicyType).flatMap((policy) => {
        const target = targetOf(graph.reference(policy, ["arn"], ["aws:sns/topic:Topic"]), wanted);
        return target ? [{ ...target, policy, reading: resourcePolicy(policy), verbs: verbs.topic }] : [];
    });
    const own = [...wanted].map((topic) => ({ what: topic.name, certain: true, policy: topic, reading: resourcePolicy(topic), verbs: verbs.topic })); // prettier-ignore
    return [...separate, ...own.filter(({ reading }) => reading.kind !== "absent" && reading.kind !== "unknown")];
} // prettier-ignore

function keys(graph: StackGraph): GuardedPolicy[] {
    const all = graph.ofType(keyType);
    const wanted = new Set(all);
    const separate = graph.ofType(keyPolicyType).flatMap((policy) => {
        const target = targetOf(graph.reference(policy, ["keyId"], [keyType]), wanted);
        return target ? [{ ...target, policy, reading: policy.get("policy"), verbs: verbs.key }] : [];
    });
    const own = all.map((key) => ({ what: key.name, certain: true, policy: key, reading: key.get("policy"), verbs: verbs.key })); // prettier-ignore
    return [...separate, ...own.filter(({ reading }) => reading.kind !== "absent")];
}

function buses(graph: StackGraph): GuardedPolicy[] {
    return graph.ofType(busPolicyType).map((policy) => ({
        policy,
        reading: policy.get("policy"),
        what: "the event bus",
        certain: true,
        verbs: verbs.bus,
    }));
}

function tables(graph: StackGraph): GuardedPolicy[] {
    const wanted = new Set([...gateTables(graph), ...breakGlassTables(graph)]);
    return graph.ofType(tablePolicyType).flatMap((policy) => {
        const target = targetOf(graph.reference(policy, ["resourceArn"], ["aws:dynamodb/table:Table"]), wanted); // prettier-ignore
        return target ? [{ ...target, policy, reading: policy.get("policy"), verbs: verbs.table }] : [];
    });
}

/** All of them; keys and buses only where the stack has a pipeline, whose they then are. */
export function guardedPolicies(graph: StackGraph, configuration: PackConfiguration): GuardedPolicy[] {
    const delivers = graph.ofType(pipelineType).length > 0;
    return [
        ...repositories(graph, configuration),
        ...buckets(graph),
        ...topics(graph),
        ...tables(graph),
        ...(delivers ? [...keys(graph), ...buses(graph)] : []),
    ].filter(({ reading }) => reading.kind !== "absent");
}
