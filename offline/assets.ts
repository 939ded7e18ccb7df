/**
 * Assets and archives of captured resources: the files that a provider would upload, read where the program said they
 * are. Paths are relative to the program's folder, as the engine resolves them.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { CapturedResource, Value } from "./model";

/** The asset or archive cannot be turned into files; the text says which and why. */
export class AssetError extends Error {}

/** It may well be right, but offline nobody opens it: a packed or a remote one. */
export class ClosedAssetError extends AssetError {}

type Fields = Record<string, Value>;

function marked(value: Value | undefined, mark: "$asset" | "$archive"): Fields | undefined {
    const inner =
        typeof value === "object" && value !== null && !Array.isArray(value)
            ? (value as Fields)[mark]
            : undefined;
    return inner === undefined ? undefined : (inner as Fields);
}

function bytesOf(asset: Fields, name: string, directory: string): Buffer {
    if (typeof asset["text"] === "string") {
        return Buffer.from(asset["text"], "utf8");
    }
    if (typeof asset["path"] === "string") {
        const path = resolve(directory, asset["path"]);
        if (!existsSync(path) || !statSync(path).isFile()) {
            throw new AssetError(`${name}: there is no file ${asset["path"]}`);
        }
        return readFileSync(path);
    }
    throw new ClosedAssetError(`${name}: only texts and local files can be read offline`);
}

function addFolder(files: Map<string, Buffer>, folder: string, prefix: string): void {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const name = prefix + entry.name;
        const path = join(folder, entry.name);
        if (statSync(path).isDirectory()) {
            addFolder(files, path, `${name}/`);
        } else {
            files.set(name, readFileSync(path));
        }
    }
}

function addArchive(files: Map<string, Buffer>, archive: Fields, prefix: string, directory: string): void {
    const { assets, path } = archive;
    if (typeof path === "string") {
        const folder = resolve(directory, path);
        if (!existsSync(folder)) {
            throw new AssetError(`${prefix || "the archive"}: there is no folder or file ${path}`);
        }
        if (!statSync(folder).isDirectory()) {
            throw new ClosedAssetError(`${path} is packed, and packed archives are not opened offline`);
        }
        addFolder(files, folder, prefix);
        return;
    }
    if (typeof assets !== "object" || assets === null || Array.isArray(assets)) {
        throw new ClosedAssetError(
            `${prefix || "the archive"}: only local files and folders can be read offline`,
        );
    }
    for (const [name, value] of Object.entries(assets as Fields)) {
        const nested = marked(value, "$archive");
        const asset = marked(value, "$asset");
        if (nested) {
            addArchive(files, nested, `${prefix}${name}/`, directory);
        } else if (asset) {
            files.set(prefix + name, bytesOf(asset, prefix + name, directory));
        } else {
            throw new AssetError(`${prefix}${name} is neither an asset nor an archive`);
        }
    }
}

/**
 * The files of an archive as `resources.json` and `CapturedResource` hold it (`{"$archive": …}`), by their names in it,
 * sorted. Throws `AssetError`.
 * @param directory the program's folder, which relative paths begin at
 */
export function filesOfArchive(archive: Value, directory: string): Map<string, Buffer> {
    const content = marked(archive, "$archive");
    if (content === undefined) {
        throw new AssetError("this value is no archive");
    }
    const files = new Map<string, Buffer>();
    addArchive(files, content, "", directory);
    return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * What would be uploaded for a captured resource, such as the code of a Lambda function: file name → content. Throws
 * `AssetError` when the property holds no archive or one of its files is missing.
 */
export function archiveOf(
    resource: Pick<CapturedResource, "urn" | "inputs">,
    options: { property?: string; directory?: string } = {},
): Map<string, Buffer> {
    const { property = "code", directory = process.cwd() } = options;
    const value = resource.inputs[property];
    try {
        return filesOfArchive(value ?? null, directory);
    } catch (error) {
        throw error instanceof AssetError
            ? new (error.constructor as typeof AssetError)(`${resource.urn} ${property}: ${error.message}`)
            : error;
    }
}
