import { unusableReport, type ReportOrigin } from "../report/reportFile";
import type { ScanReport } from "../report/scanReport";
import type { EcrAnswer } from "./askEcr";
import { inspectorReport, type InspectorSubject } from "./inspectorReport";

/** The scan of an answer in memory; what is stored is what was judged, so that it can be judged again. */
export function judgeAnswer(
    { pages, problems }: EcrAnswer,
    subject: InspectorSubject,
): { report: ScanReport; raw: Uint8Array | null } {
    const origin: ReportOrigin = { ...subject, scanner: "inspector" };
    if (pages.length === 0) return { report: unusableReport(problems.join("; "), origin), raw: null };
    const raw = Buffer.from(`${JSON.stringify(pages, null, 1)}\n`);
    const report = inspectorReport([raw], subject);
    const reasons = [...report.incompleteReasons, ...problems];
    return { report: { ...report, complete: reasons.length === 0, incompleteReasons: reasons }, raw };
}
