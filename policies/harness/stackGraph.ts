/**
 * All resources of a stack and the references between them. Built once per analysis and shared by all stack rules.
 */
import { ResourceReader, type PathSegment, type ResourceDescription } from "./reader";
import { isPlainObject, isUnknown } from "./unknownValue";
import { matchesWildcard } from "./wildcard";

/**
 * Where a property points to.
 *
 * - `exact`: one resource, by value or by the only possible dependency;
 * - `candidates`: the value is not known and several resources can be meant. Pass only if all of them pass, report a
 *   violation only if all of them violate, else be inconclusive;
 * - `external`: a known value that the configuration declares to live outside the stack;
 * - `dangling`: a known value that no resource of the stack has;
 * - `unknown`: not known, and nothing says what it depends on;
 * - `absent`: not set.
 */
export type Reference =
    | { kind: "exact"; resource: ResourceReader; property: string }
    | { kind: "candidates"; resources: ResourceReader[]; property: string }
    | { kind: "external"; value: string; property: string }
    | { kind: "dangling"; value: string; property: string }
    | { kind: "unknown"; property: string }
    | { kind: "absent"; property: string };

export interface StackGraphOptions {
    /** Values that live outside the stack on purpose: exact texts, or patterns with `*`. */
    externalReferences?: readonly string[];
}

/** Properties by which resources of AWS are referred to. `id` and `arn` are outputs and unknown at first preview. */
const identityProperties = [
    "id",
    "arn",
    "name",
    "repositoryName",
    "url",
    "repositoryUrl",
    "bucket",
    "family",
    "identifier",
] as const;

export class StackGraph {
    private readonly byType = new Map<string, ResourceReader[]>();
    private readonly byUrnIndex = new Map<string, ResourceReader>();
    /** By type and identity, in the order of registration; filled when a type is first asked for. */
    private readonly identityIndex = new Map<string, Map<string, Identified[]>>();
    private readonly externalPatterns: readonly string[];

    constructor(
        /** In the order of registration. */
        readonly resources: readonly ResourceReader[],
        options: StackGraphOptions = {},
    ) {
        for (const resource of resources) {
            this.byUrnIndex.set(resource.urn, resource);
            const sameType = this.byType.get(resource.type);
            if (sameType) sameType.push(resource);
            else this.byType.set(resource.type, [resource]);
        }
        this.externalPatterns = options.externalReferences ?? [];
    }

    static of(descriptions: readonly ResourceDescription[], options: StackGraphOptions = {}): StackGraph {
        return new StackGraph(
            descriptions.map((description) => new ResourceReader(description)),
            options,
        );
    }

    /** The same resources with other options; nothing that was remembered about this graph is known of the copy. */
    copy(options: StackGraphOptions): StackGraph {
        return new StackGraph(this.resources, options);
    }

    /** Resources of any of the types, by type in the order given, then in the order of registration. */
    ofType(...types: readonly string[]): ResourceReader[] {
        return types.flatMap((type) => this.byType.get(type) ?? []);
    }

    byUrn(urn: string): ResourceReader | undefined {
        return this.byUrnIndex.get(urn);
    }

    /** The resource that stands for the stack itself; findings about something missing are shown on it. */
    root(): ResourceReader | undefined {
        return this.ofType("pulumi:pulumi:Stack")[0];
    }

    /** From the resource's parent upwards. */
    ancestors(resource: ResourceReader): ResourceReader[] {
        const found: ResourceReader[] = [];
        let next = resource.parent === undefined ? undefined : this.byUrn(resource.parent);
        while (next && !found.includes(next)) {
            found.push(next);
            next = next.parent === undefined ? undefined : this.byUrn(next.parent);
        }
        return found;
    }

    /**
     * The resource of one of `types` that the value at `path` refers to. A value counts when it equals the name, ARN,
     * id or URL of the resource, or is an ARN that ends in its name; an unknown value is traced by the property
     * dependencies of the top-level property (all the engine records).
     */
    reference(from: ResourceReader, path: readonly PathSegment[], types: readonly string[]): Reference {
        const reading = from.get(...path);
        const { property } = reading;
        if (reading.kind === "absent") return { kind: "absent", property };
        if (
            reading.kind === "known" &&
            (typeof reading.value === "string" || typeof reading.value === "number")
        ) {
            return this.referenceOfValue(String(reading.value), property, types);
        }
        if (reading.kind !== "unknown")
            return { kind: "dangling", value: `(no text at ${property})`, property };
        const candidates = this.dependencies(from, path[0], types);
        const [only] = candidates;
        if (only && candidates.length === 1) return { kind: "exact", resource: only, property };
        if (only) return { kind: "candidates", resources: candidates, property };
        return { kind: "unknown", property };
    }

    /** Like `reference`, for a text that was read elsewhere, for instance inside a JSON document. */
    referenceOfValue(value: string, property: string, types: readonly string[]): Reference {
        const resource = this.identified(value, types);
        if (resource) return { kind: "exact", resource, property };
        if (this.externalPatterns.some((pattern) => matchesWildcard(pattern, value)))
            return { kind: "external", value, property };
        return { kind: "dangling", value, property };
    }

