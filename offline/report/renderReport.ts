/** The report that `npm start` prints: tree, notes, policy, cost, outputs, timings, verdict. */
import { estimateMonthlyFloor, formatCents, formatUnitPrice } from "../cost/estimate";
import type { CostEstimate } from "../cost/estimate";
import type { PolicyDiagnostic, RunResult, Value } from "../model";
import type { Redactor } from "./redaction";
import type { TypeReport } from "./policyReport";
import { exemptionText, redactorOf } from "./redaction";
import { ResourceIndex, byName, shortType } from "./resourceIndex";
import { countNote, treeLines } from "./resourceTree";
import { sourceOf } from "./sourceLocation";
import { headlineOf, shownOutput, simulationNotice } from "./summary";
import type { Paint, Style } from "./terminalText";
import { createPaint, displayWidth, fit, pad, printable, wrap } from "./terminalText";
import { isMandatory, overviewOf, plural, severityOrder, verdictOf } from "./verdict";

export interface RenderOptions {
    color: boolean;
    /** Columns of the terminal. Texts are wrapped or cut to it, except names that must be copied whole. */
    width: number;
    /** An inconclusive finding counts as a failure. */
    strict?: boolean;
    /** Directory that source locations are shown relative to; default: the working directory. */
    projectDirectory?: string;
    /** Which rules look at which resource types. */
    types?: TypeReport;
}

interface Context extends RenderOptions {
    result: RunResult;
    index: ResourceIndex;
    redactor: Redactor;
    paint: Paint;
}

const severityStyles: Record<string, Style> = {
    critical: ["red", "bold"],
    high: "red",
    medium: "yellow",
    low: "cyan",
    unspecified: "gray",
};

function heading(title: string, remark: string, { paint }: Context): string[] {
    return ["", `${paint("bold", title)}${remark === "" ? "" : `  ${paint("gray", remark)}`}`];
}

function renderTree(context: Context): string[] {
    const { index, paint, width } = context;
    const lines = treeLines(index).map((line) => {
        const name = printable(line.name);
        const type = line.kind === "group" ? `${line.type} ×${line.count}` : line.type;
        const room = Math.max(10, width - displayWidth(line.branch) - displayWidth(type) - 2);
        const shown = fit(name, room);
        // Names come first: a remark only gets the room that the name leaves.
        const remarks = [countNote(line), line.note].filter((each) => each !== "").join(", ");
        const remark = fit(remarks, Math.max(0, room - displayWidth(shown) - 2));
        const styles = { component: ["cyan", "bold"], resource: [], group: ["reset", "gray"] } as const;
        const [typeStyle = "reset", nameStyle = "reset"] = styles[line.kind];
        const start = `${paint("gray", line.branch)}${paint(typeStyle, type)}`;
        const gap = line.kind === "component" ? " " : "  ";
        return `${start}${gap}${paint(nameStyle, shown)}${remark === "" ? "" : `  ${paint("gray", remark)}`}`;
    });
    return [...heading("Resources", "", context), ...lines];
}

function renderNotes(context: Context): string[] {
    const { result, redactor, paint, width } = context;
    const notes = result.log.filter((line) => line.severity === "warning" || line.severity === "error");
    if (notes.length === 0) {
        return [];
    }
    return [
        ...heading("Notes of the program", "", context),
        ...notes.flatMap((note) => {
            const mark = note.severity === "error" ? paint("red", "error   ") : paint("yellow", "warning ");
            return wrap(printable(redactor.text(note.message.trim())), Math.max(20, width - 10)).map(
                (line, position) => `${position === 0 ? mark : "        "}${line}`,
            );
        }),
    ];
}

/** Name and type of what a finding is about; the whole URN when it was not captured. */
function subjectOf(finding: PolicyDiagnostic, index: ResourceIndex): string {
    const resource = index.byUrn(finding.urn);
    return printable(
        resource
            ? `${resource.name} (${shortType(resource.type)})`
            : finding.urn === ""
              ? "the stack"
              : finding.urn,
    );
}

/** Findings that differ in their message only, side by side: same rule, resource and fix. */
function grouped(findings: readonly PolicyDiagnostic[]): PolicyDiagnostic[][] {
    const groups = new Map<string, PolicyDiagnostic[]>();
    for (const finding of findings) {
        const key = JSON.stringify([
            finding.policy,
            finding.urn,
            finding.fix,
            finding.enforcement,
            finding.exempted,
        ]);
        groups.set(key, [...(groups.get(key) ?? []), finding]);
    }
    return [...groups.values()];
}

