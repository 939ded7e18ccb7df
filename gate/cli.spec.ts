import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listed } from "./anchore/testing/engineModel";
import { startEngine, type EngineState } from "./anchore/testing/engineServer";
import { dataWith, registryImage } from "./anchore/testing/scenario";
import { bundleGate } from "./bundle";
import { runGate } from "./cli";
import { S3Server } from "./evidence/testing/s3Server";
import {
    sampleDigest,
    sampleGrypeDocument,
    sampleImage,
    type SampleMatch,
} from "./grype/testing/grypeDocument";
import { RegistryServer } from "./registry/testing/registryServer";
import { addImage } from "./registry/testing/sampleImage";
import type { Verdict } from "./verdict/verdict";

interface Ending {
    code: number | null;
    out: string;
    err: string;
}

/** The bundled gate, run as a build step runs it: one file, in a process of its own, with only its own variables. */
describe("gate command", () => {
    let folder: string;
    let policyFile: string;
    before(async () => {
        folder = await mkdtemp(join(tmpdir(), "gate-cli-"));
        await writeFile(join(folder, "gate.cjs"), bundleGate().code);
        policyFile = await file("policy.yml", "version: 1\n");
    });
    after(() => rm(folder, { recursive: true }));

    async function file(name: string, content: string): Promise<string> {
        const path = join(folder, name);
        await writeFile(path, content);
        return path;
    }

    async function grypeFile(
        name: string,
        matches: SampleMatch[],
        change?: (text: string) => string,
    ): Promise<string> {
        const text = JSON.stringify(sampleGrypeDocument(matches, new Date()));
        return file(name, change?.(text) ?? text);
    }

    function gate(args: string[], environment: Record<string, string> = {}): Promise<Ending> {
        return new Promise((resolve, reject) => {
            const child = spawn(process.execPath, [join(folder, "gate.cjs"), ...args], {
                cwd: folder,
                env: { PATH: process.env["PATH"], AWS_EC2_METADATA_DISABLED: "true", ...environment },
            });
            const ending: Ending = { code: null, out: "", err: "" };
            child.stdout.on("data", (chunk) => (ending.out += chunk));
            child.stderr.on("data", (chunk) => (ending.err += chunk));
            child.on("error", reject);
            child.on("close", (code) => resolve({ ...ending, code }));
        });
    }

    function scanGrype(report: string, ...more: string[]): Promise<Ending> {
        const common = ["--image", sampleImage, "--policy", policyFile, "--out", join(folder, "out")];
        return gate(["scan", "--scanner", "grype", "--report", report, ...common, ...more]);
    }

    async function readJson<T>(...path: string[]): Promise<T> {
        return JSON.parse(await readFile(join(folder, ...path), "utf8")) as T;
    }

    describe("command line", () => {
        for (const args of [
            ["--help"],
            ["help"],
            ["scan", "--help"],
            ["verdict", "-h"],
            ["promote", "--help"],
        ]) {
            it(`helps: gate ${args.join(" ")}`, async () => {
                const { code, out, err } = await gate(args);
                assert.deepEqual([code, err], [0, ""]);
                assert.match(out, /Exit codes: 0 pass, 1 fail .*, 2 incomplete .*, 64 wrong usage\./);
                if (args[0] === "scan") assert.match(out, /--scanner anchore\|grype +whose answer/);
            });
        }

        const image = ["--image", sampleImage];
        const wrong: [string[], RegExp, Record<string, string>?][] = [
            [[], /no command is given/],
            [["open"], /no command "open"/],
            [["scan", "--colour"], /Unknown option '--colour'/],
            [["scan", "now"], /Unexpected argument 'now'/],
            [["scan"], /--scanner \(or GATE_SCANNER\) is missing/],
            [["scan", "--scanner", "clair"], /"clair" is none of anchore, grype/],
            [["scan", "--scanner", "grype", "--scanner", "grype"], /--scanner is given twice/],
            [["scan", "--scanner", "grype", "--tag", "1"], /--tag does not go with --scanner grype/],
            [["scan", "--scanner", "grype"], /--image \(or GATE_IMAGE\) is missing/],
            [["scan", "--scanner", "grype", "--image", ""], /--image is empty/],
            [
                ["scan", "--scanner", "grype", "--image", "example.org/app:1"],
                /"example\.org\/app:1" is not an image by digest/,
            ],
            [
                ["scan", "--scanner", "grype", ...image, "--out", "o"],
                /--report \(or GATE_REPORT\) is missing/,
            ],
            [
                ["scan", "--scanner", "grype", ...image, "--out", "o"],
                /GATE_ADVISORY is "yes"/,
                { GATE_ADVISORY: "yes" },
            ],
            [
                ["scan", "--scanner", "grype", ...image, "--out", "o", "--execution", "1"],
                /--execution only goes with --evidence/,
            ],
            [
                [
                    "scan",
                    "--scanner",
                    "anchore",
                    ...image,
                    "--out",
                    "o",
                    "--tag",
                    "1",
                    "--anchore-url",
                    "https://a.example",
                    "--anchore-user",
                    "admin",
                ],
                /ANCHORE_PASSWORD is not set/,
            ],
            [
                [
                    "scan",
                    "--scanner",
                    "anchore",
                    ...image,
                    "--out",
                    "o",
                    "--tag",
                    "1",
                    "--anchore-url",
                    "https://a.example",
                    "--anchore-user",
                    "admin",
                    "--timeout",
                    "1e9",
                ],
                /--timeout "1e9"/,
            ],
            [
                [
                    "scan",
                    "--scanner",
                    "anchore",
                    ...image,
                    "--out",
                    "o",
                    "--tag",
                    "1",
                    "--anchore-url",
                    "https://a.example",
                    "--anchore-user",
                    "admin",
                    "--canary",
                    "bad:1",
                ],
                /--canary "bad:1" is not TAG@sha256/,
            ],
            [
                ["scan", "--scanner", "grype", ...image, "--out", "o", "--canary", "1"],
                /--canary does not go with --scanner grype/,
            ],
            [["verdict", ...image], /give either --reports FOLDER or --evidence/],
            [
                [
                    "verdict",
                    ...image,
                    "--reports",
                    "a",
                    "--evidence",
                    "./b",
                    "--application",
                    "a",
                    "--execution",
                    "1",
                ],
                /give either/,
            ],
            [
                ["verdict", ...image, "--evidence", "s3:/b", "--application", "a", "--execution", "1"],
                /is not s3:\/\/BUCKET/,
            ],
            [
                [
                    "verdict",
                    ...image,
                    "--evidence",
                    "s3://bucket",
                    "--application",
                    "../a",
                    "--execution",
                    "1",
                ],
                /--application/,
            ],
            [
                [
                    "verdict",
                    ...image,
                    "--evidence",
                    "s3://bucket",
                    "--application",
                    "a",
                    "--execution",
                    "a/b",
                ],
                /--execution/,
            ],
            [
                ["promote", "--from", "example.org/app:1", "--to", "example.org/b", "--tag", "1"],
                /not an image by digest/,
            ],
            [["promote", "--from", sampleImage, "--to", "b", "--tag", "1"], /"b" is not a repository/],
            [
                ["promote", "--from", sampleImage, "--to", "example.org/b", "--tag", "a b"],
                /"a b" is not a tag/,
            ],
        ];
        for (const [args, message, environment] of wrong) {
            const shown = args.map((text) => text.slice(0, 30)).join(" ");
            it(`refuses with 64: gate ${shown} ${Object.keys(environment ?? {}).join("")}`, async () => {
                const lines: string[] = [];
                const code = await runGate(args, {
                    environment: environment ?? {},
                    now: () => new Date(),
                    print: () => assert.fail("nothing belongs on standard output"),
                    complain: (line) => lines.push(line),
                    colours: false,
                });
                assert.deepEqual([code, lines.length], [64, 2]);
                assert.match(lines[0] ?? "", message);
                assert.match(lines[1] ?? "", /^See: gate (\w+ )?--help$/);
            });
        }

        it("ends the process with 64 as well", async () => {
            assert.deepEqual(await gate(["scan", "--colour"]), {
                code: 64,
                out: "",
                err: "gate: Unknown option '--colour'\nSee: gate scan --help\n",
            });
        });

        it("takes every option from a variable, flags first", async () => {
            const report = await grypeFile("variables.json", []);
            const { code, out } = await gate(["scan", "--report", report], {
                GATE_SCANNER: "grype",
                GATE_IMAGE: sampleImage,
                GATE_REPORT: "nowhere.json",
                GATE_POLICY: policyFile,
                GATE_OUT: join(folder, "variables"),
                GATE_ADVISORY: "false",
                GATE_EVIDENCE: "",
            });
            assert.equal(code, 0);
            assert.match(out, /^PASS: /);
        });

        it("ends with 2 when the policy is absent or not valid, naming all that is wrong", async () => {
            const report = await grypeFile("clean.json", []);
            const absent = await gate([
                "scan",
                "--scanner",
                "grype",
                "--report",
                report,
                ...image,
                "--out",
                "o",
                "--policy",
                "none.yml",
            ]);
            assert.equal(absent.code, 2);
            assert.match(
                absent.err,
                /^gate: INCOMPLETE: the gate policy none\.yml cannot be read \(ENOENT[^\n]*\n$/,
            );
            const bad = await file("bad.yml", "version: 2\nlimits: {critical: unlimited}\n");
            const invalid = await gate(["verdict", ...image, "--reports", folder, "--policy", bad]);
            assert.equal(invalid.code, 2);
            assert.match(
                invalid.err,
                /^gate: INCOMPLETE: .*bad\.yml: gate policy is not valid: version: .*; limits\.critical: .*\n$/,
            );
        });
    });

    describe("scan with grype", () => {
        it("passes a clean image and writes what it was given and what it made of it", async () => {
            const path = await grypeFile("clean.json", [{ severity: "Low" }]);
            const { code, out, err } = await scanGrype(path);
            assert.deepEqual([code, err], [0, ""]);
            assert.equal(
                out,
                `PASS: ${sampleImage} passes (0 critical, 0 high, 0 medium, 1 low, 0 negligible)\n`,
            );
            assert.equal(
                await readFile(join(folder, "out", "raw.json"), "utf8"),
                await readFile(path, "utf8"),
            );
            assert.equal((await readJson<{ complete: boolean }>("out", "report.json")).complete, true);
            assert.equal((await readJson<Verdict>("out", "verdict.json")).outcome, "pass");
        });

        it("refuses a finding over the limit, in one line with limit and fix", async () => {
            const { code, out, err } = await scanGrype(await grypeFile("bad.json", [{}]));
            assert.deepEqual([code, err], [1, ""]);
            assert.deepEqual(out.trimEnd().split("\n"), [
                `FAIL: ${sampleImage} is refused (1 critical, 0 high, 0 medium, 0 low, 0 negligible)`,
                "  KIND           SCANNER  REASON",
                "  limitExceeded  grype    CVE-2021-3711 (critical) in openssl 1.1.1k-1 (deb, /var/lib/dpkg/status): " +
                    "grype counts 1 critical, 0 allowed; fixed in 1.1.1k-1+deb11u1",
            ]);
            assert.equal((await readJson<Verdict>("out", "verdict.json")).outcome, "fail");
        });

        it("lets no name from the image forge a line of the log", async () => {
            const package_ = "evil\n\u001b[2JPASS: all is well\u2028";
            const { code, out } = await scanGrype(await grypeFile("forged.json", [{ package: package_ }]));
            assert.equal(code, 1);
            assert.equal(out.trimEnd().split("\n").length, 3);
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
                const { code, out } = await scanGrype(await file("odd.json", content));
                assert.equal(code, 2);
                assert.match(out, /^INCOMPLETE: .* could not be judged\n {2}KIND/);
                assert.equal(await readFile(join(folder, "out", "raw.json"), "utf8"), content);
            });
        }

        it("cannot judge a report cut off, of old data, of another image, or that is not there", async () => {
            const cut = await grypeFile("cut.json", [], (text) => text.slice(0, -2));
            const old = await grypeFile("old.json", [], (text) =>
                text.replace(/"built":"[^"]+"/, '"built":"2025-01-01T00:00:00Z"'),
            );
            const other = await grypeFile("other.json", [], (text) =>
                text.replaceAll(sampleDigest, `sha256:${"0".repeat(64)}`),
            );
            for (const [path, reason] of [
                [cut, /cut off/],
                [old, /2025-01-01T00:00:00\.000Z, more than 120 hours ago/],
                [other, /grype scanned sha256:0000/],
                [join(folder, "none.json"), /there is no grype report/],
            ] as const) {
                const { code, out } = await scanGrype(path);
                assert.equal(code, 2, path);
                assert.match(out, reason);
            }
        });

        it("is advisory only for a scanner that the policy does not require", async () => {
            const report = await grypeFile("bad.json", [{}]);
            const required = await scanGrype(report, "--advisory");
            assert.equal(required.code, 64);
            assert.match(required.err, /requires grype, so it cannot be advisory/);
            const policy = await file("anchore.yml", "{version: 1, requiredScanners: [anchore]}");
            const args = [
                "scan",
                "--scanner",
                "grype",
                "--report",
                report,
                "--image",
                sampleImage,
                "--out",
                "o",
            ];
            const advisory = await gate([...args, "--policy", policy], { GATE_ADVISORY: "true" });
            assert.equal(advisory.code, 0);
            assert.match(
                advisory.out,
                /^FAIL: .*\n(.*\n)*grype is advisory: this does not stop the pipeline\n$/,
            );
            assert.equal((await gate([...args, "--policy", policy])).code, 1);
        });
    });

    describe("scan with Anchore Engine", () => {
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
                return await gate(
                    [
                        ...["scan", "--scanner", "anchore", "--image", `${repository}@${ownImage.digest}`],
                        ...["--tag", "c0ffee", "--policy", policyFile, "--out", join(folder, "anchore")],
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
                (await readJson<{ scanner: { name: string } }>("anchore", "report.json")).scanner.name,
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
            const raw = await readFile(join(folder, "anchore", "raw.json"), "utf8");
            assert.ok(
                !raw.includes("sword-fish") &&
                    !raw.includes(Buffer.from("admin:sword-fish").toString("base64")),
            );
        });
    });

    describe("evidence and verdict", () => {
        let s3: S3Server;
        beforeEach(async () => {
            s3 = await S3Server.start();
        });
        afterEach(() => s3.stop());

        const place = ["--evidence", "s3://evidence", "--application", "orders", "--execution", "run-1"];
        const key = (name: string): string =>
            `evidence/orders/${sampleDigest.replace(":", "-")}/grype/run-1/${name}`;
        const aws = (): Record<string, string> => ({
            AWS_ENDPOINT_URL_S3: s3.url,
            AWS_REGION: "us-east-1",
            AWS_ACCESS_KEY_ID: "test",
            AWS_SECRET_ACCESS_KEY: "test",
        });
        const scan = (report: string): Promise<Ending> =>
            gate(
                [
                    "scan",
                    "--scanner",
                    "grype",
                    "--image",
                    sampleImage,
                    "--policy",
                    policyFile,
                    "--report",
                    report,
                    "--out",
                    "e",
                    ...place,
                ],
                aws(),
            );
        const verdict = (...more: string[]): Promise<Ending> =>
            gate(["verdict", "--image", sampleImage, "--policy", policyFile, ...more], aws());

        it("records a pass, and the verdict opens on it and on nothing else", async () => {
            assert.equal((await scan(await grypeFile("clean.json", []))).code, 0);
            assert.deepEqual([...s3.objects.keys()], [key("raw.json"), key("report.json")]);
            assert.equal((await verdict(...place)).code, 0);
            const missing = await verdict(...place.slice(0, -1), "run-2");
            assert.equal(missing.code, 2);
            assert.match(missing.out, /reportMissing +grype +there is no grype report for sha256:/);
            s3.objects.set(
                key("report.json"),
                s3.objects.get(key("report.json"))?.subarray(1) ?? assert.fail(),
            );
            const damaged = await verdict(...place);
            assert.equal(damaged.code, 2);
            assert.match(damaged.out, /reportUnreadable +grype .*s3:\/\/evidence\/orders\/.* is not JSON/);
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
                const { code, out } = await gate(
                    ["verdict", "--image", sampleImage, "--policy", policyFile, ...place],
                    {
                        AWS_ENDPOINT_URL_S3: s3.url,
                        AWS_REGION: "us-east-1",
                        AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/`,
                    },
                );
                assert.equal(code, 2);
                assert.match(out, /reportMissing +grype/);
                assert.ok(!out.includes("reportUnreadable"), out);
                assert.deepEqual(s3.requests.length, 2);
            } finally {
                await new Promise((resolve) => credentials.close(resolve));
            }
        });

        it("records a refusal and an incomplete scan as well", async () => {
            assert.equal((await scan(await grypeFile("bad.json", [{}]))).code, 1);
            assert.equal(s3.objects.size, 2);
            assert.equal((await verdict(...place)).code, 1);
            s3.objects.clear();
            assert.equal((await scan(await file("odd.json", ""))).code, 2);
            assert.equal(s3.objects.size, 2);
            assert.equal((await verdict(...place)).code, 2);
        });

        it("does not pass when evidence cannot be written, or says something else already", async () => {
            const clean = await grypeFile("clean.json", []);
            s3.interruptions.push({ method: "PUT", status: 403, code: "AccessDenied" });
            const refused = await scan(clean);
            assert.equal(refused.code, 2);
            assert.match(
                refused.err,
                /^gate: evidence s3:\/\/evidence\/orders\/.* cannot be written \(AccessDenied: AccessDenied\)\n$/,
            );
            assert.equal((await scan(await grypeFile("bad.json", [{}]))).code, 1);
            const other = await scan(clean);
            assert.equal(other.code, 2);
            assert.match(other.err, /exists with other content and is written only once/);
            assert.equal((await verdict(...place)).code, 1);
        });

        it("judges the reports of a folder, at any depth", async () => {
            const root = join(folder, "reports");
            const out = join(folder, "decision");
            await mkdir(root);
            assert.equal((await verdict("--reports", root)).code, 2);
            const args = ["scan", "--scanner", "grype", "--image", sampleImage, "--policy", policyFile];
            const report = await grypeFile("clean.json", []);
            await gate([...args, "--report", report, "--out", join(root, "a", "grype")]);
            assert.equal((await verdict("--reports", root, "--out", out)).code, 0);
            assert.equal((await readJson<Verdict>("decision", "verdict.json")).outcome, "pass");
            await writeFile(join(root, "report.json"), "{");
            const second = await verdict("--reports", root);
            assert.equal(second.code, 2);
            assert.match(
                second.out,
                /reportUnreadable +- +a scan report cannot be read \(.*report\.json is not JSON/,
            );
            assert.equal((await verdict("--reports", join(folder, "nowhere"))).code, 2);
        });
    });

    describe("promote", () => {
        it("copies, is repeatable, never moves a tag and says why", async () => {
            const registry = await RegistryServer.start({
                login: { scheme: "bearer", user: "robot", password: "secret" },
            });
            const environment = { GATE_REGISTRY_USER: "robot", GATE_REGISTRY_PASSWORD: "secret" };
            try {
                const image = addImage(registry.repository("orders/candidate"), [Buffer.from("layer")]);
                const later = addImage(registry.repository("orders/candidate"), [Buffer.from("later")]);
                const staging = registry.repository("orders/staging");
                const promote = (digest: string, variables = environment): Promise<Ending> =>
                    gate(
                        [
                            ...["promote", "--from", `${registry.host}/orders/candidate@${digest}`],
                            ...["--to", `${registry.host}/orders/staging`, "--tag", "abc123"],
                        ],
                        variables,
                    );
                const first = await promote(image.digest);
                assert.equal(first.code, 0, first.err);
                assert.match(
                    first.out,
                    /^PROMOTED: \S+\/orders\/staging@sha256:\S+ as abc123, read back and compared; copied 2 blobs/,
                );
                assert.deepEqual([...staging.tags], [["abc123", image.digest]]);
                const again = await promote(image.digest);
                assert.equal(again.code, 0);
                assert.match(again.out, /was there already\n$/);
                const moved = await promote(later.digest);
                assert.equal(moved.code, 1);
                assert.match(moved.out, /^REFUSED: tag abc123 of .* a released tag is never moved/);
                assert.deepEqual([...staging.tags], [["abc123", image.digest]]);
                const anonymous = await promote(image.digest, {} as typeof environment);
                assert.equal(anonymous.code, 2);
                assert.match(anonymous.out, /^NOT PROMOTED: .*\n$/);
            } finally {
                await registry.stop();
            }
        });
    });
});

describe("gate bundle", () => {
    it("is the same every time and holds no path of this machine", () => {
        const [one, two] = [bundleGate(), bundleGate()];
        assert.match(one.sha256, /^[0-9a-f]{64}$/);
        assert.equal(one.sha256, two.sha256);
        const text = Buffer.from(one.code).toString();
        assert.ok(!text.includes(process.cwd()), "holds the working directory");
        assert.ok(!text.includes("sourceMappingURL"));
        assert.ok(one.code.length < 3_000_000, `${one.code.length} bytes`);
    });

    it("does not depend on the working directory", () => {
        const here = process.cwd();
        const { sha256 } = bundleGate();
        process.chdir(tmpdir());
        try {
            assert.equal(bundleGate().sha256, sha256);
        } finally {
            process.chdir(here);
        }
    });
});
