import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runGate } from "../cli";
import { RegistryServer } from "../registry/testing/registryServer";
import type { ScanReport } from "../report/scanReport";
import { addImage } from "../registry/testing/sampleImage";
import { expectedAccess, json, startConsole, type ConsoleServer } from "./testing/consoleServer";
import {
    sampleCanary,
    sampleDigest,
    sampleImage,
    sampleManifest,
    sampleTrivyDocument,
    sampleVersion,
    toBytes,
    type SampleVulnerability,
} from "./testing/trivyDocument";

const now = new Date("2026-03-04T12:00:00Z");

describe("gate scan with accuknox", () => {
    let folder = "";
    let registry: RegistryServer;
    let console: ConsoleServer;
    before(async () => {
        folder = await mkdtemp(join(tmpdir(), "accuknox-"));
        registry = await RegistryServer.start();
        const { content, mediaType } = sampleManifest;
        registry.repository("orders/candidate").manifests.set(sampleDigest, { content, mediaType });
        await writeFile(
            at("policy.yml"),
            "version: 1\nrequiredScanners: { test: [accuknox], scanStagingImage: [accuknox] }\n",
        );
        await writeFile(at("version.json"), toBytes(sampleVersion(now)));
        await writeFile(at("canary.json"), toBytes(sampleCanary(now)));
    });
    after(async () => {
        await registry.stop();
        await rm(folder, { recursive: true });
    });
    beforeEach(async () => void (console = await startConsole()));
    afterEach(() => console.stop());

    const at = (name: string) => join(folder, name);
    const image = (digest = sampleDigest) => `${registry.host}/orders/candidate@${digest}`;

    async function reportFile(vulnerabilities: SampleVulnerability[], digest = sampleDigest) {
        const text = JSON.stringify(sampleTrivyDocument(vulnerabilities, now));
        await writeFile(
            at("trivy.json"),
            text.replaceAll(sampleImage, image(digest)).replaceAll(sampleDigest, digest),
        );
        return at("trivy.json");
    }

    /** Runs `gate scan` with everything that it needs; `without` leaves options out, `more` puts others in. */
    async function scan({
        without = [],
        more = [],
        environment = {},
        digest = sampleDigest,
    }: {
        without?: string[];
        more?: string[];
        environment?: Record<string, string>;
        digest?: string;
    } = {}) {
        const usual: Record<string, string> = {
            scanner: "accuknox",
            image: image(digest),
            policy: at("policy.yml"),
            out: at("out"),
            report: at("trivy.json"),
            "trivy-version": at("version.json"),
            "canary-report": at("canary.json"),
            "console-url": console.origin,
            tenant: expectedAccess.tenant,
            label: expectedAccess.label,
        };
        const args = Object.entries(usual).flatMap(([name, value]) =>
            without.includes(name) ? [] : [`--${name}`, value],
        );
        const lines: string[] = [];
        const code = await runGate(["scan", ...args, ...more], {
            environment: { ACCUKNOX_TOKEN: expectedAccess.token, ...environment },
            now: () => now,
            print: (line) => lines.push(line),
            complain: (line) => lines.push(line),
            colours: false,
        });
        const out = lines.join("\n");
        const written = async () => JSON.parse(await readFile(at("out/report.json"), "utf8")) as ScanReport;
        assert.ok(!out.includes(expectedAccess.token.slice(0, 8)), out);
        return { code, out, written };
    }

    it("passes a clean image once the console has the report", async () => {
        const path = await reportFile([{ severity: "LOW" }]);
        const { code, out, written } = await scan();
        assert.equal(
            out.split("\n")[0],
            `PASS: ${image()} passes (0 critical, 0 high, 0 medium, 1 low, 0 negligible)`,
        );
        assert.equal(code, 0);
        assert.ok(console.received[0]?.equals(await readFile(path)));
        assert.equal((await written()).complete, true);
        assert.ok(!JSON.stringify(await written()).includes(expectedAccess.token));
    });

    it("gives the console reports of images that are refused too", async () => {
        await reportFile([{ severity: "CRITICAL" }]);
        const { code, out } = await scan();
        assert.equal(code, 1);
        assert.match(out, /^FAIL: /);
        assert.equal(console.received.length, 1);
    });

    it("cannot judge when the console does not confirm, and still lists what was found", async () => {
        await reportFile([{ severity: "CRITICAL" }, {}]);
        await console.stop();
        console = await startConsole({
            answer: (response) => json(response, 401, { detail: "Invalid token" }),
        });
        const { code, out, written } = await scan();
        assert.equal(code, 2);
        assert.match(out, /^INCOMPLETE: /);
        const { complete, incompleteReasons, findings } = await written();
        assert.deepEqual(
            [complete, incompleteReasons, findings.length],
            [
                false,
                [
                    `the report was not uploaded to ${console.origin}: it answered 401 ({"detail":"Invalid token"}); ` +
                        "check ACCUKNOX_TOKEN and --tenant",
                ],
                2,
            ],
        );
    });

    it("judges a file alone with --no-upload, exactly and never completely", async () => {
        await reportFile([{ severity: "CRITICAL" }, { severity: "UNKNOWN" }]);
        const { code, written } = await scan({
            without: ["console-url", "tenant", "label", "trivy-version", "canary-report"],
            more: ["--no-upload"],
            environment: { ACCUKNOX_TOKEN: "" },
        });
        const { complete, incompleteReasons, findings } = await written();
        assert.equal(code, 2);
        assert.deepEqual(
            [complete, findings.map(({ severity }) => severity)],
            [false, ["critical", "unknown"]],
        );
        assert.deepEqual(incompleteReasons, [
            "the age of the vulnerability data is not shown: --trivy-version is not given",
            "the registry was not asked for the manifest (--no-upload)",
            "that Trivy looks for vulnerabilities is not shown: --canary-report is not given",
            "the report was not uploaded to a console (--no-upload)",
        ]);
        assert.equal(console.attempts, 0);
    });

    it("cannot be completed by --no-upload with all the proofs", async () => {
        await reportFile([]);
        const { code } = await scan({ without: ["console-url", "tenant", "label"], more: ["--no-upload"] });
        assert.equal(code, 2);
    });

    for (const [option, message] of [
        ["trivy-version", "the age of the vulnerability data is not shown: --trivy-version is not given"],
        ["canary-report", "that Trivy looks for vulnerabilities is not shown: --canary-report is not given"],
    ] as const) {
        it(`cannot judge without --${option}, absent, too large or no file`, async () => {
            await reportFile([]);
            const withoutIt = await scan({ without: [option] });
            assert.equal(withoutIt.code, 2);
            assert.deepEqual((await withoutIt.written()).incompleteReasons, [message]);
            for (const path of [at("absent.json"), folder]) {
                const { code } = await scan({ without: [option], more: [`--${option}`, path] });
                assert.equal(code, 2);
            }
        });
    }

    it("cannot judge an image that the registry does not have, or has under another configuration", async () => {
        const absent = `sha256:${"7".repeat(64)}`;
        await reportFile([], absent);
        const { code, out } = await scan({ digest: absent });
        assert.equal(code, 2);
        assert.match(out, /is not in the registry/);
        const { digest } = addImage(registry.repository("orders/candidate"), [Buffer.from("layer")]);
        await reportFile([], digest);
        const other = await scan({ digest });
        assert.equal(other.code, 2);
        assert.match(other.out, /Trivy scanned an image with configuration/);
    });

    for (const [name, content] of [
        ["an empty file", ""],
        ["half a report", '{"SchemaVersion":2,"Results":['],
    ] as const) {
        it(`uploads nothing of ${name}`, async () => {
            await writeFile(at("trivy.json"), content);
            const { code } = await scan();
            assert.deepEqual([code, console.attempts], [2, 0]);
        });
    }

    it("says that there is no report", async () => {
        const { code, out } = await scan({ without: ["report"], more: ["--report", at("absent.json")] });
        assert.equal(code, 2);
        assert.match(out, /there is no Trivy report .*accuknox did not run or failed/);
    });

    const usage: [string, Parameters<typeof scan>[0], RegExp][] = [
        ["no report", { without: ["report"] }, /--report \(or GATE_REPORT\) is missing/],
        ["no console", { without: ["console-url"] }, /--console-url \(or GATE_CONSOLE_URL\) is missing/],
        ["no tenant", { without: ["tenant"] }, /--tenant \(or GATE_TENANT\) is missing/],
        ["no label", { without: ["label"] }, /--label \(or GATE_LABEL\) is missing/],
        ["no token", { environment: { ACCUKNOX_TOKEN: "" } }, /ACCUKNOX_TOKEN is not set/],
        [
            "a token with a line end",
            { environment: { ACCUKNOX_TOKEN: `${expectedAccess.token}\n` } },
            /ACCUKNOX_TOKEN holds/,
        ],
        [
            "TLS unchecked",
            { environment: { NODE_TLS_REJECT_UNAUTHORIZED: "0" } },
            /NODE_TLS_REJECT_UNAUTHORIZED=0/,
        ],
        [
            "plain http",
            { without: ["console-url"], more: ["--console-url", "http://console.example.org"] },
            /is not https/,
        ],
        [
            "a user in the address",
            { without: ["console-url"], more: ["--console-url", "https://a:b@console.example.org"] },
            /without user/,
        ],
        [
            "a path",
            { without: ["console-url"], more: ["--console-url", "https://console.example.org/api"] },
            /address alone/,
        ],
        [
            "no address",
            { without: ["console-url"], more: ["--console-url", "console"] },
            /write https:\/\/HOST/,
        ],
        ["a strange tenant", { without: ["tenant"], more: ["--tenant", "a b"] }, /is not a tenant id/],
        ["a strange label", { without: ["label"], more: ["--label", "a\nb"] }, /is not a label/],
        ["console and none", { more: ["--no-upload"] }, /--console-url does not go with --no-upload/],
    ];
    for (const [name, given, message] of usage) {
        it(`is wrong usage: ${name}`, async () => {
            await reportFile([]);
            const { code, out } = await scan(given);
            assert.match(out, message);
            assert.deepEqual([code, console.attempts], [64, 0]);
        });
    }
});
