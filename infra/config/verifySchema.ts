/** Settings of the Verify stage. They come from the stack and nowhere else: an application cannot change its rules. */
import { z } from "zod";
import { checkToolNames, lintLevels } from "../../gate/verify/checkReport";
import { gitleaksConfiguration } from "../../gate/verify/gitleaksConfiguration";
import { hadolintConfiguration } from "../../gate/verify/hadolintConfiguration";

/** What the tool's rule file cannot say is refused here, by the function that writes the file. */
function writable<T>(write: (settings: T) => string) {
    return (settings: T, context: z.RefinementCtx<T>): void => {
        try {
            write(settings);
        } catch (error) {
            if (!(error instanceof RangeError)) throw error;
            const [setting, ...rest] = error.message.split(": ");
            const inside = rest.length > 0 && Object.hasOwn(settings as object, setting ?? "");
            context.addIssue({
                code: "custom",
                path: inside ? [setting ?? ""] : [],
                message: inside ? rest.join(": ") : error.message,
            });
        }
    };
}

const lintSchema = z
    .strictObject({
        threshold: z
            .enum(lintLevels)
            .default("warning")
            .describe("Lowest level of hadolint that stops the pipeline; what is below is listed."),
        trustedRegistries: z
            .array(z.string())
            .max(100)
            .default([])
            .describe("Registries that FROM may name, with * as a wildcard; empty: any."),
        ignored: z
            .array(z.string())
            .max(100)
            .default([])
            .describe("Rules that are switched off for every application, e.g. DL3008."),
    })
    .superRefine(writable(hadolintConfiguration));

const pattern = z.string().min(1).max(1_000);

const secretRuleSchema = z.strictObject({
    id: z.string().max(100).describe("Lower-case letters, digits and hyphens."),
    description: z.string().min(1).max(300).describe("What it finds."),
    regex: pattern.describe("Regular expression in Go's syntax (RE2)."),
    secretGroup: z
        .int()
        .min(0)
        .optional()
        .describe("Capture group that is the secret; the whole match, or the first group, unless given."),
    keywords: z
        .array(z.string().min(1).max(100))
        .optional()
        .describe("Words of which one must be near for the rule to be tried."),
    entropy: z.number().min(0).max(8).optional().describe("Least Shannon entropy of the secret."),
});

const allowedSecretSchema = z.strictObject({
    reason: z.string().max(300).describe("Why it is no secret; at least 20 characters."),
    paths: z.array(pattern).optional().describe("Regular expressions of paths in the repository."),
    regexes: z.array(pattern).optional().describe("Regular expressions of the secret."),
    commits: z.array(z.string()).optional().describe("Full ids of commits."),
    stopwords: z.array(z.string()).optional().describe("Words in the secret that show that it is none."),
});

const secretsSchema = z
    .strictObject({
        tool: z
            .enum(checkToolNames)
            .exclude(["hadolint"])
            .default("gitleaks")
            .describe(
                "The scanner. trufflehog has its own rules only: extraRules and allowed need gitleaks.",
            ),
        extraRules: z.array(secretRuleSchema).max(100).default([]).describe("Rules beside gitleaks' own."),
        allowed: z
            .array(allowedSecretSchema)
            .max(100)
            .default([])
            .describe(
                "What looks like a secret and is none; where several criteria are given, all must hold.",
            ),
    })
    .superRefine(writable(gitleaksConfiguration))
    .superRefine(({ tool, extraRules, allowed }, context) => {
        if (tool === "gitleaks") return;
        for (const [setting, entries] of Object.entries({ extraRules, allowed })) {
            if (entries.length > 0)
                context.addIssue({ code: "custom", path: [setting], message: "needs secrets.tool gitleaks" });
        }
    });

export const verifySchema = z.strictObject({
    lint: lintSchema.prefault({}).describe("Dockerfile lint with hadolint."),
    secrets: secretsSchema.prefault({}).describe("Search for secrets in the pushed commits."),
});
