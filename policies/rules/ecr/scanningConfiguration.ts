/** ECR-09: the registry's one scanning configuration scans every repository. */
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type PathSegment, type ResourceReader } from "../../harness/reader";
import type {
    ExampleResource,
    Outcome,
    ResourceRule,
    RuleExample,
    RuleMetadata,
    StackOutcome,
    StackRule,
} from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { anyOf, regionOf, registryCovers } from "./registryScanning";
import { registryScanningType, repositoryLabel, repositoryType } from "./repository";

const metadata: RuleMetadata = {
    id: "ECR-09",
    family: "ecr",
    title: "One registry scanning configuration scans every repository, by itself",
    rationale:
        "The registry's configuration decides what is scanned at all: a rule that only scans by hand, a filter that misses a repository, or a second configuration that overwrites the first leaves images that nobody looks at.",
    severity: "high",
    remediation:
        "Keep one `aws.ecr.RegistryScanningConfiguration` per region with `scanType: ENHANCED` and rules of `scanFrequency: CONTINUOUS_SCAN` or `SCAN_ON_PUSH` whose filters cover all repositories.",
    references: ["FSBP ECR.1", "FSBP Inspector.2", "NIST SP 800-190 4.1.1"],
    publicEquivalent: true,
};

const frequencies = ["SCAN_ON_PUSH", "CONTINUOUS_SCAN"];
const anyFrequency = new Set([...frequencies, "MANUAL"]);

const rule = (filter: unknown, scanFrequency: unknown = "CONTINUOUS_SCAN"): object => ({
    scanFrequency,
    repositoryFilters: [{ filter, filterType: "WILDCARD" }],
});
const registry = (
    rules: unknown,
    more: Record<string, unknown> = {},
    name = "registry",
): ExampleResource => ({
    type: registryScanningType,
    name,
    props: { scanType: "ENHANCED", rules, ...more },
});
const repository = (name: unknown, more: Record<string, unknown> = {}): ExampleResource => ({
    type: repositoryType,
    name: typeof name === "string" && name !== unknown ? name : "unnamed",
    props: { name, ...more },
});
const bad: RuleExample["expect"] = [{ resource: "registry", kind: "violation" }];
const open: RuleExample["expect"] = [{ resource: "registry", kind: "inconclusive" }];

/** Rules of the configuration that scan nothing by themselves, by their place in the list. */
function frequencyOutcomes(configuration: ResourceReader): Outcome[] {
    const rules = configuration.list("rules");
    if (rules.kind === "unknown")
        return [inconclusive(rules, "how often images are scanned is not known yet")];
    if (rules.kind === "malformed")
        return [violation(`${rules.property} ${rules.why}, so it scans nothing.`, "Give a list of rules.")];
    return (rules.kind === "known" ? rules.value : []).flatMap((each): Outcome[] => {
        const frequency = each.string("scanFrequency");
        if (frequency.kind === "unknown")
            return [inconclusive(frequency, "how often the rule scans is not known yet")];
        if (frequency.kind === "known" && frequencies.includes(frequency.value)) return [];
        const read = frequency.kind === "known" ? frequency.value : "not set";
        return [
            violation(
                `${frequency.property} is ${read}: images that only this rule covers are scanned when somebody asks for it, which is never.`,
                'Set scanFrequency to "SCAN_ON_PUSH", or under ENHANCED to "CONTINUOUS_SCAN".',
                { findingId: each.property },
            ),
        ];
    });
}

function typeOutcome(configuration: ResourceReader): Outcome {
    const type = configuration.string("scanType");
    if (type.kind === "unknown") return inconclusive(type, "what the registry scans with is not known yet");
    if (type.kind === "known" && type.value === "ENHANCED") return pass;
    const basic = type.kind === "known" && type.value === "BASIC";
    return violation(
        basic
            ? "scanType is BASIC: it looks at packages of the operating system alone, and once."
            : `scanType ${type.kind === "known" ? `is ${type.value}` : "is not set"}, which is no type of scan.`,
        'Set scanType to "ENHANCED" and switch Amazon Inspector on for ECR (ECR-10).',
        { findingId: "scanType", ...(basic ? { severity: "low" } : {}) },
    );
}

