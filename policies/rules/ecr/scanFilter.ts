import { matchesWildcard } from "../../harness/wildcard";

/**
 * Whether a repository filter of a registry scanning configuration covers a repository name. With `*` the filter is a
 * wildcard for the whole name; without, it covers every name that contains it.
 * Source: Amazon ECR user guide, "Filters to choose which repositories are scanned".
 */
export function filterCovers(filter: string, repositoryName: string): boolean {
    return filter.includes("*") ? matchesWildcard(filter, repositoryName) : repositoryName.includes(filter);
}

/** True for filters that cover every name, whatever it is. */
export function coversEveryName(filter: string): boolean {
    return filter === "" || /^\*+$/.test(filter);
}
