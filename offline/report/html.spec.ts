import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import fc from "fast-check";
import { exemptedRun } from "./fixtures/findingsRun";
import { hostileNames, hostileText } from "./fixtures/hostile";
import type { XmlElement } from "./fixtures/readXml";
import { elementsOf, readXml } from "./fixtures/readXml";
import { StackBuilder, diagnostic, policyInfo } from "./fixtures/stackBuilder";
import { htmlOf } from "./html";
import { contrastPairs, palettes } from "./htmlStyle";
import type { PolicyReportOptions } from "./policyReport";
import { policyReportOf } from "./policyReport";

const types: PolicyReportOptions["types"] = {
    known: true,
    types: [
        { type: "aws:ecr/repository:Repository", resources: 1, judgedBy: 9, consultedBy: 1 },
        { type: "aws:iam/role:Role", resources: 3, judgedBy: 0, consultedBy: 0 },
    ],
};

/** The page is HTML that is well-formed XML as well, so the strict reader reads it. */
function read(html: string): XmlElement {
    assert.ok(html.startsWith("<!DOCTYPE html>\n"));
    return readXml(html.slice("<!DOCTYPE html>\n".length).trim());
}

function textOf(element: XmlElement): string {
    return element.text + element.children.map(textOf).join("");
}

const named = (page: XmlElement, ...names: string[]): XmlElement[] =>
    elementsOf(page).filter(({ name }) => names.includes(name));

