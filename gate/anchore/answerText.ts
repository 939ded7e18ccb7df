import { parseStrictJson } from "../report/strictJson";
import { EngineError, oneLine } from "./engineError";
import type { Received } from "./transport";

const address = "check that the address is the engine's external API";
const look = "look at the engine's log, then scan again";

/**
 * The JSON of a successful answer. A key that stands twice in an object makes it unreadable: one of the two would
 * be lost without a trace.
 * @param name method and path, for messages.
 * @throws EngineError for another status, another content type, and everything that is not JSON in UTF-8.
 */
export function parseAnswer(name: string, { head, body }: Received): unknown {
    if (head.status < 200 || head.status > 299) {
        throw statusError(name, head.status, body);
    }
    const type = (head.contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
    if (!/^application\/([a-z0-9.-]+\+)?json$/.test(type)) {
        throw new EngineError(
            "malformed",
            `${name}: answered ${type === "" ? "no content type" : oneLine(type)} instead of JSON`,
            `${address} and not a proxy`,
        );
    }
    try {
        return parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(body));
    } catch {
        throw new EngineError(
            "malformed",
            `${name}: the answer is not valid JSON (${body.length} bytes)`,
            look,
        );
    }
}

function statusError(name: string, status: number, body: Buffer): EngineError {
    const said = engineMessage(body);
    const suffix = said === "" ? "" : ` (${said})`;
    switch (status) {
        case 401:
            return new EngineError(
                "unauthorized",
                `${name}: 401`,
                "wrong password, or the engine has lost its database: check RDS",
                status,
            );
        case 404:
            return new EngineError("notFound", `${name}: 404${suffix}`, look, status);
        case 400:
            return new EngineError("badRequest", `${name}: 400${suffix}`, look, status);
        default:
            return new EngineError("http", `${name}: status ${status}${suffix}`, look, status);
    }
}

/** The engine's own words: `message` of its errors, `detail` of the framework's problem+json, else plain text. */
function engineMessage(body: Buffer): string {
    const text = body.toString("utf8");
    try {
        const json = JSON.parse(text) as unknown;
        if (json !== null && typeof json === "object") {
            const { message, detail, title } = json as Record<string, unknown>;
            const said = [message, detail, title].find((part) => typeof part === "string");
            return oneLine(typeof said === "string" ? said : "");
        }
    } catch {
        // Not JSON: the framework answers some errors as text.
    }
    return /^\s*</.test(text) ? "" : oneLine(text);
}
