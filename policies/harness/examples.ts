/** Runs the examples of rules through the pure evaluators, without the SDK. */
import { RunRecord, type RunRecordOptions } from "../exemptions/runRecord";
import type { RunSummary } from "../exemptions/runSummary";
import { defaultConfiguration, type PackConfiguration } from "./configuration";
import { groupRules, isRelevant, judgeStack } from "./judgement";
import { about, inconclusive, pass, violation } from "./outcome";
import { ResourceReader, type ResourceDescription } from "./reader";
import type { ExampleResource, Outcome, Rule, RuleExample, StackRule } from "./rule";
import { StackGraph } from "./stackGraph";

/** What an example expects and what a run gives: outcomes that are neither pass nor not applicable. */
export type ExampleFinding = RuleExample["expect"][number];

const exampleStack = "urn:pulumi:example::example";

/** URN of a resource of an example. Parents are left out of it: rules must not read types from URNs. */
export function exampleUrn(resource: Pick<ExampleResource, "type" | "name">): string {
    return `${exampleStack}::${resource.type}::${resource.name}`;
}

/** The resources of an example as the engine would describe them. */
export function exampleDescriptions(example: RuleExample): ResourceDescription[] {
    const urnByName = new Map(example.resources.map((resource) => [resource.name, exampleUrn(resource)]));
    const urnOf = (name: string): string => {
        const urn = urnByName.get(name);
        if (urn === undefined)
            throw new Error(`example "${example.title}" refers to "${name}", which it does not have`);
        return urn;
    };
    return example.resources.map((resource) => ({
        type: resource.type,
        name: resource.name,
        urn: exampleUrn(resource),
        properties: { ...resource.computed, ...resource.props },
        inputs: new Set(Object.keys(resource.props)),
        protect: resource.protect ?? false,
        ignoreChanges: resource.ignoreChanges ?? [],
        ...(resource.parent === undefined ? {} : { parent: urnOf(resource.parent) }),
        propertyDependencies: Object.fromEntries(
            Object.entries(resource.propertyDependencies ?? {}).map(([property, names]) => [
                property,
                names.map(urnOf),
            ]),
        ),
        preview: true,
    }));
}

/** The resource as resource rules see it: inputs only, and nothing is known about its dependencies. */
export function beforeCreation(description: ResourceDescription): ResourceDescription {
    const { propertyDependencies: _, preview: __, inputs, properties, ...rest } = description;
    const entries = Object.entries(properties).filter(([key]) => inputs === undefined || inputs.has(key));
    return { ...rest, properties: Object.fromEntries(entries) };
}

/** The settings of an example: defaults, with the example's own on top. */
export function exampleConfiguration(example: RuleExample): PackConfiguration {
    const file = example.run?.exemptions === undefined ? {} : { exemptions: "exemptions.yaml" };
    return { ...defaultConfiguration, ...file, ...example.configuration };
}

/** Clock and file of an example. */
export function exampleRunOptions({ run }: RuleExample): RunRecordOptions {
    return {
        now: () => new Date(`${run?.today ?? "2026-03-01"}T12:00:00Z`),
        readFile: () => {
            if (run?.exemptions === undefined) throw new Error("there is no such file");
            return run.exemptions;
        },
    };
}

/** Stand-ins for the other rules that an example of a rule about the run speaks of. */
export function otherRules({ run }: RuleExample): StackRule[] {
    const ids = new Set((run?.others ?? []).map(({ rule }) => rule));
    return [...ids].map((id): StackRule => {
        const said = (run?.others ?? []).filter(({ rule }) => rule === id);
        const { severity = "high", neverExempt = false } = said[0] ?? {};
        return {
            level: "stack",
            metadata: {
                id,
                family: "pulumi",
                title: id,
                rationale: id,
                severity,
                remediation: id,
                references: [],
                neverExempt,
                everyProfile: true,
            },
            evaluate: (graph) =>
                said.flatMap(({ resource, kind, findingId }) => {
                    const found = graph.resources.find(({ name }) => name === resource);
                    if (!found) return [];
                    if (kind === "pass") return about(found, pass);
                    const outcome =
                        kind === "inconclusive"
                            ? inconclusive({ property: "property" }, "the value is not known yet")
                            : violation(
                                  "Something is wrong.",
                                  "Mend it.",
                                  findingId === undefined ? {} : { findingId },
                              );
                    return about(found, outcome);
                }),
            examples: [],
        };
    });
}

/** What the run of an example says about its rules; undefined for a rule that does not ask. */
export function exampleRun(rule: StackRule, example: RuleExample, graph: StackGraph): RunSummary | undefined {
    if (!rule.afterOthers) return undefined;
    const configuration = exampleConfiguration(example);
    const others = otherRules(example);
    const record = new RunRecord(
        [...others, rule].map(({ metadata }) => ({ metadata, judgesResources: false })),
        exampleRunOptions(example),
    );
    record.beginStack(graph, configuration);
    for (const group of groupRules(others)) judgeStack(group, graph, configuration, record);
    return record.summary(graph, configuration);
}

/** Outcomes of a rule on an example, each with the name of its resource (null when about an absent one). */
export function runExample(
    rule: Rule,
    example: RuleExample,
): { resource: string | null; outcome: Outcome }[] {
    const configuration = exampleConfiguration(example);
    const descriptions = exampleDescriptions(example);
    if (rule.level === "stack") {
        const graph = StackGraph.of(descriptions, { externalReferences: configuration.externalReferences });
        if (!isRelevant(rule, graph)) return [];
        return rule
            .evaluate(graph, configuration, exampleRun(rule, example, graph))
            .map(({ resource, outcome }) => ({ resource: resource?.name ?? null, outcome }));
    }
    return (
        descriptions
            .filter((description) => rule.types.includes(description.type))
            // Before a resource is created nothing is known about its dependencies.
            .map(
                ({ propertyDependencies: _, preview: __, ...description }) => new ResourceReader(description),
            )
            .flatMap((reader) =>
                rule.evaluate(reader, configuration).map((outcome) => ({ resource: reader.name, outcome })),
            )
    );
}

/** The part of a run that an example speaks about, in the order of the outcomes. */
export function findingsOf(run: readonly { resource: string | null; outcome: Outcome }[]): ExampleFinding[] {
    return run.flatMap(({ resource, outcome }) =>
        outcome.kind === "violation" || outcome.kind === "inconclusive"
            ? [{ resource, kind: outcome.kind }]
            : [],
    );
}
