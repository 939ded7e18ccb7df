/** ECR-12: replication carries nothing but releases into a production registry. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { valueOf, type PropertyReader, type Reading, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { ownAccounts } from "./ownAccounts";
import { resourceExamples, stackExamples } from "./replicatedTiers.examples";
import { replicationType, repositoryLabel, repositoryTier, repositoryType, tiersOfName } from "./repository";

const metadata: RuleMetadata = {
    id: "ECR-12",
    family: "ecr",
    title: "Replication brings no staging image into a production registry",
    rationale:
        "Replication copies every push at once, before any scan or approval: a rule that covers staging repositories puts images into production's registry past the gate.",
    severity: "critical",
    remediation:
        "Give every rule to a production registry a `repositoryFilters` entry (`PREFIX_MATCH`) with the prefix of the production repositories, into which only the promoter pushes. Name production's accounts in the setting `productionRegistries`.",
    references: ["OWASP CICD-SEC-1"],
};

const fix =
    'Give the rule repositoryFilters: [{ filter: "<prefix of the production repositories>", filterType: "PREFIX_MATCH" }].';

/** What a rule carries that is no release; `maybe` names what is not known yet. */
type Carried = { kind: "no" } | { kind: "yes"; what: string } | { kind: "maybe"; property: string };

type JudgePrefix = (prefix: string) => Carried;

/** Nothing but production repositories begin with it, as far as names say. */
function isProductionPrefix(prefix: string, configuration: PackConfiguration): boolean {
    const tiers = [prefix, `${prefix}/`].map((text) => tiersOfName(text, configuration));
    return tiers.some((each) => each.length === 1 && each[0] === "production");
}

function carried(rule: PropertyReader, judge: JudgePrefix): Carried {
    const filters = rule.list("repositoryFilters");
    if (filters.kind === "unknown") return { kind: "maybe", property: filters.property };
    if (filters.kind !== "known" || filters.value.length === 0)
        return { kind: "yes", what: "every repository, for it has no repositoryFilters" };
    const answers = filters.value.map((entry): Carried => {
        const filter = entry.string("filter");
        if (filter.kind === "unknown") return { kind: "maybe", property: filter.property };
        const prefix = filter.kind === "known" ? filter.value.replace(/\*+$/, "") : "";
        if (prefix === "") return { kind: "yes", what: `every repository, by ${entry.property}` };
        return judge(prefix);
    });
    return (
        answers.find(({ kind }) => kind === "yes") ??
        answers.find(({ kind }) => kind === "maybe") ?? { kind: "no" }
    );
}

/** Whether the account's registry is production's; undefined where that is not decided here. */
type JudgeRegistry = (account: string) => boolean | undefined;

function judged(
    configuration: ResourceReader,
    judgeRegistry: JudgeRegistry,
    judgePrefix: JudgePrefix,
): Outcome[] {
    const whole = configuration.object("replicationConfiguration");
    const rules = whole.kind === "known" ? whole.value.list("rules") : whole;
    if (rules.kind === "unknown") return [inconclusive(rules, "what is replicated is not known yet")];
    if (rules.kind === "malformed")
        return [violation(`${rules.property} ${rules.why}.`, "Give a list of rules.")];
    return (rules.kind === "known" ? rules.value : []).flatMap((rule): Outcome[] => {
        const what = carried(rule, judgePrefix);
        const target = destination(rule, judgeRegistry);
        if (what.kind === "no" || target.kind === "no") return [];
        if (target.kind === "maybe" || what.kind === "maybe") {
            const property = target.kind === "maybe" ? target.property : (what as { property: string }).property; // prettier-ignore
            return [inconclusive({ property }, "whether the rule carries staging images into a production registry is not known yet")]; // prettier-ignore
        }
        return [
            violation(
                `${rule.property} replicates ${what.what}, into the production registry ${target.account}.`,
                fix,
                { findingId: rule.property },
            ),
        ];
    });
}

