import assert from "node:assert/strict";
import { gatePolicySchema, type GatePolicyInput } from "../policy/gatePolicy";
import type { Waiver } from "../policy/waiver";
import type { Finding } from "../report/scanReport";
import { digest, reportOf, waiverOf } from "./testing/verdictSamples";
import { judge, type JudgeRequest, type Verdict } from "./verdict";
import { mostPackagesOfOneWaiver } from "./waivers";
import { wayToPass } from "./wayToPass";

const now = new Date("2026-03-04T12:00:00Z");
const none = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0 };

function found(change: Partial<Finding> = {}, name = "openssl"): Finding {
    return {
        id: "CVE-2021-3711",
        severity: "critical",
        package: { name, version: "1.1.1k", type: "deb" },
        fixedIn: "1.1.1l",
        willNotFix: false,
        url: null,
        source: "/matches/0",
        ...change,
    };
}

const scoped: Waiver = waiverOf({ package: "openssl", created: "2026-03-01", expires: "2026-03-10" });

function requestOf(
    findings: Finding[],
    waivers: Waiver[],
    policy: Omit<GatePolicyInput, "version"> = {},
    change: Partial<JudgeRequest> = {},
): JudgeRequest {
    return {
        policy: gatePolicySchema.parse({ version: 1, waivers, ...policy }),
        stage: "test",
        reports: [reportOf("grype", findings)],
        digest,
        now,
        ...change,
    };
}

function lines({ reasons }: Verdict): string[] {
    return reasons.map(({ kind, scanner, message }) => `${kind} ${scanner ?? "-"}: ${message}`);
}

