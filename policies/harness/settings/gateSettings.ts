/** The approval and the functions that answer it. */
import { z } from "zod";

const severities = ["critical", "high", "medium", "low", "negligible"] as const;
const limitVariable = (name: string) => z.string().default(name);
const maximumLimit = z.number().int().min(0).optional();

export const gateSettings = {
    maximumApprovalTimeoutMinutes: z
        .number()
        .int()
        .min(5)
        .max(86_400)
        .default(1_440)
        .describe("Longest time an approval may wait, in minutes. The service's own default is seven days."),
    gateLimitVariables: z
        .strictObject({
            critical: limitVariable("CRITICAL_LIMIT"),
            high: limitVariable("HIGH_LIMIT"),
            medium: limitVariable("MEDIUM_LIMIT"),
            low: limitVariable("LOW_LIMIT"),
            negligible: limitVariable("NEGLIGIBLE_LIMIT"),
        })
        .prefault({})
        .describe(
            "Variables of the function that answers approvals, by the severity that each limits. An empty name: the gate " +
                "does not tell this severity apart.",
        ),
    gateUnlimitedSeverities: z
        .array(z.enum(severities))
        .default(["medium", "low", "negligible"])
        .describe('Severities whose limit may be the word "unlimited".'),
    gateMaximumLimits: z
        .strictObject({
            critical: maximumLimit,
            high: maximumLimit,
            medium: maximumLimit,
            low: maximumLimit,
            negligible: maximumLimit,
        })
        .default({ critical: 0 })
        .describe(
            "The most findings of a severity that a limit may let through; any number where none is given.",
        ),
    failOpenVariables: z
        .array(z.string())
        .default([
            "FAIL_OPEN",
            "*_FAIL_OPEN",
            "FAIL_MODE",
            "*_FAIL_MODE",
            "DEFAULT_DECISION",
            "DEFAULT_RESULT",
            "DEFAULT_APPROVAL",
            "APPROVE_ON_*",
            "ON_ERROR",
            "ON_TIMEOUT",
            "SKIP_GATE",
            "BYPASS_GATE",
            "GATE_DISABLED",
        ])
        .describe(
            "Names of variables that say what the gate does when it cannot judge, in capitals. Their value has to refuse: " +
                'false, 0, no, off, reject, deny, fail, block … "*" stands for any text.',
        ),
    maximumFunctionTimeoutSeconds: z
        .number()
        .int()
        .min(1)
        .max(900)
        .default(300)
        .describe("Longest time that a run of a function may take, in seconds (LAM-09)."),
    trustedLayerAccounts: z
        .array(z.string().regex(/^\d{12}$/, "is the number of an account, twelve digits"))
        .default([])
        .describe("Accounts beside the function's own whose layers it may have (LAM-11)."),
    humanApprovals: z
        .array(z.string())
        .default(["Human*", "*HumanApproval"])
        .describe('Names of approval actions that a person has to answer. "*" stands for any text.'),
};
