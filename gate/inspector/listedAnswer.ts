import { toInstant } from "../report/instant";
import { JsonFormatError, readJsonStream } from "../report/jsonStream";
import type { Judged } from "./ecrAnswer";
import { coveragePageSchema, coveredResourceSchema, type InspectorPage } from "./inspectorFormat";

/** What ListCoverage says about one image. */
export interface Coverage {
    problem: string | null;
    /** Status and reason of every scan of the image, e.g. `ACTIVE SUCCESSFUL`. */
    statuses: string[];
    /** When each was last scanned; null where it is not said. */
    lastScannedAt: (string | null)[];
}

/** Reads the AWS CLI's answer to `inspector2 list-coverage`. Never throws. */
export function readCoverage(chunks: Iterable<Uint8Array>, digest: string): Coverage {
    const coverage: Coverage = { problem: null, statuses: [], lastScannedAt: [] };
    const unusable = (problem: string): Coverage => ({ problem, statuses: [], lastScannedAt: [] });
    let unreadable = 0;
    let rest: unknown;
    try {
        ({ rest } = readJsonStream(chunks, {
            elements: ["/coveredResources/*"],
            onElement: ({ value }) => {
                const parsed = coveredResourceSchema.safeParse(value);
                if (!parsed.success) {
                    unreadable += 1;
                    return;
                }
                const { resourceId, resourceType, scanStatus, lastScannedAt } = parsed.data;
                if (resourceType !== "AWS_ECR_CONTAINER_IMAGE" || !resourceId.endsWith(`/${digest}`)) return;
                coverage.statuses.push(`${scanStatus.statusCode} ${scanStatus.reason}`);
                coverage.lastScannedAt.push(toInstant(lastScannedAt));
            },
        }));
    } catch (error) {
        if (!(error instanceof JsonFormatError)) throw error;
        return unusable(`the coverage cannot be read (${error.message})`);
    }
    const page = coveragePageSchema.safeParse(rest);
    if (!page.success || unreadable > 0)
        return unusable("the coverage is not an answer of Inspector's ListCoverage");
    if (page.data.nextToken || page.data.NextToken) return unusable("the coverage goes on (nextToken)");
    return coverage;
}

/**
 * Judges the answers of Inspector's ListFindings. They do not say whether an image was scanned at all, so the image's
 * coverage has to say so: ACTIVE and SUCCESSFUL, with the time of the last scan. Inspector publishes no age of its
 * data; what it scanned with is as old as that scan.
 * @param coverage null when none was given.
 */
export function judgeListedPages(
    pages: readonly InspectorPage[],
    digest: string,
    coverage: Coverage | null,
): Judged {
    const reasons: string[] = [];
    pages.forEach((page, at) => {
        const next = page.nextToken || page.NextToken || "";
        const last = at === pages.length - 1;
        if (last && next !== "") reasons.push("Inspector has further findings that are not here (nextToken)");
        if (!last && next === "") reasons.push(`answer ${at + 1} of Inspector calls itself the last`);
    });
    if (coverage === null) {
        reasons.push(
            "Inspector's list of findings does not say whether the image was scanned; give the answer of " +
                "aws inspector2 list-coverage as well (--coverage FILE)",
        );
        return { reasons, finishedAt: null, dataBuiltAt: null };
    }
    if (coverage.problem !== null) reasons.push(coverage.problem);
    else if (coverage.statuses.length === 0)
        reasons.push(`Inspector does not cover ${digest}: it was not scanned`);
    for (const status of new Set(coverage.statuses)) {
        if (status !== "ACTIVE SUCCESSFUL") reasons.push(`Inspector's coverage of the image is ${status}`);
    }
    const times = [...coverage.lastScannedAt].sort();
    const [oldest = null] = times;
    if (times.includes(null))
        reasons.push("Inspector does not say when it last scanned the image (lastScannedAt)");
    const scannedAt = times.includes(null) ? null : oldest;
    return { reasons, finishedAt: scannedAt, dataBuiltAt: scannedAt };
}