describe("waivers in a verdict", () => {
    it("excuse a finding, which is listed and not counted", () => {
        const verdict = judge(requestOf([found()], [scoped]));
        assert.equal(verdict.outcome, "pass");
        assert.deepEqual(verdict.counts, none);
        assert.deepEqual(verdict.waived, { ...none, critical: 1 });
        assert.deepEqual(verdict.reasons, [
            {
                kind: "waived",
                scanner: "grype",
                message:
                    "CVE-2021-3711 (critical) in openssl 1.1.1k (deb): waived by payments-team to the end of 2026-03-10: " +
                    "The function is not reachable from outside; fixed in 1.1.1l",
                finding: {
                    id: "CVE-2021-3711",
                    severity: "critical",
                    withFix: "critical",
                    package: "openssl",
                    version: "1.1.1k",
                    fixedIn: "1.1.1l",
                },
                waiver: {
                    id: "CVE-2021-3711",
                    package: "openssl",
                    applications: null,
                    owner: "payments-team",
                    expires: "2026-03-10",
                },
            },
        ]);
    });

    it("fail when they have expired, whether or not anything is found", () => {
        const expired = { ...scoped, expires: "2026-03-03" };
        const said =
            "waiverExpired -: the waiver of CVE-2021-3711 in openssl (owner payments-team) expired at the end of " +
            "2026-03-03 (UTC); mend the finding and remove the waiver, or renew it";
        const clean = judge(requestOf([], [expired]));
        assert.equal(clean.outcome, "fail");
        assert.deepEqual(lines(clean), [said]);
        const dirty = judge(requestOf([found()], [expired]));
        assert.equal(dirty.outcome, "fail");
        assert.deepEqual(
            dirty.reasons.map(({ kind }) => kind),
            ["waiverExpired", "limitExceeded"],
        );
        assert.deepEqual(dirty.counts, { ...none, critical: 1 });
    });

    it("fail when they are dated in the future", () => {
        const future = { ...scoped, created: "2026-03-05" };
        assert.deepEqual(lines(judge(requestOf([], [future]))), [
            "waiverNotYetValid -: the waiver of CVE-2021-3711 in openssl (owner payments-team) is dated in the future, " +
                "it holds from 2026-03-05 (UTC); remove it until then",
        ]);
        assert.equal(judge(requestOf([], [future])).outcome, "fail");
    });

    it("are not applied to a finding that is too severe for how long they live", () => {
        const long = { ...scoped, expires: "2026-03-16" };
        const findings = [found(), found({ severity: "high" }, "openssl")].map((one, at) => ({
            ...one,
            package: { ...one.package, version: `1.${at}` },
        }));
        const verdict = judge(requestOf(findings, [long]));
        assert.deepEqual(lines(verdict), [
            "limitExceeded grype: CVE-2021-3711 (critical) in openssl 1.0 (deb): grype counts 1 critical, 0 allowed; " +
                "fixed in 1.1.1l; its waiver is not applied: it lives 15 days, 14 are allowed for critical",
            "waiverTooLong grype: the waiver of CVE-2021-3711 in openssl (owner payments-team) does not excuse it as " +
                "critical: it lives 15 days, 14 are allowed for critical",
            "waived grype: CVE-2021-3711 (high) in openssl 1.1 (deb): waived by payments-team to the end of 2026-03-16: " +
                "The function is not reachable from outside; fixed in 1.1.1l",
        ]);
        assert.deepEqual(
            [verdict.counts, verdict.waived],
            [
                { ...none, critical: 1 },
                { ...none, high: 1 },
            ],
        );
    });

    it("may live as long as the severity with a fix allows, whatever it counts as without one", () => {
        const long = { ...scoped, expires: "2026-03-16" };
        const unfixed = requestOf([found({ fixedIn: null })], [long], {
            unfixedCountsAs: "low",
            limits: { low: 0 },
        });
        assert.equal(judge(unfixed).outcome, "fail");
        assert.equal(judge(unfixed).counts.low, 1);
    });

    it("cannot excuse what may be waived for no day at all", () => {
        const maximumWaiverDays = { critical: 0 };
        assert.equal(judge(requestOf([found()], [scoped], { maximumWaiverDays })).outcome, "fail");
    });

    it("for an application hold for that one, and say so when it is not known", () => {
        const orders = { ...scoped, applications: ["orders"] };
        const outcome = (application?: string): string =>
            judge(requestOf([found()], [orders], {}, { application })).outcome;
        assert.equal(outcome("orders"), "pass");
        assert.equal(outcome("billing"), "fail");
        assert.equal(outcome(), "fail");
        assert.ok(
            lines(judge(requestOf([found()], [orders]))).includes(
                "note -: 1 waiver that names applications excuses nothing here, because it is not known whose image this is (--application)",
            ),
        );
    });

    it("that say most about a finding are named, unless they live too long", () => {
        const dates = { created: "2026-03-01", expires: "2026-03-10" };
        const all = waiverOf({ ...dates, owner: "all" });
        const one = waiverOf({ ...dates, owner: "one", package: "openssl" });
        const ownerOf = (waivers: Waiver[]): string | undefined =>
            judge(requestOf([found()], waivers)).reasons.find(({ kind }) => kind === "waived")?.waiver?.owner;
        assert.equal(ownerOf([all, one]), "one");
        assert.equal(ownerOf([one, all]), "one");
        assert.equal(ownerOf([all, { ...one, expires: "2026-03-20" }]), "all");
    });

    it("are noted when they are for nothing, or for too much", () => {
        const broad = waiverOf({ created: "2026-03-01", expires: "2026-03-10" });
        const said = "the waiver of CVE-2021-3711 (owner payments-team)";
        assert.deepEqual(lines(judge(requestOf([], [broad]))), [
            `waiverBroad -: ${said} is for every package of every application; name what it is for`,
            `waiverUnused -: ${said} is for nothing that was found; remove it`,
        ]);
        const packages = (count: number): Finding[] =>
            Array.from({ length: count }, (_, at) => found({}, `openssl-${String(at).padStart(2, "0")}`));
        const orders = { ...broad, applications: ["orders"] };
        const kinds = (count: number): string[] => {
            const { reasons } = judge(requestOf(packages(count), [orders], {}, { application: "orders" }));
            return reasons.filter(({ kind }) => kind !== "waived").map(({ message }) => message);
        };
        assert.deepEqual(kinds(mostPackagesOfOneWaiver), []);
        assert.deepEqual(kinds(mostPackagesOfOneWaiver + 1), [
            "the waiver of CVE-2021-3711 for orders (owner payments-team) covers 11 packages " +
                "(openssl-00, openssl-01, openssl-02, …); name the one it is for",
        ]);
    });

    it("are not called unused while a required scanner has not spoken", () => {
        const both = { requiredScanners: { test: ["grype" as const, "anchore" as const] } };
        const verdict = judge(requestOf([], [scoped], both));
        assert.deepEqual(
            verdict.reasons.map(({ kind }) => kind),
            ["reportMissing"],
        );
    });

    it("of an advisory scanner's findings are notes that say so", () => {
        const reports = [reportOf("grype", []), reportOf("anchore", [found()])];
        const { outcome, reasons, waived } = judge(requestOf([], [scoped], {}, { reports }));
        assert.equal(outcome, "pass");
        assert.deepEqual(waived, none);
        assert.deepEqual(
            reasons.map(({ kind, message }) => `${kind}: ${message.slice(0, 40)}`),
            [
                "waiverUnused: the waiver of CVE-2021-3711 in openssl (",
                "waived: advisory, does not decide: CVE-2021-3711",
            ],
        );
    });
});

