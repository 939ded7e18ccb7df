/** cosign as the build steps run it: a key in AWS KMS, signatures beside the image, no transparency log, nothing public. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Credentials } from "../registry/credentials";
import { lastWords, runTool, type ToolEnd } from "../verify/toolProcess";

/** Longest run of cosign in seconds; a signature is a few small requests. */
const timeoutSeconds = 300;

/** Most bytes that cosign may write; the signatures of one image are a few kilobytes. */
const largestOutput = 1024 * 1024;

/**
 * Variables that reach cosign: where AWS is, who the step is there, and by which way out. Its own settings (COSIGN_…,
 * SIGSTORE_…, TUF_…, AWS_TLS_INSECURE_SKIP_VERIFY) do not.
 */
const handedOn = [
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_KMS",
    "AWS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
] as const;

/** What cosign works with. */
export interface CosignAccess {
    /** Path of the program. */
    cosign: string;
    /** `awskms:///alias/…` or `awskms:///arn:…`. */
    key: string;
    /** Registry host and the login there. */
    host: string;
    credentials: Credentials;
    environment: Readonly<Record<string, string | undefined>>;
}

/** Runs of cosign in a folder of their own. */
export interface Cosign {
    /** The public half of the key as PEM, in standard output. */
    publicKey(): Promise<ToolEnd>;
    /** Every signature of the image that this key made, as JSON; 10: there is none at all, 12: none of this key. */
    verify(image: string, publicKeyPem: string, annotations: Record<string, string>): Promise<ToolEnd>;
    /** Signs the image's digest, and stores the signature as the tag `sha256-….sig` beside it. */
    sign(image: string, annotations: Record<string, string>): Promise<ToolEnd>;
}

/** What the exit codes of `cosign verify` mean (cosign, `doc/cosign_exit-codes.md`). */
export const cosignExit = { noSignature: 10, noMatchingSignature: 12 } as const;

/**
 * Gives cosign a home folder with nothing but the registry's login, and takes it away afterwards.
 *
 * Nothing of the public Sigstore is asked: no transparency log (`--tlog-upload=false`, `--private-infrastructure`), no
 * certificate, no list of services (`--use-signing-config=false`) or of trusted roots. `cosign verify` needs none for a
 * key of one's own since version 3; before, it fetched one all the same.
 */
export async function withCosign<T>(access: CosignAccess, use: (cosign: Cosign) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), "gate-cosign-"));
    try {
        const { host, credentials, key, cosign } = access;
        const auth =
            credentials === null
                ? {}
                : {
                      [host]: {
                          auth: Buffer.from(`${credentials.user}:${credentials.password}`).toString("base64"),
                      },
                  };
        await writeFile(join(folder, "config.json"), JSON.stringify({ auths: auth }), { mode: 0o600 });
        const given = handedOn.flatMap((name) => {
            const value = access.environment[name];
            return value === undefined ? [] : [[name, value] as const];
        });
        const environment = {
            ...Object.fromEntries(given),
            HOME: folder,
            DOCKER_CONFIG: folder,
        };
        const run = (...args: string[]): Promise<ToolEnd> =>
            runTool({ program: resolve(cosign), args, folder, environment, timeoutSeconds, largestOutput });
        const annotated = (annotations: Record<string, string>): string[] =>
            Object.entries(annotations).flatMap(([name, value]) => ["--annotations", `${name}=${value}`]);
        return await use({
            publicKey: () => run("public-key", "--key", key),
            verify: async (image, publicKeyPem, annotations) => {
                const file = join(folder, "key.pem");
                await writeFile(file, publicKeyPem);
                return run(
                    ...["verify", "--key", file, "--output", "json"],
                    ...["--private-infrastructure=true", "--new-bundle-format=false"],
                    ...annotated(annotations),
                    image,
                );
            },
            sign: (image, annotations) =>
                run("sign", "--key", key, ...signOptions, ...annotated(annotations), image),
        });
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

/**
 * The signature is a tag beside the image, in cosign's format before bundles: the tag is immutable, so a digest is signed
 * once, and a life-cycle rule can name it.
 */
const signOptions = [
    "--tlog-upload=false",
    "--use-signing-config=false",
    "--new-bundle-format=false",
    "--yes",
];

/** How a run of cosign ended, in words for a message. */
export function endingOf(end: ToolEnd): string {
    return end.problem ?? `exited ${end.code}: ${lastWords(end) || "without a word"}`;
}
