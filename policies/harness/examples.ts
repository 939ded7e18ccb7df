/** Runs the examples of rules through the pure evaluators, without the SDK. */
import { defaultConfiguration, type PackConfiguration } from "./configuration";
import { isRelevant } from "./judgement";
import { ResourceReader, type ResourceDescription } from "./reader";
import type { ExampleResource, Outcome, Rule, RuleExample } from "./rule";
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
    return { ...defaultConfiguration, ...example.configuration };
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
            .evaluate(graph, configuration)
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
