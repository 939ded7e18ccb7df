/** What the program asks for, decoded from the wire, and what the engine keeps of it. */
import type { CapturedResource } from "../model";
import { createUrn, nameOf, typeOf } from "./urn";
import type { UrnContext } from "./urn";
import { decode } from "./wire";
import type { WireObject } from "./wire";
import type { resourceMessages } from "./protocol";

export interface Registration {
    type: string;
    name: string;
    /** URN; empty for the stack and for default providers. */
    parent: string;
    custom: boolean;
    remote: boolean;
    inputs: WireObject;
    dependencies: string[];
    propertyDependencies: Record<string, string[]>;
    /** `urn::id`, or empty for the default provider of `version`. */
    provider: string;
    /** Package to `urn::id`, for components. */
    providers: Record<string, string>;
    version: string;
    options: RegistrationOptions;
    source?: { file: string; line: number };
}

export interface RegistrationOptions {
    protect: boolean;
    ignoreChanges: string[];
    /** URNs, or specs that become URNs. */
    aliases: string[];
    retainOnDelete: boolean;
    deleteBeforeReplace: boolean;
    deleteBeforeReplaceDefined: boolean;
    additionalSecretOutputs: string[];
    /** Seconds; 0 = the provider's own. */
    timeouts: { create: number; update: number; delete: number };
}

export const noOptions: RegistrationOptions = {
    protect: false,
    ignoreChanges: [],
    aliases: [],
    retainOnDelete: false,
    deleteBeforeReplace: false,
    deleteBeforeReplaceDefined: false,
    additionalSecretOutputs: [],
    timeouts: { create: 0, update: 0, delete: 0 },
};

/** A registered resource: the captured form and what policies need beside it. */
export interface EngineResource {
    captured: CapturedResource;
    /** Checked inputs, normalised: what `Analyze` gets. */
    inputs: WireObject;
    /** Inputs and outputs, normalised: what `AnalyzeStack` gets. */
    state: WireObject;
    /** What the program gets: the state, with a marker for every output that the tables lack. */
    reply: WireObject;
    options: RegistrationOptions;
    /** The provider resource, for custom resources. */
    provider: EngineResource | undefined;
}

/** Decodes a registration; `packageVersion` resolves a package reference, `context` completes alias specs. */
export function decodeRegistration(
    request: resourceMessages.RegisterResourceRequest,
    context: UrnContext,
    packageVersion: (reference: string) => string | undefined,
    projectDirectory: string,
): Registration {
    const type = request.getType();
    const name = request.getName();
    const parent = request.getParent();
    const timeouts = request.getCustomtimeouts();
    const source = decodeSource(request.getSourceposition(), projectDirectory);
    return {
        type,
        name,
        parent,
        custom: request.getCustom(),
        remote: request.getRemote(),
        inputs: decode(request.getObject()),
        dependencies: request.getDependenciesList(),
        propertyDependencies: Object.fromEntries(
            [...request.getPropertydependenciesMap().entries()].map(([key, value]) => [
                String(key),
                value.getUrnsList(),
            ]),
        ),
        provider: request.getProvider(),
        providers: Object.fromEntries(
            [...request.getProvidersMap().entries()].map(([key, value]) => [String(key), String(value)]),
        ),
        version: packageVersion(request.getPackageref()) ?? request.getVersion(),
        options: {
            protect: request.getProtect() ?? false,
            ignoreChanges: request.getIgnorechangesList(),
            aliases: [
                ...new Set([
                    ...request.getAliasurnsList(),
                    ...request
                        .getAliasesList()
                        .map((alias) => aliasUrn(alias, { type, name, parent }, context)),
                ]),
            ],
            retainOnDelete: request.getRetainondelete() ?? false,
            deleteBeforeReplace: request.getDeletebeforereplace(),
            deleteBeforeReplaceDefined: request.getDeletebeforereplacedefined(),
            additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
            timeouts: {
                create: seconds(timeouts?.getCreate() ?? ""),
                update: seconds(timeouts?.getUpdate() ?? ""),
                delete: seconds(timeouts?.getDelete() ?? ""),
            },
        },
        ...(source ? { source } : {}),
    };
}

type Alias = ReturnType<resourceMessages.RegisterResourceRequest["getAliasesList"]>[number];

/** The URN that an alias stands for: missing parts are taken from the resource itself. */
function aliasUrn(
    alias: Alias,
    resource: { type: string; name: string; parent: string },
    context: UrnContext,
): string {
    const spec = alias.getSpec();
    if (spec === undefined) {
        return alias.getUrn();
    }
    const parent = spec.getNoparent() ? "" : spec.getParenturn() || resource.parent;
    return createUrn(
        { project: spec.getProject() || context.project, stack: spec.getStack() || context.stack },
        parent,
        spec.getType() || resource.type,
        spec.getName() || resource.name,
    );
}

/** Seconds of a Go duration such as `1h30m` or `90s`; 0 for an empty text. */
export function seconds(duration: string): number {
    const factors: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 0.001 };
    let total = 0;
    for (const [, amount, unit] of duration.matchAll(/([\d.]+)(ms|h|m|s)/g)) {
        total += Number(amount) * factors[unit!]!;
    }
    return total;
}

type Source = ReturnType<resourceMessages.RegisterResourceRequest["getSourceposition"]>;

/** File (relative to the project) and line; undefined when the SDK sends none. */
function decodeSource(source: Source, projectDirectory: string): { file: string; line: number } | undefined {
    if (source === undefined || source.getUri() === "") {
        return undefined;
    }
    const path = decodeURIComponent(source.getUri().replace(/^(file|project):\/\//, ""));
    const file = path.startsWith(`${projectDirectory}/`) ? path.slice(projectDirectory.length + 1) : path;
    return { file: file.replace(/^\//, (slash) => (path === file ? slash : "")), line: source.getLine() };
}

/** The readable name of a URN in messages: `type name`. */
export function describe(urn: string): string {
    return `${typeOf(urn)} "${nameOf(urn)}"`;
}
