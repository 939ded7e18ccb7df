/** What the user data of an instance says: a script, a cloud-init document or several of them in one message. */
import type { PackConfiguration } from "../../harness/configuration";
import { plainSecretReason } from "../../harness/plainSecret";

/** The text behind base64; text that is none is returned as it is, so that it is judged all the same. */
export function decodedUserData(given: string): string {
    const packed = given.replace(/\s+/g, "");
    if (packed === "" || !/^[A-Za-z0-9+/]+={0,2}$/.test(packed) || packed.length % 4 !== 0) return given;
    return Buffer.from(packed, "base64").toString("utf8");
}

/** `NAME=value`, `name: value`, `"name": "value"`, at the beginning of a word; the value up to the end of its quotes. */
const assignment =
    /(?:^|[\s;&|("'{,])([A-Za-z_]\w*)["']?\s*[=:]\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s;&|"',}]+))/g;
/** `--password value`, `--db-password=value` */
const option = /\s--([\w-]*(?:password|passwd|secret|token|api-key))(?:=|\s+)["']?([^\s"']+)/gi;
/** Filled in when the instance starts, or by somebody else. */
const reference = /^(?:\$|`|\{\{|<|%|arn:|-|\/)/;

export interface FoundSecret {
    /** Name of the variable or option, or the form by which it was told. Never the value. */
    what: string;
}

/** Secrets that stand in the text. */
export function secretsIn(text: string, configuration: PackConfiguration): FoundSecret[] {
    const found = new Map<string, FoundSecret>();
    for (const line of text.split(/\r?\n/)) {
        // A word alone shows credentials by their form; in a comment too.
        for (const word of line.split(/[\s"'=,]+/)) {
            const reason = word.length < 8 ? undefined : plainSecretReason("word", word, configuration);
            if (reason !== undefined) found.set(reason, { what: `a word (${reason})` });
        }
        if (/^\s*(?:#|\/\/)/.test(line)) continue;
        for (const [, name = "", ...values] of line.matchAll(assignment)) {
            const value = values.find((each) => each !== undefined) ?? "";
            if (reference.test(value) || value.length < 3) continue;
            if (plainSecretReason(name, value, configuration) !== undefined) found.set(name, { what: name });
        }
        for (const [, name = "", value = ""] of line.matchAll(option))
            if (!reference.test(value)) found.set(name, { what: `--${name}` });
    }
    return [...found.values()];
}

const shell = String.raw`(?:sudo\s+(?:-\S+\s+)*)?(?:[\w./-]*/)?(?:(?:ba|da|z|k|a)?sh|python3?|perl|ruby|node)\b`;
const piped = new RegExp(String.raw`\b(?:curl|wget)\b(?:(?!&&|\|\||\n|;).)*(?<!\|)\|(?!\|)\s*${shell}`);
const substituted =
    /(?:\b(?:ba|da|z|k)?sh\b|\beval\b|\bsource\b|(?:^|\s)\.)\s+(?:-\S+\s+)*["']?(?:\$\(|<\(|`)\s*(?:sudo\s+)?(?:curl|wget)\b/;

/** True when something is fetched and handed to a shell in one breath; comments do not count. */
export function runsWhatItFetches(text: string): boolean {
    const script = text
        .replace(/\\\r?\n/g, " ")
        .split(/\r?\n/)
        .filter((line) => !/^\s*#/.test(line))
        .join("\n")
        // A pipe at the end of a line goes on in the next.
        .replace(/\|\s*\n\s*/g, "| ");
    return piped.test(script) || substituted.test(script);
}

/** Settings of the ECS agent that keep containers from the instance, and that the text does not switch on. */
export function missingAgentSettings(text: string): string[] {
    if (!/\bECS_CLUSTER\s*=/.test(text)) return [];
    return ["ECS_AWSVPC_BLOCK_IMDS", "ECS_DISABLE_PRIVILEGED"].filter(
        (name) => !new RegExp(`^[^#\\n]*\\b${name}\\s*=\\s*["']?true\\b`, "m").test(text),
    );
}
