/**
 * The gate's own program is a file that each build fetches. What a command `node gate.cjs` does is known only where the
 * build has compared the file with a checksum since it last came from somewhere; this keeps track of that.
 */
import type { Argument, Invocation } from "./invocation";
import { programName } from "./invocation";
import { directoryOf, inDirectory, withMark, withoutMark, type ShellState } from "./shellState";

const prefix = "verified:";
const isProgram = (path: string): boolean => /(?:^|\/)gate\.[cm]?js$/.test(path);
const plain = (path: string): string => path.replace(/^\*/, "").replace(/^(?:\.\/)+/, "");
const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/**
 * The program file that `node FILE …` runs, when it is the gate's; null for an installed `gate` and all else. A `gate` or
 * `node` of the work area is such a file itself, and one that no checksum is looked for.
 */
export function gateFile(words: readonly Argument[]): string | null {
    const program = words[0]?.text ?? "";
    if (/^[^/].*\/(?:gate|node|nodejs)$/.test(program)) return plain(program);
    const file = words[1]?.text ?? "";
    return /^node(?:js)?$/.test(programName(words[0]?.text ?? "")) && isProgram(file) ? plain(file) : null;
}

/** Where the file is, as far as the script says: a relative name belongs to its directory. */
function verifiedMark(file: string, state: ShellState): string {
    return `${prefix}${file.startsWith("/") ? "" : directoryOf(state)}//${plain(file)}`;
}

/** Is the file in this state the one that its checksum says? */
export function isVerified(file: string, state: ShellState): boolean {
    return state.marks.has(verifiedMark(file, state));
}

/** `cd`, `pushd`, `popd`: a relative name no longer means the file that it meant before. */
export function inAnotherDirectory(operand: string | undefined, state: ShellState): ShellState {
    if (state.status === "fail") return state;
    const target = operand ?? "~";
    return inDirectory(state, /^[/~]/.test(target) ? target : `${directoryOf(state)}/${target}`);
}

/** Something writes to `path`. */
export function written(state: ShellState, path: string): ShellState {
    return isProgram(path) ? withoutName(state, baseName(path)) : state;
}

function withoutName(state: ShellState, name: string): ShellState {
    return [...state.marks]
        .filter((mark) => mark.startsWith(prefix) && baseName(mark.slice(prefix.length)) === name)
        .reduce(withoutMark, state);
}

export function marked(state: ShellState, files: readonly string[]): ShellState {
    return files.reduce((each, file) => withMark(each, verifiedMark(file, each)), state);
}

/** The gate's files that this command compares with a checksum. */
export function verifiedFiles(invocation: Pick<Invocation, "words" | "input">): string[] {
    return comparedFiles(invocation).filter(isProgram);
}

/**
 * The files that this command compares with a checksum: `printf '%s  %s\n' <sha256> gate.cjs | sha256sum --check`.
 * The list must be written out in the buildspec; one that is read from a file came with the file that it is to judge.
 */
export function comparedFiles({ words, input }: Pick<Invocation, "words" | "input">): string[] {
    const texts = words.slice(1).map((word) => word.text);
    const name = programName(words[0]?.text ?? "");
    const checks = texts.some((text) => text === "--check" || /^-[a-z]*c[a-z]*$/.test(text));
    const algorithm = name === "shasum" && texts.some((text) => /^(?:256|-a256|--algorithm=256)$/.test(text));
    if (!(name === "sha256sum" || name === "sha512sum" || algorithm) || !checks) return [];
    if (texts.some((text) => /^--(?:help|version|ignore-missing)$/.test(text)) || !input) return [];
    const operands = texts.filter((text) => !text.startsWith("-") && text !== "256");
    if (operands.length > 0) return [];
    const listed = input.flatMap((word) => word.text.split(/\s+|\\n/)).filter((text) => text !== "");
    const isSum = (text: string): boolean => /^(?:[0-9a-f]{64}|[0-9a-f]{128})$/i.test(text);
    return listed.some(isSum)
        ? listed.filter((text) => !isSum(text) && !text.startsWith("%")).map(plain)
        : [];
}

/** Programs that only read the files they name. */
const readers = new Set(
    "node nodejs gate sha256sum sha512sum shasum cat ls stat file wc head tail grep cmp diff cosign openssl chmod chown".split(
        " ",
    ),
);

/** The state after a program that may write a file of the gate: one that names it as its target or output. */
export function afterProgram(invocation: Invocation, state: ShellState): ShellState {
    const [program, ...rest] = invocation.words.map((word) => word.text);
    const name = programName(program ?? "");
    if (readers.has(name)) return state;
    const last = rest.at(-1) ?? "";
    const copies =
        ["cp", "mv", "install", "ln", "rsync"].includes(name) || (name === "aws" && rest[0] === "s3");
    // A copy of the file to elsewhere leaves it as it is.
    const elsewhere = copies && name !== "mv" && !isProgram(last) && !/^\.{0,2}\/?$/.test(last);
    if (elsewhere) return state;
    return rest.flatMap((text) => text.split("=")).reduce(written, state);
}
