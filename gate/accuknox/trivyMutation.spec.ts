import assert from "node:assert/strict";
import { gatePolicySchema } from "../policy/gatePolicy";
import { damage, randomNumbers, structural } from "../report/testing/damage";
import { judge, type Outcome } from "../verdict/verdict";
import {
    sampleCanary,
    sampleDigest,
    sampleModifiedFinding,
    sampleProofs,
    sampleSubject,
    sampleTarget,
    sampleTrivyDocument,
    sampleVersion,
    sampleVulnerability,
    toBytes,
} from "./testing/trivyDocument";
import { trivyReport, type TrivyProofs } from "./trivyReport";

const now = new Date("2026-03-04T12:00:00Z");
const policy = gatePolicySchema.parse({ version: 1, requiredScanners: { test: ["accuknox"] } });
const proofs = sampleProofs(now);

function outcomeOf(content: Uint8Array, changed: Partial<TrivyProofs> = {}): Outcome {
    const report = trivyReport([content], sampleSubject(now), { ...proofs, ...changed });
    return judge({ policy, stage: "test", reports: [report], digest: sampleDigest, now }).outcome;
}

/** A document with further results, that is one finding away from a pass. */
function withResults(...results: ReturnType<typeof sampleTarget>[]): Uint8Array {
    const document = sampleTrivyDocument([], now);
    document.Results?.push(...results);
    return toBytes(document);
}

const critical = sampleVulnerability({ severity: "CRITICAL", package: "lodash", type: "npm" });

/** Documents that must not pass, each with as little as possible that stands against a pass. */
const refused: Record<string, Uint8Array> = {
    "one critical": toBytes(sampleTrivyDocument([{ severity: "CRITICAL" }], now)),
    "one unknown": toBytes(sampleTrivyDocument([{ severity: "UNKNOWN" }], now)),
    "one high among lesser": toBytes(
        sampleTrivyDocument(
            ["LOW", "HIGH", "MEDIUM"].map((severity) => ({ severity })),
            now,
        ),
    ),
    "one critical in a language": withResults(sampleTarget("Node.js", "node-pkg", [critical])),
    "one critical, ignored": withResults({
        ...sampleTarget("Node.js", "node-pkg", []),
        ExperimentalModifiedFindings: [sampleModifiedFinding(critical)],
    }),
};

describe("damaged Trivy reports", () => {
    for (const [name, content] of Object.entries(refused)) {
        it(`never pass: ${name}`, () => {
            assert.equal(outcomeOf(content), "fail");
            const random = randomNumbers(20_260_304);
            const outcomes = { pass: 0, fail: 0, incomplete: 0 };
            for (let round = 0; round < 4_000; round += 1) {
                const damaged = damage(content, random);
                const outcome = outcomeOf(damaged);
                outcomes[outcome] += 1;
                assert.notEqual(outcome, "pass", `round ${round}: ${Buffer.from(damaged).toString()}`);
            }
            // The damage is neither always nor never noticed, or this would not be a test of the reader.
            assert.ok(outcomes.incomplete > 1_000 && outcomes.fail > 400, JSON.stringify(outcomes));
        });
    }

    it("never pass with any single byte replaced by a structural character", () => {
        const content = refused["one critical"] ?? assert.fail();
        for (let at = 0; at < content.length; at += 1) {
            // One of the characters at each place, another one at the next: all of them everywhere take too long.
            const damaged = Buffer.from(content);
            damaged[at] = structural[at % structural.length] ?? 0;
            assert.notEqual(outcomeOf(damaged), "pass", `byte ${at} replaced`);
        }
    });
});

describe("damaged proofs of a clean Trivy report", () => {
    const clean = toBytes(sampleTrivyDocument([], now));
    const tooOld = toBytes(sampleVersion(new Date(now.getTime() - 30 * 86_400_000)));
    const blind = sampleCanary(now);
    blind.Results.pop();

    for (const [name, proof, content] of [
        ["data a month old", "version", tooOld],
        ["a canary in which something was not found", "canary", toBytes(blind)],
    ] as const) {
        it(`never pass: ${name}`, () => {
            assert.equal(outcomeOf(clean), "pass");
            const random = randomNumbers(20_260_305);
            for (let round = 0; round < 1_000; round += 1) {
                const damaged = damage(content, random);
                const outcome = outcomeOf(clean, { [proof]: damaged });
                assert.equal(outcome, "incomplete", `round ${round}: ${Buffer.from(damaged).toString()}`);
            }
        });
    }

    it("never pass when they are cut off", () => {
        for (const proof of ["version", "canary"] as const) {
            const whole = proofs[proof] as Uint8Array;
            for (let length = 0; length < whole.length; length += 1) {
                assert.equal(outcomeOf(clean, { [proof]: whole.subarray(0, length) }), "incomplete");
            }
        }
    });
});
