import type { PackConfiguration } from "./configuration";
import { matchesAny } from "./wildcard";

/** Stack and project of a URN (`urn:pulumi:<stack>::<project>::…`); undefined for anything else. */
export function stackOfUrn(urn: string): { stack: string; project: string } | undefined {
    const parts = /^urn:pulumi:(?<stack>[^:]*)::(?<project>[^:]*)::/.exec(urn)?.groups;
    const { stack, project } = parts ?? {};
    return stack === undefined || project === undefined ? undefined : { stack, project };
}

/** True when the settings allow the stack of this URN to be destroyed with all it holds. */
export function isDisposable(urn: string, configuration: PackConfiguration): boolean {
    const names = stackOfUrn(urn);
    return names !== undefined && matchesAny(configuration.disposableStacks, names.stack);
}
