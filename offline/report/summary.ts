/** The run in a few figures: what `--json` prints, what `summary.json` holds and what the headline says. */
import { estimateMonthlyFloor, formatCents } from "../cost/estimate";
import type { CostEstimate } from "../cost/estimate";
import type { Exemption, PolicyDiagnostic, RunResult, Value } from "../model";
import { redactedExemption, redactorOf } from "./redaction";
import { ResourceIndex, byCodeUnit, isUnknown, stackType } from "./resourceIndex";
import type { FindingSeverity, FindingStatus, RunVerdict } from "./verdict";
import { overviewOf, plural, severityOrder, statusOf, verdictOf } from "./verdict";

/** Said in every report, so that nobody takes one for an answer of AWS. */
export const simulationNotice = "offline simulation, not AWS";

export interface FindingSummary {
    rule: string;
    severity: FindingSeverity;
    enforcement: string;
    kind: FindingStatus;
    urn: string;
    resource: string;
    message: string;
    fix?: string;
    findingId?: string;
    exemption?: Exemption;
}

export interface RunSummary {
    /** Version of this document; raised when a reader of the old one would misread the new one. */
    version: 1;
    notice: typeof simulationNotice;
    project: string;
    stack: string;
    mode: RunResult["mode"];
    verdict: RunVerdict;
    /** 0 clean, 1 refused, 2 could not run. */
    exitCode: 0 | 1 | 2;
    reasons: string[];
    headline: string;
    /** Without the stack's own resource and without providers. */
    resources: { total: number; custom: number; components: number };
    policy: {
        pack: { name: string; version: string } | null;
        rules: { total: number; passed: number; disabled: number };
        violations: { mandatory: number; advisory: number };
        bySeverity: Record<FindingSeverity, number>;
        inconclusive: { total: number; ofMandatoryRules: number };
        exempted: number;
        notApplicable: number;
        findings: FindingSummary[];
    };
    cost: {
        currency: "USD";
        region: string;
        priceDate: string;
        monthlyFloor: number;
        lines: { item: string; amount: number; arithmetic: string }[];
        unpriced: { urn: string; reason: string }[];
    };
    /** Stack outputs as they may be shown: secrets and unknown values replaced by a word. */
    outputs: Record<string, Value>;
    notes: { severity: string; message: string }[];
    /** Milliseconds of wall time by step. */
    timings: Record<string, number>;
}

/** Resources that AWS (or random, tls) would be asked for, and components; not the stack and the providers. */
export function countResources(index: ResourceIndex): RunSummary["resources"] {
    const counted = index.resources.filter(
        (resource) => resource.type !== stackType && !resource.type.startsWith("pulumi:providers:"),
    );
    const custom = counted.filter((resource) => resource.custom).length;
    return { total: counted.length, custom, components: counted.length - custom };
}

/** The line that matters: verdict, size, violations, what could not be judged or is excused, price. */
export function headlineOf(
    result: RunResult,
    cost: CostEstimate,
    options: { strict?: boolean } = {},
): string {
    const { verdict, reasons } = verdictOf(result, options);
    const overview = overviewOf(result);
    const { total } = countResources(new ResourceIndex(result.resources));
    const word = { pass: "PASS", fail: "FAIL", notRun: "NOT JUDGED" }[verdict];
    const facts = [
        `${total} ${plural(total, "resource")}`,
        ...(verdict === "notRun"
            ? reasons
            : [
                  `${overview.mandatory.length} mandatory ${plural(overview.mandatory.length, "violation")}`,
                  ...(overview.advisory.length > 0 ? [`${overview.advisory.length} advisory`] : []),
                  `${overview.inconclusive.length} inconclusive${options.strict && overview.inconclusive.length > 0 ? " (strict)" : ""}`,
                  ...(overview.exempted.length > 0 ? [`${overview.exempted.length} exempted`] : []),
              ]),
        `floor ${formatCents(cost.totalCents)}/month${cost.unpriced.length > 0 ? ` and ${cost.unpriced.length} without a price` : ""}`,
    ];
    return `${word}  ${result.stack}: ${facts.join(", ")}`;
}

/** An output as a person may read it. */
export function shownOutput(value: Value): Value {
    if (value !== null && typeof value === "object") {
        if (isUnknown(value)) {
            return "known after pulumi up";
        }
        if ("$secret" in value) {
            return "[secret]";
        }
        if (Array.isArray(value)) {
            return value.map(shownOutput);
        }
        return Object.fromEntries(
            Object.entries(value).map(([key, each]) => [key, shownOutput(each as Value)]),
        );
    }
    return value;
}

/**
 * The run in figures, safe to print: secrets are replaced. Deterministic but for `timings`.
 * @param strict an inconclusive finding counts as a failure
 */
export function summaryOf(result: RunResult, options: { strict?: boolean } = {}): RunSummary {
    const redactor = redactorOf(result);
    const index = new ResourceIndex(result.resources);
    const cost = estimateMonthlyFloor(result.resources);
    const overview = overviewOf(result);
    const violations = [...overview.mandatory, ...overview.advisory];
    const describe = (finding: PolicyDiagnostic): FindingSummary => ({
        rule: finding.policy,
        severity: finding.severity,
        enforcement: finding.enforcement,
        kind: statusOf(finding),
        urn: finding.urn,
        resource: index.byUrn(finding.urn)?.name ?? "",
        message: redactor.text(finding.message),
        ...(finding.fix === undefined ? {} : { fix: redactor.text(finding.fix) }),
        ...(finding.exempted === undefined
            ? {}
            : { exemption: redactedExemption(finding.exempted, redactor) }),
    });
    return {
        version: 1,
        notice: simulationNotice,
        project: result.project,
        stack: result.stack,
        mode: result.mode,
        ...verdictOf(result, options),
        headline: headlineOf(result, cost, options),
        resources: countResources(index),
        policy: {
            pack: result.policy?.pack ?? null,
            rules: {
                total: overview.rules.total,
                passed: overview.rules.passed.length,
                disabled: overview.rules.disabled.length,
            },
            violations: { mandatory: overview.mandatory.length, advisory: overview.advisory.length },
            bySeverity: Object.fromEntries(
                severityOrder.map((severity) => [
                    severity,
                    violations.filter((finding) => finding.severity === severity).length,
                ]),
            ) as Record<FindingSeverity, number>,
            inconclusive: {
                total: overview.inconclusive.length,
                ofMandatoryRules: overview.inconclusiveMandatory,
            },
            exempted: overview.exempted.length,
            notApplicable: overview.notApplicable,
            findings: [...violations, ...overview.inconclusive, ...overview.exempted].map(describe),
        },
        cost: {
            currency: "USD",
            region: cost.region,
            priceDate: cost.priceDate,
            monthlyFloor: cost.totalCents / 100,
            lines: cost.lines.map((line) => ({
                item: line.item,
                amount: line.amountCents / 100,
                arithmetic: line.arithmetic,
            })),
            unpriced: cost.unpriced.map(({ urn, reason }) => ({ urn, reason })),
        },
        outputs: Object.fromEntries(
            Object.entries(result.stackOutputs)
                .sort(([a], [b]) => byCodeUnit(a, b))
                .map(([name, value]) => [name, shownOutput(redactor.value(value))]),
        ),
        notes: result.log
            .filter((line) => line.severity === "warning" || line.severity === "error")
            .map((line) => ({ severity: line.severity, message: redactor.text(line.message) })),
        timings: result.timings,
    };
}
