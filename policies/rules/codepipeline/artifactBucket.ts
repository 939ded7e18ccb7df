/** PIPE-12: the bucket of artifacts is closed to everybody but the pipeline and its builds. */
import { actionRole } from "../../delivery/deliveryServices";
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { PropertyReader, valueOf, type ResourceReader } from "../../harness/reader";
import type { Outcome, RuleSeverity, StackOutcome, StackRule } from "../../harness/rule";
import type { Reference, StackGraph } from "../../harness/stackGraph";
import { effectivePermissions, mayDo, type PrincipalPermissions } from "../../iam/effectivePermissions";
import { roleEntrants } from "../../iam/roleEntrants";
import { pipelineType, readPipeline } from "../../pipeline/pipelineModel";
import { projectRole, projectType, roleType } from "../../pipeline/project";
import { s3Rules } from "../s3";
import { bucketTypes } from "../s3/bucket";
import { artifactBucketExamples } from "./artifactBucket.examples";

/** Asked for when it is needed: the families know each other. */
const hardening = () => s3Rules.filter(({ metadata }) => /^S3-0[1-6]$/.test(metadata.id));

export const artifactBucket: StackRule = {
    level: "stack",
    metadata: {
        id: "PIPE-12",
        family: "codepipeline",
        title: "The artifact bucket is hardened, and only the pipeline and its builds write it",
        rationale:
            "Between two stages everything lies in this bucket. Whoever can write it puts something else in place of what was scanned, and whoever can read it has the source.",
        severity: "high",
        remediation:
            "Mend what S3-01 to S3-06 say about the bucket, and take `s3:PutObject` on it away from everybody but the roles of pipelines and of CodeBuild projects.",
        references: ["FSBP S3.2", "FSBP S3.5", "OWASP CICD-SEC-9"],
    },
    relevantTypes: [pipelineType],
    evaluate: (graph, configuration) => {
        const hardened = hardeningFindings(graph, configuration);
        const judgedBuckets = new Set<ResourceReader>();
        const outcomes = graph
            .ofType(pipelineType)
            .flatMap((pipeline) => storesOf(pipeline).map((store) => ({ pipeline, store })))
            .flatMap(({ pipeline, store }): StackOutcome[] => {
                if (!(store instanceof PropertyReader)) return about(pipeline, store);
                const reference = locationOf(pipeline, store, graph);
                if (reference.kind === "external") return about(pipeline, pass);
                if (reference.kind !== "exact")
                    return about(pipeline, inconclusive(reference, "whether the artifact bucket is hardened is not seen from here; the setting externalReferences can say that it lives elsewhere")); // prettier-ignore
                if (judgedBuckets.has(reference.resource)) return [];
                judgedBuckets.add(reference.resource);
                return about(
                    reference.resource,
                    ...bucketOutcomes(reference.resource, hardened.get(reference.resource) ?? [], graph),
                );
            });
        return outcomes.length > 0 ? outcomes : about(null, notApplicable("no pipeline keeps artifacts"));
    },
    examples: artifactBucketExamples,
};

/** The stores, each with its place; or why there is none to be seen. */
function storesOf(pipeline: ResourceReader): (PropertyReader | Outcome)[] {
    const stores = pipeline.list("artifactStores");
    if (stores.kind === "known") return stores.value;
    if (stores.kind === "unknown") return [inconclusive(stores, "where artifacts are kept is not known yet")];
    return [];
}

function locationOf(pipeline: ResourceReader, store: PropertyReader, graph: StackGraph): Reference {
    const location = store.string("location");
    if (location.kind === "known")
        return graph.referenceOfValue(location.value, location.property, bucketTypes);
    const candidates = graph.dependencies(pipeline, "artifactStores", bucketTypes);
    const [only] = candidates;
    return only && candidates.length === 1
        ? { kind: "exact", resource: only, property: location.property }
        : { kind: "unknown", property: location.property };
}

/** What is wrong, or not known yet, with a bucket, by the rule that says so. */
interface Weakness {
    id: string;
    severity: RuleSeverity;
    outcome: Extract<Outcome, { kind: "violation" | "inconclusive" }>;
}

const cache = new WeakMap<StackGraph, Map<ResourceReader, Weakness[]>>();

/** Worked out once per graph: each of the rules looks at all buckets. */
function hardeningFindings(
    graph: StackGraph,
    configuration: PackConfiguration,
): Map<ResourceReader, Weakness[]> {
    const known = cache.get(graph);
    if (known) return known;
    const found = new Map<ResourceReader, Weakness[]>();
    for (const rule of hardening()) {
        const outcomes =
            rule.level === "stack"
                ? rule.evaluate(graph, configuration)
                : graph
                      .ofType(...rule.types)
                      .flatMap((resource) => about(resource, ...rule.evaluate(resource, configuration)));
        for (const { resource, outcome } of outcomes) {
            if (resource === null || (outcome.kind !== "violation" && outcome.kind !== "inconclusive"))
                continue;
            const own = outcome.kind === "violation" ? outcome.severity : undefined;
            const weakness = { id: rule.metadata.id, severity: own ?? rule.metadata.severity, outcome };
            found.set(resource, [...(found.get(resource) ?? []), weakness]);
        }
    }
    cache.set(graph, found);
    return found;
}

