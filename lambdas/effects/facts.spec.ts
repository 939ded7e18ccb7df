import assert from "node:assert/strict";
import { approvalFacts } from "../../gate/approval/effects";
import { uuidOf } from "../../gate/approval/testing/genuineShapes";
import { createTelemetry, factEffects, loggable, type Telemetry } from "./facts";
import { TokenMask } from "./tokenMask";

const token = uuidOf(7);

describe("facts for logs and metrics", () => {
    let telemetry: Telemetry;
    let lines: string[];
    const kept = process.env["POWERTOOLS_SERVICE_NAME"];

    beforeEach(() => {
        process.env["POWERTOOLS_SERVICE_NAME"] = "portcullis-dev-approval";
        telemetry = createTelemetry(new TokenMask());
        lines = [];
        // Both have a console of their own that writes to standard output.
        for (const part of [telemetry.logger, telemetry.metrics] as unknown as { console: object }[]) {
            const write = (line: string): void => void lines.push(line);
            Object.defineProperty(part, "console", {
                value: { log: write, info: write, warn: write, error: write, debug: write },
            });
        }
    });
    afterEach(() => {
        if (kept === undefined) delete process.env["POWERTOOLS_SERVICE_NAME"];
        else process.env["POWERTOOLS_SERVICE_NAME"] = kept;
    });

    it("count one each, under one namespace and the one dimension that alarms look at", async () => {
        const { report } = factEffects(telemetry);
        for (const fact of approvalFacts) await report({ fact, details: {} });
        lines.length = 0;
        telemetry.metrics.publishStoredMetrics();
        assert.equal(lines.length, 1);
        const { _aws: aws, ...values } = JSON.parse(lines[0] ?? "");
        const [{ Namespace, Dimensions, Metrics }] = aws.CloudWatchMetrics;
        assert.deepEqual([Namespace, Dimensions], ["Portcullis", [["service"]]]);
        assert.deepEqual(
            Metrics.map(({ Name, Unit }: { Name: string; Unit: string }) => [Name, Unit]),
            approvalFacts.map((fact) => [fact, "Count"]),
        );
        assert.equal(values.service, "portcullis-dev-approval");
        for (const fact of approvalFacts) assert.equal(values[fact], 1, fact);
    });

    it("are log entries with their details, and warnings where there is an alarm", async () => {
        const { report } = factEffects(telemetry);
        await report({ fact: "Approved", details: { pipeline: "orders-delivery" } });
        await report({ fact: "RequestOverdue", details: { at: new Date(0) } });
        const entries = lines.map((line) => JSON.parse(line));
        assert.deepEqual(
            entries.map(({ level, message, fact, details }) => ({ level, message, fact, details })),
            [
                {
                    level: "INFO",
                    message: "Approved",
                    fact: "Approved",
                    details: { pipeline: "orders-delivery" },
                },
                {
                    level: "WARN",
                    message: "RequestOverdue",
                    fact: "RequestOverdue",
                    details: { at: "1970-01-01T00:00:00.000Z" },
                },
            ],
        );
    });

    it("hold no token, wherever it stands", async () => {
        telemetry.tokens.learn(token);
        const details = {
            token,
            reasons: [`record request#one#${token} is damaged`],
            deep: { of: { token } },
        };
        await factEffects(telemetry).report({ fact: "RequestGone", details });
        assert.ok(!lines.join().includes(token));
        assert.deepEqual(JSON.parse(lines[0] ?? "").details, {
            token: "…0007",
            reasons: ["record request#one#…0007 is damaged"],
            deep: { of: { token: "…0007" } },
        });
    });

    it("hold foreign text shortened, and custom data in one line of a hundred characters", () => {
        const tokens = new TokenMask();
        const custom = `${"x".repeat(200)}\n\u202e`;
        const entry = loggable(
            { customData: custom, why: "y".repeat(2_000), list: Array(100).fill(1) },
            tokens,
        );
        const { customData, why, list } = entry as { customData: string; why: string; list: number[] };
        assert.equal(customData, JSON.stringify(`${"x".repeat(100)}…`));
        assert.deepEqual([why.length, list.length], [1_001, 60]);
        assert.equal(loggable(null, tokens), null);
        assert.equal(loggable(3, tokens), 3);
    });
});

describe("a mask of tokens", () => {
    it("masks every token that it knows, and none when they are forgotten", () => {
        const mask = new TokenMask();
        const other = uuidOf(8);
        mask.learn(token);
        mask.learn(other);
        // Nothing short is taken for a token: it would blank out half of a log.
        mask.learn("");
        mask.learn("e");
        assert.equal(mask.mask(`${token} ${other} ${token} here`), "…0007 …0008 …0007 here");
        mask.clear();
        assert.equal(mask.mask(token), token);
    });
});
