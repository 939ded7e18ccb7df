/** Commands that install packages from the internet, and whether they say which version (BS-13). */
import { hasOption, operands } from "./arguments";
import { programName, type Argument } from "./invocation";

/** The packages of one command without an exact version; empty when all have one, or when a file of the source lists them. */
export function unpinnedPackages(words: readonly Argument[]): string[] {
    const [program, ...rest] = words;
    const name = programName(program?.text ?? "");
    if (/^pip[\d.]*$/.test(name)) return pip(rest);
    if (/^python[\d.]*$/.test(name) && rest[0]?.text === "-m" && rest[1]?.text === "pip")
        return pip(rest.slice(2));
    switch (name) {
        case "pipx":
            return rest[0]?.text === "install" || rest[0]?.text === "run" ? loose(operands(rest.slice(1), ["--python", "--index-url", "-i"]), pipPinned) : []; // prettier-ignore
        case "npm":
        case "pnpm":
        case "yarn":
            return javascript(name, rest);
        case "npx":
            return loose(operands(rest, ["-p", "--package"]).slice(0, 1), javascriptPinned);
        case "apt":
        case "apt-get":
            return rest.some(({ text }) => text === "install")
                ? loose(afterWord(rest, "install", ["-o", "-t", "--target-release", "-c"]), (text) => text.includes("=") || isFile(text)) // prettier-ignore
                : [];
        case "apk":
            return rest.some(({ text }) => text === "add")
                ? loose(afterWord(rest, "add", ["-t", "--virtual", "-X", "--repository", "-p", "--root"]), (text) => /[=~]/.test(text) || isFile(text)) // prettier-ignore
                : [];
        case "go":
            return rest[0]?.text === "install"
                ? loose(operands(rest.slice(1), ["-ldflags", "-tags"]), (text) => !text.endsWith("@latest"))
                : [];
        default:
            return [];
    }
}

/** A path or an address: what it is, BS-12 asks. */
function isFile(text: string): boolean {
    return /^(?:\.{0,2}\/|\.{1,2}$|~|file:|https?:|git\+)|\.(?:whl|tar\.gz|tgz|deb|apk|zip)$/.test(text);
}

/** A version that stands in a variable is a choice that somebody made, though not here. */
const pipPinned = (text: string): boolean =>
    /={2,3}\s*(?!\*)[^,]*$/.test(text) || / @ /.test(text) || isFile(text);
const javascriptPinned = (text: string): boolean =>
    /.@(?:\d+\.\d+\.\d+(?:[-+][\w.-]+)?|\$\{?\w+\}?)$/.test(text) || isFile(text);

function pip(rest: readonly Argument[]): string[] {
    if (rest[0]?.text !== "install") return [];
    const listed = hasOption(rest, "-r", "--requirement", "--require-hashes");
    const valued = ["-r", "--requirement", "-c", "--constraint", "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-t", "--target", "--prefix", "--root", "--trusted-host", "--timeout", "--python-version", "--platform", "-e", "--editable", "--cache-dir", "--progress-bar"]; // prettier-ignore
    const packages = operands(rest.slice(1), valued);
    return listed && packages.length === 0 ? [] : loose(packages, pipPinned);
}

function javascript(name: string, rest: readonly Argument[]): string[] {
    const words = rest[0]?.text === "global" ? rest.slice(1) : rest;
    const adding = name === "npm" ? ["install", "i", "add", "exec"] : ["add", "dlx"];
    if (!adding.includes(words[0]?.text ?? "")) return [];
    const packages = operands(words.slice(1), [
        "--prefix",
        "-C",
        "--registry",
        "--cache",
        "-w",
        "--workspace",
    ]);
    return loose(words[0]?.text === "exec" || words[0]?.text === "dlx" ? packages.slice(0, 1) : packages, javascriptPinned); // prettier-ignore
}

function afterWord(rest: readonly Argument[], word: string, valued: string[]): Argument[] {
    const at = rest.findIndex(({ text }) => text === word);
    return operands(rest.slice(at + 1), valued);
}

function loose(packages: readonly Argument[], pinned: (text: string) => boolean): string[] {
    return packages.filter(({ text }) => !/^\$/.test(text) && !pinned(text)).map(({ text }) => text);
}
