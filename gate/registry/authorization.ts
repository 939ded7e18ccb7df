import type { Credentials } from "./credentials";
import { isLoopback, type Repository } from "./reference";
import { RegistryError } from "./registryError";

/** Longest wait for a token, in milliseconds. */
const tokenTimeout = 30_000;

/** A challenge of a `WWW-Authenticate` header (RFC 9110 section 11.6.1). */
export interface Challenge {
    scheme: string;
    parameters: Record<string, string>;
}

/** Reads one challenge; null when the header is absent or has none. */
export function parseChallenge(header: string | null): Challenge | null {
    const [, scheme, rest] = /^\s*([A-Za-z]+)(?:\s+(.*))?$/.exec(header ?? "") ?? [];
    if (scheme === undefined) return null;
    const pairs = (rest ?? "").matchAll(/([A-Za-z_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g);
    return {
        scheme: scheme.toLowerCase(),
        parameters: Object.fromEntries(
            [...pairs].map(([, key = "", quoted, plain]) => [
                key.toLowerCase(),
                quoted === undefined ? (plain ?? "") : quoted.replace(/\\(.)/g, "$1"),
            ]),
        ),
    };
}

/**
 * The value of the `Authorization` header that answers a challenge: Basic directly, Bearer by asking the token
 * service that the challenge names (Docker registry token authentication).
 * @throws RegistryError when the challenge cannot be answered.
 */
export async function answerChallenge(
    challenge: Challenge | null,
    repository: Repository,
    actions: "pull" | "pull,push",
    credentials: Credentials,
): Promise<string> {
    const basic =
        credentials === null
            ? null
            : `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString("base64")}`;
    if (challenge?.scheme === "basic") {
        if (basic !== null) return basic;
        throw new RegistryError(
            `${repository.host} asks for a login; set GATE_REGISTRY_USER and GATE_REGISTRY_PASSWORD`,
            401,
        );
    }
    if (challenge?.scheme === "bearer") {
        return `Bearer ${await requestToken(challenge, repository, actions, basic)}`;
    }
    throw new RegistryError(
        `${repository.host} answers 401 and asks for no login that is known (Basic, Bearer)`,
        401,
    );
}

async function requestToken(
    { parameters }: Challenge,
    { host, path }: Repository,
    actions: string,
    basic: string | null,
): Promise<string> {
    const failed = (why: string, status: number | null = null) =>
        new RegistryError(`${host} sends to a token service that gives no token (${why})`, status);
    if (!URL.canParse(parameters["realm"] ?? "")) throw failed("no address");
    const url = new URL(parameters["realm"] ?? "");
    // The credentials go there: only encrypted, or on this machine for a registry that is on this machine.
    const local = url.protocol === "http:" && isLoopback(url.host) && isLoopback(host);
    if (url.protocol !== "https:" && !local) throw failed(`${url.origin} is not https`);
    if (parameters["service"] !== undefined) url.searchParams.set("service", parameters["service"]);
    url.searchParams.set("scope", `repository:${path}:${actions}`);
    let response: Response;
    let body: unknown;
    try {
        response = await fetch(url, {
            headers: basic === null ? {} : { authorization: basic },
            redirect: "error",
            signal: AbortSignal.timeout(tokenTimeout),
        });
        body = await response.json();
    } catch (error) {
        throw failed((error as Error).message);
    }
    if (!response.ok) throw failed(`${url.origin} answers ${response.status}`, response.status);
    const { token, access_token: accessToken } = (body ?? {}) as { token?: unknown; access_token?: unknown };
    const given = token ?? accessToken;
    if (typeof given !== "string" || given === "") throw failed("the answer holds none");
    return given;
}
