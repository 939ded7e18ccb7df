/** PUL-04: every resource says whose it is. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { matchesAny } from "../../harness/wildcard";
import { defaultTags, providerType } from "./provider";
import { taggableTypes } from "./taggableTypes";

/** `Cost-Centre`, `cost_centre` and `costCentre` are one tag; `company:owner` is the owner of a company's prefix. */
function plain(name: string): string {
    return name.toLowerCase().replace(/[-_\s]/g, "");
}

function has(names: readonly string[], wanted: string): boolean {
    return names.some((name) => {
        const given = plain(name);
        return matchesAny([plain(wanted)], given) || given.endsWith(`:${plain(wanted)}`);
    });
}

/** What the providers of the stack add: certain where all of them do, possible where some do or it is not known. */
interface Added {
    certain: string[];
    possible: string[];
    open: boolean;
}

function addedByProviders(graph: StackGraph): Added {
    const providers = graph.ofType(providerType).map(defaultTags);
    const known = providers.filter((tags) => tags !== null);
    const all = [...new Set(known.flatMap((tags) => [...tags]))];
    const certain = known.length === providers.length ? all.filter((tag) => known.every((tags) => tags.has(tag))) : []; // prettier-ignore
    return { certain, possible: all, open: known.length < providers.length };
}

function judged(resource: ResourceReader, added: Added, { requiredTags }: PackConfiguration): Outcome {
    const all = resource.object("tagsAll");
    const tags = resource.object("tags");
    if (tags.kind === "unknown") return inconclusive(tags, "which tags it has is not known yet");
    if (tags.kind === "malformed")
        return violation(`${tags.property} ${tags.why}.`, "Give tags as an object of names and values.");
    const own = tags.kind === "known" ? tags.value.keys() : [];
    const effective = all.kind === "known" ? all.value.keys() : [];
    const names = [...own, ...effective, ...added.certain];
    const missing = requiredTags.filter((wanted) => !has(names, wanted));
    if (missing.length === 0) return pass;
    if (added.open || missing.every((wanted) => has(added.possible, wanted)))
        return inconclusive({ property: "tags" }, "which tags its provider adds is not known");
    return violation(
        `The tags of ${resource.name} lack ${missing.join(", ")}: nobody can say whose it is, and who is asked when it is in the way.`,
        "Add the tags to the resource, or to defaultTags of the provider.",
        { findingId: missing.join(",") },
    );
}

const key = (tags?: unknown): ExampleResource => ({ type: "aws:kms/key:Key", name: "key", props: tags === undefined ? {} : { tags } }); // prettier-ignore
const provider = (name: string, defaults: unknown): ExampleResource => ({ type: providerType, name, props: defaults === undefined ? {} : { defaultTags: defaults } }); // prettier-ignore
const owned = JSON.stringify({ tags: { Owner: "platform" } });

export const requiredTags: StackRule = {
    level: "stack",
    metadata: {
        id: "PUL-04",
        family: "pulumi",
        title: "Resources have the tags that say whose they are",
        rationale:
            "A resource that belongs to nobody is patched by nobody, paid by everybody and deleted on a Friday. Permissions and tiers that go by tags do not see it.",
        severity: "low",
        remediation:
            "Add the tags of the setting `requiredTags` to the resource, or once for all to `defaultTags` of the provider.",
        references: ["AWS Config required-tags", "NIST SP 800-53 Rev. 5 CM-8"],
        publicEquivalent: true,
    },
    relevantTypes: [...taggableTypes],
    evaluate: (graph, configuration) => {
        if (configuration.requiredTags.length === 0)
            return about(null, notApplicable("the settings require no tags"));
        const added = addedByProviders(graph);
        return graph
            .ofType(...taggableTypes)
            .flatMap((resource) => about(resource, judged(resource, added, configuration)));
    },
    examples: [
        badExample("other tags", [key({ Name: "key" })], "key"),
        badExample("other tags, and the provider's", [provider("provider", '{"tags":{"team":"x"}}'), key({ tier: "production" })], "key"), // prettier-ignore
        goodExample("on the resource", [key({ owner: "platform" })]),
        goodExample("with a company's prefix, in other case", [key({ "example:Owner": "platform" })]),
        goodExample("by the provider", [provider("provider", owned), key()]),
        goodExample("what has no tags", [
            { type: "aws:iam/rolePolicy:RolePolicy", name: "policy", props: {} },
        ]),
        {
            title: "several tags that the settings require",
            shows: "bad",
            resources: [key({ owner: "platform", "cost-centre": "4711" })],
            configuration: { requiredTags: ["owner", "costCentre", "data-class"] },
            expect: [{ resource: "key", kind: "violation" }],
        },
        { title: "no tags", shows: "absent", resources: [key()], expect: [{ resource: "key", kind: "violation" }] }, // prettier-ignore
        openExample("tags that are not known yet", [key(unknown)], "key"),
        openExample("one of two providers adds it", [provider("one", owned), provider("two", undefined), key()], "key"), // prettier-ignore
        openExample("the provider's tags are not known yet", [provider("provider", unknown), key()], "key"),
    ],
};
