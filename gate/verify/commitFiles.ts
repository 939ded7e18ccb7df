import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CheckError, type ScanRepository } from "./gitRepository";
import { rangeArguments, type PushedRange } from "./pushedRange";

/** How git lists what a commit changes; as in `scanWithGitleaks`, a merge is compared with its first parent. */
const changeOptions = [
    "--raw",
    "--no-abbrev",
    "--no-renames",
    "--diff-filter=d",
    "--diff-merges=first-parent",
    "--full-history",
    "-z",
];

/** Content that a commit of the range brought in. */
export interface ChangedFile {
    commit: string;
    /** Path in the repository; null for what the commit says itself: its message, author and committer. */
    path: string | null;
}

/**
 * Every content that the commits of a range brought in, once each, by the id of its blob, with all places where one
 * did. Files that are deleted and submodules have none.
 * @throws CheckError
 */
export async function changedFiles(
    repository: ScanRepository,
    range: PushedRange,
): Promise<Map<string, ChangedFile[]>> {
    const output = await repository.git([
        "log",
        ...changeOptions,
        "--format=commit %H",
        ...rangeArguments(range),
    ]);
    const files = new Map<string, ChangedFile[]>();
    const parts = output.toString("utf8").split("\0");
    let commit = "";
    for (let at = 0; at < parts.length; at += 1) {
        const part = (parts[at] ?? "").replace(/^\n/, "");
        const [, id] = /^commit ([0-9a-f]+)$/.exec(part) ?? [];
        const [, mode, blob] = /^:\d{6} (\d{6}) [0-9a-f]+ ([0-9a-f]+) [A-Z]\d*$/.exec(part) ?? [];
        if (id !== undefined) commit = id;
        else if (blob !== undefined) {
            at += 1;
            if (mode === "160000") continue;
            files.set(blob, [...(files.get(blob) ?? []), { commit, path: parts[at] ?? "" }]);
        } else if (part !== "") throw new CheckError("git lists changes in another form than expected");
    }
    return files;
}

/** Largest single file, and all of them together, that are written out for a scanner; bytes. */
const largestFile = 256 * 1024 * 1024;
const largestTotal = 4 * 1024 * 1024 * 1024;

/**
 * Writes blobs into a folder, each under its id.
 * @param change what is written instead of a content.
 * @returns how many there are that git calls binary.
 * @throws CheckError when one is missing or too large.
 */
export async function writeBlobs(
    repository: ScanRepository,
    blobs: Iterable<string>,
    folder: string,
    change: (content: Buffer) => Buffer,
): Promise<number> {
    const ids = [...blobs];
    let pending: Buffer[] = [];
    let length = 0;
    let header: { id: string; size: number } | null = null;
    let written = 0;
    let total = 0;
    let binary = 0;
    const take = (chunk: Buffer): void => {
        pending.push(chunk);
        length += chunk.length;
        for (;;) {
            if (header === null) {
                const all = Buffer.concat(pending);
                pending = [all];
                const end = all.indexOf(0x0a);
                if (end === -1) return;
                const [, id, size] = /^([0-9a-f]+) blob (\d+)$/.exec(all.toString("latin1", 0, end)) ?? [];
                if (id === undefined || id !== ids[written])
                    throw new CheckError(
                        `git does not have the file content ${ids[written] ?? ""}; is the clone complete?`,
                    );
                header = { id, size: Number(size) };
                total += header.size;
                if (header.size > largestFile || total > largestTotal)
                    throw new CheckError(
                        `the files of the range are too large to scan (${header.size} of ${total} bytes)`,
                    );
                pending = [all.subarray(end + 1)];
                length -= end + 1;
            }
            if (length < header.size + 1) return;
            const all = Buffer.concat(pending);
            const content = all.subarray(0, header.size);
            if (content.subarray(0, 8_000).includes(0)) binary += 1;
            writeFileSync(join(folder, header.id), change(content), { mode: 0o600 });
            pending = [all.subarray(header.size + 1)];
            length -= header.size + 1;
            written += 1;
            header = null;
        }
    };
    if (ids.length > 0)
        await repository.git(["cat-file", "--batch"], take, Buffer.from(`${ids.join("\n")}\n`));
    if (written !== ids.length) throw new CheckError(`git gave ${written} of ${ids.length} file contents`);
    return binary;
}

/** What a commit says itself: author, committer and message, by commit. @throws CheckError */
export async function commitTexts(
    repository: ScanRepository,
    range: PushedRange,
): Promise<Map<string, string>> {
    const format = "--format=%H%n%an <%ae>%n%cn <%ce>%n%B";
    const output = await repository.git(["log", "--no-notes", "-z", format, ...rangeArguments(range)]);
    const texts = new Map<string, string>();
    for (const record of output.toString("utf8").split("\0")) {
        const end = record.indexOf("\n");
        if (end > 0) texts.set(record.slice(0, end), record.slice(end + 1));
    }
    if (texts.size !== range.commits)
        throw new CheckError(`git gives ${texts.size} commit messages for ${range.commits} commits`);
    return texts;
}
