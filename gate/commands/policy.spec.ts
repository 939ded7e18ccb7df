import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runGate } from "../cli";

describe("gate policy", () => {
    let folder = "";
    beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "policy-"))));
    afterEach(() => rm(folder, { recursive: true }));

    async function run(args: string[], now = "2026-03-04T12:00:00Z") {
        const out: string[] = [];
        const err: string[] = [];
        const code = await runGate(["policy", ...args], {
            environment: {},
            now: () => new Date(now),
            print: (line) => void out.push(line.replaceAll(folder, "F")),
            complain: (line) => void err.push(line),
            colours: false,
        });
        return { code, out, err };
    }
    async function check(content: string | Uint8Array, now?: string) {
        await writeFile(join(folder, "policy.yml"), content);
        return run(["check", join(folder, "policy.yml")], now);
    }

    const policy = [
        "version: 1",
        "limits: { high: 1, medium: 5 }",
        "unfixedCountsAs: low",
        "requiredScanners: { test: [grype, anchore] }",
        "maximumWaiverDays: { critical: 0 }",
        "waivers:",
        "  - id: CVE-2022-0778",
        "    applications: [orders, billing]",
        "    reason: Certificates are parsed by the load balancer.",
        "    owner: platform",
        "    created: 2026-02-01",
        "    expires: 2026-03-20",
        "  - id: CVE-2021-3711",
        "    package: openssl",
        "    reason: The function is not reachable from outside.",
        "    owner: payments-team",
        "    created: 2026-03-01",
        "    expires: 2026-03-10",
        "",
    ].join("\n");

    it("shows what a valid policy means, defaults and waivers included", async () => {
        const { code, out, err } = await check(policy);
        assert.deepEqual([code, err], [0, []]);
        assert.deepEqual(out, [
            "OK: F/policy.yml is valid",
            "  SEVERITY    ALLOWED, OR WORSE  WAIVER LIVES AT MOST",
            "  critical    0                  cannot be waived",
            "  high        1                  30 days",
            "  medium      5                  90 days",
            "  low         unlimited          180 days",
            "  negligible  unlimited          365 days",
            "",
            "  SETTING             MEANING",
            "  unknown severity    counts as high",
            "  without a fix       counts as low at most",
            "  test                requires grype, anchore; advisory: accuknox, lacework, inspector",
            "  scanStagingImage    requires grype; advisory: anchore, accuknox, lacework, inspector",
            "  report              believed for 24 hours",
            "  vulnerability data  believed for 120 hours",
            "",
            "  WAIVER         PACKAGE  APPLICATIONS     OWNER          EXPIRES     LEFT     EXCUSES",
            "  CVE-2021-3711  openssl  all              payments-team  2026-03-10  7 days   high or milder",
            "  CVE-2022-0778  all      orders, billing  platform       2026-03-20  17 days  medium or milder",
        ]);
    });

    it("ends with 1 when a waiver of a valid policy has expired", async () => {
        assert.equal((await check(policy, "2026-03-10T23:59:59.999Z")).code, 0);
        const { code, out } = await check(policy, "2026-03-11T00:00:00Z");
        assert.equal(code, 1);
        assert.equal(out[0], "VALID, BUT NOT IN FORCE: F/policy.yml");
        assert.ok(
            out.includes(
                "  CVE-2021-3711  openssl  all              payments-team  2026-03-10  EXPIRED  high or milder",
            ),
            out.join("\n"),
        );
        assert.deepEqual(out.slice(-3), [
            "  ! the waiver of CVE-2021-3711 (owner payments-team) expired at the end of 2026-03-10 (UTC): mend the finding",
            "    and remove the waiver, or renew it",
            "Until that is done, every verdict on what it is for fails.",
        ]);
    });

    it("ends with 1 when a waiver is dated in the future", async () => {
        const { code, out } = await check(policy, "2026-02-20T00:00:00Z");
        assert.equal(code, 1);
        assert.match(out.join("\n"), /CVE-2021-3711 .* NOT YET .*/);
        assert.match(out.join("\n"), /only holds from 2026-03-01 \(UTC\): remove it until then/);
    });

    it("lists every problem by file, line and column", async () => {
        const { code, out } = await check("version: 1\nlimits:\n  high: -1\n  hihg: 1\nwaivers: [{}]\n");
        assert.equal(code, 2);
        assert.deepEqual(out.slice(0, 3), [
            'F/policy.yml:3:9 limits.high: must be a whole number of findings from 0 to 1000000, or "unlimited", not -1',
            'F/policy.yml:4:3 limits.hihg: is not a setting; known here: critical, high, medium, low, negligible; did you mean "high"?',
            "F/policy.yml:5:11 waivers.0.id: is required: must be the vulnerability's id as the scanner writes it, such as CVE-2021-3711, in full, without white space and without *",
        ]);
        assert.equal(out.at(-1), "NOT VALID: F/policy.yml has 7 problems");
    });

    it("prints no line that the policy wrote", async () => {
        const { out } = await check('version: 1\n"x\\nOK: valid\\e[2K": 1\nunknownCountsAs: "a\\nOK: b"\n');
        assert.equal(out.length, 3);
        assert.ok(out.every((line) => line.startsWith("F/policy.yml:") || line.startsWith("NOT VALID")));
        assert.ok(!out.join("").includes("\u001b"));
    });

    for (const [name, content, message] of [
        ["an empty file", "", "F/policy.yml:1:1 must be an object, not null"],
        ["UTF-16", Buffer.from("\ufeffversion: 1\n", "utf16le"), "F/policy.yml: cannot be read ("],
        ["half a document", '{"version": 1, "limits": {', "F/policy.yml:1:27 Flow map in block collection"],
    ] as const) {
        it(`refuses ${name}`, async () => {
            const { code, out } = await check(content);
            assert.equal(code, 2);
            assert.ok(out[0]?.startsWith(message), out[0]);
        });
    }

    it("refuses what is no file", async () => {
        for (const path of [folder, join(folder, "none.yml")]) {
            const { code, out } = await run(["check", path]);
            assert.equal(code, 2);
            assert.match(out[0] ?? "", /: cannot be read \(E(ISDIR|NOENT)/);
        }
    });

    it("knows one thing to do", async () => {
        for (const args of [[], ["check"], ["lint", "x"], ["check", "a", "b"], ["check", ""], ["x.yml"]])
            assert.equal((await run(args)).code, 64, args.join(" "));
    });
});
