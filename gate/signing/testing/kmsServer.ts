import { createECDH, createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Order of the curve P-256 (SEC 2, section 2.4.2). */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** One request as it came: operation, key and whatever else it says. */
export type KmsRequest = { operation: string } & Record<string, unknown>;

/**
 * The part of AWS KMS that signing an image needs, on a loopback port, with a real key: DescribeKey, GetPublicKey and
 * Sign of a SHA-256 digest (AWS KMS API reference; JSON protocol 1.1, target `TrentService`).
 */
export class KmsServer {
    readonly requests: KmsRequest[] = [];
    /** Operations that are answered with AccessDeniedException. */
    readonly denied = new Set<string>();
    private readonly keys = new Map<string, KeyObject>();

    private constructor(private readonly server: Server) {}

    /** @param aliases each with its beginning, `alias/…`; each gets a key of its own. */
    static async start(...aliases: string[]): Promise<KmsServer> {
        const server = createServer();
        const kms = new KmsServer(server);
        for (const alias of aliases)
            kms.keys.set(alias, generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
        server.on("request", async (request, response) => {
            const chunks: Buffer[] = [];
            for await (const chunk of request) chunks.push(chunk as Buffer);
            const operation = String(request.headers["x-amz-target"]).replace("TrentService.", "");
            const input = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
            kms.requests.push({ operation, ...input });
            const { status, body } = kms.answer(operation, input);
            response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
            response.end(JSON.stringify(body));
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
        return kms;
    }

    /** What a program needs in its environment to use this server. */
    get environment(): Record<string, string> {
        return {
            AWS_ENDPOINT_URL_KMS: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`,
            AWS_REGION: "eu-central-1",
            AWS_ACCESS_KEY_ID: "sample",
            AWS_SECRET_ACCESS_KEY: "sample-key-of-the-test",
        };
    }

    async stop(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }

    private answer(operation: string, input: Record<string, unknown>): { status: number; body: object } {
        const refuse = (type: string) => ({
            status: 400,
            body: { __type: type, message: `${type} of the test` },
        });
        if (this.denied.has(operation)) return refuse("AccessDeniedException");
        const id = String(input["KeyId"]);
        const key = this.keys.get(id);
        if (key === undefined) return refuse("NotFoundException");
        const arn = `arn:aws:kms:eu-central-1:123456789012:key/${id.length}`;
        const algorithms = ["ECDSA_SHA_256"];
        const common = { KeyUsage: "SIGN_VERIFY", KeySpec: "ECC_NIST_P256", SigningAlgorithms: algorithms };
        if (operation === "DescribeKey") {
            return { status: 200, body: { KeyMetadata: { KeyId: id, Arn: arn, Enabled: true, ...common } } };
        }
        if (operation === "GetPublicKey") {
            const spki = createPublicKey(key).export({ format: "der", type: "spki" });
            return { status: 200, body: { KeyId: arn, PublicKey: spki.toString("base64"), ...common } };
        }
        const { MessageType: type, SigningAlgorithm: algorithm, Message: message } = input;
        const digest = Buffer.from(String(message), "base64");
        if (
            operation !== "Sign" ||
            type !== "DIGEST" ||
            algorithm !== algorithms[0] ||
            digest.length !== 32
        ) {
            return refuse("ValidationException");
        }
        const signature = signDigest(key, digest).toString("base64");
        return { status: 200, body: { KeyId: arn, Signature: signature, SigningAlgorithm: algorithm } };
    }
}

/** ECDSA over a digest (FIPS 186-5, section 6.4.1), which Node's own `sign` cannot do: it hashes what it is given. */
function signDigest(key: KeyObject, digest: Buffer): Buffer {
    const secret = BigInt(
        `0x${Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url").toString("hex")}`,
    );
    const nonce = randomBytes(32);
    nonce[0] = 1;
    const point = createECDH("prime256v1");
    point.setPrivateKey(nonce);
    const r = BigInt(`0x${point.getPublicKey("hex").slice(2, 66)}`) % order;
    const hash = BigInt(`0x${digest.toString("hex")}`);
    const s = (power(BigInt(`0x${nonce.toString("hex")}`), order - 2n) * (hash + r * secret)) % order;
    const integers = Buffer.concat([derInteger(r), derInteger(s)]);
    return Buffer.concat([Buffer.from([0x30, integers.length]), integers]);
}

function power(base: bigint, exponent: bigint): bigint {
    let result = 1n;
    for (let factor = base; exponent > 0n; exponent >>= 1n, factor = (factor * factor) % order) {
        if ((exponent & 1n) === 1n) result = (result * factor) % order;
    }
    return result;
}

function derInteger(value: bigint): Buffer {
    const hex = value.toString(16);
    const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
    const content = (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
    return Buffer.concat([Buffer.from([0x02, content.length]), content]);
}
