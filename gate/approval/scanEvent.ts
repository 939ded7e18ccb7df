/** What EventBridge delivers about the registry's own scans. */
import { toInstant } from "../report/instant";
import type { ApprovalSettings } from "./approvalSettings";
import { digestPattern, objectOf, shown } from "./foreignJson";
import type { ScanNotice } from "./records";

/** An event about a scan of ours that cannot be believed. One line; it has to fail the invocation and end in the queue. */
export class ScanEventError extends Error {
    override name = "ScanEventError";
}

/** An event that is none of ours, and why. */
export interface IgnoredEvent {
    ignored: string;
}

type ScanType = ApprovalSettings["scanType"];

/**
 * Who reports the scans of each scan type: with enhanced scanning Amazon Inspector, with basic scanning Amazon ECR
 * ("EventBridge events sent for enhanced scanning in Amazon ECR", "Amazon ECR events and EventBridge", Amazon ECR
 * user guide).
 */
export const scanEvents = {
    ENHANCED: { source: "aws.inspector2", detailType: "Inspector2 Scan" },
    BASIC: { source: "aws.ecr", detailType: "ECR Image Scan" },
} as const satisfies Record<ScanType, { source: string; detailType: string }>;

/**
 * What a status means; each word as the service writes it, a word that is not here means `other`: the request keeps
 * waiting, and the registry is asked. The documented events have the two words of `ended`; the others are those of
 * ECR's `ScanStatus` (API reference) after which there will be no result.
 */
const meanings: Record<ScanType, ReadonlyMap<string, ScanNotice["status"]>> = {
    ENHANCED: new Map([["INITIAL_SCAN_COMPLETE", "ended"], ...withoutResult()]),
    BASIC: new Map([["COMPLETE", "ended"], ...withoutResult()]),
};

function withoutResult(): [string, ScanNotice["status"]][] {
    return ["FAILED", "UNSUPPORTED_IMAGE", "SCAN_ELIGIBILITY_EXPIRED"].map((word) => [word, "failed"]);
}

/** ARN of a repository, as Inspector names it: partition, region, account, name. */
const repositoryArn = /^arn:([a-z0-9-]+):ecr:([a-z0-9-]+):(\d{12}):repository\/(.+)$/;

/** The ARN by which Inspector's events name a repository. */
export function repositoryArnOf(account: ApprovalSettings["account"], repository: string): string {
    return `arn:${account.partition}:ecr:${account.region}:${account.accountId}:repository/${repository}`;
}

/**
 * Reads a scan event of the configured scan type about a staging repository of ours. Events of other kinds, sources,
 * accounts, regions and repositories are ignored: they are no business of this gate, and no error.
 * @throws ScanEventError for what is not an event, and for an event about a repository of ours that is malformed or
 * contradicts itself.
 */
export function parseScanEvent(event: unknown, settings: ApprovalSettings): ScanNotice | IgnoredEvent {
    const envelope = objectOf(event);
    if (envelope === null || typeof envelope.source !== "string") {
        throw new ScanEventError("the event is not one of EventBridge: see who invoked the function");
    }
    const ignored = otherKind(envelope, settings.scanType);
    if (ignored !== null) return { ignored };
    const detail = objectOf(envelope.detail);
    if (detail === null) throw malformed(envelope, `its detail is ${shown(envelope.detail)}`);
    const repository = repositoryIn(envelope, detail, settings);
    if (typeof repository !== "string") return repository;
    doubtEnvelope(envelope, repository, settings.account);
    const { "image-digest": digest, "scan-status": statusText, "finding-severity-counts": counts } = detail;
    if (typeof digest !== "string" || !digestPattern.test(digest)) {
        throw malformed(envelope, `its image-digest is ${shown(digest)}, which is not a sha256 digest`);
    }
    if (typeof statusText !== "string" || !/^\S.{0,99}$/.test(statusText)) {
        throw malformed(envelope, `its scan-status is ${shown(statusText)}`);
    }
    const at = typeof envelope.time === "string" ? toInstant(envelope.time) : null;
    if (at === null) throw malformed(envelope, `its time is ${shown(envelope.time)}`);
    const { id } = envelope;
    if (typeof id !== "string" || !/^[\w-]{1,128}$/.test(id)) {
        throw malformed(envelope, `its id is ${shown(id)}`);
    }
    const status = meanings[settings.scanType].get(statusText) ?? "other";
    return { repository, digest, status, statusText, total: totalOf(counts), at, eventId: id };
}

function malformed(envelope: Record<string, unknown>, what: string): ScanEventError {
    return new ScanEventError(
        `the event ${shown(envelope.id)} of ${shown(envelope.source)} cannot be believed: ${what}; ` +
            "see what sent it, and put it back into the function when it is genuine",
    );
}

