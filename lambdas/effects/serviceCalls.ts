/** How the functions call AWS services: in time, repeated where that can help, and with errors that say what to do. */

/**
 * Settings of every SDK client. The SDK's standard repetition waits longer each time, and longer still after
 * throttling; four attempts of at most 13 seconds fit into a function's time limit, and a call that does not is ended
 * by the invocation's own deadline.
 */
export const clientSettings = {
    maxAttempts: 4,
    retryMode: "standard",
    // Connections are kept alive from one invocation to the next, which is the SDK's default.
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
};

/** A service could not be asked, or gave an answer that makes no sense. One line; the event is delivered again. */
export class ServiceError extends Error {
    override name = "ServiceError";
}

/** As much of an error of the SDK as is looked at. Its name is the service's own error code. */
interface SdkError {
    name: string;
    message: string;
    $metadata?: { attempts?: number; requestId?: string };
}

/** The service's own code of an error, e.g. `ConditionalCheckFailedException`. */
export function errorCode(error: unknown): string {
    return (error as Partial<SdkError> | null)?.name ?? "";
}

/** How often a call was attempted before it failed. */
export function attemptsOf(error: unknown): number {
    return (error as Partial<SdkError> | null)?.$metadata?.attempts ?? 1;
}

/**
 * Carries out a call of a service.
 * @param what service, operation and subject, for the message.
 * @param expected error codes that are answers: what is given for each.
 * @throws ServiceError for every other error. The SDK's own error is left out: it holds the request and the answer.
 */
export async function callService<Result, Expected = never>(
    what: string,
    call: () => Promise<Result>,
    expected: Record<string, (error: unknown) => Expected | Promise<Expected>> = {},
): Promise<Result | Expected> {
    try {
        return await call();
    } catch (error) {
        const code = errorCode(error);
        const answer = Object.hasOwn(expected, code) ? expected[code] : undefined;
        if (answer !== undefined) return await answer(error);
        const { message = "", $metadata } = error as Partial<SdkError>;
        const request = $metadata?.requestId === undefined ? "" : `, request ${$metadata.requestId}`;
        throw new ServiceError(`${what} failed (${code}: ${message}${request}); ${advice(code)}`);
    }
}

function advice(code: string): string {
    if (/AccessDenied|NotAuthorized|Unauthorized/.test(code)) return "see the function's role";
    if (code === "AbortError" || code === "TimeoutError")
        return "the function's time was up; the event is tried again";
    return "the event is tried again";
}
