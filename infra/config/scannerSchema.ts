/** Settings of the scanners: an entry of `portcullis:scanners` for each, by name. */
import { z } from "zod";
import { configuredToolSchema, mirrorSchema } from "../../gate/tools/toolManifest";
import { scanStages, type ScanStage } from "../../gate/policy/scanStage";

export const scannerModes = ["required", "advisory"] as const;

/** Name of a parameter that the stack does not create: whoever owns the secret puts it there. */
const secretParameter = (what: string) =>
    z
        .string()
        .max(900)
        .regex(
            /^(?!\/(?:aws|ssm)(?:\/|$))(?:\/[A-Za-z0-9_.-]+)+$/i,
            "must be the name of a parameter: /, letters, digits, . _ -, not below /aws or /ssm",
        )
        .describe(
            `SSM parameter (SecureString) with ${what}, e.g. /portcullis/scanner/token. Create it before the first run; ` +
                "the stack never sees its value.",
        );

const required = (text: string) => (issue: { input?: unknown }) =>
    issue.input === undefined ? `is required: ${text}` : undefined;

const laceworkTool = configuredToolSchema("lacework").safeExtend({
    version: z
        .string({ error: required("the version of the Lacework command-line tool") })
        .regex(/^\d+\.\d+\.\d+$/, "must be an exact version such as 2.5.0")
        .describe("Version of the tool."),
    url: z
        .string({ error: required("where the build step gets the Lacework command-line tool") })
        .max(500)
        .regex(
            /^(?:https|s3):\/\/[A-Za-z0-9._/@+=-]+$/,
            "must be an https:// address without query, or s3://bucket/key below tools.mirror",
        )
        .describe(
            "Address of the release: https://, or s3:// below tools.mirror. The version must stand in it.",
        ),
    sha256: z
        .string({
            error: required(
                "Lacework's checksum cannot be confirmed in two places; give that of the file you have checked (sha256sum)",
            ),
        })
        .regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hexadecimal digits")
        .describe("SHA-256 of the file behind url."),
    member: z
        .string()
        .regex(
            /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9_][A-Za-z0-9._-]*(?:\/[A-Za-z0-9._-]+)*$/,
            "must be the path of a file in the archive, without ./ and ../",
        )
        .default("lacework")
        .describe("Path of the program inside a tar.gz."),
});

function common(stages: readonly ScanStage[]) {
    return {
        stages: z
            .array(z.enum(scanStages))
            .min(1, "must name at least one stage")
            .refine((names) => new Set(names).size === names.length, "must not name a stage twice")
            .default([...stages])
            .describe(
                "Stages in which it scans: test (candidate repository), scanStagingImage (staging repository).",
            ),
        mode: z
            .enum(scannerModes)
            .describe(
                "required: its verdict can stop the pipeline; advisory: it is recorded only (a tool that cannot be fetched " +
                    "or run still stops the step).",
            ),
    };
}

/** One scanner with its settings; `name` tells which. */
export const scannerSchema = z.discriminatedUnion("name", [
    z.strictObject({
        name: z.literal("anchore").describe("Anchore Engine of this stack, see portcullis:anchore."),
        ...common(["test"]),
    }),
    z.strictObject({
        name: z.literal("grype").describe("Grype, run in the build step; needs no account."),
        ...common(scanStages),
    }),
    z.strictObject({
        name: z
            .literal("accuknox")
            .describe("AccuKnox: scans with Trivy in the build step and reports to the AccuKnox console."),
        ...common(scanStages),
        consoleUrl: z
            .string()
            .max(300)
            .regex(
                /^https:\/\/[A-Za-z0-9.-]+(?::\d+)?$/,
                "must be the console's address alone: https:// and its host",
            )
            .default("https://cspm.accuknox.com")
            .describe("Address of the console that receives the reports."),
        tenantId: z
            .string()
            .regex(
                /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/,
                "must be letters, digits, _ and -, a letter or digit first",
            )
            .describe("Tenant of the console."),
        label: z
            .string()
            .regex(
                /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$/,
                "must be letters, digits and . _ @ + -, a letter or digit first",
            )
            .describe("Label under which the console files the reports."),
        tokenParameter: secretParameter("the token for the console"),
    }),
    z.strictObject({
        name: z.literal("lacework").describe("Lacework: its platform scans the image in the registry."),
        ...common(scanStages),
        account: z
            .string()
            .max(100)
            .regex(
                /^(?!.*lacework\.net)[a-z0-9][a-z0-9.-]*$/,
                "must be the part before .lacework.net in the address of the console",
            )
            .describe("Account: the part before .lacework.net in the address of the console."),
        apiKeyParameter: secretParameter("the API key id"),
        apiSecretParameter: secretParameter("the API secret"),
        cli: laceworkTool.describe(
            "The Lacework command-line tool for Linux on x86-64. Its checksum must come from you: no two public sources " +
                "confirm one.",
        ),
    }),
    z.strictObject({
        name: z
            .literal("inspector")
            .describe("Amazon Inspector, or the basic scanning of Amazon ECR: asked for its findings."),
        ...common(scanStages),
    }),
]);

export type ScannerConfig = z.infer<typeof scannerSchema>;

/** Settings of one scanner by its name. */
export type ScannerConfigOf<Name extends ScannerConfig["name"]> = Extract<ScannerConfig, { name: Name }>;

export const toolsSchema = z.strictObject({
    mirror: mirrorSchema
        .optional()
        .describe(
            "Where build steps get their tools instead of the projects' own release pages: s3://bucket/prefix. Fill it " +
                "with gate tools mirror. The checksums stay the same.",
        ),
});