    /**
     * References of each element of a list property. Unknown elements are traced together: with as many candidates as
     * unknown elements each element has its own (`exact`); else every unknown element has the same candidates.
     */
    references(from: ResourceReader, path: readonly PathSegment[], types: readonly string[]): Reference[] {
        const list = from.list(...path);
        if (list.kind === "absent") return [];
        if (list.kind !== "known") return [this.reference(from, path, types)];
        const unknownElements = list.value.filter((element) => element.isUnknown()).length;
        const named = list.value
            .filter((element) => !element.isUnknown())
            .map((element) => this.referenceOfValue(String(element.raw), element.property, types));
        if (unknownElements === 0) return named;
        const taken = new Set(
            named.flatMap((reference) => (reference.kind === "exact" ? [reference.resource] : [])),
        );
        const candidates = this.dependencies(from, path[0], types).filter(
            (candidate) => !taken.has(candidate),
        );
        const property = list.property;
        if (candidates.length === 0) return [...named, { kind: "unknown", property }];
        if (candidates.length === unknownElements) {
            return [
                ...named,
                ...candidates.map((resource): Reference => ({ kind: "exact", resource, property })),
            ];
        }
        return [...named, { kind: "candidates", resources: candidates, property }];
    }

    /** Resources of `types` that the top-level property depends on, without repetition. */
    dependencies(
        from: ResourceReader,
        property: PathSegment | undefined,
        types: readonly string[],
    ): ResourceReader[] {
        if (typeof property !== "string") return [];
        const urns = new Set(from.propertyDependencies[property] ?? []);
        const wanted = new Set(types);
        return [...urns].flatMap((urn) => {
            const resource = this.byUrn(urn);
            return resource && wanted.has(resource.type) ? [resource] : [];
        });
    }

    /** Resources of `types` whose `property` refers to the target; `candidates` references are returned apart. */
    referrers(
        target: ResourceReader,
        types: readonly string[],
        property: string,
    ): { certain: ResourceReader[]; possible: ResourceReader[] } {
        const certain: ResourceReader[] = [];
        const possible: ResourceReader[] = [];
        for (const resource of this.ofType(...types)) {
            const reference = this.reference(resource, [property], [target.type]);
            if (reference.kind === "exact" && reference.resource === target) certain.push(resource);
            else if (reference.kind === "candidates" && reference.resources.includes(target))
                possible.push(resource);
            else if (reference.kind === "unknown") possible.push(resource);
        }
        return { certain, possible };
    }

    /** The first resource, by type in the order given, then by registration, that the value stands for. */
    private identified(value: string, types: readonly string[]): ResourceReader | undefined {
        const names = value.startsWith("arn:") ? arnNames(value) : [];
        for (const type of types) {
            const index = this.indexOf(type);
            // A resource whose own ARN is known is not meant by another ARN that ends in its name.
            const found = [
                ...(index.get(value)?.slice(0, 1) ?? []),
                ...names.flatMap((name) => index.get(name)?.find(({ hasArn }) => !hasArn) ?? []),
            ];
            const [first] = found.sort((a, b) => a.position - b.position);
            if (first) return first.resource;
        }
        return undefined;
    }

    private indexOf(type: string): Map<string, Identified[]> {
        let index = this.identityIndex.get(type);
        if (!index) {
            this.identityIndex.set(type, (index = new Map()));
            for (const [position, resource] of (this.byType.get(type) ?? []).entries()) {
                const hasArn = ownText(resource, "arn") !== undefined;
                for (const identity of identitiesOf(resource)) {
                    const entry = { resource, position, hasArn };
                    const same = index.get(identity);
                    if (same) same.push(entry);
                    else index.set(identity, [entry]);
                }
            }
        }
        return index;
    }
}

interface Identified {
    resource: ResourceReader;
    /** Among the resources of its type. */
    position: number;
    /** Whether its own ARN is known. */
    hasArn: boolean;
}

function identitiesOf(resource: ResourceReader): Set<string> {
    const texts = identityProperties.map((property) => ownText(resource, property));
    return new Set(texts.filter((text): text is string => text !== undefined && text !== ""));
}

function ownText(resource: ResourceReader, property: string): string | undefined {
    if (!isPlainObject(resource.raw)) return undefined;
    const value = resource.raw[property];
    return typeof value === "string" && !isUnknown(value) ? value : undefined;
}

/**
 * The names that an ARN can end in: everything after the resource type, and, for IAM paths and the like, the last part.
 * `arn:aws:iam::123456789012:role/service/build` gives `service/build` and `build`.
 */
export function arnNames(arn: string): string[] {
    const resourcePart = arn.split(":").slice(5).join(":");
    if (resourcePart === "") return [];
    const afterType = resourcePart.replace(/^[^/:]*[/:]/, "");
    const names = new Set([resourcePart, afterType]);
    // An ECR repository name may contain slashes, so only IAM names may be cut at the last one.
    if (arn.split(":")[2] === "iam") names.add(resourcePart.slice(resourcePart.lastIndexOf("/") + 1));
    return [...names];
}
