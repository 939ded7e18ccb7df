/**
 * The policy result as JUnit XML, as CI servers read it: one suite per rule family, one case per rule. A mandatory
 * violation fails the case; what could not be judged is skipped with its reason (or fails it in strict mode); advice
 * stands in the output of a passed case.
 */
import type { PolicyDiagnostic, RunResult } from "../model";
import type { Redactor } from "./redaction";
import { redactorOf } from "./redaction";
import { ResourceIndex, byCodeUnit } from "./resourceIndex";
import { simulationNotice } from "./summary";
import { compareFindings, isMandatory, plural, verdictOf } from "./verdict";
import { xmlAttribute, xmlText } from "./xmlText";

interface Case {
    family: string;
    name: string;
    outcome: "passed" | "failure" | "skipped" | "error";
    message: string;
    details: string;
    output: string;
}

/** Family of a rule id: what stands before the number, e.g. `ECR` of `ECR-01R`. */
export function familyOf(rule: string): string {
    return /^(.+?)-\d/.exec(rule)?.[1] ?? rule;
}

function describe(finding: PolicyDiagnostic, index: ResourceIndex, redactor: Redactor): string {
    const name = index.byUrn(finding.urn)?.name;
    const subject =
        finding.urn === "" ? "the stack" : name === undefined ? finding.urn : `${name} (${finding.urn})`;
    const fix = finding.fix === undefined ? "" : `\nFix: ${redactor.text(finding.fix)}`;
    return `${finding.severity}: ${subject}\n${redactor.text(finding.message)}${fix}`;
}

function caseOf(
    rule: { name: string; title: string; disabled: boolean },
    findings: PolicyDiagnostic[],
    strict: boolean,
    text: (finding: PolicyDiagnostic) => string,
): Case {
    const inconclusive = findings.filter((finding) => finding.inconclusive);
    const failing = findings.filter(
        (finding) =>
            (!finding.inconclusive && isMandatory(finding.enforcement)) || (strict && finding.inconclusive),
    );
    const advice = findings.filter((finding) => !finding.inconclusive && !isMandatory(finding.enforcement));
    const shared = {
        family: familyOf(rule.name),
        name: rule.title === "" || rule.title === rule.name ? rule.name : `${rule.name} ${rule.title}`,
        output: advice.map(text).join("\n\n"),
    };
    if (failing.length > 0) {
        const message = `${failing.length} mandatory ${plural(failing.length, "finding")} of ${rule.name}`;
        return { ...shared, outcome: "failure", message, details: failing.map(text).join("\n\n") };
    }
    if (inconclusive.length > 0) {
        const message = `inconclusive: ${inconclusive.map(text).join("; ")}`;
        return { ...shared, outcome: "skipped", message, details: "" };
    }
    return rule.disabled
        ? {
              ...shared,
              outcome: "skipped",
              message: "disabled in the policy pack's configuration",
              details: "",
          }
        : { ...shared, outcome: "passed", message: "", details: "" };
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
    const findings = [...(result.policy?.diagnostics ?? [])]
        .filter((finding) => finding.enforcement !== "disabled")
        .sort(compareFindings);
    const rules = new Map(
        (result.policy?.policies ?? []).map((policy) => [
            policy.name,
            { name: policy.name, title: policy.displayName, disabled: policy.enforcement === "disabled" },
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