function bucketOutcomes(
    bucket: ResourceReader,
    weaknesses: readonly Weakness[],
    graph: StackGraph,
): Outcome[] {
    // What is of low severity stays with its own rule.
    const grave = weaknesses.filter(({ severity }) => severity !== "low");
    const wrong = grave.filter(({ outcome }) => outcome.kind === "violation");
    const open = grave.find(({ outcome }) => outcome.kind === "inconclusive");
    const outcomes: Outcome[] = [];
    if (wrong.length > 0) {
        const ids = [...new Set(wrong.map(({ id }) => id))].join(", ");
        const first = wrong[0]?.outcome;
        const mandatory = wrong.some(({ severity }) => severity === "critical" || severity === "high");
        outcomes.push(
            violation(
                `The bucket keeps the artifacts of a pipeline and is not hardened (${ids}): ${first?.kind === "violation" ? first.message : ""}`,
                first?.kind === "violation" ? first.fix : "See these rules.",
                { findingId: "hardening", ...(mandatory ? {} : { severity: "medium" }) },
            ),
        );
    } else if (open?.outcome.kind === "inconclusive")
        outcomes.push(inconclusive(open.outcome, `${open.outcome.why} (${open.id})`));
    outcomes.push(...writerOutcomes(bucket, graph));
    return outcomes.length > 0 ? outcomes : [pass];
}

const putObject = "s3:PutObject";
const writersByGraph = new WeakMap<StackGraph, readonly PrincipalPermissions[]>();

/** Who may put objects into some bucket and is neither a pipeline's role nor a project's. Worked out once per graph. */
function otherWriters(graph: StackGraph): readonly PrincipalPermissions[] {
    let found = writersByGraph.get(graph);
    if (!found) {
        const rightful = rightfulWriters(graph);
        found = effectivePermissions(graph).filter(
            (entry) =>
                !rightful.has(entry.principal) &&
                !buildsOnly(entry.principal) &&
                mayDo(entry, putObject, "arn:*:s3:::*").kind === "yes",
        );
        writersByGraph.set(graph, found);
    }
    return found;
}

/** A role that nothing but CodeBuild and CodePipeline may assume is theirs, whichever project runs as it. */
function buildsOnly(principal: ResourceReader): boolean {
    if (principal.type !== roleType) return false;
    const trust = roleEntrants(principal);
    return (
        trust.kind === "known" &&
        trust.entrants.length > 0 &&
        trust.entrants.every(
            ({ kind, name }) => kind === "service" && /^code(?:build|pipeline)\.amazonaws\.com$/.test(name),
        )
    );
}

/** Roles of pipelines, of their actions, and of projects. */
function rightfulWriters(graph: StackGraph): ReadonlySet<ResourceReader> {
    const pipelines = graph.ofType(pipelineType).flatMap((pipeline) => {
        const model = readPipeline(pipeline);
        const actions = model.kind === "known" ? model.value.actions : [];
        return [
            graph.reference(pipeline, ["roleArn"], [roleType]),
            ...actions.map((action) => actionRole(action, pipeline, graph)),
        ].flatMap((reference) =>
            reference.kind === "exact"
                ? [reference.resource]
                : reference.kind === "candidates"
                  ? reference.resources
                  : [],
        );
    });
    const projects = graph.ofType(projectType).flatMap((project) => projectRole(project, graph) ?? []);
    return new Set([...pipelines, ...projects]);
}

/** Written out: a wildcard in their place would also fit into the key of an object of another bucket. */
const partitions = ["aws", "aws-cn", "aws-us-gov"];

/** Everybody else of the stack who may put an object in. */
function writerOutcomes(bucket: ResourceReader, graph: StackGraph): Outcome[] {
    const name = valueOf(bucket.string("bucket"));
    // Without a name only grants on every bucket could be told, and those are IAM's rules.
    if (name === undefined) return [];
    return otherWriters(graph).flatMap((entry): Outcome[] => {
        const [permission] = partitions.flatMap((partition) => {
            const answer = mayDo(entry, putObject, `arn:${partition}:s3:::${name}/*`);
            return answer.kind === "yes" ? answer.permissions : [];
        });
        if (permission === undefined) return [];
        const where = `${permission.grant.source.name}.${permission.grant.property}`;
        return [
            violation(
                `${entry.principal.name} may s3:PutObject on the artifact bucket (${where}), and is neither a pipeline's role nor a project's: it can put something else in place of what was scanned.`,
                "Name the buckets that it needs in Resource, without this one.",
                { findingId: entry.principal.name },
            ),
        ];
    });
}
