/**
 * The policy result as JUnit XML, as CI servers read it: one suite per rule family, one case per rule. A mandatory
 * violation fails the case; what could not be judged (unless strict) or is exempted skips it, with the reason; advice
 * stands in the output. Nothing vanishes: what a failed case also found stands in its output.
 */
import type { PolicyDiagnostic, RunResult } from "../model";
import type { Redactor } from "./redaction";
import { exemptionText, redactorOf } from "./redaction";
import { familyOf } from "./family";
import { ResourceIndex, byCodeUnit } from "./resourceIndex";
import { simulationNotice } from "./summary";
import { findingsOf, isBlocking, plural, statusOf, titleOf, verdictOf } from "./verdict";
import { xmlAttribute, xmlText } from "./xmlText";

interface Case {
    family: string;
    name: string;
    outcome: "passed" | "failure" | "skipped" | "error";
    message: string;
    details: string;
    output: string;
}

function describe(finding: PolicyDiagnostic, index: ResourceIndex, redactor: Redactor): string {
    const name = index.byUrn(finding.urn)?.name;
    const subject =
        finding.urn === "" ? "the stack" : name === undefined ? finding.urn : `${name} (${finding.urn})`;
    const fix = finding.fix === undefined ? "" : `\nFix: ${redactor.text(finding.fix)}`;
    const id = finding.findingId === undefined ? "" : `\nFinding id: ${redactor.text(finding.findingId)}`;
    const excuse =
        finding.exempted === undefined ? "" : `${redactor.text(exemptionText(finding.exempted))}\n`;
    return `${finding.severity}: ${subject}\n${excuse}${redactor.text(finding.message)}${id}${fix}`;
}

function caseOf(
    rule: { name: string; title: string; disabled: boolean },
    findings: PolicyDiagnostic[],
    strict: boolean,
    text: (finding: PolicyDiagnostic) => string,
): Case {
    const failing = findings.filter((finding) => isBlocking(finding, { strict }));
    const others = findings.filter((finding) => !failing.includes(finding));
    const open = others.filter((finding) => statusOf(finding) !== "violation");
    const advice = others.filter((finding) => statusOf(finding) === "violation");
    const marked = (finding: PolicyDiagnostic): string =>
        statusOf(finding) === "inconclusive" ? `inconclusive: ${text(finding)}` : text(finding);
    const shared = {
        family: familyOf(rule.name),
        name: rule.title === "" || rule.title === rule.name ? rule.name : `${rule.name} ${rule.title}`,
    };
    if (failing.length > 0) {
        const message = `${failing.length} mandatory ${plural(failing.length, "finding")} of ${rule.name}`;
        return {
            ...shared,
            outcome: "failure",
            message,
            details: failing.map(text).join("\n\n"),
            output: others.map(marked).join("\n\n"),
        };
    }
    const output = advice.map(text).join("\n\n");
    if (open.length > 0) {
        const kinds = (["inconclusive", "exempted"] as const).flatMap((kind) => {
            const texts = open.filter((finding) => statusOf(finding) === kind).map(text);
            return texts.length === 0 ? [] : [`${kind}: ${texts.join("; ")}`];
        });
        return { ...shared, outcome: "skipped", message: kinds.join("; "), details: "", output };
    }
    return rule.disabled
        ? {
              ...shared,
              outcome: "skipped",
              message: "disabled in the policy pack's configuration",
              details: "",
              output,
          }
        : { ...shared, outcome: "passed", message: "", details: "", output };
}

function renderCase({ family, name, outcome, message, details, output }: Case): string {
    const opening = `        <testcase classname=${xmlAttribute(`portcullis.${family}`)} name=${xmlAttribute(name)}`;
    const body = [
        ...(outcome === "failure"
            ? [
                  `<failure message=${xmlAttribute(message)} type="policy violation">${xmlText(details)}</failure>`,
              ]
            : []),
        ...(outcome === "error" ? [`<error message=${xmlAttribute(message)} type="not judged"/>`] : []),
        ...(outcome === "skipped" ? [`<skipped message=${xmlAttribute(message)}/>`] : []),
        ...(output === "" ? [] : [`<system-out>${xmlText(output)}</system-out>`]),
    ];
    return body.length === 0
        ? `${opening}/>`
        : [`${opening}>`, ...body.map((line) => `            ${line}`), "        </testcase>"].join("\n");
}

function countsOf(cases: Case[]): string {
    const count = (outcome: Case["outcome"]): number =>
        cases.filter((each) => each.outcome === outcome).length;
    return `tests="${cases.length}" failures="${count("failure")}" errors="${count("error")}" skipped="${count("skipped")}"`;
}

/** The JUnit document of a run. Deterministic: no times, everything sorted. */
export function junitOf(result: RunResult, options: { strict?: boolean } = {}): string {
    const redactor = redactorOf(result);
    const index = new ResourceIndex(result.resources);
    const findings = findingsOf(result);
    const rules = new Map(
        (result.policy?.policies ?? []).map((policy) => [
            policy.name,
            { name: policy.name, title: titleOf(policy), disabled: policy.enforcement === "disabled" },
        ]),
    );
    // A finding of a rule that the pack did not announce must not vanish.
    for (const { policy } of findings) {
        if (!rules.has(policy)) {
            rules.set(policy, { name: policy, title: "", disabled: false });
        }
    }
    const cases = [...rules.values()]
        .sort((a, b) => byCodeUnit(a.name, b.name))
        .map((rule) =>
            caseOf(
                rule,
                findings.filter((finding) => finding.policy === rule.name),
                options.strict ?? false,
                (finding) => describe(finding, index, redactor),
            ),
        );
    const { verdict, reasons } = verdictOf(result, options);
    if (verdict === "notRun") {
        const message = reasons.join("; ");
        cases.unshift({
            family: "run",
            name: "offline run",
            outcome: "error",
            message,
            details: "",
            output: "",
        });
    }
    const families = [...new Set(cases.map((each) => each.family))].sort(byCodeUnit);
    const suites = families.map((family) => {
        const own = cases.filter((each) => each.family === family);
        return [
            `    <testsuite name=${xmlAttribute(family)} ${countsOf(own)}>`,
            ...own.map(renderCase),
            "    </testsuite>",
        ].join("\n");
    });
    const title = `${result.project} ${result.stack} ${result.mode} (${simulationNotice})`;
    return [
        '<?xml version="1.0" encoding="UTF-8"?>',
        `<testsuites name=${xmlAttribute(title)} ${countsOf(cases)}>`,
        ...suites,
        "</testsuites>",
        "",
    ].join("\n");
}
