/**
 * `policies.html`: the policy result as one page that needs nothing else. No script and no request at all (the content
 * security policy forbids both), filters are style sheet rules. Written as HTML that is also well-formed XML.
 */
import { createHash } from "node:crypto";
import type { Choices } from "./htmlFilters";
import { choicesOf, filterForm, filtersOf, kindOf, kinds } from "./htmlFilters";
import { attribute, folded, section, table, text } from "./htmlParts";
import { styleSheet } from "./htmlStyle";
import type { PolicyReport, ReportedFinding } from "./policyReport";
import { shortType } from "./resourceIndex";
import { plural } from "./verdict";

const verdictWords = { pass: "PASS", fail: "FAIL", notRun: "NOT JUDGED" } as const;

const statusWords: Record<PolicyReport["rules"][number]["status"], string> = {
    failed: "failed",
    inconclusive: "inconclusive",
    exempted: "exempted",
    passed: "passed",
    notApplicable: "not applicable",
    disabled: "disabled",
};

function findingItem(finding: ReportedFinding, position: number, choices: Choices, url?: string): string {
    const subject =
        finding.resource === ""
            ? finding.urn || "the stack"
            : `${finding.resource} (${shortType(finding.type)})`;
    const kind = kindOf(finding);
    const unsure = kind === "blocking" && finding.status === "inconclusive" ? ", inconclusive" : "";
    const excuse = finding.exemption;
    const page =
        url === undefined
            ? undefined
            : URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
              ? `<a href=${attribute(new URL(url).href)} rel="noreferrer">${text(url)}</a>`
              : `<code>${text(url)}</code>`;
    const facts: [string, string | undefined][] = [
        ["Status", `<span class="status">${text(kinds[kind])}${unsure}</span>`],
        ["Severity", text(finding.severity)],
        ["Resource", text(subject)],
        ["Source", finding.source && `<code>${text(`${finding.source.file}:${finding.source.line}`)}</code>`],
        ["Finding", text(finding.message)],
        ["Fix", finding.fix === undefined ? undefined : text(finding.fix)],
        ["Finding id", finding.findingId && `<code>${text(finding.findingId)}</code>`],
        [
            "Exemption",
            excuse &&
                text(
                    `${excuse.id}, until ${excuse.until} (${excuse.daysLeft} ${plural(excuse.daysLeft, "day")} left): ${excuse.reason}`,
                ),
        ],
        ["Rule", page],
    ];
    return [
        `<li class="finding ${choices.classesOf(finding)}"><article aria-labelledby="finding-${position}">`,
        `<h3 id="finding-${position}">${text(finding.rule)}${
            finding.title === finding.rule || finding.title === "" ? "" : ` ${text(finding.title)}`
        }</h3>`,
        "<dl>",
        ...facts.flatMap(([name, body]) => (body === undefined ? [] : [`<dt>${name}</dt><dd>${body}</dd>`])),
        "</dl></article></li>",
    ].join("\n");
}

function findingsSection(report: PolicyReport, choices: Choices): string {
    const urls = new Map(report.rules.map(({ name, url }) => [name, url]));
    const order = Object.keys(kinds);
    const items = [...report.findings]
        .sort((a, b) => order.indexOf(kindOf(a)) - order.indexOf(kindOf(b)))
        .map((finding, position) => findingItem(finding, position, choices, urls.get(finding.rule)));
    return section(
        "findings",
        `Findings (${items.length})`,
        items.length === 0
            ? [`<p>${report.verdict === "notRun" ? "Nothing was judged." : "None."}</p>`]
            : [filterForm(choices), '<ul class="findings">', ...items, "</ul>"],
    );
}

function resultSection(report: PolicyReport): string {
    const { figures } = report;
    return section("result", "Result", [
        ...(report.reasons.length === 0
            ? []
            : [`<ul>${report.reasons.map((reason) => `<li>${text(reason)}</li>`).join("")}</ul>`]),
        table(
            "Figures",
            ["What", "How many"],
            [
                ["Findings that block the update", figures.blocking],
                ["Advice", figures.violations.advisory],
                ["Inconclusive", figures.inconclusive],
                ["Exempted", figures.exempted],
                ["Mended before they were judged", figures.remediations],
                ["Rules", figures.rules.total],
                ["Rules passed", figures.rules.passed],
                ["Rules not applicable", figures.rules.notApplicable],
                ["Rules disabled", figures.rules.disabled],
                ["Resources", figures.resources],
            ],
        ),
        ...(report.remediations.length === 0
            ? []
            : [
                  table(
                      "Mended before they were judged",
                      ["Rule", "Resource"],
                      report.remediations.map(({ rule, resource, urn }) => [rule, resource || urn]),
                  ),
              ]),
    ]);
}

