import assert from "node:assert/strict";
import { version } from "../package.json";
import { runGate } from "./cli";
import { useBundledGate } from "./commands/testing/bundledGate";
import { sampleImage } from "./grype/testing/grypeDocument";

describe("gate command line", () => {
    const gate = useBundledGate();
    for (const args of [["--help"], ["help"], ["scan", "--help"], ["verdict", "-h"], ["promote", "--help"]]) {
        it(`helps: gate ${args.join(" ")}`, async () => {
            const { code, out, err } = await gate.run(args);
            assert.deepEqual([code, err], [0, ""]);
            assert.match(out, /Exit codes: 0 pass, 1 fail .*, 2 incomplete .*, 64 wrong usage\./);
            if (args[0] === "scan") assert.match(out, /--scanner NAME +whose answer/);
        });
    }

    it("says its version", async () => {
        const { code, out, err } = await gate.run(["--version"]);
        assert.deepEqual([code, out, err], [0, `gate ${version}\n`, ""]);
    });

    it("does not take the value of an option for a request for help", async () => {
        const values: [string[], number][] = [
            [
                [
                    "promote",
                    "--from",
                    sampleImage,
                    "--to",
                    "registry.example.org/orders/staging",
                    "--tag",
                    "-h",
                ],
                64,
            ],
            [["verdict", "--image", sampleImage, "--execution", "--help"], 64],
        ];
        for (const [args, expected] of values) {
            const { code, out } = await gate.run(args);
            assert.deepEqual([code, out], [expected, ""], args.join(" "));
        }
    });

    const image = ["--image", sampleImage];
    const wrong: [string[], RegExp, Record<string, string>?][] = [
        [[], /no command is given/],
        [["open"], /no command "open"/],
        [["scan", "--colour"], /Unknown option '--colour'/],
        [["scan", "now"], /Unexpected argument 'now'/],
        [["scan"], /--scanner \(or GATE_SCANNER\) is missing/],
        [["scan", "--scanner", "clair"], /"clair" is none of anchore, grype/],
        [["scan", "--scanner", "grype", "--scanner", "grype"], /--scanner is given twice/],
        [["scan", "--scanner", "grype", "--tag", "1"], /Unknown option '--tag'/],
        [["scan", "--scanner", "grype"], /--image \(or GATE_IMAGE\) is missing/],
        [["scan", "--scanner", "grype", "--image", ""], /--image is empty/],
        [
            ["scan", "--scanner", "grype", "--image", "example.org/app:1"],
            /"example\.org\/app:1" is not an image by digest/,
        ],
        [["scan", "--scanner", "grype", ...image, "--out", "o"], /--report \(or GATE_REPORT\) is missing/],
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
            /Unknown option '--canary'/,
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
            ["verdict", ...image, "--evidence", "s3://bucket", "--application", "../a", "--execution", "1"],
            /--application/,
        ],
        [
            ["verdict", ...image, "--evidence", "s3://bucket", "--application", "a", "--execution", "a/b"],
            /--execution/,
        ],
        [
            ["promote", "--from", "example.org/app:1", "--to", "example.org/b", "--tag", "1"],
            /not an image by digest/,
        ],
        [["promote", "--from", sampleImage, "--to", "b", "--tag", "1"], /"b" is not a repository/],
        [["promote", "--from", sampleImage, "--to", "example.org/b", "--tag", "a b"], /"a b" is not a tag/],
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
        assert.deepEqual(await gate.run(["scan", "--colour"]), {
            code: 64,
            out: "",
            err: "gate: Unknown option '--colour'\nSee: gate scan --help\n",
        });
    });

    it("takes every option from a variable, flags first", async () => {
        const report = await gate.grypeFile("variables.json", []);
        const { code, out } = await gate.run(["scan", "--report", report], {
            GATE_SCANNER: "grype",
            GATE_IMAGE: sampleImage,
            GATE_REPORT: "nowhere.json",
            GATE_POLICY: gate.at("policy.yml"),
            GATE_OUT: gate.at("variables"),
            GATE_ADVISORY: "false",
            GATE_EVIDENCE: "",
        });
        assert.equal(code, 0);
        assert.match(out, /^PASS: /);
    });

    it("ends with 2 when the policy is absent or not valid, naming all that is wrong", async () => {
        const report = await gate.grypeFile("clean.json", []);
        const absent = await gate.run([
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
        const bad = await gate.file("bad.yml", "version: 2\nlimits: {critical: unlimited}\n");
        const invalid = await gate.run(["verdict", ...image, "--reports", gate.at(), "--policy", bad]);
        assert.equal(invalid.code, 2);
        assert.match(
            invalid.err,
            /^gate: INCOMPLETE: .*bad\.yml: gate policy is not valid: 1:10 version .*; 2:20 limits\.critical .*\n$/,
        );
    });
});
