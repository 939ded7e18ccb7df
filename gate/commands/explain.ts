import { readFile, stat } from "node:fs/promises";
import { parseReport } from "../evidence/scanEvidence";
import { rankedSeverities, type GatePolicy } from "../policy/gatePolicy";
import { digestSchema } from "../report/scanReport";
import { judge, type ScannerSummary, type UnreadableReport } from "../verdict/verdict";
import { wayToPass } from "../verdict/wayToPass";
import { exitCode, IncompleteWorkError, UsageError, type Command } from "./command";
import {
    imageOption,
    policyOption,
    readApplication,
    readImage,
    readPolicy,
    readReportFolder,
    readStage,
    stageOption,
} from "./inputs";
import { printVerdict } from "./printVerdict";
import { paragraph, textTable } from "./textTable";

/** Reasons that are shown; all of them are in the verdict.json of gate scan and gate verdict. */
const mostReasons = 100;

/** `gate explain`: why a verdict is what it is, in tables, and what would make it a pass. */
export const explainCommand: Command = {
    usage: "gate explain --policy FILE [--stage STAGE] [--application NAME] [--image REPOSITORY@sha256:…] REPORT…",
    options: [
        policyOption,
        stageOption,
        { name: "application", value: "NAME", help: "application whose image it is, for its waivers" },
        { ...imageOption, help: "image to judge, by digest; what the reports are about unless given" },
    ],
    operands: { name: "REPORT…", help: "report.json of gate scan, or folders that hold such at any depth" },
    run: async (options, context) => {
        const stage = readStage(options);
        const application = readApplication(options);
        const given = options.optional("image") === undefined ? null : readImage(options);
        if (options.operands.length === 0) {
            throw new UsageError("no report is given: name files report.json, or folders that hold them");
        }
        const policy = await readPolicy(options);
        const reports = (await Promise.all(options.operands.map(readReports))).flat();
        const { image, digest } = given ?? subjectOf(reports);
        const request = { policy, stage, reports, digest, application, now: context.now() };
        const verdict = judge(request);
        const { reasons } = verdict;
        const print = (lines: readonly string[]): void => lines.forEach((line) => context.print(line));

        printVerdict({ ...verdict, reasons: [] }, image, context);
        const whose = application === undefined ? "" : `, application ${application}`;
        print([`stage ${stage}${whose}, policy sha256:${verdict.policySha256.slice(0, 16)}…`]);
        for (const scanner of verdict.scanners) print(["", ...scannerLines(scanner, policy)]);
        print(["", ...legend(policy)]);
        if (reasons.length > 0) {
            print(["", "Reasons, those that decide first:"]);
            print(
                textTable([
                    ["KIND", "SCANNER", "REASON"],
                    ...reasons
                        .slice(0, mostReasons)
                        .map(({ kind, scanner, message }) => [kind, scanner ?? "-", message]),
                ]),
            );
            const left = reasons.length - mostReasons;
            if (left > 0)
                print([`  and ${left} more, all in the verdict.json of gate scan and gate verdict`]);
        }
        const steps = wayToPass(request, verdict);
        print(["", verdict.outcome === "pass" ? "How long it passes:" : "What would make it pass:"]);
        for (const step of steps) print(paragraph(step, "  - "));
        return exitCode[verdict.outcome];
    },
};

/** The reports of an operand. A file that cannot be read is a report that cannot be read, not one less. */
async function readReports(path: string): Promise<unknown[]> {
    try {
        if ((await stat(path)).isDirectory()) {
            const found = await readReportFolder(path);
            if (found.length > 0) return found;
            return [unreadable(`${path} holds no report.json`)];
        }
        return [parseReport(await readFile(path), path)];
    } catch (error) {
        return [unreadable(`${path}: ${(error as Error).message}`)];
    }
}

function unreadable(what: string): UnreadableReport {
    return { unreadable: what, scanner: null };
}

/**
 * What the reports are about.
 * @throws IncompleteWorkError when they do not agree, or none says it.
 */
function subjectOf(reports: readonly unknown[]): { image: string; digest: string } {
    const subjects = new Map<string, string>();
    for (const report of reports) {
        const { subject } = (report ?? {}) as { subject?: { digest?: unknown; image?: unknown } | null };
        const digest = digestSchema.safeParse(subject?.digest);
        if (!digest.success) continue;
        const image = typeof subject?.image === "string" ? subject.image : digest.data;
        const known = subjects.get(digest.data);
        // The same digest can be in two repositories; which one is named must not depend on the order.
        if (known === undefined || image < known) subjects.set(digest.data, image);
    }
    const [first, ...others] = subjects;
    if (first === undefined) {
        const [why] = reports.flatMap((report) => {
            const { unreadable } = (report ?? {}) as Partial<UnreadableReport>;
            return typeof unreadable === "string" ? [` (${unreadable})`] : [];
        });
        throw new IncompleteWorkError(
            `none of the reports says which image it is about${why ?? ""}; give files report.json of gate scan, not what a scanner wrote`,
        );
    }
    if (others.length > 0) {
        throw new IncompleteWorkError(
            `the reports are about ${subjects.size} images (${[...subjects.keys()].sort().join(", ")}); say which one with --image`,
        );
    }
    return { digest: first[0], image: first[1] };
}

function scannerLines({ name, required, usable, ...tally }: ScannerSummary, policy: GatePolicy): string[] {
    const role = required ? "required" : "advisory, does not decide";
    const { counts, waived, capped, unknown } = tally;
    if (!usable || counts === null) return [`${name} (${role}): no report that could be used`];
    let orWorse = 0;
    const rows = rankedSeverities.map((severity) => {
        orWorse += counts[severity];
        const limit = policy.limits[severity];
        const isOver = limit !== "unlimited" && !(orWorse <= limit);
        return [
            severity,
            String(limit),
            `${orWorse}${isOver ? " OVER" : ""}`,
            String(counts[severity]),
            String(capped?.[severity] ?? 0),
            String(unknown?.[severity] ?? 0),
            String(waived?.[severity] ?? 0),
        ];
    });
    return [
        `${name} (${role})`,
        ...textTable([["SEVERITY", "LIMIT", "OR WORSE", "COUNTED", "UNFIXED", "UNKNOWN", "WAIVED"], ...rows]),
    ];
}

function legend({ unknownCountsAs, unfixedCountsAs: cap }: GatePolicy): string[] {
    const unfixed =
        cap === "own"
            ? "unfixedCountsAs is own, so findings without a fix count like others"
            : `UNFIXED: of COUNTED, those that are worse and count as ${cap} at most for want of a fix`;
    return paragraph(
        "LIMIT is on OR WORSE: findings counted as that severity or a worse one, without those WAIVED. " +
            `${unfixed}. UNKNOWN: of COUNTED, those without a severity, which count as ${unknownCountsAs}.`,
    );
}
