/**
 * The shape of `policies.json`: everything that the other reports of policies say, for programs. The JSON schema in the
 * documentation is made from it, so it is described field by field.
 */
import { z } from "zod";

const statusOfRule = z.enum(["failed", "inconclusive", "exempted", "passed", "notApplicable", "disabled"]);
const severity = z.enum(["critical", "high", "medium", "low", "unspecified"]);
const enforcement = z.enum(["advisory", "mandatory", "remediate", "disabled"]);
const count = z.int().min(0);

const exemption = z.strictObject({
    id: z.string().describe("Id of the entry in the exemption file."),
    until: z.string().describe("Last day on which it holds, YYYY-MM-DD, UTC."),
    daysLeft: count.describe("Days from the run to that day."),
    reason: z.string(),
});

const finding = z.strictObject({
    fingerprint: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .describe(
            "SHA-256 over rule, resource and finding id (or message): the same in every run that finds the same, " +
                "and the SARIF fingerprint portcullisFinding/v1.",
        ),
    rule: z.string(),
    title: z.string(),
    family: z.string(),
    status: z.enum(["violation", "inconclusive", "exempted"]),
    blocking: z.boolean().describe("Whether this finding alone makes the verdict fail."),
    severity,
    enforcement,
    urn: z.string().describe("Empty when the finding is about the stack and the stack was not captured."),
    resource: z.string().describe("Logical name; empty when the finding is about the stack."),
    type: z.string().describe("Type token of the resource; empty when it is not known."),
    source: z
        .strictObject({ file: z.string(), line: z.int().min(1) })
        .optional()
        .describe("Where the program declares the resource, relative to the project."),
    message: z.string(),
    fix: z.string().optional(),
    findingId: z
        .string()
        .optional()
        .describe("What an exemption names; absent when the rule has one finding per resource."),
    exemption: exemption.optional(),
});

/** The document; a new version only when a reader of the old one would misread it. */
export const policyReportSchema = z
    .strictObject({
        version: z.literal(1),
        notice: z.literal("offline simulation, not AWS"),
        project: z.string(),
        stack: z.string(),
        mode: z.enum(["preview", "update"]),
        strict: z.boolean().describe("Whether an inconclusive finding counts as a failure."),
        verdict: z.enum(["pass", "fail", "notRun"]),
        exitCode: z.literal([0, 1, 2]),
        reasons: z.array(z.string()).describe("Why there is no pass; empty exactly when there is one."),
        pack: z.strictObject({ name: z.string(), version: z.string() }).nullable(),
        figures: z.strictObject({
            resources: count.describe("Without the stack itself and without providers."),
            rules: z.strictObject({
                total: count,
                ...Object.fromEntries(statusOfRule.options.map((status) => [status, count])),
            } as { total: typeof count } & Record<z.output<typeof statusOfRule>, typeof count>),
            blocking: count,
            violations: z.strictObject({ mandatory: count, advisory: count }),
            bySeverity: z.strictObject({
                critical: count,
                high: count,
                medium: count,
                low: count,
                unspecified: count,
            }),
            inconclusive: count,
            exempted: count,
            remediations: count,
        }),
        findings: z.array(finding).describe("Worst first; violations, inconclusive and exempted findings."),
        remediations: z
            .array(z.strictObject({ rule: z.string(), urn: z.string(), resource: z.string() }))
            .describe("What policies of level remediate changed before the resources were judged."),
        rules: z.array(
            z.strictObject({
                name: z.string(),
                title: z.string(),
                family: z.string(),
                severity,
                enforcement,
                status: statusOfRule.describe("By its worst finding."),
                findings: count,
                references: z.array(z.string()),
                url: z.string().optional(),
            }),
        ),
        frameworks: z
            .array(
                z.strictObject({
                    framework: z.string(),
                    version: z.string().describe("Empty where the framework has none."),
                    kind: z
                        .enum(["standard", "rules"])
                        .describe("A standard for people, or another public rule set that checks the same."),
                    implemented: count.describe("Controls that at least one rule of the pack answers for."),
                    byStatus: z.strictObject({
                        failed: count,
                        inconclusive: count,
                        exempted: count,
                        passed: count,
                        notApplicable: count,
                        disabled: count,
                    }),
                    controls: z.array(
                        z.strictObject({
                            control: z.string(),
                            status: statusOfRule.describe("That of its worst rule."),
                            rules: z.array(z.strictObject({ rule: z.string(), status: statusOfRule })),
                        }),
                    ),
                }),
            )
            .describe(
                "Only controls that the rules refer to: a passed control is not a whole framework met.",
            ),
        types: z
            .discriminatedUnion("known", [
                z.strictObject({ known: z.literal(false), reason: z.string() }),
                z.strictObject({
                    known: z.literal(true),
                    types: z.array(
                        z.strictObject({
                            type: z.string(),
                            resources: count,
                            judgedBy: count.describe("Rules that say something about such resources."),
                            consultedBy: count.describe("Rules that only look them up."),
                        }),
                    ),
                }),
            ])
            .describe(
                "Resource types of the stack and how many rules look at each; none means: nobody checks it.",
            ),
    })
    .describe("Findings of a Portcullis policy run (policies.json).");

export type PolicyReport = z.output<typeof policyReportSchema>;

/** Text of the published JSON schema (draft 2020-12). */
export function policyReportJsonSchema(): string {
    const schema = z.toJSONSchema(policyReportSchema, { target: "draft-2020-12" });
    return `${JSON.stringify({ title: "policies.json", ...schema }, null, 2)}\n`;
}
