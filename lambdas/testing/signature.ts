import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { SignatureV4 } from "@smithy/signature-v4";
import type { AwsService } from "./callJournal";

/** Temporary credentials of a principal, as Lambda puts them into a function's environment. */
export interface Credentials {
    accessKeyId: string;
    secretAccessKey: string;
    sessionToken: string;
}

const derived = (name: string, what: string): string =>
    createHash("sha256").update(`${what} of ${name}`).digest("hex");

/** Always the same for the same name; good for nothing outside of these tests. */
export function credentialsOf(name: string): Credentials {
    return {
        accessKeyId: `ASIA${derived(name, "key").slice(0, 16).toUpperCase()}`,
        secretAccessKey: derived(name, "secret").slice(0, 40),
        sessionToken: derived(name, "session"),
    };
}

/** Node's, for the signer. */
class Sha256 {
    private readonly hash;
    constructor(secret?: Parameters<typeof createHmac>[1]) {
        this.hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret);
    }
    update(data: Parameters<ReturnType<typeof createHash>["update"]>[0]): void {
        this.hash.update(data);
    }
    async digest(): Promise<Uint8Array> {
        return this.hash.digest();
    }
    reset(): void {}
}

const form =
    /^AWS4-HMAC-SHA256 Credential=(?<key>[A-Z0-9]{20})\/(?<day>\d{8})\/(?<region>[a-z0-9-]+)\/(?<service>[a-z0-9-]+)\/aws4_request, ?SignedHeaders=(?<signed>[a-z0-9;-]+), ?Signature=(?<signature>[0-9a-f]{64})$/;

/**
 * Checks a request's signature as AWS does (Signature Version 4): right service and region, session token there, the
 * host among the signed headers, and the signature itself, calculated again.
 * @param principals names whose credentials are known.
 * @returns the principal.
 * @throws Error that says what AWS would not take.
 */
export async function verifySignature(
    request: IncomingMessage,
    body: Buffer,
    { service, region, principals }: { service: AwsService; region: string; principals: readonly string[] },
): Promise<string> {
    const found = form.exec(request.headers.authorization ?? "")?.groups;
    if (found === undefined) throw new Error(`authorization header ${request.headers.authorization}`);
    if (found["service"] !== service) throw new Error(`signed for ${found["service"]}, not for ${service}`);
    if (found["region"] !== region) throw new Error(`signed for ${found["region"]}, not for ${region}`);
    const principal = principals.find((name) => credentialsOf(name).accessKeyId === found["key"]);
    if (principal === undefined) throw new Error("signed with credentials of nobody");
    const credentials = credentialsOf(principal);
    if (request.headers["x-amz-security-token"] !== credentials.sessionToken)
        throw new Error("without the session token of the credentials");
    const signed = (found["signed"] ?? "").split(";");
    if (!signed.includes("host")) throw new Error("the host is not signed");
    const hash = request.headers["x-amz-content-sha256"];
    if (hash !== undefined && hash !== createHash("sha256").update(body).digest("hex")) {
        throw new Error("x-amz-content-sha256 is not the hash of the body");
    }
    if (service === "s3" && hash === undefined) throw new Error("without x-amz-content-sha256");
    const date = String(request.headers["x-amz-date"]);
    const moment = date.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5");
    if (Number.isNaN(Date.parse(moment))) throw new Error(`x-amz-date ${date}`);
    const signer = new SignatureV4({
        service,
        region,
        credentials,
        sha256: Sha256 as unknown as ConstructorParameters<typeof SignatureV4>[0]["sha256"],
        uriEscapePath: service !== "s3",
        applyChecksum: hash !== undefined,
    });
    const url = new URL(request.url ?? "/", "http://localhost");
    const again = await signer.sign(
        {
            method: request.method ?? "",
            protocol: "http:",
            hostname: "localhost",
            path: url.pathname,
            query: Object.fromEntries(url.searchParams),
            headers: Object.fromEntries(signed.map((name) => [name, String(request.headers[name] ?? "")])),
            body,
        },
        { signingDate: new Date(moment) },
    );
    const expected = /Signature=([0-9a-f]{64})$/.exec(again.headers["authorization"] ?? "")?.[1];
    if (expected !== found["signature"]) throw new Error("the signature does not match");
    return principal;
}
