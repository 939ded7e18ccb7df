/** What the findings of the page can be filtered by, and the form for it. */
import { text, attribute } from "./htmlParts";
import type { Filter } from "./htmlStyle";
import type { PolicyReport, ReportedFinding } from "./policyReport";
import { byName } from "./resourceIndex";
import { severityOrder } from "./verdict";

/** What a finding means for the update, in words. */
export const kinds = {
    blocking: "Blocks the update",
    advice: "Advice",
    inconclusive: "Inconclusive",
    exempted: "Exempted",
} as const;
export type Kind = keyof typeof kinds;

export function kindOf(finding: ReportedFinding): Kind {
    return finding.blocking ? "blocking" : finding.status === "violation" ? "advice" : finding.status;
}

interface Choice {
    label: string;
    findings: string;
    count: number;
}

export interface Choices {
    groups: { name: string; legend: string; kind: Filter["kind"]; choices: Choice[] }[];
    /** Classes of one finding. */
    classesOf(finding: ReportedFinding): string;
}

/** What can be filtered by: classes are numbered, because names of families and frameworks may be anything. */
export function choicesOf(report: PolicyReport): Choices {
    const families = [...new Set(report.findings.map(({ family }) => family))].sort(byName);
    const frameworks = report.frameworks.map(({ framework, version, controls }) => ({
        label: [framework, version].filter(Boolean).join(" "),
        rules: new Set(controls.flatMap((control) => control.rules.map(({ rule }) => rule))),
    }));
    const classes = (finding: ReportedFinding): string[] => [
        `s-${kindOf(finding)}`,
        `v-${finding.severity}`,
        `f-${families.indexOf(finding.family)}`,
        ...frameworks.flatMap(({ rules }, position) => (rules.has(finding.rule) ? [`k-${position}`] : [])),
    ];
    const all = report.findings.map(classes);
    const choice = (label: string, findings: string): Choice => ({
        label,
        findings,
        count: all.filter((own) => own.includes(findings)).length,
    });
    const present = ({ count }: Choice): boolean => count > 0;
    const groups: Choices["groups"] = [
        {
            name: "status",
            legend: "Status",
            kind: "checkbox",
            choices: Object.entries(kinds).map(([kind, label]) => choice(label, `s-${kind}`)),
        },
        {
            name: "severity",
            legend: "Severity",
            kind: "checkbox",
            choices: severityOrder.map((severity) => choice(severity, `v-${severity}`)),
        },
        {
            name: "family",
            legend: "Family of rules",
            kind: "checkbox",
            choices: families.map((family, position) => choice(family, `f-${position}`)),
        },
        {
            name: "framework",
            legend: "Framework",
            kind: "radio",
            choices: frameworks.map(({ label }, position) => choice(label, `k-${position}`)),
        },
    ];
    return {
        groups: groups
            .map((group) => ({ ...group, choices: group.choices.filter(present) }))
            .filter(({ choices }) => choices.length > 0),
        classesOf: (finding) => classes(finding).join(" "),
    };
}

const controlId = (group: string, findings: string): string => `only-${group}-${findings}`;

export function filterForm({ groups }: Choices): string {
    const input = (kind: Filter["kind"], group: string, id: string, label: string, ticked: boolean): string =>
        `<label><input type="${kind}" id=${attribute(id)}${kind === "radio" ? ` name="${group}"` : ""}` +
        `${ticked ? ' checked="checked"' : ""} autocomplete="off" />${text(label)}</label>`;
    return groups
        .map(({ name, legend, kind, choices }) =>
            [
                `<fieldset><legend>${text(legend)}</legend>`,
                ...(kind === "radio" ? [input(kind, name, `only-${name}-all`, "all", true)] : []),
                ...choices.map(({ label, findings, count }) =>
                    input(kind, name, controlId(name, findings), `${label} (${count})`, kind === "checkbox"),
                ),
                "</fieldset>",
            ].join("\n"),
        )
        .join("\n");
}

/** The filters of the form, for the style sheet. */
export function filtersOf({ groups }: Choices): Filter[] {
    return groups.flatMap(({ name, kind, choices }) =>
        choices.map(({ findings }) => ({ control: controlId(name, findings), kind, findings })),
    );
}
