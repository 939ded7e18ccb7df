import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { callService, ServiceError } from "../effects/serviceCalls";
import type { TokenMask } from "../effects/tokenMask";

/** Tokens by the names of their secrets, for as long as this process runs. */
const known = new Map<string, string>();

export interface AccessTokenOptions {
    client: SecretsManagerClient;
    /** Name of the secret, which holds the token and nothing else. */
    secret: string;
    signal: AbortSignal;
    /** Learns the token, so that it appears in no log and no error. */
    tokens: TokenMask;
}

/**
 * The token of a code host. It is read once for each start of the function; one that the host no longer knows is
 * forgotten, so that the next event reads the secret again.
 *
 * Needs secretsmanager:GetSecretValue on the secret.
 */
export function accessToken({ client, secret, signal, tokens }: AccessTokenOptions): {
    read: () => Promise<string>;
    forget: () => void;
} {
    return {
        async read() {
            const token = known.get(secret) ?? (await fetchToken(client, secret, signal));
            tokens.learn(token);
            known.set(secret, token);
            return token;
        },
        forget: () => void known.delete(secret),
    };
}

async function fetchToken(
    client: SecretsManagerClient,
    secret: string,
    signal: AbortSignal,
): Promise<string> {
    const answer = await callService(
        `Secrets Manager GetSecretValue of ${secret}`,
        () => client.send(new GetSecretValueCommand({ SecretId: secret }), { abortSignal: signal }),
        { ResourceNotFoundException: () => null },
    );
    const token = answer?.SecretString?.trim() ?? "";
    // A header cannot hold anything else.
    if (/^[\x21-\x7e]{16,1000}$/.test(token)) return token;
    throw new ServiceError(
        `the secret ${secret} ${answer === null ? "does not exist" : "holds no token as plain text"}; ` +
            "put the code host's token into it, then put the event back into the function",
    );
}
