import {
    DescribeImageScanFindingsCommand,
    ECRClient,
    ECRServiceException,
    type DescribeImageScanFindingsCommandOutput,
} from "@aws-sdk/client-ecr";

/** Findings that ECR gives in one answer at most (API reference, DescribeImageScanFindings, maxResults). */
const pageSize = 1_000;
const mostPages = 100;

/** Waiting between two questions: short at first, since a scan of a small image takes seconds. */
const firstPauseSeconds = 5;
const longestPauseSeconds = 30;

/** So many failures in a row, each already repeated by the SDK, are taken for an answer. */
const mostFailures = 5;

/** The image that ECR is asked about, and who asks. */
export interface EcrQuestion {
    registryId: string;
    repositoryName: string;
    digest: string;
    client: ECRClient;
}

/** For how long it is asked. */
interface Patience {
    timeoutSeconds: number;
    now: () => Date;
    sleep: (milliseconds: number) => Promise<void>;
}

/** What ECR answered: all pages as they came, and what went wrong on the way. */
export interface EcrAnswer {
    pages: Answer[];
    problems: string[];
}

type Answer = Omit<DescribeImageScanFindingsCommandOutput, "$metadata">;

/** A client of the registry's region that gives up in time; credentials come from the environment. */
export function ecrClientOf(region: string): ECRClient {
    return new ECRClient({
        region,
        maxAttempts: 4,
        requestHandler: { connectionTimeout: 10_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
    });
}

/**
 * Asks Amazon ECR for all findings of an image, of basic or enhanced scanning, until the scan has ended or the time is
 * up. Needs ecr:DescribeImageScanFindings on the repository, and for enhanced scanning inspector2:ListFindings. Never
 * throws; an answer that is not settled is given as it is, for the judgement to refuse.
 */
export async function askEcr(question: EcrQuestion & Patience): Promise<EcrAnswer> {
    const deadline = question.now().getTime() + question.timeoutSeconds * 1000;
    let pause = firstPauseSeconds;
    let failures = 0;
    // The last question is asked when the time is up, and may still be answered.
    const signal = (): AbortSignal =>
        AbortSignal.timeout(Math.max(deadline - question.now().getTime(), 10_000));
    for (;;) {
        const { answer, state } = await askEcrOnce(question, signal);
        failures = state === "failed" ? failures + 1 : 0;
        if (state === "final" || failures >= mostFailures) return answer;
        const left = deadline - question.now().getTime();
        if (left <= 0) {
            const { pages, problems } = answer;
            return { pages, problems: [...problems, `gave up after ${question.timeoutSeconds} seconds`] };
        }
        await question.sleep(Math.min(pause * 1000, left));
        pause = Math.min(pause * 2, longestPauseSeconds);
    }
}

/** One answer of ECR, with all its pages, and what it is worth. */
export interface EcrState {
    answer: EcrAnswer;
    /**
     * - `final`: asking again would not help.
     * - `waiting`: the scan has not begun, has not ended, or went on while the answer was read.
     * - `failed`: ECR could not be asked just now.
     */
    state: "final" | "waiting" | "failed";
    /** Name of ECR's error, or of what kept the question from it; null for an answer. */
    error: string | null;
}

/**
 * Asks once and does not wait for a scan to end; needs and throws as little as `askEcr`.
 * @param signal made for each page; ends the question.
 */
export async function askEcrOnce(question: EcrQuestion, signal: () => AbortSignal): Promise<EcrState> {
    try {
        const pages = await askPages(question, signal);
        const state = isSettled(pages) ? "final" : "waiting";
        return { answer: { pages, problems: [] }, state, error: null };
    } catch (error) {
        const { line, state } = explain(error, question);
        return { answer: { pages: [], problems: [line] }, state, error: (error as Error).name };
    }
}

/** The answer is of no use, and would be so again. */
class AnswerError extends Error {
    override name = "AnswerError";
}

async function askPages(question: EcrQuestion, signal: () => AbortSignal): Promise<Answer[]> {
    const { registryId, repositoryName, digest, client } = question;
    const pages: Answer[] = [];
    const tokens = new Set<string>();
    let nextToken: string | undefined;
    do {
        const { $metadata: _, ...page } = await client.send(
            new DescribeImageScanFindingsCommand({
                registryId,
                repositoryName,
                imageId: { imageDigest: digest },
                maxResults: pageSize,
                ...(nextToken === undefined ? {} : { nextToken }),
            }),
            { abortSignal: signal() },
        );
        if (page.repositoryName !== repositoryName) {
            throw new AnswerError(
                `ECR answered about the repository ${page.repositoryName}, not ${repositoryName}`,
            );
        }
        pages.push(page);
        nextToken = page.nextToken || undefined;
        // The first page alone says whether the scan has ended.
        if (!hasEnded(page)) break;
        if (nextToken !== undefined && tokens.has(nextToken)) {
            throw new AnswerError("ECR gives the same findings again and again (nextToken repeats)");
        }
        if (nextToken !== undefined) tokens.add(nextToken);
    } while (nextToken !== undefined && pages.length < mostPages);
    return pages;
}

/**
 * With enhanced scanning an image is called ACTIVE, or COMPLETE where it is scanned on push alone, before its first
 * scan has ended or its findings are there (aws/aws-sdk#289); the time of a scan tells the two apart.
 */
function hasEnded({ imageScanStatus, imageScanFindings }: Answer): boolean {
    const status = imageScanStatus?.status ?? "";
    if (status === "PENDING" || status === "IN_PROGRESS") return false;
    const isOver = status !== "ACTIVE" && status !== "COMPLETE";
    return isOver || imageScanFindings?.imageScanCompletedAt !== undefined;
}

function isSettled(pages: readonly Answer[]): boolean {
    const times = new Set(
        pages.map(({ imageScanFindings: found }) => Number(found?.imageScanCompletedAt ?? 0)),
    );
    return pages.every(hasEnded) && times.size === 1;
}

/** Names of ECR's errors that mean that asking again may help (API reference, "Common Errors"). */
const passing = new Set([
    "ThrottlingException",
    "RequestLimitExceeded",
    "ServerException",
    "ServiceUnavailable",
]);

function explain(
    error: unknown,
    { repositoryName, digest }: EcrQuestion,
): Pick<EcrState, "state"> & { line: string } {
    const { name, message } = error as Error;
    const line = `ECR gave no findings for ${repositoryName}@${digest} (${name}: ${message})`;
    // For some seconds after a push there is no scan; that is waited for as long as for its end.
    if (name === "ScanNotFoundException") {
        return {
            line:
                `ECR has no scan of ${repositoryName}@${digest}: check that scanning on push is on for this ` +
                "repository, and that the image is one that ECR can scan",
            state: "waiting",
        };
    }
    if (name === "AccessDeniedException") {
        return {
            line: `${line}; the role needs ecr:DescribeImageScanFindings, and inspector2:ListFindings`,
            state: "final",
        };
    }
    if (error instanceof ECRServiceException) {
        const status = error.$metadata.httpStatusCode ?? 0;
        return { line, state: passing.has(name) || status >= 500 || status === 429 ? "failed" : "final" };
    }
    return { line, state: ["AnswerError", "CredentialsProviderError"].includes(name) ? "final" : "failed" };
}
