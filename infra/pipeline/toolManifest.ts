import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const path = join(__dirname, "..", "..", "buildspecs", "tools.json");

const toolSchema = z.strictObject({
    version: z.string().regex(/^\d+\.\d+\.\d+$/, "must be an exact version"),
    /** Release artefact for Linux on x86-64. */
    url: z.url({ protocol: /^https$/, error: "must be an https:// address" }),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hexadecimal digits"),
    /** Where the checksum was found: at least two places that do not copy from each other. */
    sources: z.array(z.string().min(1)).min(2, "must name two independent sources of the checksum"),
});

export const toolManifestSchema = z.strictObject({ grype: toolSchema }).superRefine((tools, context) => {
    for (const [name, tool] of Object.entries(tools)) {
        if (!tool.url.includes(tool.version)) {
            context.addIssue({
                code: "custom",
                path: [name, "url"],
                message: `must be the address of version ${tool.version}`,
            });
        }
    }
});

export type ToolManifest = z.infer<typeof toolManifestSchema>;

/**
 * Tools that build steps download, each pinned by version and by the checksum that the step verifies before it runs
 * them. @throws Error naming every entry that is not fully pinned.
 */
export function readToolManifest(): ToolManifest {
    const result = toolManifestSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
    if (result.success) return result.data;
    const problems = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`buildspecs/tools.json: ${problems.join("; ")}`);
}
