import assert from "node:assert/strict";
import * as fc from "fast-check";
import { costOfDecisions, readUnits, usageOfDecision, writeUnits } from "./decisions";
import type { DecisionUsage } from "./decisions";
import { usagePrices } from "./prices";

const nothing: DecisionUsage = {
    invocations: 0,
    gigabyteSeconds: 0,
    tableWriteUnits: 0,
    tableReadUnits: 0,
    streamReads: 0,
    topicMessages: 0,
    eventDeliveries: 0,
    objectReads: 0,
    keyRequests: 0,
    logBytes: 0,
    traces: 0,
};

describe("cost of decisions", () => {
    it("multiplies what one uses by the price table, to a billionth of a dollar", () => {
        const { lines, totalUsd } = costOfDecisions(1000, {
            ...nothing,
            invocations: 2,
            gigabyteSeconds: 0.5,
            tableWriteUnits: 16,
            tableReadUnits: 4,
            topicMessages: 1,
            logBytes: 4096,
            streamReads: 3,
        });
        assert.deepEqual(
            lines
                .filter(({ quantity }) => quantity > 0)
                .map(({ item, amountUsd, arithmetic }) => [item, amountUsd, arithmetic]),
            [
                ["Lambda requests", 0.0004, "2000 × $0.20 per million Lambda requests"],
                ["Lambda compute", 0.0066667, "500 × $0.0000133334 per GB-second of Lambda on arm64"],
                ["DynamoDB writes", 0.01, "16000 × $0.625 per million DynamoDB write request units"],
                ["DynamoDB reads", 0.0005, "4000 × $0.125 per million DynamoDB read request units"],
                [
                    "SNS messages",
                    0.0005,
                    "1000 × $0.50 per million messages published to SNS after one million free ones a month",
                ],
                ["Logs taken in", 0.001907349, "0.0038147 × $0.50 per GB of logs taken in"],
                ["DynamoDB stream reads", 0, "free when Lambda reads the stream"],
            ],
        );
        assert.equal(totalUsd, 0.019974049);
    });

    it("grows with every amount and with the number of decisions", () => {
        const amount = fc.double({ min: 0, max: 1e6, noNaN: true });
        const usage = fc.record(
            Object.fromEntries(Object.keys(nothing).map((name) => [name, amount])),
        ) as unknown as fc.Arbitrary<DecisionUsage>;
        fc.assert(
            fc.property(usage, usage, fc.nat(10_000), (one, more, count) => {
                const both = Object.fromEntries(
                    Object.keys(nothing).map((name) => {
                        const key = name as keyof DecisionUsage;
                        return [key, one[key] + more[key]];
                    }),
                ) as unknown as DecisionUsage;
                const cost = costOfDecisions(count, one).totalUsd;
                assert.ok(costOfDecisions(count, both).totalUsd >= cost);
                assert.ok(costOfDecisions(count + 1, one).totalUsd >= cost);
            }),
        );
        assert.equal(costOfDecisions(0, { ...nothing, invocations: 5 }).totalUsd, 0);
    });

    it("reads the amounts out of runs and calls", () => {
        const usage = usageOfDecision({
            runs: [
                { memoryMegabytes: 256, milliseconds: 400, logBytes: 1000 },
                { memoryMegabytes: 512, milliseconds: 1000, logBytes: 3000 },
            ],
            calls: [
                { service: "dynamodb", operation: "PutItem", bytes: 1500 },
                { service: "dynamodb", operation: "GetItem", bytes: 5000 },
                { service: "dynamodb", operation: "Query", bytes: 100 },
                { service: "s3", operation: "GetObject", bytes: 9000 },
                { service: "codepipeline", operation: "PutApprovalResult", bytes: 0 },
            ],
            indexes: 1,
        });
        assert.deepEqual(usage, {
            invocations: 2,
            gigabyteSeconds: 0.6,
            tableWriteUnits: 4,
            tableReadUnits: 3,
            streamReads: 1,
            topicMessages: 1,
            eventDeliveries: 1,
            objectReads: 1,
            keyRequests: 2,
            logBytes: 4000,
            traces: 2,
        });
    });

    it("refuses amounts that are none", () => {
        for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
            assert.throws(() => costOfDecisions(1, { ...nothing, traces: wrong }), /^RangeError: traces is/);
            assert.throws(() => costOfDecisions(wrong, nothing), /^RangeError: count is/);
        }
    });

    it("counts request units as DynamoDB does", () => {
        assert.deepEqual([0, 1, 1024, 1025, 4096].map(writeUnits), [1, 1, 1, 2, 4]);
        assert.deepEqual(
            [0, 4096, 4097].map((bytes) => readUnits(bytes)),
            [1, 1, 2],
        );
        assert.equal(readUnits(4097, false), 1);
    });

    it("knows how many units each price buys", () => {
        const wrong = Object.values(usagePrices).filter(
            ({ per, units }) =>
                units !==
                (per.startsWith("million") ? 1e6 : Number(/^[\d,]+/.exec(per)?.[0].replace(/,/g, "") ?? 1)),
        );
        assert.deepEqual(wrong, []);
    });
});
