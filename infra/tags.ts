/** Tags. Every taggable resource gets them explicitly, because a remote component does not inherit any. */

export interface Tagging {
    /**
     * Tags of one resource. `name` becomes the `Name` tag; `extra` wins over the configured tags but not over
     * `Project`, `Stack`, `ManagedBy` and `Name`.
     */
    tagsFor(name: string, extra?: Record<string, string>): Record<string, string>;
}

/** Tag keys that the stack writes itself; the configuration may not set them. */
export const ownTagKeys = ["Project", "Stack", "ManagedBy", "Name", "tier", "gate:role"] as const;

export function createTagging(project: string, stack: string, configured: Record<string, string>): Tagging {
    return {
        tagsFor: (name, extra = {}) => ({
            ...configured,
            ...extra,
            Project: project,
            Stack: stack,
            ManagedBy: "pulumi",
            Name: name,
        }),
    };
}
