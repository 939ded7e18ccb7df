import assert from "node:assert/strict";
import { scannerNames } from "../report/scanReport";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { S3Server } from "../evidence/testing/s3Server";
import { sampleDigest, sampleImage } from "../grype/testing/grypeDocument";
import type { Verdict } from "../verdict/verdict";
import { useBundledGate, type Ending } from "./testing/bundledGate";

describe("gate scan and gate verdict with evidence", () => {
    const gate = useBundledGate();
    let s3: S3Server;
    beforeEach(async () => {
        s3 = await S3Server.start();
    });
    afterEach(() => s3.stop());

    const place = ["--evidence", "s3://evidence", "--application", "orders", "--execution", "run-1"];
    const key = (name: string): string =>
        `evidence/orders/${sampleDigest.replace(":", "-")}/grype/run-1/test/${name}`;
    const aws = (): Record<string, string> => ({
        AWS_ENDPOINT_URL_S3: s3.url,
        AWS_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
    });
    const scan = (report: string): Promise<Ending> =>
        gate.run(
            [
                "scan",
                "--scanner",
                "grype",
                "--image",
                sampleImage,
                "--policy",
                gate.at("policy.yml"),
                "--report",
                report,
                "--out",
                "e",
                ...place,
            ],
            aws(),
        );
    const verdict = (...more: string[]): Promise<Ending> =>
        gate.run(["verdict", "--image", sampleImage, "--policy", gate.at("policy.yml"), ...more], aws());

    it("records a pass, and the verdict opens on it and on nothing else", async () => {
        assert.equal((await scan(await gate.grypeFile("clean.json", []))).code, 0);
        assert.deepEqual([...s3.objects.keys()], [key("raw.json"), key("report.json"), key("manifest.json")]);
        assert.equal((await verdict(...place)).code, 0);
        const missing = await verdict(...place.slice(0, -1), "run-2");
        assert.equal(missing.code, 2);
        assert.match(missing.out, /reportMissing +grype +there is no grype report for sha256:/);
        s3.objects.set(key("report.json"), s3.objects.get(key("report.json"))?.subarray(1) ?? assert.fail());
        const damaged = await verdict(...place);
        assert.equal(damaged.code, 2);
        assert.match(
            damaged.out,
            /reportUnreadable +grype .*s3:\/\/evidence\/orders\/.*report\.json is not what was stored/,
        );
    });

    it("takes its credentials from the container that it runs in, as in CodeBuild", async () => {
        const credentials = createServer((_request, response) => {
            const expiry = new Date(Date.now() + 3_600_000).toISOString();
            response.setHeader("content-type", "application/json");
            response.end(
                JSON.stringify({
                    AccessKeyId: "a",
                    SecretAccessKey: "b",
                    Token: "c",
                    Expiration: expiry,
                }),
            );
        });
        await new Promise<void>((resolve) => credentials.listen(0, "127.0.0.1", resolve));
        try {
            const { port } = credentials.address() as AddressInfo;
            const { code, out } = await gate.run(
                ["verdict", "--image", sampleImage, "--policy", gate.at("policy.yml"), ...place],
                {
                    AWS_ENDPOINT_URL_S3: s3.url,
                    AWS_REGION: "us-east-1",
                    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/`,
                },
            );
            assert.equal(code, 2);
            assert.match(out, /reportMissing +grype/);
            assert.ok(!out.includes("reportUnreadable"), out);
            // Absent is what has neither manifest nor report nor raw answer.
            assert.equal(s3.requests.length, 3 * scannerNames.length);
        } finally {
            await new Promise((resolve) => credentials.close(resolve));
        }
    });

    it("records a refusal and an incomplete scan as well", async () => {
        assert.equal((await scan(await gate.grypeFile("bad.json", [{}]))).code, 1);
        assert.equal(s3.objects.size, 3);
        assert.equal((await verdict(...place)).code, 1);
        s3.objects.clear();
        assert.equal((await scan(await gate.file("odd.json", ""))).code, 2);
        assert.equal(s3.objects.size, 3);
        assert.equal((await verdict(...place)).code, 2);
    });

    it("does not pass when evidence cannot be written, or says something else already", async () => {
        const clean = await gate.grypeFile("clean.json", []);
        s3.interruptions.push({ method: "PUT", status: 403, code: "AccessDenied" });
        const refused = await scan(clean);
        assert.equal(refused.code, 2);
        assert.match(
            refused.err,
            /^gate: evidence s3:\/\/evidence\/orders\/.* cannot be written \(AccessDenied: AccessDenied\)\n$/,
        );
        assert.equal((await scan(await gate.grypeFile("bad.json", [{}]))).code, 1);
        const other = await scan(clean);
        assert.equal(other.code, 2);
        assert.match(other.err, /exists with other content and is written only once/);
        assert.equal((await verdict(...place)).code, 1);
    });

    it("judges the reports of a folder, at any depth", async () => {
        const root = gate.at("reports");
        const out = gate.at("decision");
        await mkdir(root);
        assert.equal((await verdict("--reports", root)).code, 2);
        const args = [
            "scan",
            "--scanner",
            "grype",
            "--image",
            sampleImage,
            "--policy",
            gate.at("policy.yml"),
        ];
        const report = await gate.grypeFile("clean.json", []);
        await gate.run([...args, "--report", report, "--out", gate.at("reports", "a", "grype")]);
        assert.equal((await verdict("--reports", root, "--out", out)).code, 0);
        assert.equal((await gate.readJson<Verdict>("decision", "verdict.json")).outcome, "pass");
        await gate.file("reports/report.json", "{");
        const second = await verdict("--reports", root);
        assert.equal(second.code, 2);
        assert.match(
            second.out,
            /reportUnreadable +- +a scan report cannot be read \(.*report\.json is not JSON/,
        );
        assert.equal((await verdict("--reports", gate.at("nowhere"))).code, 2);
    });
});
