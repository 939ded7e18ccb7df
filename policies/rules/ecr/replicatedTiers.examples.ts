/** Examples of ECR-12. */
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { allow, projectExample, repositoryArnExample, roleExample } from "../../pipeline/exampleResources";
import { replicationType, repositoryType } from "./repository";

const own = "123456789012";
const production = "210987654321";
const declared = { productionRegistries: [production] };

const rule = (filters: unknown, registryId: unknown = production): object => ({
    destinations: [{ region: "eu-central-1", registryId }],
    repositoryFilters: Array.isArray(filters)
        ? filters.map((filter: unknown) => ({ filter, filterType: "PREFIX_MATCH" }))
        : filters,
});
const replication = (rules: unknown, name = "replication"): ExampleResource => ({
    type: replicationType,
    name,
    props: { replicationConfiguration: { rules } },
});
const repository = (name: string, tier?: string): ExampleResource => ({
    type: repositoryType,
    name,
    props: { name, ...(tier === undefined ? {} : { tags: { tier } }) },
});
/** Its role says which account is the stack's own. */
const project = projectExample("build", undefined);
const bad: RuleExample["expect"] = [{ resource: "replication", kind: "violation" }];
const open: RuleExample["expect"] = [{ resource: "replication", kind: "inconclusive" }];

export const resourceExamples: RuleExample[] = [
    { title: "no filter", shows: "absent", configuration: declared, resources: [replication([rule(undefined)])], expect: bad }, // prettier-ignore
    { title: "a filter for everything", shows: "bad", configuration: declared, resources: [replication([rule(["*"])])], expect: bad }, // prettier-ignore
    { title: "staging among the prefixes", shows: "bad", configuration: declared, resources: [replication([rule(["prod/", "app-staging"])])], expect: bad }, // prettier-ignore
    { title: "rules that are no list", shows: "bad", configuration: declared, resources: [replication("all")], expect: bad }, // prettier-ignore
    { title: "the prefix of production", shows: "good", configuration: declared, resources: [replication([rule(["prod/"])])], expect: [] }, // prettier-ignore
    { title: "into another registry than production's", shows: "good", configuration: declared, resources: [replication([rule(undefined, own)])], expect: [] }, // prettier-ignore
    { title: "nothing is declared: the stack decides", shows: "good", resources: [replication([rule(undefined)])], expect: [] }, // prettier-ignore
    { title: "filters that are not known yet", shows: "unknown", configuration: declared, resources: [replication([rule(unknown)])], expect: open }, // prettier-ignore
    { title: "a filter that is not known yet beside production's", shows: "unknown", configuration: declared, resources: [replication([rule(["prod/", unknown])])], expect: open }, // prettier-ignore
    { title: "an empty list of filters", shows: "bad", configuration: declared, resources: [replication([rule([])])], expect: bad }, // prettier-ignore
    {
        title: "destinations that are not known yet",
        shows: "unknown",
        configuration: declared,
        resources: [replication([{ destinations: unknown }])],
        expect: open,
    },
    {
        title: "a registry that is not known yet does not hide the next rule",
        shows: "unknown",
        configuration: declared,
        resources: [replication([rule(undefined, unknown), rule(undefined)])],
        expect: [...open, ...bad],
    },
];

export const stackExamples: RuleExample[] = [
    {
        title: "the other half of this rule has said it",
        shows: "good",
        configuration: declared,
        resources: [project, replication([rule(undefined)])],
        expect: [],
    },
    {
        title: "one of two repositories is not known to be production's",
        shows: "unknown",
        resources: [
            project,
            repository("team/a", "production"),
            { ...repository("team/b"), props: { name: "team/b", tags: unknown } },
            replication([rule(["team/"])]),
        ],
        expect: open,
    },
    {
        title: "one of two repositories says nothing",
        shows: "bad",
        resources: [
            project,
            repository("team/a", "production"),
            repository("team/b"),
            replication([rule(["team/"])]),
        ],
        expect: bad,
    },
    {
        title: "everything to another account",
        shows: "bad",
        resources: [project, replication([rule(undefined)])],
        expect: bad,
    },
    {
        title: "a filter for everything",
        shows: "bad",
        resources: [project, replication([rule(["*"])])],
        expect: bad,
    },
    {
        title: "a prefix that a staging repository of the stack begins with",
        shows: "bad",
        resources: [
            repository("team/app", "production"),
            repository("team/app-next", "staging"),
            replication([rule(["team/"])]),
        ],
        expect: bad,
    },
    {
        title: "a prefix that nothing says to be production's",
        shows: "bad",
        resources: [project, replication([rule(["team/"])])],
        expect: bad,
    },
    {
        title: "nothing says which account is the stack's own",
        shows: "absent",
        resources: [replication([rule(undefined)])],
        expect: bad,
    },
    {
        title: "the prefix of production",
        shows: "good",
        resources: [project, replication([rule(["prod"])])],
        expect: [],
    },
    {
        title: "only production repositories of the stack begin with the prefix",
        shows: "good",
        resources: [
            repository("team/app", "production"),
            repository("stage/app", "staging"),
            replication([rule(["team/"])]),
        ],
        expect: [],
    },
    {
        title: "another region of the same registry",
        shows: "good",
        resources: [project, replication([rule(undefined, own)])],
        expect: [],
    },
    {
        title: "the account that the stack's roles may work in",
        shows: "good",
        resources: [
            roleExample("build-role", [allow("ecr:BatchGetImage", repositoryArnExample("app"))]),
            replication([rule(undefined, own)]),
        ],
        expect: [],
    },
    {
        title: "production's registries are declared, and this is none",
        shows: "good",
        configuration: declared,
        resources: [replication([rule(undefined, "111122223333")])],
        expect: [],
    },
    {
        title: "unknown in the first does not hide the last",
        shows: "unknown",
        resources: [replication(unknown, "first"), replication([rule([unknown]), rule(undefined)])],
        expect: [{ resource: "first", kind: "inconclusive" }, ...open, ...bad],
    },
];
