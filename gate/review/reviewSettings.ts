/** The settings of the function that tells about reviews, as they stand in its code archive. */
import * as z from "zod";
import { gatePolicySchema } from "../policy/gatePolicy";
import { scannerNames } from "../report/scanReport";
import {
    accountSchema,
    applicationName,
    bucketName,
    codePipelineName,
    parseSettings,
    SettingsError,
} from "../settings/settingsFile";
import { limitProblems } from "../approval/settingsSchema";
import { codeHostSchema } from "./codeHostSettings";

/** Names of CodeBuild projects (CodeBuild API reference, `ProjectName`). */
const projectName = z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{1,149}$/, "must be the name of a project in CodeBuild");

const place = { stage: codePipelineName, action: codePipelineName, project: projectName };

/** One action of the review pipeline that runs in CodeBuild, and what it looks for. */
const stepSchema = z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("lint"), tool: z.literal("hadolint"), ...place }),
    z.strictObject({ kind: z.literal("secrets"), tool: z.enum(["gitleaks", "trufflehog"]), ...place }),
    z.strictObject({ kind: z.literal("build"), ...place }),
    z.strictObject({ kind: z.literal("scan"), tool: z.enum(scannerNames), ...place }),
]);

const reviewedApplication = z.strictObject({
    name: applicationName,
    /** The review pipeline. */
    pipeline: codePipelineName,
    host: codeHostSchema,
    /** In the order in which they can run. */
    steps: z
        .array(stepSchema)
        .min(1, "must name at least one step")
        .refine((steps) => steps.filter(({ kind }) => kind === "build").length === 1, {
            error: "must have exactly one build",
            when: ({ value }) => Array.isArray(value),
        }),
});

export const reviewSettingsSchema = z
    .strictObject({
        version: z.literal(1),
        account: accountSchema,
        /** Prefix of the stack's names; tells the comments of two stacks apart. */
        stack: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be the prefix of the stack's names"),
        /** Name of the function's own role, by which CodeCommit shows it as an author. */
        role: z.string().regex(/^[\w+=,.@-]{1,64}$/, "must be the name of a role"),
        policy: gatePolicySchema,
        evidenceBucket: bucketName,
        applications: z.array(reviewedApplication).min(1, "must name at least one application"),
    })
    .superRefine(
        ({ applications }, { addIssue }) => {
            if (!Array.isArray(applications)) return;
            const seen = new Set<string>();
            applications.forEach((application, at) => {
                const projects = application?.steps?.map?.(({ project }) => `project ${project}`) ?? [];
                const actions =
                    application?.steps?.map?.(
                        ({ stage, action }) => `${application.pipeline}/${stage}/${action}`,
                    ) ?? [];
                const own = [`name ${application?.name}`, `pipeline ${application?.pipeline}`];
                for (const identity of [...own, ...projects, ...actions]) {
                    if (seen.has(identity)) {
                        const message = `must not be that of two: ${identity}`;
                        addIssue({ code: "custom", path: ["applications", at], message });
                    }
                    seen.add(identity);
                }
            });
        },
        { when: ({ value }) => typeof value === "object" && value !== null },
    );

export type ReviewSettings = z.infer<typeof reviewSettingsSchema>;
export type ReviewedApplication = ReviewSettings["applications"][number];
export type ReviewStep = ReviewedApplication["steps"][number];

/**
 * Reads `settings.json`, and compares its policy with the limits that the environment shows.
 * @throws SettingsError with every problem.
 */
export function readReviewSettings(
    text: string,
    environment: Record<string, string | undefined>,
): ReviewSettings {
    const settings = parseSettings(text, reviewSettingsSchema);
    const problems = limitProblems(settings.policy, environment);
    if (problems.length > 0) throw new SettingsError(problems);
    return settings;
}