/** What one configuration decides by itself. */
export const scanningConfiguration: ResourceRule = {
    level: "resource",
    metadata,
    types: [registryScanningType],
    evaluate: (configuration) => [typeOutcome(configuration), ...frequencyOutcomes(configuration)],
    remediation: {
        when: "always",
        changes: (configuration) =>
            (valueOf(configuration.list("rules")) ?? []).flatMap((each, index) => {
                const path: PathSegment[] = ["rules", index, "scanFrequency"];
                return valueOf(each.string("scanFrequency")) === "MANUAL"
                    ? [{ path, value: "SCAN_ON_PUSH" }]
                    : [];
            }),
    },
    examples: [
        {
            title: "a rule that scans by hand",
            shows: "bad",
            resources: [registry([rule("*", "MANUAL")], { scanType: "BASIC" })],
            // BASIC is advice, MANUAL is not.
            expect: [...bad, ...bad],
        },
        { title: "no type of scan", shows: "bad", resources: [registry([rule("*")], { scanType: "FULL" })], expect: bad }, // prettier-ignore
        { title: "rules that are no list", shows: "bad", resources: [registry("*")], expect: bad },
        { title: "continuous", shows: "good", resources: [registry([rule("*")])], expect: [] },
        { title: "on push", shows: "good", resources: [registry([rule("*", "SCAN_ON_PUSH")])], expect: [] },
        { title: "no type", shows: "absent", resources: [registry([rule("*")], { scanType: undefined })], expect: bad }, // prettier-ignore
        {
            title: "an unknown frequency does not hide the next rule",
            shows: "unknown",
            resources: [registry([rule("*", unknown), rule("a", "MANUAL")])],
            expect: [...open, ...bad],
        },
        { title: "unknown rules", shows: "unknown", resources: [registry(unknown)], expect: open },
        { title: "unknown type", shows: "unknown", resources: [registry([rule("*")], { scanType: unknown })], expect: open }, // prettier-ignore
    ],
};

/** What the stack decides: how many there are, and what they leave out. */
export const scanningCoverage: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [registryScanningType],
    evaluate: (graph) => {
        const byRegion = new Map<string, ResourceReader[]>();
        for (const configuration of graph.ofType(registryScanningType)) {
            const region = regionOf(configuration);
            byRegion.set(region, [...(byRegion.get(region) ?? []), configuration]);
        }
        return [...byRegion].flatMap(([region, [first, ...others]]) =>
            first === undefined ? [] : regionOutcomes(region, first, others, graph),
        );
    },
    examples: [
        {
            title: "two configurations of one registry",
            shows: "bad",
            resources: [registry([rule("*")], {}, "first"), registry([rule("*")])],
            expect: bad,
        },
        {
            title: "the last repository is in no filter",
            shows: "bad",
            resources: [repository("prod/app"), repository("team/app"), registry([rule("prod/*")])],
            expect: bad,
        },
        {
            title: "the filters together cover all",
            shows: "good",
            resources: [
                repository("prod/app"),
                repository("team/app"),
                registry([rule("prod/*"), rule("team")]),
            ],
            expect: [],
        },
        {
            title: "one for each region",
            shows: "good",
            resources: [
                repository("team/app", { region: "eu-west-1" }),
                registry([rule("*")], { region: "eu-west-1" }, "west"),
                registry([rule("*")], { region: "eu-central-1" }),
            ],
            expect: [],
        },
        { title: "no configuration", shows: "absent", resources: [repository("team/app")], expect: [] },
        {
            title: "no rules, so nothing is covered",
            shows: "absent",
            resources: [repository("team/app"), registry(undefined)],
            expect: bad,
        },
        {
            title: "a name that is not known yet does not hide the next repository",
            shows: "unknown",
            resources: [repository(unknown), repository("team/app"), registry([rule("prod/*")])],
            expect: [...open, ...bad],
        },
        {
            title: "whatever the name, the filter for all covers it",
            shows: "good",
            resources: [repository(unknown), registry([rule("*")])],
            expect: [],
        },
        {
            title: "a filter that is not known yet",
            shows: "unknown",
            resources: [repository("team/app"), registry([rule(unknown)])],
            expect: open,
        },
    ],
};

function regionOutcomes(
    region: string,
    first: ResourceReader,
    others: readonly ResourceReader[],
    graph: StackGraph,
): StackOutcome[] {
    const doubled = others.flatMap((other) =>
        about(
            other,
            violation(
                `${first.name} configures scanning of the same registry: a registry has one configuration, and the last update wins.`,
                "Put the rules of both into one resource.",
                { findingId: first.name },
            ),
        ),
    );
    const missed = graph
        .ofType(repositoryType)
        .filter((each) => regionOf(each) === region)
        .flatMap((each) => about(first, coverage(each, [first, ...others])));
    const outcomes = [...doubled, ...missed];
    return outcomes.length > 0 ? outcomes : about(first, pass);
}

function coverage(repository: ResourceReader, configurations: readonly ResourceReader[]): Outcome {
    const label = repositoryLabel(repository);
    const answer = anyOf(
        // A rule that scans by hand is the resource half's finding.
        configurations.map((each) => registryCovers(each, repository.string("name"), anyFrequency)),
    );
    if (answer.kind === "yes") return pass;
    if (answer.kind === "undetermined")
        return inconclusive(answer, `whether a rule scans repository ${label} is not known yet`);
    return violation(
        `rules: none has a filter for repository ${label}.`,
        'Add a repositoryFilters entry that covers it, or "*".',
        { findingId: label },
    );
}
