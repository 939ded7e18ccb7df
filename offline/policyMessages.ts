/** Reading the pack's diagnostics: `[RULE] message`, `Fix: …`, `[RULE] Inconclusive: …`. */
import { analyzerMessages } from "./engine/protocol";
import type { EnforcementLevel, PolicyDiagnostic, PolicyInfo } from "./model";

const enforcementLevels: EnforcementLevel[] = ["advisory", "mandatory", "disabled", "remediate"];
const severities: PolicyDiagnostic["severity"][] = ["unspecified", "low", "medium", "high", "critical"];

export function policyInfo(policy: analyzerMessages.PolicyInfo): PolicyInfo {
    const url = policy.getUrl();
    const framework = policy.getFramework();
    return {
        name: policy.getName(),
        displayName: policy.getDisplayname() || policy.getName(),
        description: policy.getDescription(),
        severity: severities[policy.getSeverity()] ?? "unspecified",
        enforcement: enforcementLevels[policy.getEnforcementlevel()] ?? "advisory",
        ...(url === "" ? {} : { url }),
        references: [
            ...policy.getTagsList(),
            ...(framework === undefined
                ? []
                : [
                      [framework.getName(), framework.getVersion(), framework.getReference()]
                          .filter(Boolean)
                          .join(" "),
                  ]),
        ],
    };
}

/**
 * `urn` is the resource that was asked about, for diagnostics that name none. A rule that stopped at an unknown value
 * ("can't run policy … during preview") counts as inconclusive.
 */
export function parseDiagnostic(
    diagnostic: analyzerMessages.AnalyzeDiagnostic,
    info: analyzerMessages.AnalyzerInfo,
    urn: string,
): PolicyDiagnostic {
    const policy = info
        .getPoliciesList()
        .find((candidate) => candidate.getName() === diagnostic.getPolicyname());
    const parsed = parseMessage(
        diagnostic.getMessage(),
        diagnostic.getDescription() || policy?.getDescription() || "",
    );
    return {
        policy: diagnostic.getPolicyname(),
        pack: diagnostic.getPolicypackname() || info.getName(),
        urn: diagnostic.getUrn() || urn,
        enforcement: enforcementLevels[diagnostic.getEnforcementlevel()] ?? "advisory",
        severity: severities[diagnostic.getSeverity() || (policy?.getSeverity() ?? 0)] ?? "unspecified",
        ...parsed,
    };
}

/** Pure: strips the policy description that the SDK puts in front, the rule id, and takes the fix out. */
export function parseMessage(
    text: string,
    description: string,
): Pick<PolicyDiagnostic, "message" | "inconclusive" | "fix"> {
    const body = description !== "" && text.startsWith(description) ? text.slice(description.length) : text;
    const [, message, fix] = /^\s*(?:\[[A-Z0-9-]+\] )?([\s\S]*?)(?:\nFix: ([\s\S]*))?$/.exec(body)!;
    const inconclusive =
        /^Inconclusive: /.test(message!) || /^can't run (policy|remediation) /.test(message!);
    return {
        message: (message!.trim() || text).replace(/^Inconclusive: /, ""),
        inconclusive,
        ...(fix === undefined ? {} : { fix: fix.trim() }),
    };
}
