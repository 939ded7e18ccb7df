/** Where the exemption file is, and what stands in it. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";

/** Nobody reviews more; a device or a stream has no end. */
const largestFile = 1_000_000;

/**
 * The file that the setting `exemptions` names. A relative path starts at the Pulumi project that the pack lies in:
 * the nearest folder, from the pack's own upwards, with a `Pulumi.yaml`; where there is none, at the pack's folder.
 *
 * The engine tells a pack neither the folder of the project nor the one that `pulumi` was called in (its working
 * directory is always the pack's own folder), so only a place that follows from the pack means the same file for the
 * CLI, for CI and for `npm start`.
 */
export function exemptionPath(setting: string, packFolder: string = process.cwd()): string {
    if (isAbsolute(setting)) return setting;
    let folder = resolve(packFolder);
    for (;;) {
        if (["Pulumi.yaml", "Pulumi.yml"].some((name) => existsSync(join(folder, name))))
            return resolve(folder, setting);
        const parent = dirname(folder);
        if (parent === folder) return resolve(packFolder, setting);
        folder = parent;
    }
}

/** The text of the file. Throws what is wrong, in words. */
export function readExemptionFile(path: string): string {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) throw new Error("there is no such file");
    if (!found.isFile()) throw new Error("it is not a file");
    if (found.size > largestFile) throw new Error(`it is larger than ${largestFile} bytes`);
    return readFileSync(path, "utf8");
}
