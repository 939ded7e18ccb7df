import * as z from "zod";
import { withdrawalOf } from "./withdrawn";
import manifest from "./tools.json";

/** Tools that the manifest pins. */
export const toolNames = ["hadolint", "gitleaks", "trufflehog", "grype", "syft", "trivy", "cosign"] as const;

export type ToolName = (typeof toolNames)[number];

/** One pinned tool: a release artefact for one platform. */
export interface Tool {
    name: ToolName;
    /** Exact, as "0.116.1". */
    version: string;
    platform: "linux/amd64";
    /** Where the project publishes the artefact, https. */
    url: string;
    /** Name of the artefact: the last part of `url`. */
    file: string;
    /** What the artefact is: the program itself, or an archive that holds it as `member`. */
    kind: "binary" | "tar.gz";
    /** Path of the program in the archive; null when the artefact is the program. */
    member: string | null;
    /** SHA-256 of the artefact as published, 64 lower-case hexadecimal digits. */
    sha256: string;
    /** SPDX identifier. */
    licence: string;
    /** Where the checksum was found: at least two places that do not copy from each other. */
    sources: readonly string[];
}

const versionSchema = z.string().regex(/^\d+\.\d+\.\d+$/, "must be an exact version such as 1.44.0");

/** A SHA-256 as this manifest and configuration write it. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hexadecimal digits");

const httpsSchema = z.url({ protocol: /^https$/, error: "must be an https:// address" });

const s3Schema = z
    .string()
    .regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[A-Za-z0-9][A-Za-z0-9._/-]*[A-Za-z0-9]$/);

const memberSchema = z
    .string()
    .regex(
        /^(?!.*(^|\/)\.{1,2}(\/|$))[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/,
        "must be the path of a file in the archive, without ./ and ../",
    );

/** Where a mirror is: `s3://bucket` or `s3://bucket/prefix`, without a slash at the end. */
export const mirrorSchema = z
    .string()
    .regex(
        /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[A-Za-z0-9._-]*[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/,
        "must be s3://bucket or s3://bucket/prefix without a slash at the end",
    );

const entrySchema = z.strictObject({
    version: versionSchema,
    platform: z.literal("linux/amd64"),
    url: httpsSchema.regex(
        /^https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/releases\/download\/[^/?#]+\/[\w.-]+$/,
        "must be an artefact of a GitHub release",
    ),
    kind: z.enum(["binary", "tar.gz"]),
    member: memberSchema.optional(),
    sha256: sha256Schema,
    licence: z.string().min(1),
    sources: z
        .array(z.string().min(1))
        .min(2, "must name two independent sources of the checksum")
        .refine((sources) => new Set(sources).size === sources.length, "must not name a source twice"),
});

/** What `tools.json` has to look like. */
export const toolManifestSchema = z
    .strictObject(
        Object.fromEntries(toolNames.map((name) => [name, entrySchema])) as Record<
            ToolName,
            typeof entrySchema
        >,
    )
    .superRefine((tools, context) => {
        for (const name of toolNames) {
            const { version, url, kind, member } = tools[name];
            const problem = (field: string, message: string): void =>
                context.addIssue({ code: "custom", path: [name, field], message });
            if (!versionsIn(url).has(version)) problem("url", `must be the address of version ${version}`);
            const withdrawal = withdrawalOf(name, version);
            if (withdrawal !== null) problem("version", withdrawal);
            if ((kind === "tar.gz") !== (member !== undefined))
                problem("member", "must be given for a tar.gz, and only for one");
            if ((kind === "tar.gz") !== url.endsWith(".tar.gz")) problem("kind", "must fit the file name");
        }
        const sums = toolNames.map((name) => tools[name].sha256);
        if (new Set(sums).size !== sums.length) {
            context.addIssue({ code: "custom", path: [], message: "two tools have the same checksum" });
        }
    });

/**
 * The tools that build steps download, each pinned by version and by the checksum that `gate tools install` verifies
 * before it runs anything. @throws Error naming every entry that is not fully pinned.
 */
export function readToolManifest(given: unknown = manifest): ReadonlyMap<ToolName, Tool> {
    const result = toolManifestSchema.safeParse(given);
    if (!result.success) {
        const problems = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
        throw new Error(`gate/tools/tools.json: ${problems.join("; ")}`);
    }
    return new Map(
        toolNames.map((name) => {
            const { member = null, ...entry } = result.data[name];
            return [name, { name, ...entry, member, file: fileOf(entry.url) }];
        }),
    );
}

/** One tool of the manifest. @throws Error when the manifest is not valid. */
export function toolOf(name: ToolName): Tool {
    const tool = readToolManifest().get(name);
    if (tool === undefined) throw new Error(`gate/tools/tools.json has no ${name}`);
    return tool;
}

/**
 * Where a mirror holds a tool's artefact: `s3://bucket/prefix/<tool>/<version>/<file>`.
 * @param mirror `s3://bucket` or `s3://bucket/prefix`.
 * @throws Error when the mirror is not one.
 */
export function mirrored(tool: { name: string; version: string; file: string }, mirror: string): string {
    const result = mirrorSchema.safeParse(mirror);
    if (!result.success) throw new Error(`"${mirror}" ${result.error.issues[0]?.message}`);
    return `${mirror}/${tool.name}/${tool.version}/${tool.file}`;
}

/**
 * A tool that configuration names: one that the manifest does not have (a vendor's scanner without a checksum that
 * two public sources confirm), or another version than the manifest's. Version, address and checksum go together;
 * withdrawn versions are refused.
 * @param name for the message, and to know which versions are withdrawn.
 */
export function configuredToolSchema(name: string) {
    return z
        .strictObject({
            version: versionSchema,
            /** Artefact for linux/amd64: https, or s3://bucket/key. */
            url: z.union([httpsSchema, s3Schema], {
                error: "must be an https:// or s3://bucket/key address",
            }),
            sha256: sha256Schema,
            /** Path of the program in a tar.gz; the tool's name unless given. */
            member: memberSchema.optional(),
        })
        .superRefine(({ version, url }, context) => {
            if (!versionsIn(url).has(version)) {
                const message = `must be the address of ${name} ${version}: the version has to stand in it`;
                context.addIssue({ code: "custom", path: ["url"], message });
            }
            for (const named of new Set([version, ...versionsIn(url)])) {
                const withdrawal = withdrawalOf(name, named);
                if (withdrawal !== null)
                    context.addIssue({ code: "custom", path: ["version"], message: withdrawal });
            }
        });
}

export type ConfiguredTool = z.infer<ReturnType<typeof configuredToolSchema>>;

/** The exact versions that stand in an address: "0.116.1" in ".../v0.116.1/grype_0.116.1_linux_amd64.tar.gz". */
export function versionsIn(url: string): ReadonlySet<string> {
    return new Set(
        [...decoded(url).matchAll(/(?<![\d.])\d+\.\d+\.\d+(?!\d|\.\d)/g)].map(([version]) => version),
    );
}

/** Without %-escapes, behind which a version could hide; as it is when they are none. */
function decoded(url: string): string {
    try {
        return decodeURIComponent(url);
    } catch {
        return url;
    }
}

/** The last part of an address: the file's name. */
export function fileOf(url: string): string {
    return url.slice(url.lastIndexOf("/") + 1);
}
