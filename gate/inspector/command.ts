import { readFile, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { UsageError, type CommandOption } from "../commands/command";
import { readTimeout } from "../commands/inputs";
import type { ScannerCommand } from "../commands/scanner";
import { ecrRegion } from "../registry/credentials";
import { parseImageReference } from "../registry/reference";
import { readReportFile } from "../report/reportFile";
import { askEcr, ecrClientOf } from "./askEcr";
import { inspectorReport, type InspectorSubject } from "./inspectorReport";
import { judgeAnswer } from "./judgeAnswer";
import { readCoverage, type Coverage } from "./listedAnswer";

const options: readonly CommandOption[] = [
    {
        name: "coverage",
        value: "FILE",
        help: "with a --report of inspector2 list-findings: what inspector2 list-coverage printed",
    },
];

/** Largest answer of ListCoverage that is read, in bytes; one about one image has less than one KiB. */
const largestCoverage = 32 * 1024 * 1024;

const prepare: ScannerCommand["prepare"] = (given, { now }, { image, digest, host }) => {
    const path = given.optional("report");
    const coveragePath = given.optional("coverage");
    if (path !== undefined) {
        return async () => {
            const subject: InspectorSubject = { image, digest, now: now() };
            const coverage = coveragePath === undefined ? null : await coverageOf(coveragePath, digest);
            return readReportFile(
                path,
                { ...subject, scanner: "inspector", what: "inspector report" },
                (chunks) => inspectorReport(chunks, subject, coverage),
            );
        };
    }
    if (coveragePath !== undefined) throw new UsageError("--coverage only goes with --report");
    const region = ecrRegion(host);
    if (region === null) {
        throw new UsageError(
            `--scanner inspector asks Amazon ECR, and ${host} is no private ECR registry; give --report FILE otherwise`,
        );
    }
    const timeoutSeconds = readTimeout(given);
    const { repository } = parseImageReference(image);
    return async () => {
        const answer = await askEcr({
            registryId: host.slice(0, 12),
            repositoryName: repository.path,
            digest,
            timeoutSeconds,
            client: ecrClientOf(region),
            now,
            sleep,
        });
        return judgeAnswer(answer, { image, digest, now: now() });
    };
};

async function coverageOf(path: string, digest: string): Promise<Coverage> {
    const unusable = (problem: string): Coverage => ({ problem, statuses: [], lastScannedAt: [] });
    try {
        const status = await stat(path);
        if (!status.isFile()) return unusable(`the coverage ${path} is not a file`);
        if (status.size > largestCoverage) {
            return unusable(
                `the coverage ${path} has ${status.size} bytes, more than ${largestCoverage} allowed`,
            );
        }
        return readCoverage([await readFile(path)], digest);
    } catch (error) {
        return unusable(`the coverage ${path} cannot be read (${(error as Error).message})`);
    }
}

/** Amazon Inspector and ECR basic scanning: asked over ECR's API, or by a file that the AWS CLI wrote. */
export const scanner: ScannerCommand = { options, prepare };
