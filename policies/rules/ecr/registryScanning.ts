/** What the registry's scanning configuration says about a repository name, three-valued. */
import type { PackConfiguration } from "../../harness/configuration";
import { is, valueOf, type Reading, type ResourceReader } from "../../harness/reader";
import type { StackGraph } from "../../harness/stackGraph";
import { registryScanningType } from "./repository";
import { coversEveryName, filterCovers } from "./scanFilter";

/** `undetermined` names the property that is not known. */
export type Answer = { kind: "yes" } | { kind: "no" } | { kind: "undetermined"; property: string };

export interface RegistryScanning {
    /** ENHANCED: the registry's rules alone decide and a repository's own flag has no effect. */
    enhanced: Answer;
    /** Whether a rule that scans on push covers the name. */
    covers(name: Reading<string>): Answer;
    /** For messages. */
    source: string;
}

/** MANUAL does not scan anything by itself. */
const scanningFrequencies = new Set(["SCAN_ON_PUSH", "CONTINUOUS_SCAN"]);

/** The registry scanning configuration that governs the stack's repositories; undefined when there is none. */
export function registryScanningOf(
    graph: StackGraph,
    configuration: PackConfiguration,
): RegistryScanning | undefined {
    const inStack = graph.ofType(registryScanningType);
    if (inStack.length > 0) {
        return {
            enhanced: anyOf(inStack.map((registry) => equals(registry.string("scanType"), "ENHANCED"))),
            covers: (name) => anyOf(inStack.map((registry) => registryCovers(registry, name))),
            source: `registry scanning configuration ${inStack.map((registry) => registry.name).join(", ")}`,
        };
    }
    if (configuration.registryScanning !== "external") return undefined;
    const { scanType, filters } = configuration.registryScanningExternal;
    return {
        enhanced: { kind: scanType === "ENHANCED" ? "yes" : "no" },
        covers: (name) => anyOf(filters.map((value) => filterAnswer(value, name))),
        source: "the external registry scanning configuration that the settings declare",
    };
}

/** Whether a rule of the configuration that scans on push covers the name; `frequencies`: those that count. */
export function registryCovers(
    registry: ResourceReader,
    name: Reading<string>,
    frequencies: ReadonlySet<string> = scanningFrequencies,
): Answer {
    const rules = registry.list("rules");
    if (rules.kind === "unknown")
        return { kind: "undetermined", property: `${registry.name}.${rules.property}` };
    return anyOf(
        (valueOf(rules) ?? []).map((rule) => {
            const frequency = rule.string("scanFrequency");
            const filters = rule.list("repositoryFilters");
            const covered: Answer =
                filters.kind === "unknown"
                    ? { kind: "undetermined", property: `${registry.name}.${filters.property}` }
                    : anyOf(
                          (valueOf(filters) ?? []).map((entry): Answer => {
                              const filter = entry.string("filter");
                              if (filter.kind === "known") return filterAnswer(filter.value, name);
                              if (filter.kind !== "unknown") return { kind: "no" };
                              return {
                                  kind: "undetermined",
                                  property: `${registry.name}.${filter.property}`,
                              };
                          }),
                      );
            if (covered.kind === "no") return covered;
            if (frequency.kind === "unknown") {
                return { kind: "undetermined", property: `${registry.name}.${frequency.property}` };
            }
            return frequencies.has(valueOf(frequency) ?? "") ? covered : { kind: "no" };
        }),
    );
}

function filterAnswer(filter: string, name: Reading<string>): Answer {
    if (coversEveryName(filter)) return { kind: "yes" };
    if (name.kind === "unknown") return { kind: "undetermined", property: name.property };
    return { kind: name.kind === "known" && filterCovers(filter, name.value) ? "yes" : "no" };
}

function equals(reading: Reading<string>, value: string): Answer {
    if (reading.kind === "unknown") return { kind: "undetermined", property: reading.property };
    return { kind: is(reading, value) ? "yes" : "no" };
}

/** Yes if any is yes, else undetermined if any is, else no. */
export function anyOf(answers: readonly Answer[]): Answer {
    return (
        answers.find((answer) => answer.kind === "yes") ??
        answers.find((answer) => answer.kind === "undetermined") ?? { kind: "no" }
    );
}

/** Region of a resource of the registry, for comparison; a resource without one of its own is in the provider's. */
export function regionOf(resource: ResourceReader): string {
    return valueOf(resource.string("region")) ?? "";
}
