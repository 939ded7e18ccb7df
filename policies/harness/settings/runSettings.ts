/** What the pack does as a whole: which rules run, how much they weigh, what is exempted. */
import { z } from "zod";

const ruleLevels = ["mandatory", "advisory", "disabled"] as const;

/** What the settings can say about how much the findings of a rule weigh. */
export type RuleLevel = (typeof ruleLevels)[number];

/** Settings of one rule, as they are given or checked; see ruleSettings.ts. */
export type RuleOverrides = { level?: RuleLevel | undefined; [setting: string]: unknown };

const ruleOverrides: z.ZodType<RuleOverrides> = z.looseObject({ level: z.enum(ruleLevels).optional() });
const tierLevel = z.enum(ruleLevels).optional();
const exemptionDays = (days: number) => z.number().int().min(0).max(366).default(days);

export const runSettings = {
    profile: z
        .enum(["gate", "baseline", "strict"])
        .default("strict")
        .describe(
            "Which rules run: gate = the promise, baseline = what public rule sets also ask, strict = all.",
        ),
    coverage: z
        .array(z.enum(["pipeline"]))
        .default([])
        .describe(
            "What the stack declares to contain. With pipeline, PUL-06 asks for a staging repository, a production " +
                "repository, a pipeline, an approval and a scanning configuration. A stack with the tag " +
                "portcullis:coverage=pipeline declares the same.",
        ),
    coverageProjects: z
        .array(z.string())
        .default(["portcullis"])
        .describe("Pulumi projects all of whose stacks declare the coverage pipeline."),
    strictUnknowns: z
        .boolean()
        .default(false)
        .describe(
            "Whether a critical or high rule that stays inconclusive is reported at mandatory level. With " +
                "inconclusiveLimit the single findings stay advisory and PUL-07 counts them.",
        ),
    remediateOnCreation: z
        .boolean()
        .default(false)
        .describe(
            "Whether rules at level remediate also set properties that can only be set while a resource is created. Only " +
                "for stacks that are created for the first time: a resource that exists would be replaced.",
        ),
    inconclusiveLimit: z
        .number()
        .int()
        .min(0)
        .optional()
        .describe(
            "How many times mandatory rules may stay inconclusive (each rule and resource counts once) before PUL-07 " +
                "fails. None unless given with strictUnknowns, any number without.",
        ),
    exemptions: z
        .string()
        .min(1)
        .optional()
        .describe(
            "Path of the file of exemptions. A relative path starts at the Pulumi project that the pack lies in (the " +
                "nearest folder above it with a Pulumi.yaml), else at the pack's folder. No exemptions unless given.",
        ),
    exemptionMaximumDays: z
        .strictObject({
            critical: exemptionDays(14),
            high: exemptionDays(30),
            medium: exemptionDays(90),
            low: exemptionDays(180),
        })
        .prefault({})
        .describe(
            "The most days from created to expires of an exemption, by the severity of what it covers.",
        ),
    levels: z
        .strictObject({ gate: tierLevel, baseline: tierLevel, "strict-only": tierLevel })
        .default({})
        .describe(
            "Level of all rules of a tier, the smallest profile that a rule is in. It goes over the level that " +
                "CrossGuard has for the rule; a level under rules goes over both.",
        ),
    rules: z
        .record(z.string(), ruleOverrides)
        .default({})
        .describe(
            "By rule id: level, and settings of this list that hold for that rule only. A rule takes only settings that it reads.",
        ),
};
