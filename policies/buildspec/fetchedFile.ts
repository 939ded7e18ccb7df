/**
 * Programs that a build fetches: what comes over the network is only known to be what it should be when it was compared
 * with a checksum that stands in the buildspec. This keeps track of files that were fetched, compared and unpacked, and
 * says when one is used that nobody compared (BS-12).
 */
import { hasOption, operands, optionValue } from "./arguments";
import { gateWords } from "./gateCommand";
import { programName, type Argument, type Invocation } from "./invocation";
import { scannerPrograms } from "./scanners";
import { directoryOf, withMark, withoutMark, type ShellState } from "./shellState";
import { comparedFiles } from "./verifiedFile";

/** Use of something that was fetched and not compared. `certain` false: it may have been. */
export interface UncheckedUse {
    what: string;
    certain: boolean;
}

const fetchedPrefix = "fetched:";
const checkedPrefix = "checked:";
/** Everything in the directory came out of a compared archive. */
const everything = "*";

const plain = (path: string): string => path.replace(/^(?:\.\/)+/, "");
const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const text = (words: readonly Argument[]): string[] => words.map((word) => word.text);

function place(file: string, state: ShellState): string {
    return `${file.startsWith("/") ? "" : directoryOf(state)}//${plain(file)}`;
}

/** Files that the command fetches; "-" when it gives them to its output. Empty when it fetches nothing. */
export function fetchedFiles({ words, redirects }: Pick<Invocation, "words" | "redirects">): string[] {
    const name = programName(words[0]?.text ?? "");
    const rest = words.slice(1);
    const output = redirects.findLast(({ operator, descriptor }) => /^>[>|]?$/.test(operator) && ["", "1"].includes(descriptor)); // prettier-ignore
    const orOutput = output?.target ?? "-";
    const address = text(rest).findLast((word) => /^(?:https?|ftp|s3):|^\$/.test(word)) ?? "";
    if (name === "curl") {
        const file = rest.findIndex((word) => /^(?:-[a-zA-Z]*o|--output)$/.test(word.text));
        const given = rest[file + 1]?.text ?? optionValue(rest, "--output");
        if (file >= 0 && given !== undefined) return [given];
        if (optionValue(rest, "--output")) return [optionValue(rest, "--output") ?? ""];
        if (rest.some((word) => /^(?:-[a-zA-Z]*O[a-zA-Z]*|--remote-name|--remote-name-all)$/.test(word.text)))
            return [baseName(address)];
        return [orOutput];
    }
    if (name === "wget") {
        const file = rest.findIndex((word) => /^(?:-[a-zA-Z]*O|--output-document)$/.test(word.text));
        const joined = rest
            .find((word) => /^-[a-zA-Z]*O./.test(word.text))
            ?.text.replace(/^-[a-zA-Z]*?O/, "");
        const given = optionValue(rest, "--output-document") ?? (file >= 0 ? rest[file + 1]?.text : joined);
        return [given === "-" ? orOutput : (given ?? baseName(address))];
    }
    if (name === "aws" && rest[0]?.text === "s3" && ["cp", "mv"].includes(rest[1]?.text ?? "")) {
        const [source = "", target = ""] = text(operands(rest.slice(2), ["--region", "--profile", "--sse"]));
        if (!source.startsWith("s3://") || target.startsWith("s3://")) return [];
        if (target === "-") return [orOutput];
        return [
            /(?:^|\/)\.{0,2}$/.test(target) ? `${target.replace(/\.?\/?$/, "")}${baseName(source)}` : target,
        ];
    }
    return [];
}

const shells = new Set(["sh", "bash", "dash", "ash", "zsh", "ksh", "source", "."]);
const interpreters = new Set([
    "python",
    "python3",
    "perl",
    "ruby",
    "php",
    "node",
    "nodejs",
    "java",
    "deno",
    "bun",
]);
const unpackers = new Set(["tar", "bsdtar", "unzip", "gunzip", "bunzip2", "unxz", "xz", "gzip", "zstd", "cpio", "7z", "ar"]); // prettier-ignore
const installers = new Set(["dpkg", "rpm", "install", "apt", "apt-get", "yum", "dnf", "pip", "pip3", "npm", "apk", "chmod"]); // prettier-ignore

