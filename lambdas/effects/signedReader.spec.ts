import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { EvidenceError } from "../../gate/evidence/evidenceStore";
import { S3Server } from "../../gate/evidence/testing/s3Server";
import { exampleAccount } from "../../gate/approval/testing/genuineShapes";
import { SignedReader } from "./signedReader";

const key = "orders/sha256-aa/grype/one/test/report.json";
const content = Buffer.from('{"findings":[]}');
const description = { sha256: createHash("sha256").update(content).digest("hex"), bytes: content.length };
const credentials = { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "example" };

function readerOf(
    environment: Record<string, string | undefined>,
    change: Partial<ConstructorParameters<typeof SignedReader>[0]> = {},
): SignedReader {
    return new SignedReader({
        bucket: "evidence",
        account: exampleAccount,
        signal: new AbortController().signal,
        largest: 1_000,
        environment: { ...credentials, ...environment },
        ...change,
    });
}

describe("reading evidence by signed requests", () => {
    let s3: S3Server;
    let reader: SignedReader;
    beforeEach(async () => {
        s3 = await S3Server.start();
        reader = readerOf({ AWS_ENDPOINT_URL_S3: s3.url });
        s3.objects.set(`evidence/${key}`, content);
    });
    afterEach(() => s3.stop());

    it("gives bytes, and null for what does not exist", async () => {
        assert.deepEqual(await reader.get(key, 1_000), content);
        assert.equal(await reader.get("orders/none", 1_000), null);
        assert.equal(await reader.describe("orders/none"), null);
        assert.deepEqual(s3.requests, [
            `GET /evidence/${key}`,
            "GET /evidence/orders/none",
            "HEAD /evidence/orders/none",
        ]);
        assert.equal(reader.unavailable, null);
        assert.equal(reader.locate(key), `s3://evidence/${key}`);
    });

    it("refuses more bytes than allowed, without reading them", async () => {
        await assert.rejects(reader.get(key, content.length - 1), (error) => {
            assert.ok(error instanceof EvidenceError);
            assert.match(error.message, /^evidence s3:\/\/evidence\/\S+ has 15 bytes, more than 14 allowed$/);
            return true;
        });
        assert.deepEqual(await reader.get(key, content.length), content);
        // What the function has memory for counts as well.
        const small = readerOf({ AWS_ENDPOINT_URL_S3: s3.url }, { largest: 10 });
        await assert.rejects(small.get(key, 1_000), /has 15 bytes, more than 10 allowed/);
        assert.equal(reader.unavailable, null);
    });

    it("describes by S3's own checksum, and by reading where there is none", async () => {
        assert.deepEqual(await reader.describe(key), description);
        assert.deepEqual(s3.requests, [`HEAD /evidence/${key}`]);
        s3.withoutChecksum.add(`evidence/${key}`);
        assert.deepEqual(await reader.describe(key), description);
        assert.deepEqual(s3.requests.slice(1), [`HEAD /evidence/${key}`, `GET /evidence/${key}`]);
    });

    it("asks again when S3 is busy or broken, four times in all", async () => {
        s3.interruptions.push(
            { method: "GET", status: 503, code: "SlowDown" },
            { method: "GET", status: 500, code: "InternalError" },
            { method: "GET", status: 429, code: "TooManyRequests" },
        );
        assert.deepEqual(await reader.get(key, 1_000), content);
        assert.equal(s3.requests.length, 4);
        assert.equal(reader.unavailable, null);
        s3.interruptions.push(...Array(4).fill({ method: "GET", status: 503, code: "SlowDown" }));
        await assert.rejects(
            reader.get(key, 1_000),
            /^ServiceError: S3 GET of s3:.* failed \(503 SlowDown\)/,
        );
        assert.equal(s3.requests.length, 8);
        assert.match(String(reader.unavailable), /503 SlowDown/);
    });

    it("takes a refusal for evidence that may not be read, and does not ask again", async () => {
        s3.interruptions.push({ method: "GET", status: 403, code: "AccessDenied" });
        await assert.rejects(reader.get(key, 1_000), (error) => {
            assert.ok(error instanceof EvidenceError);
            assert.match(
                error.message,
                /cannot be read \(403 AccessDenied\); it does not exist, or the role/,
            );
            return true;
        });
        s3.interruptions.push({ method: "HEAD", status: 403, code: "" });
        await assert.rejects(reader.describe(key), EvidenceError);
        assert.deepEqual([s3.requests.length, reader.unavailable], [2, null]);
    });

    for (const [status, code] of [
        [403, "ExpiredToken"],
        [403, "RequestTimeTooSkewed"],
        [404, "NoSuchBucket"],
        [301, "PermanentRedirect"],
        [400, "KMS.DisabledException"],
    ] as const) {
        it(`says that S3 could not be asked after ${status} ${code}, at once`, async () => {
            s3.interruptions.push({ method: "GET", status, code });
            await assert.rejects(reader.get(key, 1_000), new RegExp(`failed \\(${status} ${code}\\)`));
            assert.equal(s3.requests.length, 1);
            assert.ok(reader.unavailable !== null);
        });
    }

    it("ends with the invocation", async () => {
        const late = readerOf({ AWS_ENDPOINT_URL_S3: s3.url }, { signal: AbortSignal.abort() });
        await assert.rejects(late.get(key, 1_000), /aborted/);
        assert.deepEqual(s3.requests, []);
    });

    it("says so when there are no credentials", async () => {
        const nobody = readerOf({ AWS_ENDPOINT_URL_S3: s3.url, AWS_SECRET_ACCESS_KEY: "" });
        await assert.rejects(nobody.get(key, 1_000), /the environment has no credentials/);
    });
});

