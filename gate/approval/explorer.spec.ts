import assert from "node:assert/strict";
import * as protocol from "./protocol";
import { brokenProtocols } from "./testing/brokenProtocols";
import { Explorer, type Exploration, type Violation } from "./testing/explorer";
import { deepScenarios, scenarios } from "./testing/scenarios";

/** More worlds than any scenario has; reaching it is a failure, not an end. */
const mostStates = 8_000_000;

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

describe("the explorer finds a protocol that", function () {
    this.timeout(120_000);
    for (const [name, { protocol: broken, scenario }] of Object.entries(brokenProtocols)) {
        it(name, () => {
            assert.equal(
                new Explorer(scenario, protocol).explore(mostStates).violation,
                null,
                "the real one",
            );
            assert.notEqual(new Explorer(scenario, broken).explore(mostStates).violation, null);
        });
    }
});
