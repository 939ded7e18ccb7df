/** The approval action's custom data: how it is asked, and how it is read when CodePipeline has filled it in. */
import { applicationPattern } from "../evidence/evidencePlace";
import { parseImageReference } from "../registry/reference";
import type { ApprovalSubject } from "./approvalRequest";
import { digestPattern, objectOf, parseForeignJson, shown, uuidPattern } from "./foreignJson";

/** The custom data cannot be read or contradicts itself. The message is one line: what, and what to do. */
export class CustomDataError extends Error {
    override name = "CustomDataError";
}

/** Pipeline variables that CodePipeline fills in, such as `#{Build.IMAGE_DIGEST}`. */
export type QuestionVariables = Record<Exclude<keyof ApprovalSubject, "application">, string>;

/**
 * The custom data of an approval action. JSON, so that a function can read it; the digest is what ties the answer to
 * the image that was scanned, because the approval message itself carries no execution, commit or digest.
 */
export function approvalQuestion(application: string, variables: QuestionVariables): string {
    const { digest, image, execution, commit } = variables;
    return JSON.stringify({ application, digest, image, execution, commit });
}

/**
 * Longest custom data in characters that is read at all. The longest that `approvalQuestion` can become is about 750:
 * a registry's host, a repository of 256 characters and two digests.
 */
const longestCustomData = 2_000;

const patterns: Record<Exclude<keyof ApprovalSubject, "image">, { pattern: RegExp; what: string }> = {
    application: { pattern: applicationPattern, what: "the name of an application" },
    digest: { pattern: digestPattern, what: "a sha256 digest" },
    execution: { pattern: uuidPattern, what: "the id of a pipeline execution" },
    commit: { pattern: /^[0-9a-f]{40}$/, what: "the full id of a commit" },
};
const keys = ["application", "digest", "image", "execution", "commit"] as const;

/** A variable that CodePipeline did not fill in: the action that should have exported it did not. */
const unfilledVariable = /#\{[^}]{0,100}\}/;

/**
 * Reads what `approvalQuestion` wrote, filled in: exactly those keys, each once, each of its pattern, and an image that
 * names the same digest.
 * @throws CustomDataError
 */
export function parseCustomData(text: unknown): ApprovalSubject {
    const data = objectIn(text);
    const unknown = Object.keys(data).filter((key) => !(keys as readonly string[]).includes(key));
    if (unknown.length > 0) throw refused(`has the key ${shown(unknown[0])}, which no question of ours has`);
    const values = Object.fromEntries(keys.map((key) => [key, textOf(data, key)])) as Record<
        keyof ApprovalSubject,
        string
    >;
    for (const [key, { pattern, what }] of Object.entries(patterns)) {
        const value = values[key as keyof typeof patterns];
        if (!pattern.test(value)) throw refused(`says ${key} ${shown(value)}, which is not ${what}`);
    }
    let named: string;
    try {
        named = parseImageReference(values.image).digest;
    } catch (error) {
        throw refused(`says image ${shown(values.image)}, which is not an image by digest`, error);
    }
    if (named !== values.digest) {
        throw refused(
            `contradicts itself: its image has the digest ${named}, its digest is ${values.digest}`,
        );
    }
    return values;
}

function objectIn(text: unknown): Record<string, unknown> {
    if (typeof text !== "string" || text.trim() === "") throw refused("is missing");
    if (text.length > longestCustomData) {
        throw refused(`has ${text.length} characters, more than ${longestCustomData}`);
    }
    let value: unknown;
    try {
        value = parseForeignJson(text);
    } catch (error) {
        throw refused((error as Error).message, error);
    }
    const data = objectOf(value);
    if (data === null) throw refused(`is ${shown(value)} and not an object`);
    return data;
}

function textOf(data: Record<string, unknown>, key: string): string {
    const value = Object.hasOwn(data, key) ? data[key] : undefined;
    if (typeof value !== "string") throw refused(`says ${shown(value)} as ${key}, which must be text`);
    const [variable] = unfilledVariable.exec(value) ?? [];
    if (variable !== undefined) {
        throw refused(
            `has the variable ${variable} as ${key}: CodePipeline left it unfilled, so the action before did not export it`,
        );
    }
    return value;
}

function refused(what: string, cause?: unknown): CustomDataError {
    return new CustomDataError(
        `the approval's custom data ${what}; release a new execution of the pipeline as this stack configures it`,
        { cause },
    );
}
