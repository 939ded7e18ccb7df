/** URNs as the Pulumi engine builds them: `urn:pulumi:<stack>::<project>::<type chain>::<name>`. */

export const stackType = "pulumi:pulumi:Stack";

export interface UrnContext {
    project: string;
    stack: string;
}

/**
 * The URN of a resource. The type chain holds the types of all ancestors, joined by `$`; the root stack is left out of
 * it. `parent` is a URN or empty.
 */
export function createUrn(context: UrnContext, parent: string, type: string, name: string): string {
    const chain = parent === "" ? "" : qualifiedTypeOf(parent);
    const qualified = chain === "" || chain === stackType ? type : `${chain}$${type}`;
    return `urn:pulumi:${context.stack}::${context.project}::${qualified}::${name}`;
}

/** The whole type chain, e.g. `a:b:C$aws:s3/bucket:Bucket`. Throws on text that is no URN. */
export function qualifiedTypeOf(urn: string): string {
    const type = urn.split("::")[2];
    if (!urn.startsWith("urn:pulumi:") || type === undefined) {
        throw new Error(`"${urn}" is not a Pulumi URN`);
    }
    return type;
}

/** The resource's own type: the last of the chain. */
export function typeOf(urn: string): string {
    return qualifiedTypeOf(urn).split("$").at(-1)!;
}

/** The logical name; it may itself contain `::`. */
export function nameOf(urn: string): string {
    return urn.split("::").slice(3).join("::");
}
