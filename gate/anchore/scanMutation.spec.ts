import assert from "node:assert/strict";
import { randomNumbers, structural } from "../report/testing/damage";
import { listed } from "./testing/engineModel";
import type { Reply, SeenRequest } from "./testing/engineServer";
import { dataWith, scanScenario, type Scenario } from "./testing/scenario";

/** Scans that must not pass, each with as little as possible that stands against a pass. */
const refused: Record<string, Scenario> = {
    "one critical": { engine: { data: dataWith(listed("CVE-2098-1001", "Critical", "libalpha")) } },
    "one will-not-fix": {
        engine: { data: dataWith(listed("CVE-2098-2001", "High", "libgamma", { will_not_fix: true })) },
    },
    "one unknown among lesser": {
        engine: {
            data: dataWith(
                listed("CVE-2098-1003", "Low", "libbeta"),
                listed("CVE-2098-3001", "Unknown", "libdelta"),
                listed("CVE-2098-1002", "Medium", "libbeta"),
            ),
        },
    },
    "root user": { image: { user: "root" } },
    "stale data": { engine: { data: { ...dataWith(), builtAt: new Date("2025-01-01T00:00:00Z") } } },
    "no mapping": {
        engine: {
            tamper: ({ path }, reply) =>
                path.endsWith("/check") ? { ...reply, body: unmapped(reply.body) } : reply,
        },
    },
};

/** The check answer as if no mapping had matched. */
function unmapped(body: unknown): unknown {
    return JSON.parse(
        JSON.stringify(body, (key, part: unknown) => (key === "matched_mapping_rule" ? false : part)),
    ) as unknown;
}

/** Changes, removes, repeats or cuts some bytes. */
function mutated(text: string, random: () => number): string {
    const bytes = Buffer.from(text);
    const at = Math.floor(random() * bytes.length);
    const length = 1 + Math.floor(random() ** 3 * 200);
    switch (Math.floor(random() * 6)) {
        case 0:
            bytes[at] = Math.floor(random() * 256);
            return bytes.toString("latin1");
        case 1:
            bytes[at] = structural[Math.floor(random() * structural.length)] ?? 0;
            return bytes.toString();
        case 2:
            bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
            return bytes.toString("latin1");
        case 3:
            return text.slice(0, at) + text.slice(at + length);
        case 4:
            return text.slice(0, at + length) + text.slice(at);
        default:
            return text.slice(0, at);
    }
}

describe("Anchore scan with damaged answers", () => {
    for (const [name, scenario] of Object.entries(refused)) {
        it(`never passes ${name}`, async () => {
            const random = randomNumbers(1);
            assert.notEqual((await scanScenario(scenario)).verdict.outcome, "pass");
            const outcomes = { fail: 0, incomplete: 0 };
            for (let round = 0; round < 40; round++) {
                const damage = random() < 0.5 ? /\/check$/ : /\/vuln\/all$/;
                let damaged = "";
                const tamper = (request: SeenRequest, reply: Reply): Reply => {
                    const first = scenario.engine?.tamper?.(request, reply) ?? reply;
                    if (!damage.test(request.path)) return first;
                    damaged = mutated(JSON.stringify(first.body), random);
                    return { ...first, body: damaged };
                };
                const { verdict } = await scanScenario({
                    ...scenario,
                    // As few calls as the verdict needs: the engine is new in each round.
                    request: { registry: undefined },
                    image: { ...scenario.image, readsLeft: 1 },
                    engine: { ...scenario.engine, tamper },
                });
                assert.ok(verdict.outcome !== "pass", `round ${round} passed on ${damaged}`);
                outcomes[verdict.outcome] += 1;
            }
            // Most damage must be noticed; some falls into texts that nothing depends on.
            assert.ok(outcomes.incomplete > 8, JSON.stringify(outcomes));
        });
    }
});
