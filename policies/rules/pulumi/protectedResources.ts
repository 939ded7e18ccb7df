/** PUL-02: what cannot be made again, or guards what can, is not deleted by a mistake. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import type { ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleMetadata, StackOutcome, StackRule } from "../../harness/rule";
import { isDisposable } from "../../harness/stackName";
import type { StackGraph } from "../../harness/stackGraph";
import { breakGlassTables, gateTables } from "../../gate/gateTables";
import { tableType } from "../../gate/resourceTypes";
import { pipelineType } from "../../pipeline/pipelineModel";
import { gateRole } from "../../pipeline/project";
import { keyType } from "../../signing/signingKeys";
import { storeBuckets } from "../bypass/guardedPolicies";
import { repositoryTier, repositoryType } from "../ecr/repository";
import { bucketTypes } from "../bypass/deliveryBuckets";
import { resourceExamples, stackExamples } from "./protectedResources.examples";

/** Databases, and the property that makes one a copy of another. */
const replicaOf: Readonly<Record<string, string | null>> = {
    "aws:rds/instance:Instance": "replicateSourceDb",
    "aws:rds/cluster:Cluster": "replicationSourceIdentifier",
    "aws:docdb/cluster:Cluster": null,
    "aws:neptune/cluster:Cluster": "replicationSourceIdentifier",
};

const metadata: RuleMetadata = {
    id: "PUL-02",
    family: "pulumi",
    title: "Resources that hold state or guard the release are protected",
    rationale:
        "A rename, a moved component or a mistaken destroy takes keys, images, evidence and databases away for good, and a pipeline that is made again begins without its approval's history.",
    severity: "high",
    remediation:
        "Set the resource option `protect: true`; take it away in a change of its own before the resource is to go. Stacks that may be thrown away are named in the setting `disposableStacks`.",
    references: ["NIST SP 800-53 Rev. 5 CP-9", "OWASP CICD-SEC-9"],
};

function judged(resource: ResourceReader, what: string): Outcome {
    if (resource.protect) return pass;
    return violation(
        `The resource option protect is not set on ${what}: a rename or destroy deletes it.`,
        "Set protect: true in the resource's options.",
    );
}

const disposable = notApplicable("the settings allow this stack to be destroyed");

function repositoryOutcome(repository: ResourceReader, configuration: PackConfiguration): Outcome {
    const tier = repositoryTier(repository, configuration);
    if (repository.protect) return pass;
    if (tier.kind === "unknown")
        return inconclusive(tier, "whether this is a production repository is not known yet");
    const production =
        tier.kind === "tier"
            ? tier.tier === "production"
            : tier.kind === "several" && tier.tiers.includes("production");
    return production ? judged(repository, "the production repository") : notApplicable("not a production repository"); // prettier-ignore
}

/** A copy for reading can be made again from its source. */
function isReplica(database: ResourceReader): boolean {
    const property = replicaOf[database.type] ?? null;
    return property !== null && database.get(property).kind !== "absent";
}

export const protectedResource: ResourceRule = {
    level: "resource",
    metadata,
    types: [repositoryType, keyType, pipelineType, ...Object.keys(replicaOf)],
    evaluate: (resource, configuration) => {
        if (isDisposable(resource.urn, configuration)) return [disposable];
        if (resource.type === repositoryType) return [repositoryOutcome(resource, configuration)];
        if (resource.type === keyType) return [judged(resource, "a key, without which nothing that it encrypted can be read")]; // prettier-ignore
        if (resource.type !== pipelineType)
            return [isReplica(resource) ? notApplicable("a replica") : judged(resource, "a database")];
        return [
            gateRole(resource) === "review"
                ? notApplicable("the pipeline releases nothing")
                : judged(resource, "a pipeline"),
        ];
    },
    examples: resourceExamples,
};

/** Artifact and evidence buckets and the gate's tables: what they are, only the whole stack tells. */
function storeOutcomes(graph: StackGraph): StackOutcome[] {
    const tables = new Set([...gateTables(graph), ...breakGlassTables(graph)]);
    return [
        ...[...storeBuckets(graph)].flatMap(([bucket, certain]) =>
            about(
                bucket,
                certain || bucket.protect
                    ? judged(bucket, "a bucket of artifacts or evidence")
                    : inconclusive({ property: "bucket" }, "whether it keeps artifacts or evidence is not known yet"), // prettier-ignore
            ),
        ),
        ...[...tables].flatMap((table) => about(table, judged(table, "a table of the gate"))),
    ];
}

export const protectedStores: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [...bucketTypes, tableType],
    evaluate: (graph, configuration) => {
        const [first] = graph.resources;
        if (first && isDisposable(first.urn, configuration)) return about(null, disposable);
        const outcomes = storeOutcomes(graph);
        return outcomes.length > 0
            ? outcomes
            : about(null, notApplicable("the stack keeps nothing of a delivery"));
    },
    examples: stackExamples,
};
