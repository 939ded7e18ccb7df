/** ECR-11: what is cached comes from a registry that somebody chose, into repositories with the usual strictness. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, RuleExample, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { matchesAny } from "../../harness/wildcard";
import { templateEncryption } from "./creationTemplates";
import { mutabilityOutcomes } from "./immutability";
import { creationTemplateType, pullThroughCacheType } from "./repository";

const cacheRule = (props: Record<string, unknown> = {}, name = "cache"): ExampleResource => ({
    type: pullThroughCacheType,
    name,
    props: { ecrRepositoryPrefix: "ecr-public", upstreamRegistryUrl: "public.ecr.aws", ...props },
});
const template = (props: Record<string, unknown> = {}): ExampleResource => ({
    type: creationTemplateType,
    name: "template",
    props: {
        prefix: "ecr-public",
        appliedFors: ["PULL_THROUGH_CACHE"],
        imageTagMutability: "IMMUTABLE",
        encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: unknown }],
        ...props,
    },
});
const bad: RuleExample["expect"] = [{ resource: "cache", kind: "violation" }];
const open: RuleExample["expect"] = [{ resource: "cache", kind: "inconclusive" }];

export const pullThroughCache: StackRule = {
    level: "stack",
    metadata: {
        id: "ECR-11",
        family: "ecr",
        title: "Pull-through caches fetch from chosen registries into strict repositories",
        rationale:
            "A cache makes another registry's images look like one's own. From a registry that nobody chose, or into repositories with movable tags, that is a way for strangers' images into builds.",
        severity: "medium",
        remediation:
            "Name the upstream registry in the setting `pullThroughUpstreams`, and add an `aws.ecr.RepositoryCreationTemplate` for the cache's prefix with `appliedFors: [PULL_THROUGH_CACHE]`, immutable tags and a key.",
        references: ["NIST SP 800-190 4.1.5", "OWASP CICD-SEC-3", "OWASP CICD-SEC-8"],
    },
    relevantTypes: [pullThroughCacheType],
    evaluate: (graph, configuration) =>
        graph
            .ofType(pullThroughCacheType)
            .flatMap((rule) =>
                about(
                    rule,
                    upstreamOutcome(rule, configuration),
                    templateOutcome(rule, graph, configuration),
                ),
            ),
    examples: [
        {
            title: "an upstream that nobody has listed",
            shows: "bad",
            resources: [cacheRule({ upstreamRegistryUrl: "registry-1.docker.io" }), template()],
            expect: bad,
        },
        {
            title: "listed, and a template",
            shows: "good",
            configuration: { pullThroughUpstreams: ["registry-1.docker.io"] },
            resources: [cacheRule({ upstreamRegistryUrl: "registry-1.docker.io" }), template()],
            expect: [],
        },
        { title: "the template for all", shows: "good", resources: [cacheRule(), template({ prefix: "ROOT" })], expect: [] }, // prettier-ignore
        { title: "no template", shows: "absent", resources: [cacheRule()], expect: bad },
        {
            title: "the template of another prefix",
            shows: "bad",
            resources: [cacheRule(), template({ prefix: "ecr" })],
            expect: bad,
        },
        {
            title: "the template is for replication",
            shows: "bad",
            resources: [cacheRule(), template({ appliedFors: ["REPLICATION"] })],
            expect: bad,
        },
        {
            title: "the template's tags can be moved",
            shows: "bad",
            resources: [cacheRule(), template({ imageTagMutability: "MUTABLE" })],
            expect: bad,
        },
        {
            title: "the template of the prefix wins over the one for all",
            shows: "bad",
            resources: [
                cacheRule(),
                { ...template({ prefix: "ROOT" }), name: "all" },
                template({ imageTagMutability: "MUTABLE" }),
            ],
            expect: bad,
        },
        {
            title: "the upstream written as an address, the prefixes with a slash",
            shows: "good",
            resources: [
                cacheRule({ upstreamRegistryUrl: "https://public.ecr.aws", ecrRepositoryPrefix: "cache/" }),
                template({ prefix: "cache/" }),
            ],
            expect: [],
        },
        { title: "no upstream", shows: "absent", resources: [cacheRule({ upstreamRegistryUrl: undefined }), template()], expect: bad }, // prettier-ignore
        {
            title: "a prefix that is not known yet, with a template of one",
            shows: "unknown",
            resources: [cacheRule({ ecrRepositoryPrefix: unknown }), template()],
            expect: open,
        },
        { title: "what the template is for is not known yet", shows: "unknown", resources: [cacheRule(), template({ appliedFors: unknown })], expect: open }, // prettier-ignore
        { title: "one of the uses is not known yet", shows: "unknown", resources: [cacheRule(), template({ appliedFors: ["REPLICATION", unknown] })], expect: open }, // prettier-ignore
        { title: "the template is for nothing", shows: "absent", resources: [cacheRule(), template({ appliedFors: undefined })], expect: bad }, // prettier-ignore
        { title: "the template's tags are not known yet", shows: "unknown", resources: [cacheRule(), template({ imageTagMutability: unknown })], expect: open }, // prettier-ignore
        {
            title: "unknown in the first does not hide the last",
            shows: "unknown",
            resources: [
                cacheRule({ upstreamRegistryUrl: unknown }, "first"),
                template(),
                cacheRule({ upstreamRegistryUrl: "quay.io" }),
            ],
            expect: [
                { resource: "first", kind: "inconclusive" },
                { resource: "cache", kind: "violation" },
            ],
        },
        {
            title: "a template whose prefix is not known yet",
            shows: "unknown",
            resources: [cacheRule(), template({ prefix: unknown })],
            expect: open,
        },
    ],
};

function upstreamOutcome(rule: ResourceReader, { pullThroughUpstreams }: PackConfiguration): Outcome {
    const upstream = rule.string("upstreamRegistryUrl");
    if (upstream.kind === "unknown")
        return inconclusive(upstream, "which registry the cache fetches from is not known yet");
    const host = upstream.kind === "known" ? upstream.value.replace(/^https?:\/\//, "") : "";
    if (matchesAny(pullThroughUpstreams, host)) return pass;
    return violation(
        `upstreamRegistryUrl ${host === "" ? "is not set" : `is ${host}`}, which is not among the registries that a cache may fetch from.`,
        "Add the registry to the setting pullThroughUpstreams when it is trusted, or remove the rule.",
        { findingId: "upstream" },
    );
}

/** The template that Amazon ECR takes for repositories of the prefix: its own, else the one for all. */
function templateOutcome(rule: ResourceReader, graph: StackGraph, configuration: PackConfiguration): Outcome {
    const prefix = rule.string("ecrRepositoryPrefix");
    const templates = graph.ofType(creationTemplateType).filter((each) => appliesToCaches(each) !== false);
    const of = (wanted: string | undefined) =>
        templates.find((each) => valueOf(each.string("prefix"))?.replace(/\/$/, "") === wanted);
    const found = (prefix.kind === "known" ? of(prefix.value.replace(/\/$/, "")) : undefined) ?? of("ROOT");
    const unread = templates.find((each) => each.string("prefix").kind === "unknown");
    const fix =
        'Add an aws.ecr.RepositoryCreationTemplate of the same prefix with appliedFors: ["PULL_THROUGH_CACHE"], imageTagMutability: "IMMUTABLE" and encryptionConfigurations with a key.';
    if (found === undefined && (prefix.kind === "unknown" || unread))
        return inconclusive(
            unread ? { property: `${unread.name}.prefix` } : prefix,
            "which template the cache's repositories are made from is not known yet",
        );
    if (found === undefined)
        return violation(
            "ecrRepositoryPrefix has no creation template, so cached repositories have movable tags and no key of one's own.",
            fix,
            { findingId: "template" },
        );
    if (appliesToCaches(found) === undefined)
        return inconclusive({ property: `${found.name}.appliedFors` }, "what the template is for is not known yet"); // prettier-ignore
    const outcomes = [
        ...mutabilityOutcomes(found, "cached repositories", fix, configuration),
        templateEncryption(found),
    ];
    const wrong = outcomes.find(({ kind }) => kind === "violation");
    if (wrong?.kind === "violation")
        return violation(`Template ${found.name}: ${wrong.message}`, wrong.fix, { findingId: "template" });
    return outcomes.find(({ kind }) => kind === "inconclusive") ?? pass;
}

/** Undefined when not known yet. */
function appliesToCaches(template: ResourceReader): boolean | undefined {
    const applied = template.strings("appliedFors");
    if (applied.kind === "unknown") return undefined;
    if (applied.kind !== "known") return false;
    if (applied.value.values.includes("PULL_THROUGH_CACHE")) return true;
    return applied.value.unknownCount > 0 ? undefined : false;
}
