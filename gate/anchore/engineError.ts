/**
 * Why a call to the engine gave no usable answer:
 * - `unauthorized`: 401. The engine also answers 401 to everything while its database is gone.
 * - `notFound`: 404. Unknown image, image not analysed, unknown policy id, or no such call.
 * - `badRequest`: 400.
 * - `malformed`: an answer that is not JSON, is cut off, too large, or does not have the shape of the call.
 * - `timeout`: no whole answer within the call's limit or the scan's.
 * - `unreachable`: no connection, connection reset, certificate not trusted.
 * - `http`: any other status.
 */
export type EngineErrorKind =
    "unauthorized" | "notFound" | "badRequest" | "malformed" | "timeout" | "unreachable" | "http";

/** The one error of the REST client. `message` is a whole line: which call, what happened, what to do next. */
export class EngineError extends Error {
    /**
     * @param brief which call and what happened, without the advice, for callers that know a better one.
     * @param status HTTP status; null when there was no answer.
     */
    constructor(
        readonly kind: EngineErrorKind,
        readonly brief: string,
        readonly advice: string,
        readonly status: number | null = null,
    ) {
        super(`${brief}: ${advice}`);
        this.name = "EngineError";
    }
}

/** Thrown by a step of the scan when the engine cannot be taken at its word. Each reason is a whole line. */
export class IncompleteError extends Error {
    readonly reasons: string[];
    constructor(...reasons: string[]) {
        super(reasons.join("; "));
        this.name = "IncompleteError";
        this.reasons = reasons;
    }
}

/** Makes one line of at most 400 characters of any text: engine messages carry line breaks and whole commands. */
export function oneLine(text: string): string {
    // eslint-disable-next-line no-control-regex
    const line = text.replaceAll(/[\s\u0000-\u001f\u007f]+/g, " ").trim();
    return line.length > 400 ? `${line.slice(0, 397)}...` : line;
}
