/** What a review found, as sections of the comment. */
import { rankedSeverities } from "../policy/gatePolicy";
import { reasonEffects } from "../verdict/reason";
import { lintLevels, type CheckReport } from "../verify/checkReport";
import { lintFixes, ruleLink, secretFixes } from "./fixHints";
import { code, list, nothing, table } from "./markdown";
import type { Room } from "./renderReview";
import type { CheckSection, ImageSection, VulnerabilityRow } from "./review";
import { hasEnded } from "./reviewExecution";

/** The findings of lint or of the secret scan; nothing while it runs, or when it was not run. */
export function checkSection({ step, state, evidence }: CheckSection, room: Room): string[] {
    if (!hasEnded(state) || state === "notRun") return [];
    const heading = (what: string, file?: string): string[] => {
        const title = step.kind === "lint" ? `Lint of ${code(file ?? "Dockerfile", 100)}` : "Secrets";
        return [`### ${title} (${step.tool}): ${what}`, ""];
    };
    if (evidence.kind === "absent") {
        return [...heading("no report"), "The step left no report behind; its log says why.", ""];
    }
    if (evidence.kind === "unreadable") {
        return [
            ...heading("no report that can be believed"),
            ...list([evidence.why], 1, (why) => code(why, room.text)),
        ];
    }
    const { report } = evidence;
    const found = step.kind === "lint" ? lintFindings(report, room) : secretFindings(report, room);
    return [...heading(headline(report), report.subject.file), ...doubts(report, room), ...found];
}

function headline({ outcome, findings, counted }: CheckReport): string {
    const count =
        findings.length === 0
            ? "no findings"
            : counted === 1
              ? "1 finding fails"
              : `${counted} findings fail`;
    const all = findings.length > counted ? `, ${findings.length} in all` : "";
    return outcome === "incomplete" ? "could not be completed" : `${count}${all}`;
}

function doubts({ incompleteReasons }: CheckReport, { rows, text }: Room): string[] {
    return list(incompleteReasons, Math.min(rows, 10), (reason) => code(reason, text));
}

function lintFindings({ findings }: CheckReport, { rows, text }: Room): string[] {
    if (findings.length === 0) return [];
    // What fails must not be cut away behind what does not.
    const worstFirst = findings.toSorted(
        (a, b) => lintLevels.indexOf(a.level) - lintLevels.indexOf(b.level) || a.line - b.line,
    );
    return [
        ...table(["Rule", "Line", "Level", "Finding"], worstFirst, rows, ({ rule, line, level, message }) => [
            ruleLink(rule) ?? code(rule, 60),
            line === 0 ? nothing : String(line),
            level,
            code(message, text),
        ]),
        ...howToFix(lintFixes(findings), 10, (fix) => fix),
    ];
}

/** Where secrets are, never what they are: messages of scanners are not shown. */
function secretFindings({ findings }: CheckReport, { rows, text }: Room): string[] {
    if (findings.length === 0) return [];
    return [
        ...table(["Rule", "File", "Line", "Commit"], findings, rows, ({ rule, file, line, commit }) => [
            code(rule, 60),
            file === "" ? "commit message" : code(file, text),
            line === 0 ? nothing : String(line),
            code(commit?.slice(0, 12) ?? "", 12),
        ]),
        ...howToFix(secretFixes, secretFixes.length, (fix) => fix),
    ];
}

const verdicts = { pass: "passes", fail: "refused", incomplete: "could not be judged" } as const;

/** The judgement of the image: its reasons, the vulnerabilities, waivers that were used, and how to fix it. */
export function imageSection(image: ImageSection, { rows, text }: Room): string[] {
    const { verdict, vulnerabilities, waivers, wayToPass } = image;
    const reasons = verdict.reasons.filter(({ kind }) => reasonEffects[kind] !== "note");
    return [
        `### Image: ${verdicts[verdict.outcome]}`,
        "",
        `Digest ${code(verdict.digest, 71)}, judged by the gate policy ${code(verdict.policySha256.slice(0, 12), 12)}.`,
        `Counted: ${rankedSeverities.map((name) => `${name} ${verdict.counts[name]}`).join(", ")}.`,
        "",
        ...(reasons.length === 0 ? [] : ["Why:", ""]),
        ...list(reasons, Math.min(rows, 20), ({ message }) => code(message, text)),
        ...(vulnerabilities.length === 0 ? [] : [`#### Vulnerabilities: ${vulnerabilities.length}`, ""]),
        ...table(
            ["Severity", "Vulnerability", "Package", "Installed", "Fixed in", "Found by"],
            vulnerabilities,
            rows,
            (row) => vulnerabilityCells(row, text),
        ),
        ...(waivers.length === 0 ? [] : [`#### Waivers used: ${waivers.length}`, ""]),
        ...table(["Vulnerability", "Package", "Owner", "Until the end of"], waivers, rows, (waiver) =>
            [waiver.id, waiver.package, waiver.owner, waiver.expires].map((part) => code(part, text)),
        ),
        ...howToFix(wayToPass, Math.min(rows, 25), (step) => code(step, text)),
    ];
}

function vulnerabilityCells(row: VulnerabilityRow, text: number): string[] {
    const { severity, id, package: name, installed, fixedIn, scanners, waived } = row;
    return [
        waived ? `${severity}, waived` : severity,
        code(id, text),
        code(name, text),
        code(installed, text),
        fixedIn === null ? "no fix" : code(fixedIn, text),
        scanners.join(", "),
    ];
}

function howToFix(steps: readonly string[], most: number, textOf: (step: string) => string): string[] {
    return steps.length === 0 ? [] : ["How to fix:", "", ...list(steps, most, textOf)];
}
