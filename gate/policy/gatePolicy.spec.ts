import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson } from "./canonicalJson";
import { GatePolicyError, gatePolicySchema, parseGatePolicy, serializeGatePolicy } from "./gatePolicy";

const defaults = {
    version: 1,
    limits: { critical: 0, high: 0, medium: "unlimited", low: "unlimited", negligible: "unlimited" },
    unknownCountsAs: "high",
    requiredScanners: { test: ["grype"], scanStagingImage: ["grype"] },
    maximumReportAgeHours: 24,
    maximumDataAgeHours: 120,
};

function problemsOf(text: string): { path: string; message: string }[] {
    try {
        parseGatePolicy(text);
    } catch (error) {
        assert.ok(error instanceof GatePolicyError);
        return error.problems;
    }
    throw new assert.AssertionError({ message: `accepted: ${text}` });
}

describe("gate policy", () => {
    it("fills in every default", () => {
        assert.deepEqual(parseGatePolicy("version: 1\n"), defaults);
        assert.deepEqual(parseGatePolicy("version: 1\nlimits: { high: 3 }\n"), {
            ...defaults,
            limits: { ...defaults.limits, high: 3 },
        });
    });

    it("reads YAML and JSON alike", () => {
        const yaml =
            "version: 1\nrequiredScanners:\n  test:\n    - grype\n    - anchore\nlimits:\n  medium: 10\n";
        const json = '{"version":1,"requiredScanners":{"test":["grype","anchore"]},"limits":{"medium":10}}';
        assert.deepEqual(parseGatePolicy(yaml), parseGatePolicy(json));
    });

    it("lists every problem with its path", () => {
        const problems = problemsOf(
            JSON.stringify({
                version: 2,
                limits: { critical: "unlimited", high: -1, medium: 1.5, severe: 0 },
                unknownCountsAs: "unknown",
                requiredScanners: { test: ["clair"] },
                maximumReportAgeHours: 0,
                maximumDataAgeHours: "5d",
                waivers: [],
            }),
        );
        assert.deepEqual(problems.map(({ path }) => path).sort(), [
            "",
            "limits",
            "limits.critical",
            "limits.high",
            "limits.medium",
            "maximumDataAgeHours",
            "maximumReportAgeHours",
            "requiredScanners.test.0",
            "unknownCountsAs",
            "version",
        ]);
        assert.match(problems.find(({ path }) => path === "limits")?.message ?? "", /"severe"/);
        assert.match(problems.find(({ path }) => path === "")?.message ?? "", /"waivers"/);
    });

    for (const [name, text, message] of [
        ["an empty document", "", /object/],
        ["a list", "[]", /object/],
        ["no version", "{}", /version/],
        ["no required scanner", "{version: 1, requiredScanners: {test: []}}", /at least one scanner/],
        ["a scanner twice", "{version: 1, requiredScanners: {test: [grype, grype]}}", /twice/],
        ["a duplicate key", "version: 1\nlimits:\n  high: 0\n  high: 5\n", /unique/],
        ["two documents", "version: 1\n---\nversion: 1\n", /document/],
        ["text cut off", '{"version": 1, "limits": {', /./],
        ["a tag yaml does not know", "version: 1\nrequiredScanners: !mine {}\n", /[Tt]ag/],
        ["an infinite age", "{version: 1, maximumDataAgeHours: .inf}", /maximumDataAgeHours/],
        ["an age over a year", "{version: 1, maximumReportAgeHours: 8761}", /maximumReportAgeHours/],
    ] as const) {
        it(`refuses ${name}`, () => assert.throws(() => parseGatePolicy(text), message));
    }

    it("serializes equal policies to equal text, whatever the order of keys, and reads it back", () => {
        const one = parseGatePolicy("version: 1\nunknownCountsAs: medium\nlimits: {low: 1, critical: 2}\n");
        const other = parseGatePolicy(
            '{"limits":{"critical":2,"low":1},"unknownCountsAs":"medium","version":1}',
        );
        assert.equal(serializeGatePolicy(one), serializeGatePolicy(other));
        assert.deepEqual(parseGatePolicy(serializeGatePolicy(one)), one);
        assert.equal(
            serializeGatePolicy(gatePolicySchema.parse({ version: 1 })),
            '{"limits":{"critical":0,"high":0,"low":"unlimited","medium":"unlimited","negligible":"unlimited"},' +
                '"maximumDataAgeHours":120,"maximumReportAgeHours":24,"requiredScanners":{"scanStagingImage":["grype"],"test":["grype"]},' +
                '"unknownCountsAs":"high","version":1}\n',
        );
    });

    it("canonical JSON keeps every value and does not depend on key order", () => {
        fc.assert(
            fc.property(fc.jsonValue(), (value) => {
                const plain: unknown = JSON.parse(JSON.stringify(value));
                assert.deepEqual(JSON.parse(canonicalJson(plain)), plain);
            }),
        );
        assert.equal(canonicalJson({ b: [{ d: 1, c: 2 }], a: undefined }), '{"b":[{"c":2,"d":1}]}');
    });
});
