/**
 * Keeps secrets out of everything that is printed or written. Two nets: values that are marked secret are replaced as a
 * whole, and free text (messages, log lines, other strings) is searched for the content of every marked value.
 */
import type { CapturedResource, Exemption, RunResult, Value } from "../model";
import { isSecret, isUnknown, withoutSecretMark } from "./resourceIndex";

/** What stands where a secret was. */
export const secretMark = "[secret]";

/**
 * Shorter secrets are not searched for in free text: `true` or `5432` would blank half a report. Their marked values
 * are replaced all the same.
 */
const shortestSearched = 8;

function collectStrings(value: Value, into: Set<string>): void {
    if (typeof value === "string") {
        into.add(value);
    } else if (value !== null && typeof value === "object" && !isUnknown(value)) {
        Object.values(value).forEach((each) => collectStrings(each as Value, into));
    }
}

function collectSecrets(value: Value, into: Set<string>): void {
    if (isSecret(value)) {
        collectStrings(withoutSecretMark(value), into);
    }
    if (value !== null && typeof value === "object") {
        Object.values(value).forEach((each) => collectSecrets(each as Value, into));
    }
}

/** The lines of a PEM document without its armour, which every such document shares. */
function keyLines(content: string): string[] {
    return content.includes("-----BEGIN ")
        ? content.split(/\r?\n/).filter((line) => !line.startsWith("-----"))
        : [];
}

/** Hides the secrets of one run. */
export interface Redactor {
    /** Free text without any secret of the run. */
    text(text: string): string;
    /** A value with every secret replaced: `{"$secret": "[secret]"}`, or `{"$secret": {"$unknown": true}}`. */
    value(value: Value): Value;
}

type Run = Pick<RunResult, "resources" | "stackOutputs">;

const redactors = new WeakMap<Run, Redactor>();

/** The redactor of a run. Secrets are collected once, however many reports ask; the run must not change afterwards. */
export function redactorOf(result: Run): Redactor {
    const redactor = redactors.get(result) ?? createRedactor(result);
    redactors.set(result, redactor);
    return redactor;
}

/** Collects the secrets of a run; the answer hides them. */
export function createRedactor(result: Run): Redactor {
    const contents = new Set<string>();
    const maps = result.resources.flatMap((resource: CapturedResource) => [
        resource.inputs,
        resource.outputs,
    ]);
    for (const map of [...maps, result.stackOutputs]) {
        collectSecrets(map, contents);
    }
    // A secret inside a JSON document stands there escaped, and a line of a key may stand alone.
    const needles = [...contents]
        .flatMap((content) => [content, JSON.stringify(content).slice(1, -1), ...keyLines(content)])
        .filter((needle) => needle.trim().length >= shortestSearched && needle !== secretMark)
        .sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
    const escaped = [...new Set(needles)].map((needle) => needle.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    // One pass for all of them; the longest comes first, and an alternation takes the first that fits.
    const pattern = escaped.length === 0 ? null : new RegExp(escaped.join("|"), "g");

    function text(original: string): string {
        return pattern === null ? original : original.replace(pattern, secretMark);
    }

    function mask(value: Value): Value {
        if (typeof value === "string") {
            return text(value);
        }
        if (value === null || typeof value !== "object") {
            return value;
        }
        if (isSecret(value)) {
            return { $secret: isUnknown(withoutSecretMark(value)) ? { $unknown: true } : secretMark };
        }
        if (isUnknown(value)) {
            return { $unknown: true };
        }
        if (Array.isArray(value)) {
            return value.map(mask);
        }
        return Object.fromEntries(
            Object.entries(value).map(([key, each]) => [text(key), mask(each as Value)]),
        );
    }

    return { text, value: mask };
}

/** An exemption as it may be shown: its words come from a file that anybody may have written. */
export function redactedExemption(exemption: Exemption, redactor: Redactor): Exemption {
    return { ...exemption, id: redactor.text(exemption.id), reason: redactor.text(exemption.reason) };
}

/** `exempted by EX-1 until 2026-12-01 (9 days left): reason`. */
export function exemptionText({ id, until, daysLeft, reason }: Exemption): string {
    return `exempted by ${id} until ${until} (${daysLeft} ${daysLeft === 1 ? "day" : "days"} left): ${reason}`;
}
