import assert from "node:assert/strict";
import { gatePolicySchema } from "../policy/gatePolicy";
import type { Finding } from "../report/scanReport";
import { digest, now, reportOf } from "./testing/verdictSamples";
import { judge, type Verdict } from "./verdict";

function finding(change: Partial<Finding> = {}): Finding {
    const openssl = { name: "openssl", version: "1.1.1k", type: "deb" };
    return {
        ...{ id: "CVE-2021-3711", severity: "critical", package: openssl, fixedIn: null, willNotFix: false },
        ...{ url: null, source: "/matches/0", ...change },
    } as Finding;
}

function judged(reports: unknown[]): Verdict {
    return judge({ policy: gatePolicySchema.parse({ version: 1 }), stage: "test", reports, digest, now });
}

function lines({ reasons }: Verdict): string[] {
    return reasons.map(({ kind, message }) => `${kind}: ${message}`);
}

describe("reports that are judged", () => {
    it("counts every entry, whether entries look alike or not", () => {
        const base = finding();
        const at = (change: Partial<Finding["package"]>): Finding => ({
            ...base,
            package: { name: "ab", version: "cd", type: "deb", ...change },
        });
        for (const [one, other] of [
            [at({ path: "/a" }), at({ path: "/b" })],
            [at({}), at({ path: "" })],
            [at({ version: "1" }), at({ version: "2" })],
            [at({ type: "deb" }), at({ type: "rpm" })],
            [at({ name: "a", version: "bcd" }), at({ name: "ab", version: "cd" })],
            [at({ version: "c", type: "ddeb" }), at({ version: "cd", type: "deb" })],
            [at({ type: "deb", path: "x" }), at({ type: "deb@x" })],
        ] as const) {
            assert.equal(judged([reportOf("grype", [one, other])]).counts.critical, 2);
            assert.equal(judged([reportOf("grype", [one, structuredClone(one)])]).counts.critical, 2);
        }
    });

    it("takes a report that is there twice for one, and says what is wrong with one it cannot read", () => {
        const one = reportOf("grype", [finding({ severity: "low" })]);
        assert.equal(judged([one, structuredClone(one)]).outcome, "pass");
        const broken = { ...one, findings: [finding(), { ...finding(), severity: "severe" }] };
        assert.match(
            lines(judged([broken])).join(),
            /reportUnreadable: a scan report cannot be read \(findings\.1\.severity: Invalid option/,
        );
        assert.match(
            lines(judged([{ ...one, more: 1 }])).join(),
            /cannot be read \(document: Unrecognized key: "more"\)/,
        );
        assert.match(
            lines(judged([{ ...one, findings: {} }])).join(),
            /cannot be read \(findings: Invalid input/,
        );
    });

    it("refuses by a limit that is no number", () => {
        const policy = gatePolicySchema.parse({ version: 1 });
        const limits = { ...policy.limits, high: Number.NaN };
        const request = {
            policy: { ...policy, limits },
            stage: "test",
            reports: [reportOf("grype", [])],
            digest,
            now,
        } as const;
        const one = { ...request, reports: [reportOf("grype", [finding({ severity: "high" })])] };
        assert.equal(judge(one).outcome, "fail");
    });
});
