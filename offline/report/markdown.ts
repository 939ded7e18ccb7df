/** `policies.md`: the policy result as a comment on a pull request. */
import { codeSpan, runningText } from "./markdownText";
import type { PolicyReport, ReportedFinding } from "./policyReport";
import { exemptionText } from "./redaction";
import { shortType } from "./resourceIndex";
import { plural } from "./verdict";

/** The longest comment that GitHub takes, in characters. */
export const commentLimit = 65_536;

/** First line of the document; whoever keeps one comment up to date finds it by this. */
export function commentMarker({ project, stack }: Pick<PolicyReport, "project" | "stack">): string {
    // Comments end at "-->", and hostile names must not end them. Half surrogate pairs cannot be encoded.
    const name = (text: string): string =>
        text.replace(/[^A-Za-z0-9_.]+/gu, (odd) => (odd === "-" ? odd : "_")).slice(0, 100);
    return `<!-- portcullis-policies:${name(project)}/${name(stack)} -->`;
}

interface Section {
    /** With the number of items. */
    title: string;
    items: string[];
    folded?: boolean;
    /** What stands between heading and items. */
    introduction?: string;
}

const verdictWords = { pass: "PASS", fail: "FAIL", notRun: "NOT JUDGED" } as const;

function itemOf(finding: ReportedFinding): string {
    const subject =
        finding.resource === ""
            ? finding.type === "pulumi:pulumi:Stack" || finding.urn === ""
                ? "the stack"
                : codeSpan(finding.urn)
            : `${codeSpan(finding.resource)} (${runningText(shortType(finding.type))})`;
    const place = finding.source ? `, ${codeSpan(`${finding.source.file}:${finding.source.line}`)}` : "";
    const kind = finding.status === "inconclusive" && finding.blocking ? ", inconclusive" : "";
    return [
        `- **${runningText(finding.rule)}** ${finding.severity}${kind}: ${subject}${place}`,
        ...(finding.exemption ? [`  Excuse: ${runningText(exemptionText(finding.exemption))}`] : []),
        `  ${runningText(finding.message)}`,
        ...(finding.fix === undefined ? [] : [`  Fix: ${runningText(finding.fix)}`]),
        ...(finding.findingId === undefined ? [] : [`  Finding id: ${codeSpan(finding.findingId)}`]),
    ].join("\\\n");
}

function sectionsOf(report: PolicyReport): Section[] {
    const of = (chosen: (finding: ReportedFinding) => boolean): string[] =>
        report.findings.filter(chosen).map(itemOf);
    const blocking = of(({ blocking: blocks }) => blocks);
    const inconclusive = of((each) => !each.blocking && each.status === "inconclusive");
    const exempted = of((each) => !each.blocking && each.status === "exempted");
    const advice = of((each) => !each.blocking && each.status === "violation");
    const mended = report.remediations.map(
        ({ rule, resource, urn }) =>
            `- **${runningText(rule)}** ${resource === "" ? codeSpan(urn) : codeSpan(resource)}`,
    );
    return [
        { title: `What blocks (${blocking.length})`, items: blocking },
        {
            title: `Inconclusive (${inconclusive.length})`,
            introduction: "A value is not known before the update, so these are neither passed nor violated.",
            items: inconclusive,
        },
        {
            title: `Exempted (${exempted.length})`,
            introduction: "Violations that a reviewed entry excuses until the day named.",
            items: exempted,
        },
        { title: `Mended before it was judged (${mended.length})`, items: mended },
        { title: `Advice (${advice.length})`, items: advice, folded: true },
        ...frameworkSections(report),
        typeSection(report),
    ].filter(({ items }) => items.length > 0);
}

