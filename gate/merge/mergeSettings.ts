/** The settings of the function that merges published pull requests, as they stand in its code archive. */
import * as z from "zod";
import { codeHostSchema } from "../review/codeHostSettings";
import {
    accountSchema,
    applicationName,
    codePipelineName,
    parseSettings,
    tableName,
} from "../settings/settingsFile";

/** Branch names as the stack's configuration allows them. */
const branch = z.string().regex(/^[\w.][\w./-]{0,255}$/, "must be the name of a branch");

const action = z.strictObject({ stage: codePipelineName, action: codePipelineName });

const mergedApplication = z
    .strictObject({
        name: applicationName,
        /** The delivery pipeline. */
        pipeline: codePipelineName,
        /** The action that released the image. */
        publish: action,
        /** The action that built it. */
        build: action,
        /** Branch that is built. */
        branch,
        /** Branch into which its pull request is merged. */
        mergeInto: branch,
        host: codeHostSchema,
    })
    .refine((application) => application.branch !== application.mergeInto, {
        path: ["mergeInto"],
        error: "must not be the branch that is built",
    });

export const mergeSettingsSchema = z
    .strictObject({
        version: z.literal(1),
        account: accountSchema,
        /** The table of approvals. */
        table: tableName,
        applications: z.array(mergedApplication).min(1, "must name at least one application"),
    })
    .refine(
        ({ applications }) =>
            new Set(applications.map(({ pipeline }) => pipeline)).size === applications.length,
        {
            path: ["applications"],
            error: "must not name a pipeline twice",
            when: ({ value }) => Array.isArray((value as { applications?: unknown } | null)?.applications),
        },
    );

export type MergeSettings = z.infer<typeof mergeSettingsSchema>;
export type MergedApplication = MergeSettings["applications"][number];

/** Reads `settings.json`. @throws SettingsError with every problem. */
export function readMergeSettings(text: string): MergeSettings {
    return parseSettings(text, mergeSettingsSchema);
}
