import assert from "node:assert/strict";
import { gatePolicySchema } from "../policy/gatePolicy";
import { scanReportSchema } from "../report/scanReport";
import { anchorePolicyBundle } from "./policyBundle";
import { listed } from "./testing/engineModel";
import {
    dataWith,
    digest,
    dirtyData,
    fullTag,
    image,
    otherDigest,
    policy,
    refusedWith,
    registryImage,
    repository,
    scanScenario,
    start,
    type Scenario,
} from "./testing/scenario";

const policyId = anchorePolicyBundle(policy).id;

describe("Anchore scan", () => {
    it("passes a clean image on fresh data, by exactly the measured recipe", async () => {
        const { report, verdict, engine, raw } = await scanScenario();
        assert.deepEqual(report, {
            version: 1,
            scanner: { name: "anchore", version: "1.1.0" },
            subject: { image, digest },
            startedAt: start.toISOString(),
            finishedAt: "2026-03-04T12:00:01.250Z",
            // Four days before the evaluation, which is all that the engine proves.
            dataBuiltAt: "2026-02-28T12:00:01.000Z",
            raw: null,
            complete: true,
            incompleteReasons: [],
            findings: [],
            refusals: [],
        });
        scanReportSchema.parse(report);
        assert.equal(verdict.outcome, "pass");
        assert.deepEqual(
            engine.requests.map(({ method, path }) => `${method} ${path.replace("/v1/", "")}`),
            [
                "GET system/feeds",
                "GET system",
                "GET registries",
                "POST registries",
                "GET policies",
                "POST policies",
                `PUT policies/${policyId}`,
                `GET policies/${policyId}`,
                "POST images",
                `GET images/${digest}`,
                `GET images/${digest}`,
                `GET images/${digest}/vuln/all`,
                `GET images/${digest}/check`,
            ],
        );
        assert.deepEqual(engine.requests.find(({ path }) => path === "/v1/images")?.body, {
            tag: fullTag,
            digest,
        });
        assert.deepEqual(engine.requests.at(-2)?.query, { force_refresh: "true", vendor_only: "false" });
        assert.deepEqual(engine.requests.at(-1)?.query, { tag: fullTag, policyId, detail: "true" });
        assert.equal(raw.exchanges.length, engine.requests.length);
    });

    it("fails an image with findings, counts each, and points into the raw report", async () => {
        const { report, verdict, raw } = await scanScenario({ engine: { data: dirtyData() } });
        assert.equal(report.complete, true);
        const at = raw.exchanges.length - 2;
        assert.deepEqual(report.findings, [
            {
                id: "CVE-2098-1001",
                severity: "critical",
                package: { name: "libalpha", version: "1.0", type: "dpkg", path: "pkgdb" },
                fixedIn: "1.1",
                willNotFix: false,
                url: "https://advisories.example.org/CVE-2098-1001",
                source: `/exchanges/${at}/response/body/vulnerabilities/0`,
            },
            {
                id: "CVE-2098-1002",
                severity: "medium",
                package: { name: "libbeta", version: "1.0", type: "dpkg", path: "pkgdb" },
                fixedIn: null,
                willNotFix: false,
                url: "https://advisories.example.org/CVE-2098-1002",
                source: `/exchanges/${at}/response/body/vulnerabilities/1`,
            },
            {
                id: "CVE-2098-1003",
                severity: "low",
                package: { name: "libbeta", version: "1.0", type: "dpkg", path: "pkgdb" },
                fixedIn: null,
                willNotFix: false,
                url: "https://advisories.example.org/CVE-2098-1003",
                source: `/exchanges/${at}/response/body/vulnerabilities/2`,
            },
        ]);
        const body = raw.exchanges[at]?.response?.body as { vulnerabilities: { vuln: string }[] };
        assert.equal(body.vulnerabilities[2]?.vuln, "CVE-2098-1003");
        assert.deepEqual(report.refusals, []);
        assert.equal(verdict.outcome, "fail");
        assert.deepEqual(verdict.counts, { critical: 1, high: 0, medium: 1, low: 1, negligible: 0 });
    });

    it("passes findings within the limits", async () => {
        const { report, verdict } = await scanScenario({
            engine: { data: dataWith(listed("CVE-2098-1002", "Medium", "libbeta")) },
        });
        assert.equal(report.findings.length, 1);
        assert.equal(verdict.outcome, "pass");
    });

    it("fails on a High that the distributor will not fix, which the engine's own policy never sees", async () => {
        const { report, verdict, raw } = await scanScenario({
            engine: {
                data: dataWith(listed("CVE-2098-2001", "High", "libgamma", { will_not_fix: true, fix: "9" })),
            },
        });
        assert.match(JSON.stringify(raw.exchanges.at(-1)?.response?.body), /"final_action":"go"/);
        assert.equal(report.complete, true);
        assert.deepEqual(
            report.findings.map(({ id, severity, willNotFix, fixedIn }) => ({
                id,
                severity,
                willNotFix,
                fixedIn,
            })),
            [{ id: "CVE-2098-2001", severity: "high", willNotFix: true, fixedIn: null }],
        );
        assert.equal(verdict.outcome, "fail");
    });

    it("counts a severity that it does not know as unknown", async () => {
        const { report, verdict } = await scanScenario({
            engine: {
                data: dataWith(
                    listed("CVE-2098-3001", "Unknown", "a"),
                    listed("CVE-2098-3002", "Serious", "b"),
                    listed("CVE-2098-3003", "", "c"),
                    listed("CVE-2098-3004", "HIGH", "d"),
                    listed("CVE-2098-3005", "Negligible", "e"),
                ),
            },
        });
        assert.deepEqual(
            report.findings.map(({ severity }) => severity),
            ["unknown", "unknown", "unknown", "high", "negligible"],
        );
        assert.equal(verdict.outcome, "fail");
    });

    it("reports root and port 22 as refusals, apart from findings", async () => {
        const { report, verdict } = await scanScenario({ image: { user: "root", ports: [22, 8080] } });
        assert.equal(report.complete, true);
        assert.deepEqual(report.findings, []);
        assert.deepEqual(report.refusals, [
            {
                rule: "dockerfile/effective_user",
                message: "User root found as effective user, which is explicity not allowed list",
            },
            {
                rule: "dockerfile/exposed_ports",
                message: "Dockerfile exposes port (22) which is in policy file DENIEDPORTS list",
            },
        ]);
        assert.equal(verdict.outcome, "fail");
    });

    it("judges by a policy that is already there, and loads none", async () => {
        const bundle = { ...anchorePolicyBundle(policy), id: "house-rules" };
        const { report, engine } = await scanScenario({
            request: { policyId: "house-rules" },
            before: ({ state }) => void state.policies.set("house-rules", { bundle, active: false }),
        });
        assert.equal(report.complete, true);
        assert.deepEqual(
            engine.requests.filter(({ path }) => path.startsWith("/v1/policies")),
            [],
        );
        assert.equal(engine.requests.at(-1)?.query.policyId, "house-rules");
    });

    it("does not believe a policy that is there but has no rules about missing data", async () => {
        const bundle = structuredClone({ ...anchorePolicyBundle(policy), id: "house-rules" });
        for (const rule of bundle.policies[0]?.rules ?? []) {
            rule.action = rule.trigger === "stale_feed_data" ? "WARN" : rule.action;
        }
        await refusedWith(
            {
                request: { policyId: "house-rules" },
                before: ({ state }) => void state.policies.set("house-rules", { bundle, active: true }),
            },
            "policy house-rules in the engine does not stop on missing and on stale vulnerability data, so its answer " +
                "proves nothing: use the gate's own bundle, or add both rules with action STOP",
        );
    });

    it("passes on the stops of a stricter policy that is there", async () => {
        const strict = anchorePolicyBundle(gatePolicySchema.parse({ ...policy, limits: { medium: 0 } }));
        const { report, verdict } = await scanScenario({
            engine: { data: dataWith(listed("CVE-2098-1002", "Medium", "libbeta")) },
            request: { policyId: "strict" },
            before: ({ state }) =>
                void state.policies.set("strict", { bundle: { ...strict, id: "strict" }, active: true }),
        });
        assert.equal(report.complete, true);
        assert.deepEqual(report.refusals, [
            {
                rule: "vulnerabilities/package",
                message:
                    "policy strict of the engine stops on it: MEDIUM Vulnerability found in os package type (dpkg) - " +
                    "libbeta (CVE-2098-1002 - https://advisories.example.org/CVE-2098-1002)",
            },
        ]);
        assert.equal(verdict.outcome, "fail");
    });

    describe("a canary", () => {
        const canary = { digest: otherDigest, tag: "canary" };
        const withCanary = (stored: Partial<Parameters<typeof registryImage>[0]>): Scenario => ({
            request: { canary },
            before: ({ state }) =>
                void state.registryImages.set(otherDigest, registryImage({ digest: otherDigest, ...stored })),
        });

        it("without findings shows a blind engine", async () => {
            const { engine } = await refusedWith(
                withCanary({}),
                `the engine finds nothing in the canary image ${repository}:canary@${otherDigest}, which is known to be ` +
                    "vulnerable: its answers cannot be believed; synchronise its feeds, then scan again",
            );
            assert.equal(
                engine.requests.some(({ path }) => path.includes(digest)),
                false,
            );
        });

        it("with findings lets the scan go on", async () => {
            const { report, engine } = await scanScenario({
                ...withCanary({}),
                engine: { data: dirtyData() },
            });
            assert.equal(report.complete, true);
            assert.equal(report.findings.length, 3);
            assert.equal(
                engine.requests.filter(({ path }) => path === `/v1/images/${otherDigest}/vuln/all`).length,
                1,
            );
        });

        it("that the engine does not know", () =>
            refusedWith(
                { request: { canary } },
                `the engine cannot fetch ${repository}:canary@${otherDigest}: POST /v1/images: 400 (cannot fetch image ` +
                    "digest/manifest from registry): check that it was pushed and that the engine may read this registry",
            ));
    });

    describe("requests that name no one image", () => {
        for (const [name, request, reason] of [
            [
                "a digest that is not the image's",
                { image: `${repository}@${otherDigest}` },
                `image ${repository}@${otherDigest} does not name the digest ${digest}: give REPOSITORY@sha256:…`,
            ],
            [
                "no registry",
                { image: `shop/candidate@${digest}` },
                `image shop/candidate@${digest} does not name its registry: give REGISTRY/REPOSITORY@sha256:…`,
            ],
            [
                "a tag of another repository",
                { tag: "registry.example.org/other:c0ffee" },
                `"registry.example.org/other:c0ffee" is not a tag of ${repository}: give the tag that the build pushed`,
            ],
            [
                "no time",
                { timeoutSeconds: Number.NaN },
                "time limit NaN s: give a number of seconds above zero",
            ],
        ] as const) {
            it(name, async () => {
                const { engine } = await refusedWith({ request }, reason);
                assert.deepEqual(engine.requests, []);
            });
        }

        it("takes the full tag as well", async () => {
            const { report } = await scanScenario({ request: { tag: fullTag } });
            assert.equal(report.complete, true);
        });
    });

    it("keeps even a short registry password out of the evidence", async () => {
        const { raw } = await scanScenario({
            request: {
                registry: { name: "registry.example.org", type: "docker_v2", user: "robot", password: "q7z" },
            },
        });
        assert.equal(JSON.stringify(raw).includes("q7z"), false);
    });

    it("keeps passwords out of report and evidence", async () => {
        const { report, raw } = await scanScenario({
            engine: {
                tamper: (request, reply) => ({
                    ...reply,
                    body: request.path.includes("registries")
                        ? [{ registry: "x", registry_user: "battery-staple", registry_type: "correct-horse" }]
                        : reply.body,
                }),
            },
        });
        const text = JSON.stringify({ report, raw });
        assert.equal(text.includes("correct-horse"), false);
        assert.equal(text.includes("battery-staple"), false);
        assert.equal(text.includes(Buffer.from("admin:correct-horse").toString("base64")), false);
        assert.match(text, /"registry_pass":"\*\*\*"/);
    });
});
