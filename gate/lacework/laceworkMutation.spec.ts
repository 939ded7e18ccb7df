import assert from "node:assert/strict";
import { gatePolicySchema } from "../policy/gatePolicy";
import { damage, randomNumbers, structural } from "../report/testing/damage";
import { judge, type Outcome } from "../verdict/verdict";
import { laceworkReport } from "./laceworkReport";
import { sampleAnswer, sampleDigest, sampleImage, toBytes } from "./testing/laceworkAnswer";

const now = new Date("2026-03-04T12:00:00Z");
const policy = gatePolicySchema.parse({ version: 1, requiredScanners: { test: ["lacework"] } });

function outcomeOf(content: Uint8Array): Outcome {
    const report = laceworkReport([content], { image: sampleImage, digest: sampleDigest, now });
    return judge({ policy, stage: "test", reports: [report], digest: sampleDigest, now }).outcome;
}

/** Answers that must not pass, each with as little as possible that stands against a pass. */
const refused: Record<string, Uint8Array> = {
    "one critical": toBytes(sampleAnswer([{}], now)),
    "one high among lesser": toBytes(
        sampleAnswer([{ severity: "Low" }, { severity: "High" }, { severity: "Info" }], now, 0),
    ),
    "one critical, excepted": toBytes(sampleAnswer([{ status: "EXCEPTION" }], now)),
    "one severity nobody knows": toBytes(sampleAnswer([{ severity: "Unknown" }], now)),
};

describe("damaged lacework answers", () => {
    for (const [name, content] of Object.entries(refused)) {
        it(`never pass: ${name}`, () => {
            assert.equal(outcomeOf(content), "fail");
            const random = randomNumbers(20_260_304);
            const outcomes = { pass: 0, fail: 0, incomplete: 0 };
            for (let round = 0; round < 5_000; round += 1) {
                const damaged = damage(content, random);
                const outcome = outcomeOf(damaged);
                outcomes[outcome] += 1;
                assert.notEqual(outcome, "pass", `round ${round}: ${Buffer.from(damaged).toString()}`);
            }
            // The damage is neither always nor never noticed, or this would not be a test of the reader.
            assert.ok(outcomes.incomplete > 1_000 && outcomes.fail > 1_000, JSON.stringify(outcomes));
        });
    }

    it("never pass with any single byte replaced by any structural character", () => {
        const content = toBytes(sampleAnswer([{}], now, 0));
        for (let at = 0; at < content.length; at += 1) {
            for (const byte of structural) {
                const damaged = Buffer.from(content);
                damaged[at] = byte;
                assert.notEqual(outcomeOf(damaged), "pass", `byte ${at}: ${String.fromCharCode(byte)}`);
            }
        }
    });
});
