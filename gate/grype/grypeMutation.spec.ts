import assert from "node:assert/strict";
import { gatePolicySchema } from "../policy/gatePolicy";
import { judge, type Outcome } from "../verdict/verdict";
import { grypeReport } from "./grypeReport";
import {
    sampleDigest,
    sampleGrypeDocument,
    sampleImage,
    sampleMatch,
    toBytes,
    type SampleMatch,
} from "./testing/grypeDocument";

const now = new Date("2026-03-04T12:00:00Z");
const policy = gatePolicySchema.parse({ version: 1 });

function outcomeOf(content: Uint8Array): Outcome {
    const report = grypeReport(content, { image: sampleImage, digest: sampleDigest, now });
    return judge({ policy, reports: [report], digest: sampleDigest, now }).outcome;
}

/** Documents that must not pass, each with as little as possible that stands against a pass. */
const refused: Record<string, Uint8Array> = {
    "one critical": toBytes(sampleGrypeDocument([{}], now)),
    "one unknown": toBytes(sampleGrypeDocument([{ severity: "Unknown", fixVersions: [] }], now)),
    "one high among lesser": toBytes(
        sampleGrypeDocument(
            ["Low", "High", "Negligible"].map((severity): SampleMatch => ({ severity })),
            now,
        ),
    ),
    "one critical, ignored": toBytes({ ...sampleGrypeDocument([], now), ignoredMatches: [sampleMatch()] }),
    "one package not matched": toBytes({
        ...sampleGrypeDocument([], now),
        alertsByPackage: [
            { alerts: [{ type: "distro-unknown", message: "Package is from unrecognized distro" }] },
        ],
    }),
};

/** Pseudo-random numbers in [0, 1) (mulberry32), so that every run tries the same mutations. */
function randomNumbers(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

const structural = Buffer.from('{}[],:"\\ 0el');

function mutate(content: Uint8Array, random: () => number): Uint8Array {
    const at = Math.floor(random() * content.length);
    const byte = Math.floor(random() * 256);
    const meaningful = structural[Math.floor(random() * structural.length)] ?? 0;
    const changed = Buffer.from(content);
    switch (Math.floor(random() * 7)) {
        case 0:
            changed[at] = byte;
            return changed;
        case 1:
            changed[at] = (changed[at] ?? 0) ^ (1 << (byte % 8));
            return changed;
        case 2:
            changed[at] = meaningful;
            return changed;
        case 3:
            return Buffer.concat([changed.subarray(0, at), Buffer.of(meaningful), changed.subarray(at)]);
        case 4:
            return Buffer.concat([changed.subarray(0, at), changed.subarray(at + 1)]);
        case 5:
            // A piece is lost. Shorter than a finding: a document with one whole finding cut out is again a valid one.
            return Buffer.concat([changed.subarray(0, at), changed.subarray(at + 1 + byte)]);
        default:
            return changed.subarray(0, at);
    }
}

describe("damaged grype reports", () => {
    for (const [name, content] of Object.entries(refused)) {
        it(`never pass: ${name}`, () => {
            assert.notEqual(outcomeOf(content), "pass");
            const random = randomNumbers(20_260_304);
            const outcomes = { pass: 0, fail: 0, incomplete: 0 };
            for (let round = 0; round < 6_000; round += 1) {
                const damaged = mutate(content, random);
                const outcome = outcomeOf(damaged);
                outcomes[outcome] += 1;
                assert.notEqual(outcome, "pass", `round ${round}: ${Buffer.from(damaged).toString()}`);
            }
            // The damage is neither always nor never noticed, or this would not be a test of the reader.
            assert.ok(outcomes.incomplete > 1_000, JSON.stringify(outcomes));
        });
    }

    it("never pass with any single byte replaced by any structural character", () => {
        const content = refused["one critical"] ?? assert.fail();
        for (let at = 0; at < content.length; at += 1) {
            for (const byte of structural) {
                const damaged = Buffer.from(content);
                damaged[at] = byte;
                assert.notEqual(
                    outcomeOf(damaged),
                    "pass",
                    `byte ${at} replaced by ${String.fromCharCode(byte)}`,
                );
            }
        }
    });
});
