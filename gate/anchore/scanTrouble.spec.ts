import assert from "node:assert/strict";
import { gatePolicySchema } from "../policy/gatePolicy";
import { anchorePolicyBundle } from "./policyBundle";
import {
    dataWith,
    digest,
    dirtyData,
    fullTag,
    otherDigest,
    policy,
    refusedWith,
    registryImage,
    scanScenario,
    start,
    type Scenario,
} from "./testing/scenario";

const policyId = anchorePolicyBundle(policy).id;
const unauthorised = "401: wrong password, or the engine has lost its database: check RDS";

describe("Anchore scan in trouble", () => {
    describe("data that proves nothing", () => {
        it("no feeds at all: 200 and an empty list", () =>
            refusedWith(
                { engine: { data: null } },
                "the engine has no vulnerability data: GET /v1/system/feeds shows 0 groups and none with records: " +
                    "set the feed listing URL, wait for a synchronisation, then scan again",
            ));

        it("groups without records", () =>
            refusedWith(
                {
                    engine: {
                        tamper: ({ path }, reply) =>
                            path === "/v1/system/feeds"
                                ? {
                                      ...reply,
                                      body: [
                                          {
                                              name: "vulnerabilities",
                                              groups: [{ name: "a", record_count: 0 }],
                                          },
                                      ],
                                  }
                                : reply,
                    },
                },
                "the engine has no vulnerability data: GET /v1/system/feeds shows 1 groups and none with records: " +
                    "set the feed listing URL, wait for a synchronisation, then scan again",
            ));

        it("data built too long ago", () =>
            refusedWith(
                { engine: { data: { ...dataWith(), builtAt: new Date(start.getTime() - 30 * 86_400_000) } } },
                "the engine has no usable vulnerability data for this image (The vulnerability feed for this image " +
                    "distro is older than MAXAGE (4) days): synchronise its feeds; if the image has no distribution " +
                    "the engine knows (scratch, distroless, Wolfi), scan it with grype",
            ));

        it("data for another distribution only", () =>
            refusedWith(
                { image: { distro: "wolfi:20230201" } },
                "the engine has no usable vulnerability data for this image (Distro-specific feed data not found for " +
                    "distro namespace: wolfi:20230201.): synchronise its feeds; if the image has no distribution the " +
                    "engine knows (scratch, distroless, Wolfi), scan it with grype",
            ));

        it("an image without os-release", () =>
            refusedWith(
                { image: { distro: null } },
                `the engine knows no distribution in ${digest} (no os-release: scratch or distroless), so it scans ` +
                    "nothing in it: scan this image with grype instead",
            ));

        it("a limit below what whole days can prove", () =>
            refusedWithData(
                { request: { policy: gatePolicySchema.parse({ ...policy, maximumDataAgeHours: 20 }) } },
                "the engine proves only that its vulnerability data is at most 24.0 hours old, and " +
                    "maximumDataAgeHours is 20: it counts in whole days; raise the limit to at least 26 hours, or " +
                    "use a policy in the engine with fewer days",
            ));
    });

    it("finds what a sticky-clean engine hides, because it forces the refresh", async () => {
        // The image was scanned while nothing was known about it: an empty report and a pass are stored.
        const stored = registryImage({ status: "analyzed", stored: [] });
        const scenario: Scenario = {
            before: ({ state }) => {
                state.images.set(digest, stored);
                state.data = dirtyData();
            },
        };
        const { report, verdict } = await scanScenario(scenario);
        assert.equal(report.complete, true);
        assert.equal(report.findings.length, 3);
        assert.equal(verdict.outcome, "fail");
    });

    it("gets no pass from a verdict that has aged", async () => {
        const bundle = anchorePolicyBundle(policy);
        const cached = {
            rows: [],
            finalAction: "go",
            reason: "policy_evaluation",
            mapping: bundle.mappings[0] ?? {},
        };
        await refusedWith(
            {
                before: ({ state }) => {
                    state.policies.set(policyId, { bundle, active: true });
                    const cache = new Map([[`${policyId} ${fullTag}`, cached as never]]);
                    state.images.set(digest, registryImage({ status: "analyzed", stored: [], cache }));
                    state.data = { ...dataWith(), builtAt: new Date(start.getTime() - 30 * 86_400_000) };
                },
            },
            "the engine has no usable vulnerability data for this image (The vulnerability feed for this image distro " +
                "is older than MAXAGE (4) days): synchronise its feeds; if the image has no distribution the engine " +
                "knows (scratch, distroless, Wolfi), scan it with grype",
        );
    });

    describe("the engine's state", () => {
        it("one service down", () =>
            refusedWith(
                { engine: { down: new Set(["policy_engine"]) } },
                "the engine is not ready: GET /v1/system shows no available policy_engine (unavailable): look at the " +
                    "log of that container, then scan again",
            ));

        it("a service that calls itself available but is not up", () =>
            refusedWith(
                {
                    engine: {
                        tamper: ({ path }, reply) => ({
                            ...reply,
                            body:
                                path === "/v1/system"
                                    ? (JSON.parse(
                                          JSON.stringify(reply.body).replace('"up":true', '"up":false'),
                                      ) as unknown)
                                    : reply.body,
                        }),
                    },
                },
                "the engine is not ready: GET /v1/system shows no available apiext (available): look at the log of " +
                    "that container, then scan again",
            ));

        for (const [name, change] of [
            [`${otherDigest} (all)`, { imageDigest: otherDigest }],
            [`${digest} (os)`, { vulnerability_type: "os" }],
        ] as const) {
            it(`a vulnerability list about ${name}`, () =>
                refusedWith(
                    {
                        engine: {
                            tamper: ({ path }, reply) =>
                                path.endsWith("/vuln/all")
                                    ? { ...reply, body: { ...(reply.body as object), ...change } }
                                    : reply,
                        },
                    },
                    `the engine's vulnerability list is about ${name}, not about all of ${digest}: scan again, then look ` +
                        "at the engine's log",
                ));
        }

        it("wrong password", () =>
            refusedWith({ request: { password: "guess" } }, `GET /v1/system/feeds: ${unauthorised}`));

        it("database gone in the middle", () =>
            refusedWith(
                {
                    engine: {
                        takeOver: ({ path }, response) => {
                            if (!path.endsWith("/vuln/all")) return false;
                            response.writeHead(401, { "content-type": "text/html" }).end("Unauthorized");
                            return true;
                        },
                    },
                },
                `GET /v1/images/${digest}/vuln/all: ${unauthorised}`,
            ));

        it("verdicts older than the refresh", () =>
            refusedWith(
                {
                    engine: {
                        tamper: ({ path }, { body, ...reply }) => ({
                            ...reply,
                            body: path.endsWith("/check")
                                ? JSON.parse(
                                      JSON.stringify(body).replace(
                                          /"last_evaluation":"[^"]*"/,
                                          '"last_evaluation":"2026-03-04T11:59:59Z"',
                                      ),
                                  )
                                : body,
                        }),
                    },
                },
                "the engine's check is from 2026-03-04T11:59:59Z, before the forced refresh at 2026-03-04T12:00:01Z: an " +
                    "old verdict proves nothing; check the engine's clock, then scan again",
            ));

        for (const skew of [-7_200_000, 7_200_000]) {
            it(`a clock ${skew / 3_600_000} hours off does not matter, but moves what is proven about the data`, async () => {
                const { report, verdict } = await scanScenario({ skew });
                assert.equal(report.complete, true);
                assert.equal(
                    report.dataBuiltAt,
                    new Date(Date.parse("2026-02-28T12:00:01Z") + skew).toISOString(),
                );
                assert.equal(verdict.outcome, "pass");
            });
        }
    });

    describe("calls that the verdict does not rest on", () => {
        it("may be unknown to the API", async () => {
            const { report, verdict } = await scanScenario({
                engine: { unknownCalls: /registries|PUT \/v1\/policies|GET \/v1\/policies|events/ },
            });
            assert.deepEqual(report.incompleteReasons, []);
            assert.equal(verdict.outcome, "pass");
        });

        it("but a policy that is really missing ends incomplete", () =>
            refusedWith(
                { engine: { unknownCalls: /policies/ } },
                `the engine has no verdict on ${digest} by policy ${policyId}: GET /v1/images/${digest}/check: 404 ` +
                    `(Policy bundle ${policyId} not found in DB): check that this policy is in the engine, then scan again`,
            ));

        for (const call of ["GET /v1/system/feeds", "GET /v1/system"]) {
            it(`and ${call} is demanded`, () =>
                refusedWith(
                    { engine: { unknownCalls: new RegExp(`^${call}$`) } },
                    `${call}: 404 (The requested URL was not found on the server.): look at the engine's log, then ` +
                        "scan again",
                ));
        }
    });
});

/** Like refusedWith, for a scan that got as far as the age of the data. */
async function refusedWithData(scenario: Scenario, reason: string): Promise<void> {
    const { report, verdict } = await scanScenario(scenario);
    assert.deepEqual(report.incompleteReasons, [reason]);
    assert.equal(report.dataBuiltAt, "2026-03-03T12:00:01.000Z");
    assert.equal(verdict.outcome, "incomplete");
}
