/** The settings of the function that imports findings, as they stand in its code archive. */
import * as z from "zod";
import { gatePolicySchema } from "../policy/gatePolicy";
import {
    accountSchema,
    applicationName,
    bucketName,
    codePipelineName,
    parseSettings,
    tableName,
} from "../settings/settingsFile";
import { findingPartitions } from "./securityFinding";

const settingsSchema = z.strictObject({
    version: z.literal(1),
    account: accountSchema.refine(
        ({ partition }) => findingPartitions.some((known) => known === partition),
        `must be in one of the partitions ${findingPartitions.join(", ")}`,
    ),
    /** `<project>-<stack>`. */
    stack: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "must be the beginning of the stack's names"),
    policy: gatePolicySchema,
    /** The approval table. */
    table: tableName,
    evidenceBucket: bucketName,
    applications: z
        .array(
            z.strictObject({
                name: applicationName,
                /** Names of the repositories whose images are scanned, without the registry. */
                repositories: z.array(z.string().min(2).max(256)).min(1),
                /** The delivery pipeline, and its action that publishes what was approved. */
                pipeline: codePipelineName,
                publish: z.strictObject({ stage: codePipelineName, action: codePipelineName }),
            }),
        )
        .min(1, "must name at least one application")
        .refine(
            (applications) => new Set(applications.map(({ name }) => name)).size === applications.length,
            "must not name an application twice",
        ),
});

export type FindingsSettings = z.infer<typeof settingsSchema>;

/** Reads `settings.json`. @throws SettingsError with every problem. */
export function readFindingsSettings(text: string): FindingsSettings {
    return parseSettings(text, settingsSchema);
}
