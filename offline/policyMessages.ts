/**
 * Reading the pack's diagnostics: `[RULE] message`, `[RULE] Inconclusive: …`, `[RULE] Exempted by …`, each with a line
 * `Finding id: …` and a line `Fix: …` where it has them.
 */
import { analyzerMessages } from "./engine/protocol";
import type { EnforcementLevel, Exemption, PolicyDiagnostic, PolicyInfo } from "./model";

/** In the order of their numbers on the wire. */
export const enforcementLevels: EnforcementLevel[] = ["advisory", "mandatory", "disabled", "remediate"];
const severities: PolicyDiagnostic["severity"][] = ["unspecified", "low", "medium", "high", "critical"];

export function policyInfo(policy: analyzerMessages.PolicyInfo): PolicyInfo {
    const url = policy.getUrl();
    const framework = policy.getFramework();
    const control =
        framework === undefined
            ? undefined
            : {
                  name: framework.getName(),
                  version: framework.getVersion(),
                  reference: framework.getReference(),
              };
    // Our own pack has all references among its tags, this one too.
    const announced =
        control === undefined || policy.getTagsList().includes(framework!.getSpecification())
            ? undefined
            : control;
    return {
        name: policy.getName(),
        displayName: policy.getDisplayname() || policy.getName(),
        description: policy.getDescription(),
        severity: severities[policy.getSeverity()] ?? "unspecified",
        enforcement: enforcementLevels[policy.getEnforcementlevel()] ?? "advisory",
        ...(url === "" ? {} : { url }),
        references: [
            ...policy.getTagsList(),
            ...(announced === undefined
                ? []
                : [[announced.name, announced.version, announced.reference].filter(Boolean).join(" ")]),
        ],
        ...(announced === undefined ? {} : { framework: announced }),
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
    const { exempted, ...parsed } = parseMessage(
        diagnostic.getMessage(),
        diagnostic.getDescription() || policy?.getDescription() || "",
    );
    const enforcement = enforcementLevels[diagnostic.getEnforcementlevel()] ?? "advisory";
    return {
        policy: diagnostic.getPolicyname(),
        pack: diagnostic.getPolicypackname() || info.getName(),
        urn: diagnostic.getUrn() || urn,
        enforcement,
        severity: severities[diagnostic.getSeverity() || (policy?.getSeverity() ?? 0)] ?? "unspecified",
        ...parsed,
        // Words alone excuse nothing: what the pack still enforces is a violation.
        ...(exempted === undefined || enforcement !== "advisory" ? {} : { exempted }),
    };
}

const exemptedForm =
    /^Exempted by (?<id>\S+) until (?<until>\d{4}-\d{2}-\d{2}) \((?<days>\d+) days? left\): (?<reason>[\s\S]*?) Finding: (?<message>[\s\S]+)$/;

/**
 * Pure: strips the policy description that the SDK puts in front, the rule or finding id, and takes the fix and the
 * exemption out. A message of another form stays what it is, a violation.
 */
export function parseMessage(
    text: string,
    description: string,
): Pick<PolicyDiagnostic, "message" | "inconclusive" | "findingId" | "exempted" | "fix"> {
    const body = description !== "" && text.startsWith(description) ? text.slice(description.length) : text;
    const [, said, fix] = /^\s*(?:\[[A-Z0-9-]+\] )?([\s\S]*?)(?:\nFix: ([\s\S]*))?$/.exec(body)!;
    const [, message, findingId] = /^([\s\S]*?)(?:\nFinding id: ([^\n]+))?$/.exec(said!)!;
    const inconclusive =
        /^Inconclusive: /.test(message!) || /^can't run (policy|remediation) /.test(message!);
    const exemption = exemptedForm.exec(message!)?.groups;
    return {
        message: (exemption?.["message"] ?? (message!.trim() || text)).replace(/^Inconclusive: /, ""),
        inconclusive,
        ...(findingId === undefined ? {} : { findingId: findingId.trim() }),
        ...(exemption === undefined ? {} : { exempted: exemptionOf(exemption) }),
        ...(fix === undefined ? {} : { fix: fix.trim() }),
    };
}

function exemptionOf(groups: Record<string, string | undefined>): Exemption {
    const { id = "", until = "", days = "", reason = "" } = groups;
    return { id, until, daysLeft: Number(days), reason };
}

/** What the SDK says of a policy without a function, which is how our pack lets rules pass: no statement at all. */
const withoutFunction = "Policy does not implement validateResource";

/** Policies that an answer calls not applicable. */
export function notApplicableIn(response: analyzerMessages.AnalyzeResponse): string[] {
    return response
        .getNotApplicableList()
        .filter((each) => each.getReason() !== withoutFunction)
        .map((each) => each.getPolicyName());
}
