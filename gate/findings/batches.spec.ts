import assert from "node:assert/strict";
import fc from "fast-check";
import { batchesOf } from "./batches";
import { findingOf } from "../report/testing/sampleFinding";
import type { SecurityFinding } from "./securityFinding";
import { imported, scanOf } from "./testing/findingSamples";

const [sample] = imported(scanOf({ findings: [findingOf()] }));

/** A finding of about so many bytes. */
function findingOfBytes(number: number, bytes: number): SecurityFinding {
    assert(sample);
    const own = Buffer.byteLength(JSON.stringify({ ...sample, Id: `id-${number}`, Description: "" }));
    return { ...sample, Id: `id-${number}`, Description: "x".repeat(Math.max(0, bytes - own)) };
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe("batches of findings", () => {
    it("lose nothing, send nothing twice, keep the order, and are never larger than a request may be", () => {
        const size = fc.oneof(
            fc.integer({ min: 3_000, max: 5_000 }),
            fc.integer({ min: 100_000, max: 240_000 }),
        );
        fc.assert(
            fc.property(fc.array(size, { minLength: 40, maxLength: 130 }), fc.nat(5), (sizes, repeated) => {
                const findings = sizes.map((bytes, number) => findingOfBytes(number, bytes));
                const batches = [...batchesOf([...findings, ...findings.slice(0, repeated)])];
                assert.deepEqual(
                    batches.flat().map(({ Id }) => Id),
                    findings.map(({ Id }) => Id),
                );
                for (const batch of batches) {
                    assert.ok(batch.length >= 1 && batch.length <= 100, String(batch.length));
                    assert.ok(bytesOf({ Findings: batch }) <= 6_000_000);
                }
                // As large as they can be: what begins a batch did not fit into the one before.
                for (const [at, batch] of batches.slice(1).entries()) {
                    const before = batches[at] ?? [];
                    const [next] = batch;
                    assert.ok(before.length === 100 || bytesOf({ Findings: [...before, next] }) > 5_999_990);
                }
            }),
            { numRuns: 10 },
        );
    });

    it("take 240,000 bytes of one finding and refuse one more", () => {
        assert.equal([...batchesOf([findingOfBytes(1, 240_000)])].length, 1);
        assert.throws(() => [...batchesOf([findingOfBytes(1, 240_001)])], /id-1 has 240001 bytes/);
    });

    it("are made as they are asked for", () => {
        let asked = 0;
        const endless = function* (): Generator<SecurityFinding> {
            for (;;) yield findingOfBytes(asked++, 3_000);
        };
        assert.equal(batchesOf(endless()).next().value?.length, 100);
        assert.equal(asked, 101);
    });
});
