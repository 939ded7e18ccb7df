import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { dnsSuffix } from "./partition";
import { clientSettings } from "./serviceCalls";
import { configuredEndpoint, sendSigned, type Environment } from "./signedRequest";

/** A service that takes a JSON document by POST and answers with one. */
export interface JsonServiceKind {
    /** As the signature, the address and (in upper case) the variable of its endpoint name it. */
    name: string;
    /** Path and headers of an operation. */
    requestOf: (operation: string) => { path: string; headers: Record<string, string> };
}

/** One call: what the SDK calls a command. */
export interface JsonCommand<Input> {
    operation: string;
    input: Input;
}

/** Milliseconds before the second attempt, and after the service said that it is asked too often; they double. */
const firstPause = 100;
const throttledPause = 500;
const longestPause = 20_000;

/** Largest answer in bytes; the lists that are asked for have a hundred entries. */
const largestAnswer = 32 * 1024 * 1024;

/** What services call "too many requests" (API references, common errors). */
const throttling = /throttl|too ?many ?requests|request ?limit|limit ?exceeded|slow ?down/i;

/**
 * Calls a service as its client of the SDK does, in a thirtieth of the code: the same repetition, times, endpoints of
 * the environment, and errors with the same name, message and `$metadata`. What is different: an answer is the JSON as
 * it came, so that times are numbers of seconds, and nothing is checked before it is sent.
 *
 * bundling/leanModules.mjs puts this in place of the SDK's clients of Amazon ECS and AWS Security Hub.
 */
export class SignedJsonClient {
    constructor(private readonly kind: JsonServiceKind) {}

    /** @throws Error as the SDK's: `name` is the service's code, `$metadata` has `attempts` and `requestId`. */
    async send<Output>(
        { operation, input }: JsonCommand<unknown>,
        { abortSignal }: { abortSignal: AbortSignal },
    ): Promise<Output> {
        for (let attempt = 1; ; attempt += 1) {
            const result = await this.#attempt(operation, input, abortSignal);
            if (!(result instanceof CallError)) return result as Output;
            result.$metadata.attempts = attempt;
            if (!result.canBeRepeated || attempt >= clientSettings.maxAttempts || abortSignal.aborted)
                throw result;
            const pause = (result.isThrottled ? throttledPause : firstPause) * 2 ** (attempt - 1);
            await sleep(Math.min(pause, longestPause) * Math.random(), undefined, { signal: abortSignal });
        }
    }

    async #attempt(operation: string, input: unknown, signal: AbortSignal): Promise<unknown> {
        const { path, headers } = this.kind.requestOf(operation);
        const environment: Environment = process.env;
        const region = environment["AWS_REGION"] ?? "";
        let answer: IncomingMessage | undefined;
        try {
            answer = await sendSigned({
                service: this.kind.name,
                region,
                environment,
                method: "POST",
                base: this.#address(region, environment),
                path,
                headers,
                body: JSON.stringify(input),
                signal,
            });
            const text = await textOf(answer);
            const status = answer.statusCode ?? 0;
            if (status >= 200 && status < 300) return JSON.parse(text) as unknown;
            return new CallError(status, codeOf(answer, text), text, answer.headers["x-amzn-requestid"]);
        } catch (error) {
            const { name, message } = error as Error;
            // As the SDK names it when the caller ends the call.
            return new CallError(
                0,
                signal.aborted ? "AbortError" : name,
                message,
                undefined,
                !signal.aborted,
            );
        } finally {
            // What is read to its end has given its connection back; anything else is broken off.
            if (answer?.complete !== true) answer?.destroy();
        }
    }

    #address(region: string, environment: Environment): URL {
        const given = configuredEndpoint(this.kind.name.toUpperCase(), environment);
        if (given !== null) return new URL(given);
        const partition = region.startsWith("cn-")
            ? "aws-cn"
            : region.startsWith("us-gov-")
              ? "aws-us-gov"
              : "aws";
        return new URL(`https://${this.kind.name}.${region}.${dnsSuffix({ partition })}/`);
    }
}

class CallError extends Error {
    readonly $metadata: { attempts: number; requestId?: string };
    readonly isThrottled: boolean;
    readonly canBeRepeated: boolean;

    constructor(
        status: number,
        code: string,
        text: string,
        requestId: string | string[] | undefined,
        repeat?: boolean,
    ) {
        super(messageIn(text));
        this.name = code;
        this.$metadata = { attempts: 1, ...(typeof requestId === "string" ? { requestId } : {}) };
        this.isThrottled = status === 429 || throttling.test(code);
        this.canBeRepeated = repeat ?? (this.isThrottled || status >= 500);
    }
}

async function textOf(answer: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of answer) {
        bytes += (chunk as Buffer).length;
        if (bytes > largestAnswer) throw new Error(`the answer has more than ${largestAnswer} bytes`);
        chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks).toString("utf8");
}

/** `com.amazonaws.ecs#ClusterNotFoundException`, `ClusterNotFoundException:http://…` and the like: the name alone. */
function codeOf({ headers }: IncomingMessage, text: string): string {
    const { __type: type, code } = (parsed(text) ?? {}) as { __type?: unknown; code?: unknown };
    const given = headers["x-amzn-errortype"] ?? type ?? code;
    const name = typeof given === "string" ? given.split(":")[0]?.split("#").at(-1) : undefined;
    return name || "UnknownError";
}

function messageIn(text: string): string {
    const { message, Message } = (parsed(text) ?? {}) as { message?: unknown; Message?: unknown };
    const said = message ?? Message ?? text;
    return String(said).slice(0, 1_000);
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return null;
    }
}
