import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson } from "./canonicalJson";
import * as z from "zod";
import { gatePolicySchema, serializeGatePolicy, type GatePolicyInput } from "./gatePolicy";
import { GatePolicyError, parseGatePolicy } from "./parseGatePolicy";
import type { PolicyProblem } from "./policyProblems";

const defaults = {
    version: 1,
    limits: { critical: 0, high: 0, medium: "unlimited", low: "unlimited", negligible: "unlimited" },
    unknownCountsAs: "high",
    unfixedCountsAs: "own",
    requiredScanners: { test: ["grype"], scanStagingImage: ["grype"] },
    maximumReportAgeHours: 24,
    maximumDataAgeHours: 120,
    waivers: [],
    maximumWaiverDays: { critical: 14, high: 30, medium: 90, low: 180, negligible: 365 },
};

const waiver = {
    id: "CVE-2021-3711",
    reason: "The function is not reachable from outside.",
    owner: "payments-team",
    created: "2026-03-01",
    expires: "2026-03-10",
};

function problemsOf(text: string): PolicyProblem[] {
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

    it("lists every problem with path, line, column and what is allowed, in the order of the text", () => {
        const text = [
            "version: 2",
            "limits:",
            "  critical: unlimited",
            "  high: -1",
            "  hihg: 3",
            "unknownCountsAs: hgih",
            "unfixedCountsAs: unknown",
            "requiredScanners:",
            "  test: [clair, grype, grype]",
            "maximumReportAgeHours: 0",
            "maximumDataAgeHours: 5d",
            "waivers:",
            "  - id: CVE-2026-*",
            "    reason: because",
            "    created: 2026-02-30",
            "    expires: 2027-01-01",
            "  - &same",
            "    id: CVE-2026-1",
            "    owner: platform",
            "    reason: The function is not reachable from outside.",
            "    created: 2026-03-01",
            "    expires: 2026-03-01",
            "  - *same",
            "maximumWaiverDays: { critical: 31, high: 30 }",
        ].join("\n");
        assert.deepEqual(
            problemsOf(text).map(
                ({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`,
            ),
            [
                "1:10 version: must be 1, not 2",
                '3:13 limits.critical: must be a whole number of findings from 0 to 1000000, not "unlimited"',
                '4:9 limits.high: must be a whole number of findings from 0 to 1000000, or "unlimited", not -1',
                '5:3 limits.hihg: is not a setting; known here: critical, high, medium, low, negligible; did you mean "high"?',
                '6:18 unknownCountsAs: must be one of critical, high, medium, low, negligible, not "hgih"; did you mean "high"?',
                '7:18 unfixedCountsAs: must be one of own, critical, high, medium, low, negligible, not "unknown"',
                "9:9 requiredScanners.test: must not name a scanner twice",
                '9:10 requiredScanners.test.0: must be one of anchore, grype, accuknox, lacework, inspector, not "clair"',
                "10:24 maximumReportAgeHours: must be more than 0 hours, not 0",
                '11:22 maximumDataAgeHours: must be a number, not "5d"',
                "13:5 waivers.0.owner: is required: must name who answers for the waiver, in 200 characters or less",
                '13:9 waivers.0.id: must be the vulnerability\'s id as the scanner writes it, such as CVE-2021-3711, in full, without white space and without *, not "CVE-2026-*"',
                '14:13 waivers.0.reason: must say in 20 characters or more why the finding is accepted, not "because"',
                '15:14 waivers.0.created: must be a date of the calendar, written YYYY-MM-DD, not "2026-02-30"',
                "18:5 waivers.2: must not overlap waivers.1, which is for the same id, package and application",
                '22:14 waivers.1.expires: must be after created, 2026-03-01, not "2026-03-01"',
                '22:14 waivers.2.expires: must be after created, 2026-03-01, not "2026-03-01"',
                "24:42 maximumWaiverDays.high: must not be below 31, the days for critical: a worse finding must not be waived for longer, not 30",
            ],
        );
    });

    it("says both what YAML and what the schema refuse where one does not make the other a guess", () => {
        const text = "version: 1\nlimits:\n  high: 0\n  high: -5\nx: !mine {}\n";
        assert.deepEqual(
            problemsOf(text).map(({ line, column, path }) => [line, column, path]),
            [
                [3, 9, "limits.high"],
                [4, 3, ""],
                [5, 1, "x"],
                [5, 4, ""],
            ],
        );
    });

    it("complains once about nesting without end, and about aliases that multiply", () => {
        assert.ok(problemsOf("[".repeat(3_000)).length < 2_000);
        const aliases = "a: &a [x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c]\n";
        assert.match(problemsOf(aliases)[0]?.message ?? "", /alias/);
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
        ["a YAML directive", "%YAML 1.1\n---\nversion: 1\nlimits: {high: 010}\n", /%YAML directive/],
        ["a tag yaml does not know", "version: 1\nrequiredScanners: !mine {}\n", /[Tt]ag/],
        ["an infinite age", "{version: 1, maximumDataAgeHours: .inf}", /maximumDataAgeHours/],
        ["an inherited key", "version: 1\n__proto__: {}\n", /__proto__ is not a setting/],
        [
            "dates that are not text",
            "%YAML 1.1\n---\nversion: 1\nwaivers: [{created: 2026-03-01}]\n",
            /created/,
        ],
        ["no list of waivers", "{version: 1, waivers: {}}", /waivers must be a list/],
        ["a limit of days below zero", "{version: 1, maximumWaiverDays: {critical: -1}}", /0 days or more/],
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
                '"maximumDataAgeHours":120,"maximumReportAgeHours":24,' +
                '"maximumWaiverDays":{"critical":14,"high":30,"low":180,"medium":90,"negligible":365},' +
                '"requiredScanners":{"scanStagingImage":["grype"],"test":["grype"]},' +
                '"unfixedCountsAs":"own","unknownCountsAs":"high","version":1,"waivers":[]}\n',
        );
    });

    it("serializes lists whose order means nothing in one order", () => {
        const other = { ...waiver, id: "CVE-2022-0778", applications: ["orders", "billing"] };
        const policyOf = (change: Omit<GatePolicyInput, "version">): string =>
            serializeGatePolicy(gatePolicySchema.parse({ version: 1, ...change }));
        const one = policyOf({
            waivers: [waiver, other],
            requiredScanners: { test: ["grype", "anchore"], scanStagingImage: ["grype"] },
        });
        const turned = policyOf({
            waivers: [{ ...other, applications: ["billing", "orders"] }, waiver],
            requiredScanners: { test: ["anchore", "grype"], scanStagingImage: ["grype"] },
        });
        assert.equal(one, turned);
        assert.equal(serializeGatePolicy(parseGatePolicy(one)), one);
        assert.notEqual(one, policyOf({ waivers: [waiver, { ...other, owner: "platform" }] }));
    });

    it("can be given to editors as a JSON schema", () => {
        const schema = z.toJSONSchema(gatePolicySchema, { io: "input" }) as unknown as {
            required: string[];
            properties: { waivers: { items: { required: string[] } } };
        };
        assert.deepEqual(schema.required, ["version"]);
        assert.deepEqual(schema.properties.waivers.items.required, [
            "id",
            "reason",
            "owner",
            "created",
            "expires",
        ]);
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
