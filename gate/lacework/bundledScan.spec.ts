import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { useBundledGate } from "../commands/testing/bundledGate";
import type { ScanReport } from "../report/scanReport";
import { FakeLacework } from "./testing/fakeLacework";
import { sampleAnswer, sampleDigest, sampleImage, sampleRow } from "./testing/laceworkAnswer";

const secret = "_c0ffee11deadbeef";

describe("the bundled gate asks lacework", () => {
    const gate = useBundledGate();
    let fake: FakeLacework;
    before(async () => (fake = await FakeLacework.create()));
    after(() => fake.remove());

    for (const [severity, code, said] of [
        ["Low", 0, /^PASS: .*\nlacework 10\.0\.155 lists 1 finding: 0 critical, .* 1 low/],
        ["High", 1, /limitExceeded {2}lacework {2}CVE-2021-3711 \(high\) in openssl 1\.1\.1k-1/],
    ] as const) {
        it(`and ends with ${code} for one row that is ${severity}`, async () => {
            const now = new Date();
            await fake.reply([
                { to: "version", out: '{"version":"v2.15.2"}' },
                {
                    to: "vulnerability",
                    out: JSON.stringify([sampleRow({ severity }, now)]),
                    err: `${secret}\n`,
                },
                { to: "api post", out: JSON.stringify(sampleAnswer([{ severity }], now)) },
            ]);
            const {
                code: ended,
                out,
                err,
            } = await gate.run(
                [
                    ...["scan", "--scanner", "lacework", "--image", sampleImage, "--lacework", fake.cli],
                    ...["--policy", gate.at("policy.yml"), "--out", gate.at("out")],
                ],
                { LW_ACCOUNT: "example", LW_API_KEY: "EXAMPLE_55A1", LW_API_SECRET: secret },
            );
            assert.match(out, said);
            assert.deepEqual([ended, err, out.includes(secret)], [code, "", false]);
            const report = await gate.readJson<ScanReport>("out", "report.json");
            assert.deepEqual([report.complete, report.subject.digest], [true, sampleDigest]);
            assert.equal(report.raw?.bytes, (await readFile(gate.at("out", "raw.json"))).length);
        });
    }
});
