import { JsonFormatError, readJsonStream } from "../report/jsonStream";
import { unusableReport, type ReportOrigin } from "../report/reportFile";
import type { ScanReport } from "../report/scanReport";
import { judgeEcrPages, type Judged } from "./ecrAnswer";
import { FindingReader, mostFindings } from "./findingReader";
import { ecrPageSchema, findingKeys, findingPatterns, inspectorPageSchema } from "./inspectorFormat";
import { judgeListedPages, type Coverage } from "./listedAnswer";

/** What the answer has to be about, and when it is read. */
export type InspectorSubject = Omit<ReportOrigin, "scanner">;

/**
 * Turns what Amazon ECR or Amazon Inspector answers about an image into a scan report: one answer of
 * DescribeImageScanFindings (basic or enhanced scanning) or of Inspector's ListFindings, or a list of such answers.
 * Never throws: whatever cannot be believed gives a report with `complete: false` and the reasons.
 *
 * Findings are counted one by one as the services do. Suppressed ones count: what is accepted is written in the gate
 * policy and nowhere else. Closed ones do not: Inspector calls a finding closed when it is no longer in the image.
 * @param coverage what ListCoverage says, for ListFindings; null when it was not asked.
 */
export function inspectorReport(
    chunks: Iterable<Uint8Array>,
    subject: InspectorSubject,
    coverage: Coverage | null = null,
): ScanReport {
    const origin: ReportOrigin = { ...subject, scanner: "inspector" };
    const found = new FindingReader(subject.digest);
    let rest: unknown;
    let raw: { sha256: string; bytes: number };
    try {
        ({ rest, ...raw } = readJsonStream(chunks, {
            elements: [...findingPatterns.keys()],
            keep: findingKeys,
            mostElements: mostFindings,
            onElement: ({ pattern, value, pointer }) => found.read(pattern, value, pointer),
        }));
    } catch (error) {
        if (!(error instanceof JsonFormatError)) throw error;
        return unusableReport(
            `the answer of Inspector or ECR cannot be read (${error.message}); ask again`,
            origin,
        );
    }
    const judged = judgeAnswers(rest, subject.digest, found, coverage);
    const reasons = [...found.doubts(), ...judged.reasons];
    const finishedAt = judged.finishedAt ?? subject.now.toISOString();
    return {
        ...unusableReport("", origin),
        // A managed service without a version; each time is the only one that it gives.
        startedAt: finishedAt,
        finishedAt,
        raw,
        dataBuiltAt: judged.dataBuiltAt,
        complete: reasons.length === 0,
        incompleteReasons: reasons,
        findings: found.findings,
    };
}

function judgeAnswers(
    rest: unknown,
    digest: string,
    found: FindingReader,
    coverage: Coverage | null,
): Judged {
    const answers: unknown[] = Array.isArray(rest) ? rest : [rest];
    const ecr = answers.map((answer) => ecrPageSchema.safeParse(answer));
    if (ecr.length > 0 && ecr.every(({ success }) => success) && !found.kinds.has("listed")) {
        return judgeEcrPages(
            ecr.flatMap(({ data }) => (data === undefined ? [] : [data])),
            digest,
            found,
        );
    }
    const listed = answers.map((answer) => inspectorPageSchema.safeParse(answer));
    if (listed.length > 0 && listed.every(({ success }) => success)) {
        return judgeListedPages(
            listed.flatMap(({ data }) => (data === undefined ? [] : [data])),
            digest,
            coverage,
        );
    }
    const issue = ecr.find(({ success }) => !success)?.error?.issues[0];
    const detail = issue === undefined ? "" : ` (${issue.path.join(".") || "document"}: ${issue.message})`;
    return {
        reasons: [
            "this is no answer of ECR's DescribeImageScanFindings or of Inspector's ListFindings" +
                `${detail}; give what aws ecr describe-image-scan-findings prints`,
        ],
        finishedAt: null,
        dataBuiltAt: null,
    };
}