function renderFindings(findings: readonly PolicyDiagnostic[], context: Context): string[] {
    const { index, redactor, paint, width } = context;
    const room = Math.max(20, width - 6);
    const indented = (text: string): string[] =>
        wrap(printable(redactor.text(text)), room).map((line) => `      ${line}`);
    return grouped(findings).flatMap((group) => {
        const [finding] = group;
        if (!finding) {
            return [];
        }
        const mandatory = isMandatory(finding.enforcement);
        const mark = finding.inconclusive
            ? paint("magenta", "?")
            : finding.exempted
              ? paint("blue", "~")
              : mandatory
                ? paint("red", "✗")
                : paint("yellow", "!");
        const resource = index.byUrn(finding.urn);
        const source = resource ? sourceOf(resource, context.projectDirectory) : undefined;
        return [
            `  ${mark} ${paint("bold", printable(finding.policy))}  ${subjectOf(finding, index)}`,
            ...(finding.exempted ? indented(exemptionText(finding.exempted)) : []),
            ...group.flatMap(({ message, findingId }) => [
                ...indented(message),
                ...(findingId === undefined
                    ? []
                    : [`        ${paint("gray", `id ${printable(redactor.text(findingId))}`)}`]),
            ]),
            ...(finding.fix ? indented(`Fix: ${finding.fix}`) : []),
            ...(source ? [`      ${paint("gray", `at ${printable(source.file)}:${source.line}`)}`] : []),
        ];
    });
}

function renderPolicy(context: Context): string[] {
    const { result, paint } = context;
    if (result.policy === null) {
        return [
            ...heading("Policies", "", context),
            paint("red", "  not judged: the policy pack was not asked"),
        ];
    }
    const overview = overviewOf(result);
    const { pack } = result.policy;
    const lines = heading("Policies", `${pack.name} ${pack.version}, ${overview.rules.total} rules`, context);
    const violations = [...overview.mandatory, ...overview.advisory];
    for (const severity of severityOrder) {
        const found = violations.filter((finding) => finding.severity === severity);
        if (found.length > 0) {
            const mandatory = found.filter((finding) => isMandatory(finding.enforcement)).length;
            const remark = `${found.length} ${plural(found.length, "violation")}, ${mandatory} mandatory`;
            lines.push(`  ${paint(severityStyles[severity] ?? "bold", severity)}  ${paint("gray", remark)}`);
            lines.push(...renderFindings(found, context));
        }
    }
    if (overview.inconclusive.length > 0) {
        const remark = `${overview.inconclusive.length}, ${overview.inconclusiveMandatory} of mandatory rules: values that are not known yet`;
        lines.push(`  ${paint("magenta", "inconclusive")}  ${paint("gray", remark)}`);
        lines.push(...renderFindings(overview.inconclusive, context));
    }
    if (overview.exempted.length > 0) {
        const remark = `${overview.exempted.length}, excused until the day named`;
        lines.push(`  ${paint("blue", "exempted")}  ${paint("gray", remark)}`);
        lines.push(...renderFindings(overview.exempted, context));
    }
    for (const { policy, urn } of result.policy.remediations ?? []) {
        const name = context.index.byUrn(urn)?.name ?? urn;
        lines.push(
            `  ${paint("green", "+")} ${printable(policy)} mended ${printable(name)} before it was judged`,
        );
    }
    const passed = overview.rules.passed.length;
    const active = overview.rules.total - overview.rules.disabled.length;
    lines.push(
        `  ${paint("green", "✓")} ${passed} of ${active} active rules without a finding` +
            `${overview.notApplicable > 0 ? `, ${overview.notApplicable} times not applicable` : ""}` +
            `${overview.rules.disabled.length > 0 ? `, ${overview.rules.disabled.length} disabled: ${overview.rules.disabled.map(({ name }) => printable(name)).join(", ")}` : ""}`,
    );
    if (context.types !== undefined) {
        lines.push(...renderTypes(context.types, context));
    }
    return lines;
}

/** One line: how much of the stack nobody looks at. The reports have the list. */
function renderTypes(types: TypeReport, { paint, width }: Context): string[] {
    const remark = (text: string): string[] => [`  ${paint("gray", fit(text, width - 2))}`];
    if (!types.known) {
        return remark(`types that no rule covers: not known, ${printable(types.reason)}`);
    }
    const uncovered = types.types.filter(({ judgedBy, consultedBy }) => judgedBy + consultedBy === 0);
    const resources = uncovered.reduce((sum, each) => sum + each.resources, 0);
    return remark(
        `no rule covers ${uncovered.length} of ${types.types.length} resource types (${resources} ${plural(resources, "resource")}), listed in policies.html`,
    );
}

