import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** Project folder; found from this file, because the working directory is whoever's who runs us. */
const projectFolder = join(__dirname, "..");

/**
 * Leaves bundled code in a file and gives its path. A file asset keeps the code out of the stack's state; the path is
 * relative, so that the state does not depend on where the checkout is. The file is put in place in one step, because
 * another run of the program may be reading it.
 *
 * @param kind folder under `.cache`
 * @param sha256 of the code, in hex
 */
export function writeBundle(kind: string, file: string, code: Uint8Array, sha256: string): string {
    const path = join(projectFolder, ".cache", kind, sha256, file);
    if (!existsSync(path) || !readFileSync(path).equals(code)) {
        mkdirSync(dirname(path), { recursive: true });
        const unfinished = `${path}.${process.pid}`;
        writeFileSync(unfinished, code);
        renameSync(unfinished, path);
    }
    return relative(process.cwd(), path);
}