/** A shell command with a substitution that fetches. @param text the command as it is written */
export function runsFetched(text: string): boolean {
    return /(?:\$\(|`|<\()\s*(?:sudo\s+)?(?:curl|wget)\b/.test(text);
}

/** Does the command run or unpack what is written into it? */
function usesInput(words: readonly Argument[]): boolean {
    const names = text(words).map(programName);
    const [name = ""] = names;
    if (names.some((each) => shells.has(each))) return true;
    if (interpreters.has(name)) return names.length === 1 || names.slice(1).every((each) => each === "-");
    return unpackers.has(name) || (name === "tee" && names.some((each) => scannerPrograms.has(each)));
}

/** Files that the command runs, unpacks or makes a program of. */
function usedFiles(words: readonly Argument[]): string[] {
    const [program = "", ...rest] = text(words);
    const name = programName(program);
    const own = /\//.test(program) ? [program] : [];
    const takes = shells.has(name) || interpreters.has(name) || unpackers.has(name) || installers.has(name);
    const moved = name === "mv" || name === "cp" || name === "ln";
    const intoPath = moved && /^(?:\/|~|\$\{?HOME)/.test(rest.at(-1) ?? "");
    // `tar -xzf FILE`, `--file=FILE`, `install FILE TARGET`: any word may be the file; only fetched ones matter.
    const named = takes || intoPath ? rest.flatMap((word) => [word, word.replace(/^--?[\w-]+=/, "")]) : [];
    return [...own, ...named];
}

/** Tools that the gate is told to run, by their paths. */
function gateTools(words: readonly Argument[]): string[] {
    const rest = gateWords(words);
    if (programName(rest[0]?.text ?? "") !== "gate") return [];
    return ["--hadolint", "--tool-path", "--syft", "--lacework", "--trivy", "--grype"].flatMap((option) => optionValue(rest, option) ?? []); // prettier-ignore
}

const isTool = (path: string): boolean => scannerPrograms.has(baseName(path)) || baseName(path) === "syft";
const inWorkArea = (path: string): boolean => /^(?:\.{1,2}\/|[^/$~].*\/)/.test(path);

function isChecked(file: string, state: ShellState): boolean {
    const at = place(file, state);
    const all = `${at.slice(0, at.length - baseName(at).length)}${everything}`;
    return [at, all].some((each) => state.marks.has(`${checkedPrefix}${each}`));
}

/** What the command uses that was fetched, or lies in the work area, and was not compared with a checksum. */
export function uncheckedUses(
    invocation: Pick<Invocation, "words" | "pipedFrom">,
    state: ShellState,
): UncheckedUse[] {
    const { words, pipedFrom } = invocation;
    const uses: UncheckedUse[] = [];
    if (pipedFrom && fetchedFiles({ words: [...pipedFrom], redirects: [] }).includes("-") && usesInput(words))
        uses.push({
            what: `${programName(words[0]?.text ?? "")} uses what ${programName(pipedFrom[0]?.text ?? "")} fetches, unseen`,
            certain: true,
        });
    for (const file of new Set(usedFiles(words))) {
        if (state.marks.has(`${fetchedPrefix}${place(file, state)}`))
            uses.push({ what: `${file} was fetched and never compared with a checksum`, certain: true });
    }
    const program = words[0]?.text ?? "";
    for (const tool of new Set([program, ...gateTools(words)])) {
        const fetched = state.marks.has(`${fetchedPrefix}${place(tool, state)}`);
        if (isTool(tool) && inWorkArea(tool) && !fetched && !isChecked(tool, state))
            uses.push({
                what: `${tool} lies in the work area and nothing says where it is from`,
                certain: true,
            });
    }
    const install = toolInstall(words);
    if (install && !install.sum)
        uses.push({ what: "gate tools install has no --sha256 to compare with", certain: true });
    else if (install?.sum && !/^[0-9a-f]{64}$/i.test(install.sum))
        uses.push({ what: `gate tools install compares with ${install.sum}, not with a sum that stands in the buildspec`, certain: !install.sum.includes("$") }); // prettier-ignore
    return uses;
}

function toolInstall(
    words: readonly Argument[],
): { tool: string; sum: string | undefined; to: string } | null {
    const [program, command, action, ...rest] = gateWords(words);
    if (programName(program?.text ?? "") !== "gate" || command?.text !== "tools" || action?.text !== "install") return null; // prettier-ignore
    const sum = optionValue(rest, "--sha256");
    return { tool: optionValue(rest, "--tool") ?? "", sum, to: optionValue(rest, "--to") ?? "." };
}

/** The state after the command, however it ends: what it fetched may be there. */
export function afterFetch(invocation: Invocation, state: ShellState): ShellState {
    const [program, ...rest] = text(invocation.words);
    const fetched = fetchedFiles(invocation).filter((file) => file !== "-" && file !== "/dev/null");
    const copies = /^(?:mv|cp|ln)$/.test(programName(program ?? "")) ? rest.filter((word) => !word.startsWith("-")) : []; // prettier-ignore
    const target = copies.at(-1) ?? "";
    const passedOn = copies.slice(0, -1).flatMap((source) => {
        if (!state.marks.has(`${fetchedPrefix}${place(source, state)}`)) return [];
        return [/(?:^|\/)\.{0,2}$/.test(target) ? `${target}${baseName(source)}` : target];
    });
    return [...fetched, ...passedOn].reduce((each, file) => {
        const at = place(file, each);
        return withMark(withoutMark(each, `${checkedPrefix}${at}`), `${fetchedPrefix}${at}`);
    }, state);
}

/** The state after the command ended well: what it compared, installed or unpacked is known. */
export function afterCheck(invocation: Invocation, state: ShellState): ShellState {
    const { words } = invocation;
    const install = toolInstall(words);
    const installed = install ? [`${install.to.replace(/\/$/, "")}/${install.tool}`] : [];
    const compared = [...comparedFiles(invocation), ...signedFiles(words)];
    return [...installed, ...compared, ...unpacked(words, state)].reduce((each, file) => {
        const at = place(file, each);
        return withMark(withoutMark(each, `${fetchedPrefix}${at}`), `${checkedPrefix}${at}`);
    }, state);
}

/** Files whose signature is verified. */
function signedFiles(words: readonly Argument[]): string[] {
    const [name = "", command = "", ...rest] = text(words).map((word, at) =>
        at === 0 ? programName(word) : word,
    );
    if (name === "cosign" && command === "verify-blob") return rest.slice(-1);
    return name === "gpg" && (command === "--verify" || rest.includes("--verify")) ? rest.slice(-1) : [];
}

/** Members of a compared archive; `*` when all of it is unpacked. */
function unpacked(words: readonly Argument[], state: ShellState): string[] {
    const [program, ...rest] = words;
    const name = programName(program?.text ?? "");
    if (name !== "tar" && name !== "bsdtar" && name !== "unzip") return [];
    const archive = text(rest).flatMap((word) => [word, word.replace(/^--?[\w-]+=/, "")]).find((word) => state.marks.has(`${checkedPrefix}${place(word, state)}`)); // prettier-ignore
    if (archive === undefined) return [];
    const target = optionValue(rest, "-C", "--directory", "-d");
    const into = target === undefined ? "" : `${target.replace(/\/$/, "")}/`;
    if (hasOption(rest, "--strip-components")) return [`${into}${everything}`];
    const members = text(operands(rest, ["-C", "--directory", "-d", "--file", "-f"])).filter((word) => word !== archive && !/^-?[a-z]*f?$/.test(word) || isTool(word)); // prettier-ignore
    return members.length > 0 ? members.map((member) => `${into}${member}`) : [`${into}${everything}`];
}