/** Luminance and ratio as WCAG 2.2 defines them. */
function contrast(first: string, second: string): number {
    const luminance = (colour: string): number => {
        const [r = 0, g = 0, b = 0] = [1, 3, 5]
            .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
            .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const [dark = 0, light = 0] = [luminance(first), luminance(second)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
}

/** A Chromium to try the page in, where there is one. */
function browser(): string | undefined {
    const folders = (process.env["PATH"] ?? "").split(path.delimiter);
    const programs = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    return [
        process.env["CHROME_PATH"],
        ...folders.flatMap((folder) => programs.map((program) => path.join(folder, program))),
    ].find((file) => file !== undefined && file !== "" && existsSync(file));
}

describe("the page of policies", () => {
    const html = htmlOf(policyReportOf(exemptedRun(), { types }));
    const page = read(html);

    it("needs nothing from anywhere and runs nothing", () => {
        const allowed = new Set(
            (
                "html head meta title style body a header h1 span p nav ul li main section h2 h3 div table caption " +
                "thead tbody tr th td fieldset legend label input article dl dt dd code details summary footer"
            ).split(" "),
        );
        assert.deepEqual(
            elementsOf(page).filter(({ name }) => !allowed.has(name)),
            [],
        );
        for (const { attributes } of elementsOf(page)) {
            for (const [name, value] of Object.entries(attributes)) {
                assert.doesNotMatch(name, /^on|^style$|^src|^srcset$|^action$/);
                assert.ok(name !== "href" || /^(?:#|https?:)/.test(value), value);
            }
        }
        const [style] = named(page, "style");
        assert.doesNotMatch(style?.text ?? "", /url\(|@import|expression|image-set/);
        const policy = named(page, "meta").find(
            ({ attributes }) => attributes["http-equiv"] === "Content-Security-Policy",
        );
        const digest = createHash("sha256")
            .update(/<style>([^]*)<\/style>/.exec(html)?.[1] ?? "")
            .digest("base64");
        assert.equal(
            policy?.attributes["content"],
            `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`,
        );
        // The policy stands before everything that it governs.
        assert.ok(html.indexOf("Content-Security-Policy") < html.indexOf("<style>"));
    });

    it("can be read by a screen reader: landmarks, headings in order, labels, table headers", () => {
        assert.equal(page.attributes["lang"], "en");
        for (const landmark of ["header", "main", "footer", "nav", "title", "h1"]) {
            assert.equal(named(page, landmark).length, 1, landmark);
        }
        assert.ok(named(page, "nav")[0]?.attributes["aria-label"]);
        let level = 0;
        for (const { name, children, text } of named(page, "h1", "h2", "h3")) {
            const next = Number(name.slice(1));
            assert.ok(next <= level + 1, `${name} after h${level}`);
            assert.ok((text + children.map(textOf).join("")).trim() !== "");
            level = next;
        }
        const ids = elementsOf(page).flatMap(({ attributes }) => attributes["id"] ?? []);
        assert.equal(new Set(ids).size, ids.length);
        for (const { attributes } of elementsOf(page)) {
            const target = attributes["href"]?.startsWith("#")
                ? attributes["href"].slice(1)
                : attributes["aria-labelledby"];
            assert.ok(target === undefined || ids.includes(target), target);
        }
        for (const label of named(page, "label")) {
            assert.equal(named(label, "input").length, 1);
            assert.ok(textOf(label).trim() !== "");
        }
        assert.equal(named(page, "input").length, named(page, "label").length);
        for (const group of named(page, "fieldset")) {
            assert.equal(group.children[0]?.name, "legend");
        }
        for (const table of named(page, "table")) {
            assert.equal(table.children[0]?.name, "caption");
            assert.deepEqual(
                named(table, "th").map(({ attributes }) => attributes["scope"]),
                [
                    ...named(named(table, "thead")[0]!, "th").map(() => "col"),
                    ...named(named(table, "tbody")[0]!, "tr").map(() => "row"),
                ],
            );
            const widths = new Set(named(table, "tr").map(({ children }) => children.length));
            assert.equal(widths.size, 1);
        }
        // What scrolls can be reached by keyboard and has a name.
        for (const { attributes } of elementsOf(page).filter(
            (each) => each.attributes["class"] === "scroll",
        )) {
            assert.deepEqual([attributes["role"], attributes["tabindex"]], ["region", "0"]);
            assert.ok(attributes["aria-label"]);
        }
    });

    it("says the status of every finding in words, what blocks first", () => {
        const items = named(page, "article").map((article) =>
            Object.fromEntries(
                named(article, "dt").map((term, position) => [
                    term.text,
                    textOf(named(article, "dd")[position]!),
                ]),
            ),
        );
        assert.deepEqual(
            items.map(({ Status, Severity }) => `${Status}, ${Severity}`),
            [
                "Blocks the update, critical",
                "Blocks the update, high",
                "Advice, medium",
                "Inconclusive, high",
                "Inconclusive, high",
                "Exempted, high",
                "Exempted, high",
            ],
        );
        assert.deepEqual(items[0], {
            Status: "Blocks the update",
            Severity: "critical",
            Resource: "demo-candidate (ecr Repository)",
            Source: "infra/repositories/repositories.ts:40",
            Finding: "scanOnPush is false.",
            Fix: "Set imageScanningConfiguration.scanOnPush to true.",
            Rule: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html",
        });
        assert.equal(
            items[5]?.["Exemption"],
            "EX-7, until 2026-12-01 (1 day left): key is being replaced, see SEC-12",
        );
    });

    it("filters by status, severity, family and framework with the style sheet alone", () => {
        const style = named(page, "style")[0]?.text ?? "";
        const findings = elementsOf(page).filter(({ attributes }) =>
            attributes["class"]?.startsWith("finding "),
        );
        const controls = named(page, "input");
        assert.deepEqual(
            controls.map(({ attributes }) => attributes["id"]),
            [
                ...["blocking", "advice", "inconclusive", "exempted"].map((kind) => `only-status-s-${kind}`),
                ...["critical", "high", "medium"].map((severity) => `only-severity-v-${severity}`),
                ...[0, 1, 2, 3].map((family) => `only-family-f-${family}`),
                "only-framework-all",
                "only-framework-k-0",
            ],
        );
        for (const { attributes } of controls.filter((each) => !each.attributes["id"]?.endsWith("-all"))) {
            const id = attributes["id"] ?? "";
            const own = id.replace(/^only-[a-z]+-/, "");
            const rule =
                attributes["type"] === "checkbox"
                    ? `main:has(#${id}:not(:checked)) .finding.${own}{display:none}`
                    : `main:has(#${id}:checked) .finding:not(.${own}){display:none}`;
            assert.ok(style.split("\n").includes(rule), rule);
            const matched = findings.filter((each) => each.attributes["class"]?.split(" ").includes(own));
            assert.ok(matched.length > 0, own);
            // Everything is shown until somebody chooses.
            assert.equal(attributes["checked"], attributes["type"] === "checkbox" ? "checked" : undefined);
        }
    });

    it("has the contrast of WCAG AA in light and in dark, and nothing is wider than a phone", () => {
        for (const [name, palette] of Object.entries(palettes)) {
            for (const [front, back, least] of contrastPairs) {
                const ratio = contrast(palette[front], palette[back]);
                assert.ok(ratio >= least, `${name}: ${front} on ${back} is ${ratio.toFixed(2)}`);
            }
        }
        const style = named(page, "style")[0]?.text ?? "";
        // Every colour on the page comes from the palettes.
        const [, ...rules] = style.split("\n").filter((line) => !line.startsWith("@media (prefers"));
        assert.doesNotMatch(rules.join("\n").replace(/:has\(#[^)]*\)/g, ""), /#[0-9a-f]{3,8}\b|rgb|hsl/);
        assert.match(style, /:focus-visible\{outline:3px solid var\(--focus\)/);
        assert.match(style, /overflow-wrap:anywhere/);
        assert.ok(
            [...style.matchAll(/(?<![a-z-])(?:min-)?width:(\d+)(px|rem)/g)].every(
                ([whole, size, unit]) =>
                    style.includes(`@media (${whole})`) || Number(size) * (unit === "rem" ? 16 : 1) <= 320,
            ),
        );
        assert.equal(
            named(page, "meta").find(({ attributes }) => attributes["name"] === "viewport")?.attributes[
                "content"
            ],
            "width=device-width, initial-scale=1",
        );
    });

    it("shows names, messages, reasons and addresses as text, whatever they hold", () => {
        const check = (name: string, message: string): void => {
            const stack = new StackBuilder(name, name);
            const key = stack.add(`aws:${name}`, name, { source: { file: `infra/${name}`, line: 3 } });
            const exempted = { id: name, until: "2026-12-01", daysLeft: 2, reason: message };
            const run = stack.run({
                policy: {
                    pack: { name, version: name },
                    policies: [
                        policyInfo(name, {
                            displayName: message,
                            url: message,
                            references: [`CIS AWS 1.0 ${name}`],
                        }),
                    ],
                    diagnostics: [
                        diagnostic(name, key.urn, { message, fix: message, findingId: name }),
                        diagnostic(name, name, { message, enforcement: "advisory", exempted }),
                    ],
                    notApplicable: 0,
                    remediations: [{ policy: name, urn: name }],
                },
            });
            const written = read(htmlOf(policyReportOf(run, { types: { known: false, reason: message } })));
            assert.equal(named(written, "script", "img", "iframe", "svg", "form").length, 0);
            assert.equal(named(written, "article").length, 2);
            assert.equal(
                named(written, "a").filter(
                    ({ attributes }) => !/^(?:#|https?:)/.test(attributes["href"] ?? ""),
                ).length,
                0,
            );
            const printed = message.replace(/[\p{Cc}\p{Bidi_Control}\p{Surrogate}\ufffe\uffff]/gu, (odd) =>
                odd === "\n" ? odd : "\ufffd",
            );
            assert.ok(
                named(written, "dd").some((each) => textOf(each) === printed),
                JSON.stringify(message),
            );
        };
        [
            ...hostileNames,
            "javascript:alert(1)",
            "data:text/html,x",
            "</style><script>alert(1)</script>",
        ].forEach((each) => check(each, each));
        fc.assert(fc.property(hostileText, hostileText, check), { numRuns: 50 });
    });

    it("says that nothing was judged, and is whole without findings, frameworks or types", () => {
        const empty = read(htmlOf(policyReportOf(new StackBuilder().run({ policy: null }))));
        assert.match(textOf(named(empty, "h1")[0]!), /NOT JUDGED/);
        assert.match(textOf(empty), /Nothing was judged\./);
        assert.match(textOf(empty), /Which types no rule covers is not known: it was not asked for\./);
    });

    it("is laid out by a browser at 320 px without scrolling sideways", async function () {
        this.timeout(120_000);
        const program = browser();
        if (program === undefined) {
            console.log("      skipped: no Chromium on PATH and none in CHROME_PATH");
            this.skip();
        }
        const folder = mkdtempSync(path.join(tmpdir(), "portcullis-page-"));
        try {
            const file = path.join(folder, "policies.html");
            const shell = path.join(folder, "shell.html");
            writeFileSync(file, html);
            // A page of ours measures the report in a frame of a phone's width, and says so in its title.
            writeFileSync(
                shell,
                `<!DOCTYPE html><title>-</title><iframe width="320" height="600" src="policies.html" onload="` +
                    `const page=this.contentDocument.documentElement;document.body.dataset.width=page.scrollWidth;` +
                    `document.body.dataset.shown=[...page.querySelectorAll('.finding')].filter((each)=>each.offsetHeight>0).length;` +
                    `page.querySelector('#only-severity-v-high').click();` +
                    `document.body.dataset.filtered=[...page.querySelectorAll('.finding')].filter((each)=>each.offsetHeight>0).length"></iframe>`,
            );
            const { stdout } = await promisify(execFile)(program, [
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--allow-file-access-from-files",
                `--user-data-dir=${path.join(folder, "profile")}`,
                "--virtual-time-budget=5000",
                "--dump-dom",
                pathToFileURL(shell).href,
            ]);
            const figure = (name: string): number =>
                Number(new RegExp(`data-${name}="(\\d+)"`).exec(stdout)?.[1]);
            assert.ok(figure("width") <= 320, `${figure("width")} px wide`);
            assert.deepEqual([figure("shown"), figure("filtered")], [7, 2]);
        } finally {
            rmSync(folder, { recursive: true, force: true });
        }
    });
});
