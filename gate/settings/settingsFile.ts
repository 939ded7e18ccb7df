/** What the settings of all functions have in common: `settings.json` in the code archive, read when a function starts. */
import * as z from "zod";
import { parseForeignJson } from "../approval/foreignJson";
import { applicationPattern } from "../evidence/evidencePlace";
import { canonicalJson } from "../policy/canonicalJson";

/** The settings cannot be used; one line with every problem. The function must not start. */
export class SettingsError extends Error {
    override name = "SettingsError";
    constructor(readonly problems: string[]) {
        super(`the function cannot start, deploy it again: ${problems.join("; ")}`);
    }
}

/** Longest text about one problem, in characters: it may quote the value. */
const longestProblem = 300;

/** Where a function runs. */
export const accountSchema = z.strictObject({
    partition: z.string().regex(/^aws(-[a-z]+)*$/, "must be a partition of AWS"),
    region: z.string().regex(/^[a-z]{2,}(-[a-z]+)+-\d$/, "must be a region of AWS"),
    accountId: z.string().regex(/^\d{12}$/, "must be 12 digits"),
});

/** Names of pipelines, stages and actions (CodePipeline API reference). */
export const codePipelineName = z
    .string()
    .regex(/^[A-Za-z0-9.@\-_]{1,100}$/, "must be 1 to 100 letters, digits and . @ - _");

export const applicationName = z.string().regex(applicationPattern, "must be the name of an application");

export const tableName = z
    .string()
    .regex(/^[A-Za-z0-9_.-]{3,255}$/, "must be the name of a table in DynamoDB");

/** A repository's name (ECR API reference, `repositoryName`). */
export const repositoryName = z
    .string()
    .min(2)
    .max(256)
    .regex(
        /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/,
        "must be the name of a repository in Amazon ECR, without the registry",
    );

export const bucketName = z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be the name of a bucket");

/**
 * Reads `settings.json`. It must be written out in full: a value that is left out would be filled in here, and nobody
 * could have seen it.
 * @throws SettingsError with every problem.
 */
export function parseSettings<Settings>(text: string, schema: z.ZodType<Settings>): Settings {
    let value: unknown;
    try {
        value = parseForeignJson(text);
    } catch (error) {
        throw new SettingsError([`settings.json ${(error as Error).message}`]);
    }
    const result = schema.safeParse(value);
    if (!result.success) {
        throw new SettingsError(
            result.error.issues.map(({ path, message }) =>
                ["settings.json:", path.join("."), message]
                    .filter((part) => part !== "")
                    .join(" ")
                    .slice(0, longestProblem),
            ),
        );
    }
    if (canonicalJson(result.data) !== canonicalJson(value)) {
        throw new SettingsError(["settings.json: policy must be written out with all its values"]);
    }
    return result.data;
}