describe("the way to a pass", () => {
    const wayOf = (request: JudgeRequest): string[] => wayToPass(request, judge(request));

    it("names how many findings must go, what to upgrade, replace or waive, and what that would give", () => {
        const findings = [
            found(),
            found({ id: "CVE-2", fixedIn: "1.1.1n", severity: "high" }),
            found({ id: "CVE-3", fixedIn: null }, "zlib"),
        ];
        assert.deepEqual(wayOf(requestOf(findings, [])), [
            "grype counts 2 critical and 0 may be: 2 of them must go",
            "grype counts 3 high or worse and 0 may be: 3 of them must go",
            "upgrade openssl 1.1.1k to a version with all of these fixes: 1.1.1l, 1.1.1n (2 vulnerabilities)",
            "replace or remove zlib 1.1.1k, or have it waived for 14 days at most (1 vulnerability without a fix)",
            "with every fix installed that these reports know the verdict would be FAIL",
        ]);
        assert.equal(
            wayOf(requestOf(findings.slice(0, 2), [])).at(-1),
            "with every fix installed that these reports know the verdict would be PASS",
        );
    });

    it("begins with what could not be judged, and names waivers and refusals", () => {
        const refused = { ...reportOf("grype", []), refusals: [{ rule: "user", message: "runs as root" }] };
        assert.deepEqual(
            wayOf(requestOf([], [{ ...scoped, expires: "2026-03-03" }], {}, { reports: [refused, {}] })),
            [
                "1 reason says that the image could not be judged: mend that first, nothing else can make it pass",
                "the waiver of CVE-2021-3711 has expired: remove it, or have payments-team renew it with a new date",
                "1 rule of a scanner refuses the image: change the image; no limit and no waiver is about such rules",
            ],
        );
    });

    it("of a pass is how long it lasts", () => {
        assert.deepEqual(wayOf(requestOf([], [])), [
            "it passes until 2026-03-05T11:00:00.000Z: then the grype report is too old",
        ]);
        const ends = { ...scoped, expires: "2026-03-04" };
        assert.deepEqual(wayOf(requestOf([], [ends])), [
            "it passes until 2026-03-05T00:00:00.000Z: then the waiver of CVE-2021-3711 has expired",
        ]);
        const old = { ...reportOf("grype", []), dataBuiltAt: "2026-02-27T13:00:00Z" };
        assert.deepEqual(wayOf(requestOf([], [], {}, { reports: [old] })), [
            "it passes until 2026-03-04T13:00:00.000Z: then the vulnerability data of grype is too old",
        ]);
    });
});
