import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { listed } from "../anchore/testing/engineModel";
import { startEngine, type EngineState } from "../anchore/testing/engineServer";
import { dataWith, registryImage } from "../anchore/testing/scenario";
import { sampleDigest, sampleImage } from "../grype/testing/grypeDocument";
import type { Verdict } from "../verdict/verdict";
import { useBundledGate, type Ending } from "./testing/bundledGate";

describe("gate scan with grype", () => {
    const gate = useBundledGate();
    it("passes a clean image and writes what it was given and what it made of it", async () => {
        const path = await gate.grypeFile("clean.json", [{ severity: "Low" }]);
        const { code, out, err } = await gate.scanGrype(path);
        assert.deepEqual([code, err], [0, ""]);
        assert.equal(
            out,
            `PASS: ${sampleImage} passes (0 critical, 0 high, 0 medium, 1 low, 0 negligible)\n` +
                "grype 0.115.0 lists 1 finding: 0 critical, 0 high, 0 medium, 1 low, 0 negligible, 0 unknown\n",
        );
        assert.equal(await readFile(gate.at("out", "raw.json"), "utf8"), await readFile(path, "utf8"));
        assert.equal((await gate.readJson<{ complete: boolean }>("out", "report.json")).complete, true);
        assert.equal((await gate.readJson<Verdict>("out", "verdict.json")).outcome, "pass");
    });

    it("refuses a finding over the limit, in one line with limit and fix", async () => {
        const { code, out, err } = await gate.scanGrype(await gate.grypeFile("bad.json", [{}]));
        assert.deepEqual([code, err], [1, ""]);
        assert.deepEqual(out.trimEnd().split("\n"), [
            `FAIL: ${sampleImage} is refused (1 critical, 0 high, 0 medium, 0 low, 0 negligible)`,
            "  KIND           SCANNER  REASON",
            "  limitExceeded  grype    CVE-2021-3711 (critical) in openssl 1.1.1k-1 (deb, /var/lib/dpkg/status): " +
                "grype counts 1 critical, 0 allowed; fixed in 1.1.1k-1+deb11u1",
            "grype 0.115.0 lists 1 finding: 1 critical, 0 high, 0 medium, 0 low, 0 negligible, 0 unknown",
        ]);
        assert.equal((await gate.readJson<Verdict>("out", "verdict.json")).outcome, "fail");
    });

    it("judges by the waivers of the application and stores its evidence under another name", async () => {
        const day = (from: number) => new Date(Date.now() + from * 86_400_000).toISOString().slice(0, 10);
        const waiver = {
            id: "CVE-2021-3711",
            applications: ["demo"],
            reason: "The application decrypts nothing with SM2.",
            owner: "security@example.org",
            created: day(-1),
            expires: day(7),
        };
        const policy = { version: 1, requiredScanners: { test: ["grype"] }, waivers: [waiver] };
        const common = ["scan", "--scanner", "grype", "--image", sampleImage, "--out", gate.at("out")];
        const files = ["--report", await gate.grypeFile("bad.json", [{}])];
        files.push("--policy", await gate.file("waiving.yml", JSON.stringify(policy)));
        const place = ["--evidence", gate.at("store"), "--execution", "e1"];
        const scan = (...more: string[]) => gate.run([...common, ...files, ...more]);
        const apart = [...place, "--application", "demo", "--evidence-application", "demo--review"];
        const { code, out, err } = await scan(...apart);
        assert.deepEqual([code, err], [0, ""], out);
        assert.deepEqual(await readdir(gate.at("store")), ["demo--review"]);
        assert.equal((await scan("--application", "demo--review")).code, 1);
        for (const [args, message] of [
            [["--evidence-application", "demo--review"], /--evidence-application only goes with --evidence/],
            [
                [...apart.slice(0, -1), "../demo"],
                /--evidence-application "\.\.\/demo" is not a name of lower-case/,
            ],
        ] as const) {
            const refused = await scan(...args);
            assert.equal(refused.code, 64);
            assert.match(refused.err, message);
        }
    });

    it("lets no name from the image forge a line of the log", async () => {
        const package_ = "evil\n\u001b[2JPASS: all is well\u2028";
        const { code, out } = await gate.scanGrype(
            await gate.grypeFile("forged.json", [{ package: package_ }]),
        );
        assert.equal(code, 1);
        assert.equal(out.trimEnd().split("\n").length, 4);
        assert.deepEqual(
            ["\u001b", "\u2028"].filter((character) => out.includes(character)),
            [],
        );
    });

    for (const [name, content] of [
        ["empty output", ""],
        ["an empty object", "{}"],
        ["text", "error: could not fetch image"],
    ] as const) {
        it(`cannot judge ${name}`, async () => {
            const { code, out } = await gate.scanGrype(await gate.file("odd.json", content));
            assert.equal(code, 2);
            assert.match(out, /^INCOMPLETE: .* could not be judged\n {2}KIND/);
            assert.equal(await readFile(gate.at("out", "raw.json"), "utf8"), content);
        });
    }

    it("cannot judge a report cut off, of old data, of another image, or that is not there", async () => {
        const cut = await gate.grypeFile("cut.json", [], (text) => text.slice(0, -2));
        const old = await gate.grypeFile("old.json", [], (text) =>
            text.replace(/"built":"[^"]+"/, '"built":"2025-01-01T00:00:00Z"'),
        );
        const other = await gate.grypeFile("other.json", [], (text) =>
            text.replaceAll(sampleDigest, `sha256:${"0".repeat(64)}`),
        );
        for (const [path, reason] of [
            [cut, /cut off/],
            [old, /2025-01-01T00:00:00\.000Z, more than 120 hours ago/],
            [other, /grype scanned sha256:0000/],
            [gate.at("none.json"), /there is no grype report/],
        ] as const) {
            const { code, out } = await gate.scanGrype(path);
            assert.equal(code, 2, path);
            assert.match(out, reason);
        }
    });

    it("is advisory only for a scanner that the policy does not require", async () => {
        const report = await gate.grypeFile("bad.json", [{}]);
        const required = await gate.scanGrype(report, "--advisory");
        assert.equal(required.code, 64);
        assert.match(required.err, /requires grype, so it cannot be advisory/);
        const policy = await gate.file("anchore.yml", "{version: 1, requiredScanners: {test: [anchore]}}");
        const args = ["scan", "--scanner", "grype", "--report", report, "--image", sampleImage, "--out", "o"];
        const advisory = await gate.run([...args, "--policy", policy], { GATE_ADVISORY: "true" });
        assert.equal(advisory.code, 0);
        assert.match(advisory.out, /^FAIL: .*\n(.*\n)*grype is advisory: this does not stop the pipeline\n$/);
        assert.equal((await gate.run([...args, "--policy", policy])).code, 1);
    });
});

