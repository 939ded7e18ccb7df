/**
 * The policy result as SARIF 2.1.0 (OASIS standard, errata 01), as code scanning tools read it. Violations are results
 * of kind `fail`; what could not be judged is of kind `open` ("insufficient information to decide", section 3.27.9),
 * whose level must be `none` (3.27.10). Exempted violations carry an accepted suppression (3.27.23, 3.35).
 */
import { createHash } from "node:crypto";
import type { PolicyDiagnostic, PolicyInfo, RunResult } from "../model";
import type { Redactor } from "./redaction";
import { exemptionText, redactedExemption, redactorOf } from "./redaction";
import { ResourceIndex, byCodeUnit, stackType } from "./resourceIndex";
import { sourceOf } from "./sourceLocation";
import { simulationNotice } from "./summary";
import { findingsOf, isMandatory, verdictOf } from "./verdict";

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Scores that GitHub code scanning turns back into these severities (over 9, 7, 4 and 0.1). */
const securitySeverity: Record<string, string> = { critical: "9.5", high: "8.0", medium: "5.5", low: "3.0" };

/** Mandatory findings are errors; advisory ones warn, or are notes when they weigh little. */
function levelOf(
    severity: string,
    enforcement: PolicyDiagnostic["enforcement"],
): "error" | "warning" | "note" {
    return isMandatory(enforcement) ? "error" : severity === "low" ? "note" : "warning";
}

/** `helpUri` must be an absolute URI; a page of the project itself is named in the help text instead. */
function helpOf(url: string | undefined): { [key: string]: Json } {
    if (!url) {
        return {};
    }
    return URL.canParse(url) ? { helpUri: new URL(url).href } : { help: { text: `See ${url}` } };
}

function ruleOf(policy: PolicyInfo): Json {
    const score = securitySeverity[policy.severity];
    return {
        id: policy.name,
        name: policy.displayName || policy.name,
        shortDescription: { text: policy.displayName || policy.name },
        fullDescription: { text: policy.description || policy.displayName || policy.name },
        ...helpOf(policy.url),
        defaultConfiguration: {
            enabled: policy.enforcement !== "disabled",
            level: levelOf(policy.severity, policy.enforcement),
        },
        properties: {
            severity: policy.severity,
            enforcement: policy.enforcement,
            ...(score ? { "security-severity": score } : {}),
            tags: [...new Set(["security", ...policy.references])],
        },
    };
}

/**
 * Names a finding across runs: rule, resource and finding id (the message where there is none), but no position in a
 * file and no order. Two runs that find the same thing agree on it, and so do they before and after an exemption.
 */
export function fingerprintOf(
    finding: Pick<PolicyDiagnostic, "policy" | "urn" | "message" | "findingId">,
): string {
    return createHash("sha256")
        .update(JSON.stringify([finding.policy, finding.urn, finding.findingId ?? finding.message]))
        .digest("hex");
}

function resultOf(
    finding: PolicyDiagnostic,
    ruleIndex: number,
    index: ResourceIndex,
    redactor: Redactor,
    projectDirectory?: string,
): Json {
    const resource =
        index.byUrn(finding.urn) ?? (finding.urn === "" ? index.ofType(stackType)[0] : undefined);
    const urn = resource?.urn ?? finding.urn;
    const source = resource ? sourceOf(resource, projectDirectory) : undefined;
    const message = redactor.text(finding.message);
    const fix = finding.fix === undefined ? undefined : redactor.text(finding.fix);
    return {
        ruleId: finding.policy,
        ...(ruleIndex < 0 ? {} : { ruleIndex }),
        kind: finding.inconclusive ? "open" : "fail",
        level: finding.inconclusive ? "none" : levelOf(finding.severity, finding.enforcement),
        message: { text: fix === undefined ? message : `${message}\nFix: ${fix}` },
        locations: [
            {
                ...(source
                    ? {
                          physicalLocation: {
                              artifactLocation: {
                                  uri: source.file.split("/").map(encodeURIComponent).join("/"),
                                  uriBaseId: "%SRCROOT%",
                              },
                              region: { startLine: Math.max(1, source.line) },
                          },
                      }
                    : {}),
                logicalLocations: [
                    {
                        name: resource?.name ?? urn,
                        fullyQualifiedName: urn,
                        kind: "resource",
                        ...(resource ? { properties: { type: resource.type } } : {}),
                    },
                ],
            },
        ],
        ...(finding.exempted === undefined
            ? {}
            : {
                  suppressions: [
                      {
                          kind: "external",
                          status: "accepted",
                          justification: redactor.text(exemptionText(finding.exempted)),
                      },
                  ],
              }),
        partialFingerprints: { "portcullisFinding/v1": fingerprintOf({ ...finding, message }) },
        properties: {
            severity: finding.severity,
            enforcement: finding.enforcement,
            ...(finding.findingId === undefined ? {} : { findingId: redactor.text(finding.findingId) }),
            ...(finding.exempted === undefined
                ? {}
                : { exemption: { ...redactedExemption(finding.exempted, redactor) } }),
        },
    };
}

/**
 * The SARIF log of a run, ready for JSON.stringify. Rules and results are sorted; nothing in it depends on the clock or
 * the machine.
 */
export function sarifOf(
    result: RunResult,
    options: { strict?: boolean; projectDirectory?: string } = {},
): Json {
    const redactor = redactorOf(result);
    const index = new ResourceIndex(result.resources);
    const policies = [...(result.policy?.policies ?? [])].sort((a, b) => byCodeUnit(a.name, b.name));
    const findings = findingsOf(result);
    const positions = new Map(policies.map((policy, position) => [policy.name, position]));
    const { verdict, reasons } = verdictOf(result, options);
    const notifications = [
        ...result.log
            .filter((line) => line.severity === "warning" || line.severity === "error")
            .map((line) => ({ level: line.severity, message: { text: redactor.text(line.message) } })),
        ...(verdict === "notRun" ? reasons.map((text) => ({ level: "error", message: { text } })) : []),
    ];
    return {
        $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [
            {
                tool: {
                    driver: {
                        name: result.policy?.pack.name ?? "portcullis",
                        ...(result.policy ? { version: result.policy.pack.version } : {}),
                        rules: policies.map(ruleOf),
                    },
                },
                automationDetails: { id: `${result.project}/${result.stack}/${result.mode}` },
                invocations: [
                    { executionSuccessful: verdict !== "notRun", toolExecutionNotifications: notifications },
                ],
                columnKind: "utf16CodeUnits",
                results: findings.map((finding) =>
                    resultOf(
                        finding,
                        positions.get(finding.policy) ?? -1,
                        index,
                        redactor,
                        options.projectDirectory,
                    ),
                ),
                properties: { notice: simulationNotice },
            },
        ],
    };
}
