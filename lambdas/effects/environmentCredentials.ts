/** Credentials where Lambda puts those of a function's role; it has no other source. */

export interface Credentials {
    accessKeyId: string;
    secretAccessKey: string;
    sessionToken?: string;
}

/** @throws Error when there are none. */
export function credentialsIn(environment: Record<string, string | undefined>): Credentials {
    const {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
    } = environment;
    if (!accessKeyId || !secretAccessKey) throw new Error("the environment has no credentials");
    return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

/** What clients of the SDK ask for; bundled in place of `@aws-sdk/credential-provider-node` (bundling/leanModules.mjs). */
export function defaultProvider(): () => Promise<Credentials> {
    return async () => credentialsIn(process.env);
}