function renderCost(cost: CostEstimate, context: Context): string[] {
    const { paint, width } = context;
    const remark = `list prices, ${cost.region}, ${cost.priceDate}; ${cost.hoursPerMonth} h a month`;
    const amounts = [
        ...cost.lines.map((line) => formatCents(line.amountCents)),
        formatCents(cost.totalCents),
    ];
    const amountWidth = Math.max(...amounts.map(displayWidth));
    const itemWidth = Math.max(13, ...cost.lines.map((line) => displayWidth(line.item)));
    const row = (amount: string, item: string, rest: string): string =>
        `  ${amount.padStart(amountWidth)}  ${pad(item, itemWidth)}  ${rest}`.trimEnd();
    const lines = [
        ...heading("Monthly floor", remark, context),
        ...cost.lines.map((line) =>
            row(
                formatCents(line.amountCents),
                line.item,
                paint("gray", `${line.arithmetic.split(" = ")[0]}${line.certainty === "memory" ? " *" : ""}`),
            ),
        ),
        paint("bold", row(formatCents(cost.totalCents), "a month, used or not", "")),
    ];
    if (cost.lines.some((line) => line.certainty === "memory")) {
        lines.push(paint("gray", "  * well-known list price, not looked up again on that date"));
    }
    for (const each of cost.unpriced) {
        lines.push(
            `  ${paint("red", "not in the floor:")} ${printable(each.reason)} (${printable(each.name)}, ${shortType(each.type)})`,
        );
    }
    if (cost.usage.length > 0) {
        lines.push(`  ${paint("bold", "usage, not in the floor")}`);
        const nameWidth = Math.max(...cost.usage.map((line) => displayWidth(line.item)));
        for (const line of cost.usage) {
            const text = line.prices.map((each) => `${formatUnitPrice(each.usd)} per ${each.per}`).join("; ");
            wrap(text, Math.max(20, width - nameWidth - 6)).forEach((part, position) =>
                lines.push(`    ${pad(position === 0 ? line.item : "", nameWidth)}  ${paint("gray", part)}`),
            );
        }
    }
    return lines;
}

/** A map as lines `name  value`, maps inside it indented below their name. Lists and other values stand as JSON. */
function renderMap(map: Record<string, Value>, indent: string): string[] {
    const names = Object.keys(map).sort(byName);
    const isMap = (value: Value | undefined): value is Record<string, Value> =>
        value !== null && typeof value === "object" && !Array.isArray(value) && Object.keys(value).length > 0;
    const nameWidth = Math.max(
        0,
        ...names.filter((name) => !isMap(map[name])).map((name) => displayWidth(printable(name))),
    );
    return names.flatMap((name) => {
        const value = map[name] ?? null;
        if (isMap(value)) {
            return [`${indent}${printable(name)}`, ...renderMap(value, `${indent}  `)];
        }
        const text = typeof value === "string" ? value : JSON.stringify(value);
        return [`${indent}${pad(printable(name), nameWidth)}  ${printable(text)}`];
    });
}

function renderOutputs(context: Context): string[] {
    const shown = shownOutput(context.redactor.value(context.result.stackOutputs)) as Record<string, Value>;
    return Object.keys(shown).length === 0
        ? []
        : [...heading("Outputs", "", context), ...renderMap(shown, "  ")];
}

function renderTimings(context: Context): string[] {
    const steps = Object.entries(context.result.timings);
    const text = steps
        .map(([step, milliseconds]) => `${step} ${(milliseconds / 1000).toFixed(2)} s`)
        .join(", ");
    return steps.length === 0 ? [] : ["", context.paint("gray", `Timings: ${text}`)];
}

/** The whole report as text, secrets hidden. Ends with the headline and a line break. Never throws on odd names. */
export function renderReport(result: RunResult, options: RenderOptions): string {
    const context: Context = {
        ...options,
        result,
        index: new ResourceIndex(result.resources),
        redactor: redactorOf(result),
        paint: createPaint(options.color),
    };
    const cost = estimateMonthlyFloor(result.resources);
    const { verdict } = verdictOf(result, options);
    const style: Style = verdict === "pass" ? ["green", "bold"] : ["red", "bold"];
    const title = `${printable(result.project)} ${printable(result.stack)}: ${result.mode}, ${simulationNotice}`;
    return [
        context.paint("bold", title),
        ...renderTree(context),
        ...renderNotes(context),
        ...renderPolicy(context),
        ...renderCost(cost, context),
        ...renderOutputs(context),
        ...renderTimings(context),
        "",
        context.paint(style, printable(headlineOf(result, cost, options))),
        context.paint(
            "gray",
            `This is an ${simulationNotice}: pulumi preview with credentials has the last word.`,
        ),
        "",
    ].join("\n");
}
