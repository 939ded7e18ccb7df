import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runGate } from "../cli";
import type { Finding, ScanReport } from "../report/scanReport";
import { digest, now, reportOf } from "../verdict/testing/verdictSamples";
import { outputWidth } from "./textTable";

const image = `example.org/app@${digest}`;
const otherDigest = `sha256:${"b".repeat(64)}`;

function found(id: string, severity: Finding["severity"], change: Partial<Finding> = {}): Finding {
    const openssl = { name: "openssl", version: "1.1.1k", type: "deb", path: "/var/lib/dpkg/status" };
    return {
        ...{ id, severity, package: openssl, fixedIn: "1.1.1l", willNotFix: false, url: null },
        ...{ source: "/matches/0", ...change },
    };
}

const policy = [
    "version: 1",
    "limits: { high: 1 }",
    "unfixedCountsAs: low",
    "requiredScanners: { test: [grype, anchore] }",
    "waivers:",
    "  - id: CVE-1",
    "    applications: [orders]",
    "    reason: The function is not reachable from outside.",
    "    owner: payments-team",
    "    created: 2026-03-01",
    "    expires: 2026-03-10",
    "",
].join("\n");

describe("gate explain", () => {
    let folder = "";
    beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), "explain-"));
        await writeFile(join(folder, "policy.yml"), policy);
    });
    afterEach(() => rm(folder, { recursive: true }));

    async function run(...args: string[]) {
        const out: string[] = [];
        const err: string[] = [];
        const code = await runGate(["explain", "--policy", join(folder, "policy.yml"), ...args], {
            environment: {},
            now: () => now,
            print: (line) => void out.push(line),
            complain: (line) => void err.push(line),
            colours: false,
        });
        return { code, out, err };
    }
    async function stored(name: string, report: unknown): Promise<string> {
        await mkdir(join(folder, "reports", name), { recursive: true });
        const path = join(folder, "reports", name, "report.json");
        await writeFile(path, typeof report === "string" ? report : JSON.stringify(report));
        return path;
    }
    const findings = [
        found("CVE-1", "critical"),
        found("CVE-2", "high"),
        found("CVE-3", "unknown"),
        found("CVE-4", "critical", { fixedIn: null }),
    ];

    it("says why a verdict is what it is, in tables of 110 columns", async () => {
        await stored("a/deep", reportOf("grype", findings));
        await stored("b", reportOf("anchore", []));
        const { code, out, err } = await run("--application", "orders", join(folder, "reports"));
        assert.deepEqual([code, err], [1, []]);
        const [first, second, ...rest] = out;
        assert.equal(first, `FAIL: ${image} is refused (0 critical, 2 high, 0 medium, 1 low, 0 negligible)`);
        assert.match(second ?? "", /^stage test, application orders, policy sha256:[0-9a-f]{16}…$/);
        assert.deepEqual(rest, [
            "",
            "anchore (required)",
            "  SEVERITY    LIMIT      OR WORSE  COUNTED  UNFIXED  UNKNOWN  WAIVED",
            "  critical    0          0         0        0        0        0",
            "  high        1          0         0        0        0        0",
            "  medium      unlimited  0         0        0        0        0",
            "  low         unlimited  0         0        0        0        0",
            "  negligible  unlimited  0         0        0        0        0",
            "",
            "grype (required)",
            "  SEVERITY    LIMIT      OR WORSE  COUNTED  UNFIXED  UNKNOWN  WAIVED",
            "  critical    0          0         0        0        0        1",
            "  high        1          2 OVER    2        0        1        0",
            "  medium      unlimited  2         0        0        0        0",
            "  low         unlimited  3         1        1        0        0",
            "  negligible  unlimited  3         0        0        0        0",
            "",
            "LIMIT is on OR WORSE: findings counted as that severity or a worse one, without those WAIVED. UNFIXED: of",
            "COUNTED, those that are worse and count as low at most for want of a fix. UNKNOWN: of COUNTED, those without a",
            "severity, which count as high.",
            "",
            "Reasons, those that decide first:",
            "  KIND           SCANNER  REASON",
            "  limitExceeded  grype    CVE-2 (high) in openssl 1.1.1k (deb, /var/lib/dpkg/status): grype counts 2 high or",
            "                          worse, 1 allowed; fixed in 1.1.1l",
            "  limitExceeded  grype    CVE-3 (unknown, counted as high) in openssl 1.1.1k (deb, /var/lib/dpkg/status):",
            "                          grype counts 2 high or worse, 1 allowed; fixed in 1.1.1l",
            "  waived         grype    CVE-1 (critical) in openssl 1.1.1k (deb, /var/lib/dpkg/status): waived by",
            "                          payments-team to the end of 2026-03-10: The function is not reachable from outside;",
            "                          fixed in 1.1.1l",
            "",
            "What would make it pass:",
            "  - grype counts 2 high or worse and 1 may be: 1 of them must go",
            "  - upgrade openssl 1.1.1k to 1.1.1l (2 vulnerabilities)",
            "  - with every fix installed that these reports know the verdict would be PASS",
        ]);
        assert.deepEqual(
            rest.filter(({ length }) => length > outputWidth),
            [],
        );
    });

    it("says how long a pass lasts, and judges for the stage that is asked for", async () => {
        const grype = await stored("a", reportOf("grype", []));
        const { code, out } = await run("--stage", "scanStagingImage", grype);
        assert.equal(code, 0);
        assert.deepEqual(out.slice(-2), [
            "How long it passes:",
            "  - it passes until 2026-03-05T11:00:00.000Z: then the grype report is too old",
        ]);
        assert.equal((await run("--stage", "test", grype)).code, 2);
        assert.equal((await run("--stage", "production", grype)).code, 64);
        assert.equal((await run("--application", "a\nPASS: b", grype)).code, 64);
    });

    it("does not overlook what it cannot read", async () => {
        const grype = await stored("a", reportOf("grype", []));
        const anchore = await stored("b", reportOf("anchore", []));
        assert.equal((await run(grype, anchore)).code, 0);
        const broken = await stored("c", '{"version": 1');
        await mkdir(join(folder, "empty"));
        for (const more of [broken, join(folder, "none.json"), join(folder, "empty")]) {
            const { code, out } = await run(grype, anchore, more);
            assert.equal(code, 2, more);
            assert.match(out.join("\n"), /reportUnreadable +-/);
        }
    });

    it("counts a report that is named twice once, and two that differ as a contradiction", async () => {
        const anchore = await stored("b", reportOf("anchore", []));
        const grype = await stored("a", reportOf("grype", []));
        assert.equal((await run(grype, anchore, join(folder, "reports"))).code, 0);
        const second = await stored("c", reportOf("grype", findings));
        const { code, out } = await run(grype, anchore, second);
        assert.equal(code, 2);
        assert.match(out.join("\n"), /reportConflict +grype/);
    });

    it("asks which image is meant when the reports do not agree", async () => {
        const other: ScanReport = {
            ...reportOf("anchore", []),
            subject: { image: `example.org/app@${otherDigest}`, digest: otherDigest },
        };
        const paths = [await stored("a", reportOf("grype", [])), await stored("b", other)];
        const { code, err } = await run(...paths);
        assert.equal(code, 2);
        assert.equal(
            err[0],
            `gate: INCOMPLETE: the reports are about 2 images (${digest}, ${otherDigest}); say which one with --image`,
        );
        const asked = await run("--image", image, ...paths);
        assert.equal(asked.code, 2);
        assert.match(asked.out.join("\n"), /reportForOtherDigest +anchore/);
    });

    it("refuses what a scanner wrote, no report at all, and a policy that is not valid", async () => {
        const raw = await stored("a", { matches: [] });
        const { code, err } = await run(raw);
        assert.equal(code, 2);
        assert.match(
            err[0] ?? "",
            /none of the reports says which image it is about; give files report\.json/,
        );
        assert.match((await run(join(folder, "none"))).err[0] ?? "", /\(.*none: ENOENT/);
        assert.equal((await run()).code, 64);
        await writeFile(join(folder, "policy.yml"), "version: 2\n");
        const invalid = await run(raw);
        assert.equal(invalid.code, 2);
        assert.match(
            invalid.err[0] ?? "",
            /policy\.yml: gate policy is not valid: 1:10 version must be 1, not 2/,
        );
    });

    it("prints no line that an image wrote", async () => {
        const forged = "zlib\u001b[2K\r\nPASS: example.org/app";
        const one = found("CVE-9\u2028PASS: x", "critical", {
            package: { name: forged, version: "1\n2", type: "deb" },
            fixedIn: "2\nPASS: y",
        });
        await stored("a", reportOf("grype", [one]));
        await stored("b", reportOf("anchore", []));
        const { code, out } = await run(join(folder, "reports"));
        assert.equal(code, 1);
        assert.ok(
            out.every((line) => !/^PASS|[\p{Cc}\p{Zl}]/u.test(line.trim())),
            out.join("\n"),
        );
    });

    it("prints a hundred reasons and says how many there are", async () => {
        const many = Array.from({ length: 150 }, (_, at) => found(`CVE-2026-${1_000 + at}`, "critical"));
        await stored("a", reportOf("grype", many));
        await stored("b", reportOf("anchore", []));
        const { out } = await run(join(folder, "reports"));
        assert.equal(out.filter((line) => line.startsWith("  limitExceeded")).length, 100);
        assert.ok(out.includes("  and 51 more, all in the verdict.json of gate scan and gate verdict"));
        assert.ok(out.includes("  - upgrade openssl 1.1.1k to 1.1.1l (150 vulnerabilities)"));
    });
});
