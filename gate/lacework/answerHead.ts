import { closeSync, openSync, readSync } from "node:fs";
import { JsonFormatError, readJsonStream } from "../report/jsonStream";
import { laceworkPageSchema, laceworkRowPatterns } from "./laceworkFormat";

/** What is needed of an answer in order to ask on. */
export interface AnswerHead {
    /** The evaluations of its rows. */
    evaluations: string[];
    /** Address of the next page; null when there is none. */
    nextPage: string | null;
}

/**
 * Reads a file that the CLI printed.
 * @throws Error in one line when it cannot be read, or is no answer of Lacework.
 */
export function readAnswerHead(path: string): AnswerHead {
    const evaluations = new Set<string>();
    let rest: unknown;
    try {
        ({ rest } = readJsonStream(chunksOf(path), {
            elements: laceworkRowPatterns,
            keep: Object.fromEntries(laceworkRowPatterns.map((pattern) => [pattern, ["evalGuid"]])),
            mostElements: 1_000_000,
            onElement: ({ value }) => {
                const { evalGuid } = (value ?? {}) as { evalGuid?: unknown };
                if (typeof evalGuid === "string" && evaluations.size < 10) evaluations.add(evalGuid);
            },
        }));
    } catch (error) {
        if (!(error instanceof JsonFormatError)) throw error;
        throw new Error(`Lacework's answer cannot be read (${error.message}); run the scan again`, {
            cause: error,
        });
    }
    if (Array.isArray(rest)) return { evaluations: [...evaluations], nextPage: null };
    const page = laceworkPageSchema.safeParse(rest);
    if (!page.success)
        throw new Error("the search of Lacework did not answer rows with their number (data, paging)");
    return { evaluations: [...evaluations], nextPage: page.data.paging.urls?.nextPage || null };
}

function* chunksOf(path: string): Generator<Uint8Array, void, void> {
    const file = openSync(path, "r");
    const buffer = Buffer.allocUnsafe(1024 * 1024);
    try {
        for (;;) {
            const length = readSync(file, buffer, 0, buffer.length, null);
            if (length === 0) return;
            yield buffer.subarray(0, length);
        }
    } finally {
        closeSync(file);
    }
}
