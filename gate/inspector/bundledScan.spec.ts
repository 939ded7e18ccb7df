import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { useBundledGate } from "../commands/testing/bundledGate";
import type { ScanReport } from "../report/scanReport";
import { EcrServer } from "./testing/ecrServer";
import { sampleDigest, sampleEcrAnswer, sampleImage } from "./testing/inspectorAnswer";

describe("the bundled gate asks ECR", () => {
    const gate = useBundledGate();
    let server: EcrServer;
    before(async () => (server = await EcrServer.start()));
    after(() => server.stop());

    for (const [severity, code, said] of [
        ["LOW", 0, /^PASS: .*\ninspector lists 1 finding: 0 critical, .* 1 low/],
        [
            "CRITICAL",
            1,
            /limitExceeded {2}inspector {2}CVE-2024-6119 \(critical\) in openssl 3\.0\.13-0ubuntu3\.2/,
        ],
    ] as const) {
        it(`and ends with ${code} for one finding that is ${severity}`, async () => {
            server.replies = [{ body: sampleEcrAnswer("enhanced", [{ severity }], new Date()) }];
            const { code: ended, out } = await gate.run(
                [
                    ...["scan", "--scanner", "inspector", "--image", sampleImage],
                    ...["--policy", gate.at("policy.yml"), "--out", gate.at("out")],
                ],
                {
                    AWS_ENDPOINT_URL_ECR: server.url,
                    AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
                    AWS_SECRET_ACCESS_KEY: "example",
                },
            );
            assert.deepEqual(server.refused, []);
            assert.match(out, said);
            assert.equal(ended, code);
            const report = await gate.readJson<ScanReport>("out", "report.json");
            assert.deepEqual([report.complete, report.subject.digest], [true, sampleDigest]);
            assert.equal(report.raw?.bytes, (await readFile(gate.at("out", "raw.json"))).length);
        });
    }
});
