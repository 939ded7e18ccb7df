import { toInstant } from "../report/instant";
import { severities, type Severity } from "../report/severity";
import type { FindingReader } from "./findingReader";
import { toSeverity } from "./inspectorFinding";
import type { EcrPage } from "./inspectorFormat";

/** Times of a scan and what stands against believing it. */
export interface Judged {
    reasons: string[];
    finishedAt: string | null;
    dataBuiltAt: string | null;
}

/**
 * Statuses of an image scan (ScanStatus of the ECR API) in which nothing can be concluded, and what to do.
 * COMPLETE (basic scanning, or scanned once on push) and ACTIVE (watched by Inspector) are the others.
 */
const unfinished: ReadonlyMap<string, string> = new Map([
    ["IN_PROGRESS", "ask again when it has finished, or raise --timeout"],
    ["PENDING", "ask again when it has finished, or raise --timeout"],
    [
        "FAILED",
        "see the description; ECR scans some operating systems only: use another scanner or base image",
    ],
    ["UNSUPPORTED_IMAGE", "use another scanner or another base image"],
    ["SCAN_ELIGIBILITY_EXPIRED", "Inspector no longer watches it: build and push the image again"],
    ["FINDINGS_UNAVAILABLE", "start a scan, and check that scanning is on for this repository"],
    ["LIMIT_EXCEEDED", "Inspector's limit for this account or image is used up: see Service Quotas"],
    ["IMAGE_ARCHIVED", "restore the image in Amazon ECR, then scan it"],
]);

/**
 * Judges the answers of DescribeImageScanFindings: one image, a finished scan, its times, and as many findings of each
 * severity as ECR itself counts.
 *
 * Whether ECR counts suppressed findings is not documented, so a count is believed between the findings that are
 * active and these together with the suppressed; neither a lost finding nor a contradiction fits in there. Closed ones
 * are not counted here, so an answer that counts them is not believed: it says that there is more than is judged.
 *
 * Times: a scan is as old as ECR says it was completed, also for ACTIVE images. Inspector watches those and scans
 * again when it learns of something that may concern them, but its answer does not prove when it last did; an image
 * that was last scanned longer ago than the policy allows is therefore refused. Data cannot be newer than the scan:
 * the earlier of the two times counts.
 */
export function judgeEcrPages(pages: readonly EcrPage[], digest: string, found: FindingReader): Judged {
    const last = pages.at(-1);
    const reasons = [...doubtsAboutImage(pages, digest), ...doubtsAboutPages(pages)];
    const statuses = distinct(pages.map(({ imageScanStatus: { status } }) => status));
    for (const status of statuses) reasons.push(...doubtsAboutStatus(status, last));
    const finished = statuses.every((status) => status === "COMPLETE" || status === "ACTIVE");
    if (!finished) return { reasons, finishedAt: null, dataBuiltAt: null };
    reasons.push(...doubtsAboutLists(pages, found), ...doubtsAboutCounts(pages, found));
    const completed = distinct(pages.map((page) => toInstant(page.imageScanFindings?.imageScanCompletedAt)));
    const updated = distinct(
        pages.map((page) => toInstant(page.imageScanFindings?.vulnerabilitySourceUpdatedAt)),
    );
    const [finishedAt = null] = completed;
    const [data = null] = updated;
    if (completed.length > 1 || updated.length > 1) {
        reasons.push("the image was scanned again while the answer was read; ask again");
    }
    if (finishedAt === null) {
        reasons.push(
            "ECR does not say when the scan was completed (imageScanCompletedAt): nothing was scanned yet",
        );
    }
    const dataBuiltAt = data !== null && finishedAt !== null && data > finishedAt ? finishedAt : data;
    return { reasons, finishedAt, dataBuiltAt };
}

function doubtsAboutImage(pages: readonly EcrPage[], digest: string): string[] {
    const doubts = distinct(pages.map(({ imageId }) => imageId.imageDigest ?? ""))
        .filter((about) => about !== digest)
        .map((about) =>
            about === ""
                ? `ECR's answer does not say which digest it is about; ask by imageDigest=${digest}`
                : `ECR's answer is about ${about}, not about ${digest}`,
        );
    const repositories = distinct(pages.map(({ repositoryName }) => repositoryName));
    if (repositories.length > 1)
        doubts.push(`the answers are about several repositories (${repositories.join(", ")})`);
    return doubts;
}

function doubtsAboutPages(pages: readonly EcrPage[]): string[] {
    return pages.flatMap((page, at) => {
        const next = page.nextToken || page.NextToken || "";
        if (at < pages.length - 1)
            return next === "" ? [`answer ${at + 1} of ECR calls itself the last`] : [];
        return next === "" ? [] : ["ECR has further findings that are not here (nextToken)"];
    });
}

function doubtsAboutStatus(status: string, page: EcrPage | undefined): string[] {
    if (status === "COMPLETE" || status === "ACTIVE") return [];
    const description = page?.imageScanStatus.description ?? "";
    const said = description === "" ? "" : ` (${description})`;
    const advice = unfinished.get(status) ?? "the gate does not know this status";
    return [`the status of the image scan is ${status}${said}: ${advice}`];
}

/** An ACTIVE image whose list is that of basic scanning has not been looked at by Inspector yet. */
function doubtsAboutLists(pages: readonly EcrPage[], found: FindingReader): string[] {
    const doubts: string[] = [];
    if (found.kinds.size > 1) doubts.push("ECR's answer mixes findings of basic scanning and of Inspector");
    for (const { imageScanFindings: lists, imageScanStatus } of pages) {
        const basic = Array.isArray(lists?.findings);
        const enhanced = Array.isArray(lists?.enhancedFindings);
        if (!basic && !enhanced) doubts.push("ECR's answer has no list of findings");
        else if (imageScanStatus.status === "ACTIVE" && !enhanced) {
            doubts.push(
                "ECR calls the image ACTIVE but gives no list of Inspector's findings (enhancedFindings)",
            );
        }
    }
    return distinct(doubts);
}

function doubtsAboutCounts(pages: readonly EcrPage[], { listed, active }: FindingReader): string[] {
    const doubts: string[] = [];
    for (const { imageScanFindings } of pages) {
        const counts = imageScanFindings?.findingSeverityCounts ?? null;
        if (counts === null) {
            doubts.push("ECR does not say how many findings there are (findingSeverityCounts); ask again");
            continue;
        }
        const counted = new Map<Severity, number>();
        for (const [name, count] of Object.entries(counts)) {
            const severity = toSeverity(name);
            counted.set(severity, (counted.get(severity) ?? 0) + count);
        }
        for (const severity of severities) {
            const said = counted.get(severity) ?? 0;
            const here = listed.get(severity) ?? 0;
            if (said > here || said < (active.get(severity) ?? 0)) {
                doubts.push(
                    `ECR counts ${said} findings that are ${severity}, and ${here} are listed; ask again`,
                );
            }
        }
    }
    return distinct(doubts);
}

function distinct<T>(values: readonly T[]): T[] {
    return [...new Set(values)];
}