function otherKind(
    { source, "detail-type": detailType }: Record<string, unknown>,
    scanType: ScanType,
): string | null {
    const expected = scanEvents[scanType];
    if (source === expected.source && detailType === expected.detailType) return null;
    const other = scanEvents[scanType === "ENHANCED" ? "BASIC" : "ENHANCED"];
    return source === other.source && detailType === other.detailType
        ? `${shown(detailType)} of ${shown(source)}: this registry is configured for ${scanType} scanning`
        : `${shown(detailType)} of ${shown(source)} says nothing about the end of a scan`;
}

/** The staging repository that the event is about, or why it is none of ours. */
function repositoryIn(
    envelope: Record<string, unknown>,
    { "repository-name": named }: Record<string, unknown>,
    { account, scanType, applications }: ApprovalSettings,
): string | IgnoredEvent {
    const resources = resourcesOf(envelope);
    if (named === undefined && resources.length > 0 && !resources.some(isRepository)) {
        return { ignored: `${shown(resources[0])} is no repository` };
    }
    if (typeof named !== "string" || named === "") {
        throw malformed(envelope, `its repository-name is ${shown(named)}`);
    }
    const ours = applications.find(
        ({ repository }) => named === repository || named === repositoryArnOf(account, repository),
    )?.repository;
    if (ours === undefined) {
        const [, , , owner] = repositoryArn.exec(named) ?? [];
        const whose = owner === undefined ? "" : ` of account ${owner}`;
        return { ignored: `the repository ${shown(named)}${whose} is none of this gate's` };
    }
    const isArn = named !== ours;
    if (isArn !== (scanType === "ENHANCED")) {
        const expected = scanType === "ENHANCED" ? "an ARN" : "a name";
        throw malformed(
            envelope,
            `its repository-name is ${shown(named)}, where ${scanType} scanning writes ${expected}`,
        );
    }
    // A plain name says nothing about the account; another account's repository may be called the same.
    const isForeign = envelope.account !== account.accountId || envelope.region !== account.region;
    if (!isArn && isForeign && !resourcesOf(envelope).includes(repositoryArnOf(account, ours))) {
        if (typeof envelope.account !== "string" || typeof envelope.region !== "string") {
            throw malformed(
                envelope,
                `it is of account ${shown(envelope.account)}, region ${shown(envelope.region)}`,
            );
        }
        const owner = `account ${shown(envelope.account)} in ${shown(envelope.region)}`;
        return { ignored: `the repository ${shown(named)} of ${owner} is none of this gate's` };
    }
    return ours;
}

/** Inspector sends the same events about instances and functions, which have other keys. */
function isRepository(resource: unknown): boolean {
    return typeof resource !== "string" || repositoryArn.test(resource);
}

function resourcesOf({ resources }: Record<string, unknown>): unknown[] {
    return Array.isArray(resources) ? resources : [];
}

/** The envelope must be of the account and region of the repository, and its resources, where there are any, name it. */
function doubtEnvelope(
    envelope: Record<string, unknown>,
    repository: string,
    account: ApprovalSettings["account"],
): void {
    if (envelope.account !== account.accountId || envelope.region !== account.region) {
        throw malformed(
            envelope,
            `it is about ${repository} of account ${account.accountId} in ${account.region}, and sent for ` +
                `account ${shown(envelope.account)} in ${shown(envelope.region)}`,
        );
    }
    const resources = resourcesOf(envelope);
    if (resources.length > 0 && !resources.includes(repositoryArnOf(account, repository))) {
        throw malformed(envelope, `it is about ${repository}, and its resources name ${shown(resources[0])}`);
    }
}

/**
 * Findings that an event counts altogether. Services leave out severities that they found nothing of, and Inspector
 * leaves out some that it did (LOW, UNTRIAGED), which only TOTAL then shows: TOTAL above the sum counts. Without a
 * TOTAL, as in basic scanning, it is the sum.
 *
 * Null when the event has no counts, or counts that contradict themselves: a TOTAL below the sum, or anything that is
 * not a whole number from 0 on. Then the event says nothing about the number of findings. A total can only speak
 * against an image, when it is more than the registry lists; null never speaks for it: whether it passes is judged
 * by the registry's own list and the stored reports alone.
 */
export function totalOf(counts: unknown): number | null {
    const found = objectOf(counts);
    if (found === null) return null;
    let sum = 0;
    for (const [severity, count] of Object.entries(found)) {
        if (!Number.isSafeInteger(count) || (count as number) < 0) return null;
        if (severity !== "TOTAL") sum += count as number;
    }
    const total = Object.hasOwn(found, "TOTAL") ? (found.TOTAL as number) : sum;
    return total >= sum && Number.isSafeInteger(total) ? total : null;
}
