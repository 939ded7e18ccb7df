/**
 * Commands and settings after which nobody looks who answers: certificates are not verified, or nothing is encrypted (BS-17).
 * Sources: curl(1) -k, wget(1) --no-check-certificate, git-config(1) http.sslVerify, git(1) GIT_SSL_NO_VERIFY, AWS CLI
 * --no-verify-ssl, npm strict-ssl, pip --trusted-host, node(1) NODE_TLS_REJECT_UNAUTHORIZED, and the references of the scanners.
 */
import { hasOption, optionValue } from "./arguments";
import type { CommandFinding } from "./commands";
import { programName, type Argument } from "./invocation";

const insecureOption =
    /^--?(?:insecure|insecure-skip-tls-verify|insecure-skip-verify|skip-tls-verify|tls-skip-verify|skip-tls|allow-insecure-registry|registry-insecure|plain-http|no-check-certificate|no-verify-ssl|no-ssl-verify|disable-ssl-verification|proxy-insecure|doh-insecure)(?:=(?:true|1|yes))?$/i;
const switchedOff =
    /^--?(?:[\w-]*tls-verify|[\w-]*ssl-verify|strict-ssl|verify-ssl|verify|check-certificate)=(?:false|no|0|off)$/i;

const off = /^(?:0|false|n|no|off)$/i;
const isOn = (value: string): boolean => value.trim() !== "" && !off.test(value.trim());
const isOff = (value: string): boolean => off.test(value.trim());
const isEmpty = (value: string): boolean => value.trim() === "";

/** Variables that switch verification off, and the values by which they do. */
const settings: readonly [RegExp, (value: string) => boolean][] = [
    [/^GIT_SSL_NO_VERIFY$/, isOn],
    [/^NODE_TLS_REJECT_UNAUTHORIZED$/, isOff],
    [/^PYTHONHTTPSVERIFY$/, isOff],
    [/^npm_config_strict_ssl$/i, isOff],
    [/^PIP_TRUSTED_HOST$/, isOn],
    [/^(?:REQUESTS|CURL)_CA_BUNDLE$/, isEmpty],
    [/^TRIVY_INSECURE$/, isOn],
    [/^(?:GRYPE|SYFT)_REGISTRY_INSECURE_(?:SKIP_TLS_VERIFY|USE_HTTP)$/, isOn],
    [/^ANCHORE_CLI_SSL_VERIFY$/, isOff],
    [/^ANCHORECTL_SKIP_(?:TLS|SSL)_VERIFY$/, isOn],
    [/^BUILDAH_TLS_VERIFY$/, isOff],
];

/** Why the setting lets anybody answer; null when it does not. A value that is not known is taken for harmless. */
export function unverifiedSetting(name: string, value: string): string | null {
    const found = settings.find(([pattern]) => pattern.test(name));
    return found?.[1](value) ? `${name} switches the verification of certificates off` : null;
}

/** The program's own host, or the metadata of the instance and the task: what is said there leaves the host no more. */
const ownHost =
    /^[a-z]+:\/\/(?:localhost|127(?:\.\d+){3}|\[::1\]|0\.0\.0\.0|169\.254(?:\.\d+){2}|host\.docker\.internal)(?:[:/?#]|$)/i;

/** `http://` to another host. */
export function isPlainAddress(text: string): boolean {
    return /^http:\/\/./i.test(text) && !ownHost.test(text);
}

/** A single letter among options that take no value: `curl -sSfk`. */
const curlShort = /^-[fsSLvgiIjnNqGRZ0-9#46]*k[a-zA-Z0-9#]*$/;

/** Why nobody looks who answers this command; null when somebody does. */
export function unverifiedConnection({ words }: Pick<CommandFinding, "words">): string | null {
    const name = programName(words[0]?.text ?? "");
    const rest = words.slice(1);
    const texts = rest.map(({ text }) => text);
    const addresses = texts.filter((text) => /^[a-z]+:\/\//i.test(text));
    if (addresses.length > 0 && addresses.every((address) => ownHost.test(address))) return null;
    if (name === "echo" || name === "printf" || name === "[" || name === "test") return null;
    const option = texts.find((text) => insecureOption.test(text) || switchedOff.test(text));
    if (option !== undefined) return `${option} accepts whoever answers`;
    if (name === "curl" && texts.some((text) => curlShort.test(text))) return "-k accepts whoever answers";
    if (name === "git") return gitSetting(texts);
    if ((name === "npm" || name === "yarn" || name === "pnpm") && texts.includes("config"))
        return /\bstrict-?ssl[ =]false\b/i.test(texts.join(" ")) ? "strict-ssl is switched off" : null;
    if (/^pip[\d.]*$/.test(name) && hasOption(rest, "--trusted-host"))
        return "--trusted-host accepts whoever answers for that host";
    return null;
}

function gitSetting(texts: readonly string[]): string | null {
    const line = texts.join(" ");
    return /\bhttp\.(?:\S+\.)?sslverify[ =](?:false|0|no|off)\b/i.test(line)
        ? "http.sslVerify is switched off"
        : null;
}

/** Addresses that the options of a scanner name: `--url`, `--server`, `--anchore-url`. */
export function scannerAddresses(words: readonly Argument[]): string[] {
    const named = ["--url", "--server", "--anchore-url", "--console-url", "--endpoint", "--host"];
    return named.flatMap((option) => optionValue(words, option) ?? []);
}