function frameworkSections({ frameworks }: PolicyReport): Section[] {
    const items = frameworks.map(({ framework, version, implemented, byStatus }) => {
        const counts = (
            [
                ["failed", byStatus.failed],
                ["inconclusive", byStatus.inconclusive],
                ["exempted", byStatus.exempted],
                ["passed", byStatus.passed],
                ["not applicable", byStatus.notApplicable],
                ["disabled", byStatus.disabled],
            ] as const
        ).flatMap(([word, count]) => (count > 0 ? [`${count} ${word}`] : []));
        const name = runningText([framework, version].filter(Boolean).join(" "));
        return `- ${name}: ${implemented} ${plural(implemented, "control")} (${counts.join(", ")})`;
    });
    return [
        {
            title: `Controls that the rules refer to (${items.length} ${plural(items.length, "framework")})`,
            items,
            folded: true,
            introduction:
                "A passed control means that these rules found nothing, not that a framework is met.",
        },
    ];
}

function typeSection({ types }: PolicyReport): Section {
    if (!types.known) {
        return { title: "", items: [] };
    }
    const uncovered = types.types.filter(({ judgedBy, consultedBy }) => judgedBy + consultedBy === 0);
    return {
        title: `Types that no rule covers (${uncovered.length} of ${types.types.length})`,
        items: uncovered.map(({ type, resources }) => `- ${codeSpan(type)} ×${resources}`),
        folded: true,
    };
}

function headOf(report: PolicyReport): string[] {
    const { figures } = report;
    const rules = figures.rules;
    return [
        commentMarker(report),
        `## Policies: ${verdictWords[report.verdict]}, stack ${codeSpan(report.stack)} of ${codeSpan(report.project)}`,
        "",
        ...report.reasons.map((reason) => `- ${runningText(reason)}`),
        ...(report.reasons.length > 0 ? [""] : []),
        "| blocking | advice | inconclusive | exempted | rules passed | not applicable | disabled |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        `| ${figures.blocking} | ${figures.violations.advisory} | ${figures.inconclusive} | ${figures.exempted} | ` +
            `${rules.passed} of ${rules.total} | ${rules.notApplicable} | ${rules.disabled} |`,
        "",
        ...(report.types.known
            ? []
            : [`Which resource types no rule covers is not known: ${runningText(report.types.reason)}.`, ""]),
    ];
}

function footOf(report: PolicyReport): string[] {
    const pack = report.pack ? ` Pack ${codeSpan(`${report.pack.name} ${report.pack.version}`)}.` : "";
    return [
        `<sub>This is an offline simulation, not AWS: ${report.figures.resources} ` +
            `${plural(report.figures.resources, "resource")}, ${report.mode}.${pack}` +
            ` A preview with credentials has the last word.</sub>`,
        "",
    ];
}

/**
 * The comment: what blocks first, in full as far as `limit` characters reach; whatever is left out is counted.
 * No text of the program or the pack can make links, mentions, HTML, images or tables.
 */
export function markdownOf(report: PolicyReport, limit = commentLimit): string {
    const head = headOf(report);
    const foot = footOf(report);
    const sections = sectionsOf(report);
    // Every section can at least say how much of it is left out.
    const frameOf = (section: Section, left: number): { open: string[]; close: string[] } => ({
        open: [
            ...(section.folded
                ? ["<details>", `<summary>${section.title}</summary>`, ""]
                : [`### ${section.title}`, ""]),
            ...(section.introduction === undefined ? [] : [section.introduction, ""]),
        ],
        close: [
            ...(left > 0 ? [`- … and ${left} more, in \`policies.html\` and \`policies.json\``] : []),
            "",
            ...(section.folded ? ["</details>", ""] : []),
        ],
    });
    const lengthOf = (lines: readonly string[]): number =>
        lines.reduce((length, line) => length + line.length + 1, 0);
    const frameLength = (section: Section): number => {
        const { open, close } = frameOf(section, section.items.length);
        return lengthOf([...open, ...close]);
    };
    let room =
        limit -
        lengthOf([...head, ...foot]) -
        sections.reduce((length, section) => length + frameLength(section), 0);
    const body = sections.flatMap((section) => {
        let shown = 0;
        for (const item of section.items) {
            if (item.length + 1 > room) {
                break;
            }
            room -= item.length + 1;
            shown += 1;
        }
        const { open, close } = frameOf(section, section.items.length - shown);
        return [...open, ...section.items.slice(0, shown), ...close];
    });
    return [...head, ...body, ...foot].join("\n");
}