describe("answers of S3 that end too early", () => {
    let server: Server;
    let answer: (request: IncomingMessage, response: ServerResponse) => void;
    let asked: number;
    let reader: SignedReader;
    beforeEach(async () => {
        asked = 0;
        server = createServer((request, response) => {
            asked += 1;
            answer(request, response);
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { port } = server.address() as AddressInfo;
        reader = readerOf({ AWS_ENDPOINT_URL: `http://127.0.0.1:${port}/` });
    });
    afterEach(() => {
        server.closeAllConnections();
        server.close();
    });

    it("are never taken for evidence", async () => {
        answer = (request, response) => {
            response.writeHead(200, { "content-length": 100 });
            if (request.method === "HEAD") return void response.end();
            response.write("{}");
            response.socket?.end();
        };
        await assert.rejects(reader.get(key, 1_000), /^ServiceError: S3 GET of .* failed \(aborted\)/);
        assert.equal(asked, 4);
        // The next question is not asked: the function's time is needed to say so.
        await assert.rejects(reader.describe(key), /^ServiceError: S3 GET of .* failed \(aborted\)/);
        assert.equal(asked, 4);
        reader.unavailable = null;
        await assert.rejects(reader.describe(key), /^ServiceError: S3 GET of .* failed \(aborted\)/);
        assert.equal(asked, 4 + 1 + 4);
    });

    it("nor is the checksum of an upload in parts taken for one of its bytes", async () => {
        answer = (request, response) => {
            response.writeHead(200, {
                "content-length": content.length,
                "x-amz-checksum-sha256": "AAAA",
                "x-amz-checksum-type": "COMPOSITE",
            });
            response.end(request.method === "HEAD" ? undefined : content);
        };
        assert.deepEqual(await reader.describe(key), description);
    });

    it("nor are those that do not say their length", async () => {
        answer = (_request, response) => {
            response.flushHeaders();
            response.end("{}");
        };
        await assert.rejects(reader.get(key, 1_000), /does not say its length/);
        await assert.rejects(reader.describe(key), /does not say its length/);
    });

    it("are asked for again, on a new connection", async () => {
        answer = (request, response) => {
            if (asked === 1) return void request.socket.destroy();
            response.writeHead(200, { "content-length": content.length });
            response.end(content);
        };
        assert.deepEqual(await reader.get(key, 1_000), content);
        assert.equal(asked, 2);
    });
});

describe("where the evidence bucket is", () => {
    /** The address of the first request, which is not sent. */
    async function addressOf(
        environment: Record<string, string>,
        account: { partition: string; region: string },
        bucket = "evidence",
    ): Promise<string> {
        const { default: https } = await import("node:https");
        const { request } = https;
        let address = "";
        https.request = ((options: { hostname: string; path: string }) => {
            address = `https://${options.hostname}${options.path}`;
            throw new Error("not sent");
        }) as never;
        try {
            const reader = readerOf(environment, {
                account: { ...account, accountId: "123456789012" },
                bucket,
            });
            await reader.get(key, 1).catch(() => undefined);
        } finally {
            https.request = request;
        }
        return address;
    }

    for (const [partition, region, host] of [
        ["aws", "eu-west-1", "evidence.s3.eu-west-1.amazonaws.com"],
        ["aws-cn", "cn-north-1", "evidence.s3.cn-north-1.amazonaws.com.cn"],
        ["aws-us-gov", "us-gov-west-1", "evidence.s3.us-gov-west-1.amazonaws.com"],
    ] as const) {
        it(`is ${host} in ${partition}`, async () => {
            assert.equal(await addressOf({}, { partition, region }), `https://${host}/${key}`);
        });
    }

    it("is in the path where the name has dots", async () => {
        assert.equal(
            await addressOf({}, exampleAccount, "evidence.example"),
            `https://s3.eu-west-1.amazonaws.com/evidence.example/${key}`,
        );
    });

    it("is where the environment says, unless that is to be ignored", async () => {
        const given = { AWS_ENDPOINT_URL: "https://any.example", AWS_ENDPOINT_URL_S3: "https://s3.example/" };
        assert.equal(await addressOf(given, exampleAccount), `https://s3.example/evidence/${key}`);
        const ignored = { ...given, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" };
        assert.match(await addressOf(ignored, exampleAccount), /^https:\/\/evidence\.s3\.eu-west-1\./);
    });

    it("is not guessed in a partition that is not known", () => {
        assert.throws(
            () => readerOf({}, { account: { ...exampleAccount, partition: "aws-iso" } }),
            /the partition aws-iso is none of aws, aws-cn, aws-us-gov/,
        );
    });
});
