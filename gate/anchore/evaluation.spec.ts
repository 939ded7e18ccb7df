import assert from "node:assert/strict";
import fc from "fast-check";
import { gatePolicySchema } from "../policy/gatePolicy";
import { judge } from "../verdict/verdict";
import { oldestBuild } from "./evaluation";
import { anchorePolicyBundle, maximumDataAgeDays } from "./policyBundle";
import { digest, fullTag, policy, registryImage, scanScenario, start } from "./testing/scenario";
import { evaluate } from "./testing/engineModel";

const day = 86_400_000;
const hour = 3_600_000;

describe("age of the data behind an Anchore check", () => {
    it("is the longest that the stale rule lets through", () => {
        const built = oldestBuild({
            evaluatedAt: new Date("2026-03-04T12:00:09Z"),
            millisecondsSinceRefresh: 8_500,
            staleAfterDays: 4,
        });
        assert.equal(built.toISOString(), "2026-02-28T12:00:00.000Z");
    });

    it("is never younger than data that the rule accepts, wherever the evaluation fell", () => {
        fc.assert(
            fc.property(
                fc.integer({ min: 0, max: 10 * day }),
                fc.integer({ min: 1, max: 9 }),
                fc.integer({ min: 0, max: 200_000 }),
                fc.double({ min: 0, max: 1, noNaN: true }),
                (age, staleAfterDays, span, part) => {
                    // The rules ran somewhere between the refresh and the time that the engine states for the check.
                    const refreshed = start.getTime();
                    const ran = refreshed + Math.floor(span * part);
                    const builtAt = new Date(ran - age);
                    const rows = evaluate(
                        anchorePolicyBundle(
                            gatePolicySchema.parse({
                                ...policy,
                                maximumDataAgeHours: 24 * staleAfterDays + 1,
                            }),
                        ),
                        registryImage({ stored: [] }),
                        fullTag,
                        { vulnerabilities: [], builtAt, namespaces: ["debian:12"] },
                        new Date(ran),
                    ).rows;
                    fc.pre(rows.length === 0);
                    const evaluatedAt = new Date(Math.floor((refreshed + span) / 1000) * 1000);
                    const bound = oldestBuild({
                        evaluatedAt,
                        millisecondsSinceRefresh: span,
                        staleAfterDays,
                    });
                    assert.ok(bound.getTime() <= builtAt.getTime());
                },
            ),
        );
    });

    it("is accepted by the verdict for an hour, when bundle and verdict have the same policy", () => {
        fc.assert(
            fc.property(fc.double({ min: 25, max: 2_000, noNaN: true }), (maximumDataAgeHours) => {
                const own = gatePolicySchema.parse({ ...policy, maximumDataAgeHours });
                const evaluatedAt = start;
                const dataBuiltAt = oldestBuild({
                    evaluatedAt,
                    millisecondsSinceRefresh: 1_000,
                    staleAfterDays: maximumDataAgeDays(own),
                }).toISOString();
                const verdictAfter = (milliseconds: number) =>
                    judge({
                        policy: own,
                        stage: "test",
                        digest,
                        now: new Date(start.getTime() + milliseconds),
                        reports: [
                            {
                                version: 1,
                                scanner: { name: "anchore", version: "1.1.0" },
                                subject: { image: `r.example.org/a@${digest}`, digest },
                                startedAt: start.toISOString(),
                                finishedAt: start.toISOString(),
                                raw: null,
                                dataBuiltAt,
                                complete: true,
                                incompleteReasons: [],
                                findings: [],
                                refusals: [],
                            },
                        ],
                    }).outcome;
                assert.equal(verdictAfter(hour - 2_000), "pass");
                assert.equal(verdictAfter(26 * hour), "incomplete");
            }),
        );
    });

    it("follows the bundle that was used, not the one we would have made", async () => {
        const bundle = structuredClone({ ...anchorePolicyBundle(policy), id: "two-days" });
        const stale = bundle.policies[0]?.rules.find(({ trigger }) => trigger === "stale_feed_data");
        assert.ok(stale?.params[0]);
        stale.params[0].value = "2";
        const { report } = await scanScenario({
            request: { policyId: "two-days" },
            before: ({ state }) => void state.policies.set("two-days", { bundle, active: true }),
        });
        assert.equal(report.dataBuiltAt, "2026-03-02T12:00:01.000Z");
    });
});

describe("time of an Anchore check", () => {
    /** Lets the engine state other times for its checks, one after the other. */
    const stated = (...times: string[]) => ({
        tamper: ({ path }: { path: string }, reply: { status: number; body: unknown }) => ({
            ...reply,
            body: path.endsWith("/check")
                ? (JSON.parse(
                      JSON.stringify(reply.body).replace(
                          /"last_evaluation":"[^"]*"/,
                          `"last_evaluation":"${times.length > 1 ? times.shift() : times[0]}"`,
                      ),
                  ) as unknown)
                : reply.body,
        }),
    });

    it("is asked for once more when it looks older than the refresh", async () => {
        const { report, engine } = await scanScenario({
            engine: stated("2026-03-04T12:00:00Z", "2026-03-04T12:00:03Z"),
        });
        assert.deepEqual(report.incompleteReasons, []);
        assert.equal(engine.requests.filter(({ path }) => path.endsWith("/check")).length, 2);
    });

    it("in the same second as the refresh is good", async () => {
        const { report, engine } = await scanScenario({ engine: stated("2026-03-04T12:00:01Z") });
        assert.deepEqual(report.incompleteReasons, []);
        assert.equal(engine.requests.filter(({ path }) => path.endsWith("/check")).length, 1);
    });

    it("far ahead of the engine's clock is refused", async () => {
        const { report } = await scanScenario({ engine: stated("2026-03-04T12:05:02Z") });
        assert.deepEqual(report.incompleteReasons, [
            "the engine's check is dated 2026-03-04T12:05:02Z, ahead of its clock (2026-03-04T12:00:01Z): check the " +
                "engine's clock, then scan again",
        ]);
    });

    it("is compared with our clock when the engine sends no date", async () => {
        const silent = (skew: number) =>
            scanScenario({
                skew,
                engine: {
                    takeOver: (_request, response) => {
                        response.removeHeader("date");
                        response.sendDate = false;
                        return false;
                    },
                },
            });
        assert.deepEqual((await silent(0)).report.incompleteReasons, []);
        assert.deepEqual((await silent(-60_000)).report.incompleteReasons, [
            "the engine's check is from 2026-03-04T11:59:03Z, before the forced refresh at 2026-03-04T12:00:01Z: an " +
                "old verdict proves nothing; check the engine's clock, then scan again",
        ]);
    });
});
