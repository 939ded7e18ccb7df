/**
 * Settings that change what a command is, without changing its words: a module loaded into node, a file read by every
 * shell, another directory that is searched first. Sources: node(1) NODE_OPTIONS, NODE_TLS_REJECT_UNAUTHORIZED; bash(1) BASH_ENV, hash, set, trap;
 * ld.so(8) LD_PRELOAD, LD_AUDIT, LD_LIBRARY_PATH; AWS SDKs and Tools Reference Guide, "Service-specific endpoints" and "Shared
 * config and credentials files": whoever is asked instead of S3 says what the evidence is.
 */
import type { Argument } from "./invocation";

/** `certain`: the setting does it; not so when its value cannot be read. */
export interface Tampering {
    reason: string;
    certain: boolean;
}

const loaders = new Map([
    ["NODE_OPTIONS", "can load a module into every node program"],
    ["BASH_ENV", "is a file that every bash runs first"],
    ["LD_PRELOAD", "is loaded into every program"],
    ["LD_AUDIT", "is loaded into every program"],
    ["LD_LIBRARY_PATH", "says whose libraries are loaded into every program"],
    ["SHELLOPTS", "sets the options of every bash"],
    ["AWS_CONFIG_FILE", "can send requests for AWS to another address"],
]);

/** Options of node that change memory and messages only. */
const harmlessNodeOption =
    /^--(?:max-(?:old|semi)-space-size=\d+|(?:no|trace)-(?:warnings|deprecation)|dns-result-order=\w+|enable-source-maps|use-(?:openssl|system)-ca)$/;

/** What giving the variable this value does to the commands that follow; null when nothing. */
export function variableTampering(name: string, value: Argument): Tampering | null {
    if (name === "PATH")
        return value.text === "" && !value.known
            ? { reason: "what PATH becomes cannot be read", certain: false }
            : pathTampering(value.text);
    // Only an interactive shell runs $ENV, and many use the name for something else: a path is the only cause for alarm.
    if (name === "ENV")
        return value.known && /[/~]/.test(value.text)
            ? { reason: "ENV is a file that some shells run first", certain: true }
            : null;
    if (name === "NODE_TLS_REJECT_UNAUTHORIZED" && (value.text.trim() === "0" || !value.known))
        return { reason: `${name} makes node trust whoever answers`, certain: value.known };
    const effect = /^AWS_ENDPOINT_URL(?:_|$)/.test(name)
        ? "sends requests for AWS to another address"
        : loaders.get(name);
    if (effect === undefined || (value.known && value.text.trim() === "")) return null;
    const options = value.text.trim().split(/\s+/);
    if (name === "NODE_OPTIONS" && value.known && options.every((option) => harmlessNodeOption.test(option)))
        return null;
    return { reason: `${name} ${effect}`, certain: value.known };
}

/** Directories of the work area come from the source or from an earlier step: whoever writes there replaces programs. */
function pathTampering(value: string): Tampering | null {
    for (const entry of value.split(":")) {
        if (/^\$\{?(?:PWD|CODEBUILD_SRC_DIR\w*)\b/.test(entry) || !/^[/~$]/.test(entry))
            return {
                reason: `PATH has ${entry === "" ? "an empty entry" : `the relative entry ${entry}`}, so files of the work area take the place of programs`,
                certain: true,
            };
        if (entry.startsWith("${__substitution}"))
            return { reason: "PATH has an entry that cannot be read", certain: false };
    }
    return null;
}

/** What a builtin does to the commands that follow. */
export function builtinTampering(name: string, operands: readonly Argument[]): Tampering | null {
    const texts = operands.map((word) => word.text);
    const certain = (reason: string): Tampering => ({ reason, certain: true });
    if (name === "hash" && texts.some((text) => /^-[a-z]*p/.test(text)))
        return certain("hash -p puts another file in the place of a program");
    if (name === "trap" && texts.slice(1).some((text) => /^(?:SIG)?(?:DEBUG|RETURN)$/i.test(text)))
        return texts[0] === "-" || texts[0] === ""
            ? null
            : certain("a trap on DEBUG or RETURN runs between the commands");
    if (name === "set") {
        const options = texts.slice(0, texts.includes("--") ? texts.indexOf("--") : undefined);
        if (
            options.some((text) => /^-[a-zA-Z]*[nt]/.test(text)) ||
            options.some(
                (text, at) => /^-\w*o$/.test(text) && /^(?:noexec|onecmd)$/.test(texts[at + 1] ?? ""),
            )
        )
            return certain("with set -n or -t the commands after it do not run");
    }
    return null;
}
