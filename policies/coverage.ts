/**
 * Which resource types the rules look at, and which types of a stack no rule looks at. Resource rules name their types;
 * stack rules ask a graph for them, so their examples run against a graph that takes notes.
 */
import { exampleConfiguration, exampleDescriptions } from "./harness/examples";
import { isRelevant } from "./harness/judgement";
import type { PathSegment } from "./harness/reader";
import { ResourceReader } from "./harness/reader";
import type { Rule, StackRule } from "./harness/rule";
import { StackGraph, type Reference } from "./harness/stackGraph";

/** Rule ids by resource type. */
export interface TypeUse {
    /** Rules that say something about resources of the type. */
    judged: ReadonlyMap<string, ReadonlySet<string>>;
    /** Rules that only look such resources up while they judge others. */
    consulted: ReadonlyMap<string, ReadonlySet<string>>;
}

/** One type of a stack. */
export interface TypeCoverage {
    type: string;
    /** How many resources of the stack have it. */
    resources: number;
    /** How many rules judge it, and how many only look it up. */
    judgedBy: number;
    consultedBy: number;
}

/** What the rules look at. Runs every example of every stack rule once. */
export function typesOf(rules: readonly Rule[]): TypeUse {
    const judged = new Map<string, Set<string>>();
    const consulted = new Map<string, Set<string>>();
    const add = (map: Map<string, Set<string>>, types: Iterable<string>, id: string): void => {
        for (const type of types) {
            const ids = map.get(type) ?? new Set();
            map.set(type, ids.add(id));
        }
    };
    for (const rule of rules) {
        const { id } = rule.metadata;
        if (rule.level === "resource") {
            add(judged, rule.types, id);
        } else {
            const seen = watch(rule);
            add(judged, seen.judged, id);
            add(consulted, seen.asked, id);
        }
    }
    for (const [type, ids] of consulted) {
        const own = judged.get(type) ?? new Set();
        const others = [...ids].filter((id) => !own.has(id));
        if (others.length > 0) consulted.set(type, new Set(others));
        else consulted.delete(type);
    }
    return { judged, consulted };
}

/** The types of a stack, sorted, each with the rules that look at it; those with none are what nobody checks. */
export function coverageOf(types: readonly string[], use: TypeUse): TypeCoverage[] {
    const counts = new Map<string, number>();
    for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
    return [...counts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([type, resources]) => ({
            type,
            resources,
            judgedBy: use.judged.get(type)?.size ?? 0,
            consultedBy: use.consulted.get(type)?.size ?? 0,
        }));
}

/** A graph that remembers the types it was asked for. */
class WatchedGraph extends StackGraph {
    readonly asked = new Set<string>();

    override ofType(...types: readonly string[]): ResourceReader[] {
        this.note(types);
        return super.ofType(...types);
    }

    override reference(
        from: ResourceReader,
        path: readonly PathSegment[],
        types: readonly string[],
    ): Reference {
        this.note(types);
        return super.reference(from, path, types);
    }

    override dependencies(
        from: ResourceReader,
        property: PathSegment | undefined,
        types: readonly string[],
    ): ResourceReader[] {
        this.note(types);
        return super.dependencies(from, property, types);
    }

    private note(types: readonly string[]): void {
        for (const type of types) this.asked.add(type);
    }
}

/** Types that the outcomes of the rule's examples are about, and types that it asked for on the way. */
function watch(rule: StackRule): { judged: Set<string>; asked: Set<string> } {
    const judged = new Set<string>();
    const asked = new Set(rule.relevantTypes);
    for (const example of rule.examples) {
        const configuration = exampleConfiguration(example);
        const graph = new WatchedGraph(
            exampleDescriptions(example).map((description) => new ResourceReader(description)),
            { externalReferences: configuration.externalReferences },
        );
        if (!isRelevant(rule, graph)) continue;
        try {
            for (const { resource, outcome } of rule.evaluate(graph, configuration)) {
                if (resource && outcome.kind !== "notApplicable") judged.add(resource.type);
            }
        } catch {
            // A rule that breaks on its own example fails elsewhere; what it asked for until then counts.
        }
        for (const type of graph.asked) asked.add(type);
    }
    // The stack itself carries findings about what is missing; that is no judgement of a type.
    judged.delete("pulumi:pulumi:Stack");
    asked.delete("pulumi:pulumi:Stack");
    return { judged, asked };
}