function frameworksSection({ frameworks }: PolicyReport): string {
    const body = frameworks.map(({ framework, version, implemented, byStatus, controls }) => {
        const name = [framework, version].filter(Boolean).join(" ");
        const failed = byStatus.failed > 0 ? `, ${byStatus.failed} failed` : "";
        return folded(
            `${name}: ${implemented} ${plural(implemented, "control")}${failed}`,
            table(
                `Controls of ${name}`,
                ["Control", "Status", "Rules"],
                controls.map(({ control, status, rules }) => [
                    control,
                    statusWords[status],
                    rules.map((each) => `${each.rule} (${statusWords[each.status]})`).join(", "),
                ]),
            ),
        );
    });
    return section("frameworks", "Frameworks", [
        "<p>Controls that the rules refer to, each as good as its worst rule. A passed control means that these rules found nothing, not that a framework is met.</p>",
        ...(body.length === 0 ? ["<p>The pack refers to none.</p>"] : body),
    ]);
}

function typesSection({ types }: PolicyReport): string {
    if (!types.known) {
        return section("types", "Resource types", [
            `<p>Which types no rule covers is not known: ${text(types.reason)}.</p>`,
        ]);
    }
    const uncovered = types.types.filter((each) => each.judgedBy + each.consultedBy === 0);
    const rows = (some: typeof types.types): (string | number)[][] =>
        some.map(({ type, resources, judgedBy, consultedBy }) => [type, resources, judgedBy, consultedBy]);
    const columns = ["Type", "Resources", "Rules that judge it", "Rules that look it up"];
    return section("types", "Resource types", [
        `<p>${uncovered.length} of ${types.types.length} types of this stack are looked at by no rule.</p>`,
        ...(uncovered.length === 0 ? [] : [table("Types that no rule covers", columns, rows(uncovered))]),
        ...(types.types.length === 0
            ? []
            : [folded("All types", table("All types of the stack", columns, rows(types.types)))]),
    ]);
}

function rulesSection({ rules }: PolicyReport): string {
    return section("rules", `Rules (${rules.length})`, [
        rules.length === 0
            ? "<p>None.</p>"
            : folded(
                  "All rules",
                  table(
                      "Rules of the pack",
                      ["Rule", "Title", "Severity", "Level", "Status", "Findings"],
                      rules.map((each) => [
                          each.name,
                          each.title,
                          each.severity,
                          each.enforcement,
                          statusWords[each.status],
                          each.findings,
                      ]),
                  ),
              ),
    ]);
}

/** The whole page. Deterministic; every text of the program and the pack is escaped. */
export function htmlOf(report: PolicyReport): string {
    const choices = choicesOf(report);
    const style = styleSheet(filtersOf(choices));
    const digest = createHash("sha256").update(style).digest("base64");
    const policy = `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`;
    const title = `Policies: ${verdictWords[report.verdict]}, ${report.project} ${report.stack}`;
    const contents = [
        ["result", "Result"],
        ["findings", `Findings (${report.findings.length})`],
        ["frameworks", "Frameworks"],
        ["types", "Resource types"],
        ["rules", "Rules"],
    ] as const;
    return [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8" />',
        `<meta http-equiv="Content-Security-Policy" content="${policy}" />`,
        '<meta name="viewport" content="width=device-width, initial-scale=1" />',
        '<meta name="referrer" content="no-referrer" />',
        `<title>${text(title)}</title>`,
        `<style>${style}</style>`,
        "</head>",
        "<body>",
        '<a class="skip" href="#findings">To the findings</a>',
        "<header>",
        `<h1>Policies: <span class="${report.verdict}">${verdictWords[report.verdict]}</span>, ${text(report.project)} ${text(report.stack)}</h1>`,
        `<p>This is an ${text(report.notice)}: a ${report.mode} of ${report.figures.resources} ${plural(report.figures.resources, "resource")}. A preview with credentials has the last word.</p>`,
        "</header>",
        '<nav aria-label="Contents"><ul>',
        ...contents.map(([id, name]) => `<li><a href="#${id}">${text(name)}</a></li>`),
        "</ul></nav>",
        "<main>",
        resultSection(report),
        findingsSection(report, choices),
        frameworksSection(report),
        typesSection(report),
        rulesSection(report),
        "</main>",
        `<footer><p class="quiet">${report.pack ? text(`Policy pack ${report.pack.name} ${report.pack.version}.`) : "No policy pack was asked."}</p></footer>`,
        "</body>",
        "</html>",
        "",
    ].join("\n");
}
