import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";

/** Largest Dockerfile that is linted, in bytes. Linting takes more than linear time. */
export const largestDockerfile = 1024 * 1024;

/** A Dockerfile as it stands in its repository. */
export interface Dockerfile {
    /** Path in the repository, with slashes. */
    path: string;
    /** Without a byte order mark. */
    text: string;
}

/**
 * Reads the Dockerfile of a repository. Links are followed as long as they stay in the repository.
 * @param path of the Dockerfile; a relative one starts at the repository.
 * @returns the file, or why it cannot be linted: absent, outside, no file, too large, not UTF-8, without a FROM.
 */
export async function readDockerfile(
    repository: string,
    path: string,
): Promise<Dockerfile | { problem: string }> {
    let root: string;
    try {
        root = await realpath(repository);
    } catch (error) {
        return { problem: `the repository ${repository} cannot be read (${(error as Error).message})` };
    }
    const asked = resolve(repository, path);
    const name = relative(resolve(repository), asked).split(sep).join("/");
    let file;
    try {
        const real = await realpath(asked);
        if (!real.startsWith(`${root}${sep}`))
            return { problem: `the Dockerfile ${path} leads out of the repository` };
        // Not blocking, so that a named pipe cannot hold the gate.
        file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
        const status = await file.stat();
        if (!status.isFile()) return { problem: `the Dockerfile ${path} is not a file` };
        if (status.size > largestDockerfile)
            return {
                problem: `the Dockerfile ${path} has ${status.size} bytes, more than the ${largestDockerfile} allowed`,
            };
        const content = await file.readFile();
        const text = new TextDecoder("utf-8", { fatal: true }).decode(content);
        // hadolint answers "nothing found" for a file without instructions.
        if (!/^[ \t]*FROM[ \t]/im.test(text))
            return { problem: `the Dockerfile ${path} has no FROM instruction, so there is nothing to lint` };
        return { path: name, text };
    } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (error instanceof TypeError && code === "ERR_ENCODING_INVALID_ENCODED_DATA")
            return { problem: `the Dockerfile ${path} is not UTF-8 text` };
        return {
            problem:
                code === "ENOENT"
                    ? `there is no Dockerfile ${path} in the repository`
                    : `the Dockerfile ${path} cannot be read (${message})`,
        };
    } finally {
        await file?.close();
    }
}
