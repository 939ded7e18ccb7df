import type { GatePolicy } from "../policy/gatePolicy";
import type { ScannerName, ScanReport } from "../report/scanReport";
import type { ReasonKind } from "./reason";

/** Clocks of two AWS hosts differ by less than this; a time further ahead of ours is wrong, not early. */
export const allowedClockSkewMinutes = 5;

const minute = 60_000;
const hour = 3_600_000;

/** Why the reports of a scanner cannot be believed. */
export interface Doubt {
    kind: ReasonKind;
    message: string;
}

/**
 * Everything that stands against believing one scanner about this digest; empty exactly when there is one report
 * that is complete, about this digest, free of contradiction and young enough. Each check asks whether the good
 * case is proven, so that a time that cannot be computed (NaN) is a doubt.
 * @param reports the scanner's distinct reports.
 */
export function doubtsAboutReport(request: {
    name: ScannerName;
    reports: readonly ScanReport[];
    policy: GatePolicy;
    digest: string;
    now: Date;
}): Doubt[] {
    const { name, reports, policy, digest, now } = request;
    const [report, ...others] = reports;
    if (report === undefined) {
        return [
            doubt(
                "reportMissing",
                `there is no ${name} report for ${digest}; run gate scan --scanner ${name}`,
            ),
        ];
    }
    const doubts: Doubt[] = [];
    if (others.length > 0) {
        doubts.push(
            doubt(
                "reportConflict",
                `${name} has ${reports.length} different reports; exactly one is expected`,
            ),
        );
    }
    for (const each of reports) {
        doubts.push(...doubtsAboutSubject(each, digest), ...doubtsAboutTimes(each, policy, now));
    }
    return doubts;
}

function doubtsAboutSubject(
    { scanner, subject, complete, incompleteReasons }: ScanReport,
    digest: string,
): Doubt[] {
    const doubts: Doubt[] = [];
    if (subject.digest !== digest || !subject.image.endsWith(`@${digest}`)) {
        doubts.push(
            doubt(
                "reportForOtherDigest",
                `the ${scanner.name} report is about ${subject.image}, not about ${digest}`,
            ),
        );
    }
    for (const reason of incompleteReasons) {
        doubts.push(doubt("reportIncomplete", `${scanner.name} could not judge the image: ${reason}`));
    }
    if (complete !== (incompleteReasons.length === 0)) {
        doubts.push(
            doubt(
                "reportContradictory",
                complete
                    ? `the ${scanner.name} report calls itself complete and gives reasons why it is not`
                    : `the ${scanner.name} report calls itself incomplete and gives no reason; run the scan again`,
            ),
        );
    }
    return doubts;
}

function doubtsAboutTimes(report: ScanReport, policy: GatePolicy, now: Date): Doubt[] {
    const name = report.scanner.name;
    const started = Date.parse(report.startedAt);
    const finished = Date.parse(report.finishedAt);
    const latest = now.getTime() + allowedClockSkewMinutes * minute;
    const doubts: Doubt[] = [];
    if (!(started <= finished)) {
        doubts.push(
            doubt(
                "reportContradictory",
                `the ${name} scan finished (${report.finishedAt}) before it started (${report.startedAt})`,
            ),
        );
    }
    if (!(started <= latest && finished <= latest)) {
        doubts.push(
            doubt(
                "reportContradictory",
                `the ${name} scan is dated in the future (${report.finishedAt}); check the clocks and scan again`,
            ),
        );
    }
    if (!(now.getTime() - finished <= policy.maximumReportAgeHours * hour)) {
        doubts.push(
            doubt(
                "reportTooOld",
                `the ${name} scan finished at ${report.finishedAt}, more than ${policy.maximumReportAgeHours} hours ago; ` +
                    "run the scan again",
            ),
        );
    }
    if (report.dataBuiltAt === null) {
        // A scanner that says why it could not judge need not be told that it did not say how old its data is.
        if (report.incompleteReasons.length === 0) {
            doubts.push(
                doubt(
                    "dataAgeUnknown",
                    `${name} does not say how old its vulnerability data is; no answer can be trusted`,
                ),
            );
        }
        return doubts;
    }
    const built = Date.parse(report.dataBuiltAt);
    if (!(built <= latest && built <= finished + allowedClockSkewMinutes * minute)) {
        doubts.push(
            doubt(
                "reportContradictory",
                `the vulnerability data of ${name} is dated after the scan or in the future (${report.dataBuiltAt})`,
            ),
        );
    }
    if (!(now.getTime() - built <= policy.maximumDataAgeHours * hour)) {
        doubts.push(
            doubt(
                "dataTooOld",
                `the vulnerability data of ${name} was built at ${report.dataBuiltAt}, more than ` +
                    `${policy.maximumDataAgeHours} hours ago; update it and scan again`,
            ),
        );
    }
    return doubts;
}

function doubt(kind: ReasonKind, message: string): Doubt {
    return { kind, message };
}