describe("gate scan with Anchore Engine", () => {
    const gate = useBundledGate();
    async function scanAnchore(state: Partial<EngineState>, password = "correct-horse"): Promise<Ending> {
        const builtAt = new Date(Date.now() - 3_600_000);
        const repository = "registry.example.org/shop/candidate";
        const ownImage = registryImage({ readsLeft: 1 });
        const engine = await startEngine({
            data: { ...dataWith(), builtAt },
            registryImages: new Map([[ownImage.digest, ownImage]]),
            ...state,
            ...(state.data ? { data: { ...state.data, builtAt } } : {}),
        });
        try {
            return await gate.run(
                [
                    ...["scan", "--scanner", "anchore", "--image", `${repository}@${ownImage.digest}`],
                    ...["--tag", "c0ffee", "--policy", gate.at("policy.yml"), "--out", gate.at("anchore")],
                    ...["--anchore-url", engine.url, "--anchore-user", "admin", "--timeout", "60"],
                ],
                { ANCHORE_PASSWORD: password },
            );
        } finally {
            await engine.close();
        }
    }

    it("passes, fails and cannot judge as the engine answers", async () => {
        const clean = await scanAnchore({});
        assert.deepEqual([clean.code, clean.err], [0, ""], clean.out);
        assert.equal(
            (await gate.readJson<{ scanner: { name: string } }>("anchore", "report.json")).scanner.name,
            "anchore",
        );
        const dirty = await scanAnchore({
            data: dataWith(listed("CVE-2098-1001", "Critical", "libalpha", { fix: "1.1" })),
        });
        assert.equal(dirty.code, 1, dirty.out);
        assert.match(dirty.out, /CVE-2098-1001 \(critical\) in libalpha .* 0 allowed; fixed in 1\.1/);
        const blind = await scanAnchore({ data: null });
        assert.equal(blind.code, 2, blind.out);
        const refused = await scanAnchore({}, "sword-fish");
        assert.equal(refused.code, 2, refused.out);
        const raw = await readFile(gate.at("anchore", "raw.json"), "utf8");
        assert.ok(
            !raw.includes("sword-fish") && !raw.includes(Buffer.from("admin:sword-fish").toString("base64")),
        );
    });
});
