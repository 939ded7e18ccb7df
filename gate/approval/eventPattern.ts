/** Which events EventBridge hands to the function that decides. */
import type { ApprovalSettings } from "./approvalSettings";
import { repositoryArnOf, scanEvents } from "./scanEvent";

/** Longest event pattern in characters (Amazon EventBridge quotas, "Event pattern size"). */
export const longestEventPattern = 2_048;

/**
 * Event patterns for the scans of exactly these repositories: source, detail type, account, region and the names (with
 * basic scanning) or ARNs (with enhanced scanning) are pinned. As many patterns as it takes to keep each within
 * EventBridge's quota; the same for the same set of repositories, whatever its order.
 * @param repositories names, without the registry.
 * @throws Error when there are none: a pattern without names would match every repository.
 */
export function scanEventPatterns({
    scanType,
    account,
    repositories,
}: Pick<ApprovalSettings, "scanType" | "account"> & { repositories: readonly string[] }): string[] {
    if (repositories.length === 0) throw new Error("scan events need at least one repository to be about");
    const { source, detailType } = scanEvents[scanType];
    const pattern = (names: readonly string[]): string =>
        JSON.stringify({
            source: [source],
            "detail-type": [detailType],
            account: [account.accountId],
            region: [account.region],
            detail: { "repository-name": names },
        });
    return eventPatterns(
        [...new Set(repositories)]
            .sort()
            .map((name) => (scanType === "ENHANCED" ? repositoryArnOf(account, name) : name)),
        pattern,
    );
}

/**
 * As many event patterns as it takes to keep each within EventBridge's quota.
 * @param names what the events are about, in a fixed order; none give a pattern without names.
 * @param pattern of some of them, as JSON.
 */
export function eventPatterns(
    names: readonly string[],
    pattern: (names: readonly string[]) => string,
): string[] {
    const groups: string[][] = [[]];
    for (const name of names) {
        const group = groups.at(-1) ?? [];
        if (pattern([...group, name]).length <= longestEventPattern) group.push(name);
        else groups.push([name]);
    }
    return groups.map(pattern);
}
