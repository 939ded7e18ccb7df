import assert from "node:assert/strict";
import * as protocol from "./protocol";
import { brokenProtocols } from "./testing/brokenProtocols";
import { Explorer, type Exploration, type Violation } from "./testing/explorer";
import { busyWorld, deepScenarios, scenarios } from "./testing/scenarios";

/** More worlds than any scenario has; reaching it is a failure, not an end. */
const mostStates = 8_000_000;

const randomRuns = 400;

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
    let state = seed + 0x6d2b79f5;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

function tell({ problem, trace }: Violation): string {
    return `${problem}\n${trace.join("\n")}`;
}

describe("the approval protocol, in every order", function () {
    this.timeout(600_000);
    const isDeep = process.env.PORTCULLIS_EXPLORE === "deep";
    const total = { states: 0, transitions: 0, quiescent: 0 };
    const add = ({ states, transitions, quiescent }: Exploration): void => {
        total.states += states;
        total.transitions += transitions;
        total.quiescent += quiescent;
    };
    after(() => {
        const { states, transitions, quiescent } = total;
        console.log(
            `      explored to the end: ${states} states, ${transitions} transitions, ${quiescent} ways to come to rest`,
        );
    });
    for (const scenario of isDeep ? [...scenarios, ...deepScenarios()] : scenarios) {
        const { name, events, faults, faultKinds } = scenario;
        const what = faultKinds === "crash" ? "crashes" : "crashes or errors";
        it(`${name}: ${events.length} events, ${faults} ${what}`, () => {
            const explored = new Explorer(scenario, protocol).explore(mostStates);
            assert.equal(explored.violation && tell(explored.violation), null);
            assert.ok(explored.quiescent > 1);
            add(explored);
        });
    }
});

describe("the approval protocol, at random in a larger world", function () {
    this.timeout(120_000);
    it(`holds in ${randomRuns} runs`, () => {
        // One explorer for all, so that what invocations do is found out once.
        const explorer = new Explorer(busyWorld, protocol);
        let steps = 0;
        for (let run = 0; run < randomRuns; run++) {
            const random = randomNumbers(run);
            const wandered = explorer.wander((count) => Math.floor(random() * count));
            steps += wandered.steps;
            assert.equal(wandered.violation && `run ${run}: ${tell(wandered.violation)}`, null);
        }
        console.log(`      ${randomRuns} random runs of ${Math.round(steps / randomRuns)} steps`);
        assert.ok(steps > randomRuns * 20);
    });
});

describe("the explorer finds a protocol that", function () {
    this.timeout(120_000);
    for (const [name, { protocol: broken, scenario }] of Object.entries(brokenProtocols)) {
        it(name, () => {
            assert.equal(
                new Explorer(scenario, protocol).explore(mostStates).violation,
                null,
                "the real one",
            );
            assert.notEqual(new Explorer(scenario, broken, false).explore(mostStates).violation, null);
        });
    }
});