/** The first production registry that the rule goes to. */
function destination(
    rule: PropertyReader,
    judgeRegistry: JudgeRegistry,
): { kind: "no" } | { kind: "yes"; account: string } | { kind: "maybe"; property: string } {
    const list = rule.list("destinations");
    if (list.kind === "unknown") return { kind: "maybe", property: list.property };
    const accounts: Reading<string>[] = (valueOf(list) ?? []).map((each) => each.string("registryId"));
    const production = accounts.find((each) => each.kind === "known" && judgeRegistry(each.value) === true);
    if (production?.kind === "known") return { kind: "yes", account: production.value };
    const open = accounts.find(({ kind }) => kind === "unknown");
    return open ? { kind: "maybe", property: open.property } : { kind: "no" };
}

/** By names alone: only what no name of a production repository begins with. */
function prefixByName(configuration: PackConfiguration): JudgePrefix {
    return (prefix) => {
        const tiers = tiersOfName(prefix, configuration);
        return tiers.includes("staging") || tiers.includes("candidate")
            ? { kind: "yes", what: `repositories of tier ${tiers.join(" and ")}, by the prefix ${prefix}` }
            : { kind: "no" };
    };
}

/** By the stack's own repositories, then by names. */
function prefixInStack(graph: StackGraph, configuration: PackConfiguration): JudgePrefix {
    return (prefix) => {
        const matching = graph
            .ofType(repositoryType)
            .filter((each) => valueOf(each.string("name"))?.startsWith(prefix));
        const tiers = matching.map((each) => ({ each, tier: repositoryTier(each, configuration) }));
        const other = tiers.find(
            ({ tier }) => tier.kind === "several" || (tier.kind === "tier" && tier.tier !== "production"),
        );
        if (other) return { kind: "yes", what: `repository ${repositoryLabel(other.each)}, by the prefix ${prefix}` }; // prettier-ignore
        if (isProductionPrefix(prefix, configuration)) return { kind: "no" };
        const open = tiers.find(({ tier }) => tier.kind === "unknown");
        if (open) return { kind: "maybe", property: `${open.each.name}.tags` };
        const certain = tiers.length > 0 && tiers.every(({ tier }) => tier.kind === "tier");
        return certain
            ? { kind: "no" }
            : { kind: "yes", what: `repositories that nothing says to be production's, by the prefix ${prefix}` }; // prettier-ignore
    };
}

/** Where the settings name production's registries, one resource decides. */
export const replicatedTiers: ResourceRule = {
    level: "resource",
    metadata,
    types: [replicationType],
    evaluate: (replication, configuration) => {
        const { productionRegistries } = configuration;
        if (productionRegistries.length === 0)
            return [notApplicable("which registries are production's, the stack says")];
        const outcomes = judged(
            replication,
            (account) => productionRegistries.includes(account),
            prefixByName(configuration),
        );
        return outcomes.length > 0 ? outcomes : [pass];
    },
    examples: resourceExamples,
};

export const replicatedTiersOfStack: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [replicationType],
    evaluate: (graph, configuration) => {
        const { productionRegistries } = configuration;
        const own = ownAccounts(graph);
        const isProduction: JudgeRegistry = (account) =>
            productionRegistries.length > 0 ? productionRegistries.includes(account) : !own.has(account);
        return graph.ofType(replicationType).flatMap((replication) => {
            // What the resource half has said already is not said again.
            const said = replicatedTiers
                .evaluate(replication, configuration)
                .flatMap((outcome) => (outcome.kind === "violation" ? [outcome.findingId] : []));
            const outcomes = judged(replication, isProduction, prefixInStack(graph, configuration)).filter(
                (outcome) => outcome.kind !== "violation" || !said.includes(outcome.findingId),
            );
            return about(replication, ...(outcomes.length > 0 ? outcomes : [pass]));
        });
    },
    examples: stackExamples,
};
