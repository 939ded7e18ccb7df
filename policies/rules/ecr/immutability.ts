/** Whether a tag, once pushed, always means the same image: the four values of `imageTagMutability`, with exclusions. */
import type { PackConfiguration } from "../../harness/configuration";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { valueOf, type ResourceReader } from "../../harness/reader";
import type { Outcome, Remediation } from "../../harness/rule";

/**
 * Judges a repository, or a template of repositories. `of`: whose tags they are, as the subject of a sentence. Values:
 * Amazon ECR API reference, PutImageTagMutability.
 */
export function mutabilityOutcomes(
    resource: ResourceReader,
    of: string,
    fix: string,
    { immutabilityExclusions }: PackConfiguration,
): Outcome[] {
    const mutability = resource.string("imageTagMutability");
    if (mutability.kind === "unknown")
        return [inconclusive(mutability, "whether tags can be moved is not known yet")];
    const value = mutability.kind === "known" ? mutability.value : undefined;
    if (value === "IMMUTABLE") return [pass];
    if (value !== "IMMUTABLE_WITH_EXCLUSION") {
        const read = value === undefined ? "not set, and the default is MUTABLE" : value;
        return [
            violation(`Tags of ${of} can be moved to another image (imageTagMutability is ${read}).`, fix),
        ];
    }
    const filters = resource.list("imageTagMutabilityExclusionFilters");
    if (filters.kind === "unknown")
        return [inconclusive(filters, "which tags stay movable is not known yet")];
    if (filters.kind !== "known" || filters.value.length === 0)
        return [violation(`Tags of ${of} are excluded from immutability, and nothing says which.`, fix)];
    const outcomes = filters.value.flatMap((entry): Outcome[] => {
        const filter = entry.string("filter");
        if (filter.kind === "unknown")
            return [inconclusive(filter, "which tags stay movable is not known yet")];
        if (filter.kind === "known" && immutabilityExclusions.includes(filter.value)) return [];
        const text = filter.kind === "known" ? `"${filter.value}"` : "without a filter text";
        return [
            violation(
                `Tags of ${of} can be moved to another image: the exclusion ${text} at ` +
                    `${entry.property} is not among the accepted ones (${immutabilityExclusions.join(", ") || "none"}).`,
                fix,
                { findingId: filter.kind === "known" ? filter.value : entry.property },
            ),
        ];
    });
    return outcomes.length > 0 ? outcomes : [pass];
}

/** Where exclusions are written down, somebody chose them: a person has to decide which of them go. */
export const makeImmutable: Remediation = {
    when: "always",
    changes: (resource) => {
        const mutability = resource.string("imageTagMutability");
        const mutable = mutability.kind === "absent" || valueOf(mutability) === "MUTABLE";
        const plain = resource.get("imageTagMutabilityExclusionFilters").kind === "absent";
        return mutable && plain ? [{ path: ["imageTagMutability"], value: "IMMUTABLE" }] : [];
    },
};
