/** Everything that the reports of policies say, put together once: sorted, secrets hidden, sources relative. */
import type { TypeCoverage } from "../../policies/coverage";
import type { CapturedResource, PolicyDiagnostic, PolicyInfo, RunResult } from "../model";
import { familyOf } from "./family";
import { frameworkCoverageOf, ruleStatuses, ruleStatusesOf } from "./frameworks";
import type { PolicyReport } from "./policyReportSchema";
import type { Redactor } from "./redaction";
import { redactedExemption, redactorOf } from "./redaction";
import { ResourceIndex, byName, stackType } from "./resourceIndex";
import { fingerprintOf } from "./sarif";
import { sourceOf } from "./sourceLocation";
import { countResources, simulationNotice } from "./summary";
import { findingsOf, isBlocking, overviewOf, severityOrder, statusOf, titleOf, verdictOf } from "./verdict";

export type { PolicyReport } from "./policyReportSchema";
export type ReportedFinding = PolicyReport["findings"][number];

/** The types of a run with the rules that look at them, or why that is not known. */
export type TypeReport = { known: true; types: TypeCoverage[] } | { known: false; reason: string };

export interface PolicyReportOptions {
    /** An inconclusive finding counts as a failure. */
    strict?: boolean;
    /** Directory that source locations are relative to; default: the working directory. */
    projectDirectory?: string;
    /** Default: not known. */
    types?: TypeReport;
}

/** Why a report without type coverage has none. */
export const typesNotAsked: TypeReport = { known: false, reason: "it was not asked for" };

export function policyReportOf(result: RunResult, options: PolicyReportOptions = {}): PolicyReport {
    const { strict = false, types = typesNotAsked } = options;
    const index = new ResourceIndex(result.resources);
    const root = index.ofType(stackType)[0];
    const redactor = redactorOf(result);
    const overview = overviewOf(result);
    const statuses = ruleStatusesOf(result);
    const policies = new Map((result.policy?.policies ?? []).map((policy) => [policy.name, policy]));
    const findings = findingsOf(result);
    const violations = [...overview.mandatory, ...overview.advisory];
    const remediations = result.policy?.remediations ?? [];
    const { verdict, exitCode, reasons } = verdictOf(result, { strict });
    return {
        version: 1,
        notice: simulationNotice,
        project: result.project,
        stack: result.stack,
        mode: result.mode,
        strict,
        verdict,
        exitCode,
        reasons,
        pack: result.policy?.pack ?? null,
        figures: {
            resources: countResources(index).total,
            rules: {
                total: policies.size,
                ...(Object.fromEntries(
                    ruleStatuses.map((status) => [
                        status,
                        [...statuses.values()].filter((each) => each === status).length,
                    ]),
                ) as Record<(typeof ruleStatuses)[number], number>),
            },
            blocking: findings.filter((each) => isBlocking(each, { strict })).length,
            violations: { mandatory: overview.mandatory.length, advisory: overview.advisory.length },
            bySeverity: Object.fromEntries(
                severityOrder.map((severity) => [
                    severity,
                    violations.filter((each) => each.severity === severity).length,
                ]),
            ) as PolicyReport["figures"]["bySeverity"],
            inconclusive: overview.inconclusive.length,
            exempted: overview.exempted.length,
            remediations: remediations.length,
        },
        findings: findings.map((finding) =>
            reported(finding, {
                policy: policies.get(finding.policy),
                index,
                root,
                redactor,
                ...options,
                strict,
            }),
        ),
        remediations: remediations
            .map(({ policy, urn }) => ({ rule: policy, urn, resource: index.byUrn(urn)?.name ?? "" }))
            .sort((a, b) => byName(a.rule, b.rule) || byName(a.urn, b.urn)),
        rules: [...policies.values()]
            .sort((a, b) => byName(a.name, b.name))
            .map((policy) => ({
                name: policy.name,
                title: titleOf(policy),
                family: familyOf(policy.name),
                severity: severityOf(policy.severity),
                enforcement: policy.enforcement,
                status: statuses.get(policy.name) ?? "disabled",
                findings: findings.filter((each) => each.policy === policy.name).length,
                references: policy.references,
                ...(policy.url === undefined ? {} : { url: policy.url }),
            })),
        frameworks: frameworkCoverageOf(result),
        types,
    };
}

function severityOf(text: string): (typeof severityOrder)[number] {
    return severityOrder.find((severity) => severity === text) ?? "unspecified";
}

interface Surroundings extends PolicyReportOptions {
    policy: PolicyInfo | undefined;
    index: ResourceIndex;
    root: CapturedResource | undefined;
    redactor: Redactor;
    strict: boolean;
}

function reported(
    finding: PolicyDiagnostic,
    { policy, index, root, redactor, strict, projectDirectory }: Surroundings,
): ReportedFinding {
    const resource = index.byUrn(finding.urn) ?? (finding.urn === "" ? root : undefined);
    const aboutStack = resource?.type === stackType;
    const source = resource ? sourceOf(resource, projectDirectory) : undefined;
    const message = redactor.text(finding.message);
    return {
        fingerprint: fingerprintOf({ ...finding, message }),
        rule: finding.policy,
        title: policy === undefined ? finding.policy : titleOf(policy),
        family: familyOf(finding.policy),
        status: statusOf(finding),
        blocking: isBlocking(finding, { strict }),
        severity: finding.severity,
        enforcement: finding.enforcement,
        urn: resource?.urn ?? finding.urn,
        resource: aboutStack ? "" : (resource?.name ?? ""),
        type: resource?.type ?? "",
        ...(source === undefined ? {} : { source: { ...source, line: Math.max(1, source.line) } }),
        message,
        ...(finding.fix === undefined ? {} : { fix: redactor.text(finding.fix) }),
        ...(finding.findingId === undefined ? {} : { findingId: redactor.text(finding.findingId) }),
        ...(finding.exempted === undefined
            ? {}
            : { exemption: redactedExemption(finding.exempted, redactor) }),
    };
}
