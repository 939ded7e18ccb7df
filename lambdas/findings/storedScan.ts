import { evidenceKey, scanPlace } from "../../gate/evidence/evidencePlace";
import { loadScans } from "../../gate/evidence/scanEvidence";
import type { ScanNews } from "../../gate/findings/evidenceEvent";
import type { FindingsSettings } from "../../gate/findings/findingsSettings";
import { ownImage } from "../../gate/findings/imageResource";
import type { StoredScan } from "../../gate/findings/scanFindings";
import { sortReports } from "../../gate/verdict/readReports";
import { evidenceReader } from "../effects/evidence";

/**
 * Reads a stored report, checked by its manifest and against what the event says that it is about. Needs s3:GetObject
 * and s3:ListBucket on the evidence bucket, and kms:Decrypt on its key.
 * @throws ServiceError when S3 could not be asked; Error for evidence that is not there or cannot be believed.
 */
export async function readStoredScan(
    news: ScanNews,
    settings: FindingsSettings,
    signal: AbortSignal,
): Promise<StoredScan> {
    const { account, applications } = settings;
    const reader = evidenceReader(settings, signal);
    const place = reader.locate(evidenceKey(scanPlace(news, news.scanner), "report.json"));
    const reports = await loadScans(reader, news, [news.scanner]);
    if (reader.unavailable !== null) throw reader.unavailable;
    if (reports.length === 0) {
        throw new Error(
            `${place} and its manifest are not there, and an event said that they are; see who deleted them`,
        );
    }
    const { readable, unreadable } = sortReports(reports);
    const [problem] = unreadable;
    if (problem !== undefined) throw new Error(`${problem.message} (${place})`);
    const report = readable.get(news.scanner)?.[0];
    if (report === undefined)
        throw new Error(`${place} is not a report of ${news.scanner}; see who wrote it`);
    const image = ownImage(account, report.subject.image);
    const { repositories = [] } = applications.find(({ name }) => name === news.application) ?? {};
    const isOfApplication =
        report.subject.digest === news.digest &&
        image?.digest === news.digest &&
        repositories.includes(image.repository);
    if (!isOfApplication) {
        throw new Error(
            `${place} is about ${report.subject.image}, which is not ${news.digest} in a repository of ` +
                `${news.application}; see who wrote it`,
        );
    }
    const { application, digest, execution, stage } = news;
    return { application, digest, execution, stage, report, place };
}
