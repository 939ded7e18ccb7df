/** PUL-05: exemptions are agreed to, hold, and are needed. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import type { StackRule } from "../../harness/rule";
import { exemptionExamples } from "./exemptions.examples";

export const validExemptions: StackRule = {
    level: "stack",
    metadata: {
        id: "PUL-05",
        family: "pulumi",
        title: "Exemptions are complete, agreed to by a second person, unexpired and needed",
        rationale:
            "An exemption that nobody has to renew, that covers more than its reviewers saw or that nothing needs any more " +
            "is a hole in the gate which no rule complains about. So exemptions are judged like everything else, and this " +
            "rule cannot be exempted.",
        severity: "high",
        remediation:
            "Correct or remove the entry that the finding names, in the file that the setting `exemptions` names. " +
            "An entry needs `id`, `finding`, `target`, `reason`, `ticket`, `owner`, `approver` (somebody other than the " +
            "owner), `created` and `expires`; what is wrong, expired or too wide exempts nothing.",
        references: ["OWASP CICD-SEC-1", "pulumi-policy issue 225"],
        neverExempt: true,
        everyProfile: true,
    },
    afterOthers: true,
    evaluate: (_graph, _configuration, run) => {
        if (run?.exemptions === undefined)
            return about(null, notApplicable("no file of exemptions is configured"));
        const { problems, open } = run.exemptions;
        if (problems.length + open.length === 0) return about(null, pass);
        return [
            ...problems.map(({ exemption, kind, message, fix, advice }) =>
                violation(message, fix, {
                    findingId: `${exemption}|${kind}`,
                    // Announced in time, but not yet wrong.
                    ...(advice ? { severity: "low" as const } : {}),
                }),
            ),
            ...open.map(({ place, why }) => inconclusive({ property: place }, why)),
        ].flatMap((outcome) => about(null, outcome));
    },
    examples: exemptionExamples,
};
