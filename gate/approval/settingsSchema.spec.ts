import assert from "node:assert/strict";
import { gatePolicySchema } from "../policy/gatePolicy";
import type { ApprovalSettings } from "./approvalSettings";
import { SettingsError } from "../settings/settingsFile";
import { limitEnvironment, limitProblems, readSettings } from "./settingsSchema";
import { exampleSettings } from "./testing/genuineShapes";

const settings = exampleSettings();
const [orders, billing] = settings.applications;

function problemsIn(value: unknown): string[] {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    try {
        readSettings(text);
    } catch (error) {
        assert.ok(error instanceof SettingsError, String(error));
        assert.equal(
            error.message,
            `the function cannot start, deploy it again: ${error.problems.join("; ")}`,
        );
        return error.problems;
    }
    return [];
}

/** Places at which something is wrong. */
function placesIn(value: unknown): string[] {
    return problemsIn(value).map((problem) => /^settings\.json: (\S*) /.exec(problem)?.[1] ?? problem);
}

describe("settings of the approval functions", () => {
    it("are read as they were written", () => {
        assert.deepEqual(readSettings(JSON.stringify(settings)), settings);
        const basic = exampleSettings({
            scanType: "BASIC",
            account: { partition: "aws-us-gov", region: "us-gov-west-1", accountId: "123456789012" },
            topicArn: "arn:aws-us-gov:sns:us-gov-west-1:123456789012:approvals",
            policy: gatePolicySchema.parse({ version: 1, limits: { high: 3, medium: 10 } }),
        });
        assert.deepEqual(readSettings(JSON.stringify(basic)), basic);
    });

    it("must be one JSON object, each key once", () => {
        assert.match(problemsIn("")[0] ?? "", /^settings\.json "" cannot be read as JSON/);
        const twice = JSON.stringify(settings).replace("{", '{"version":1,');
        assert.match(problemsIn(twice)[0] ?? "", /key "version" stands twice/);
        for (const value of ["null", "[]", "5"]) assert.equal(problemsIn(value).length, 1);
    });

    it("must have every key and no other", () => {
        for (const key of Object.keys(settings)) {
            const { [key as keyof ApprovalSettings]: _, ...rest } = settings;
            assert.ok(placesIn(rest).includes(key), key);
        }
        assert.match(problemsIn({ ...settings, approveAll: true })[0] ?? "", /approveAll/);
        assert.match(problemsIn({ ...settings, applications: [{ ...orders, role: "x" }] })[0] ?? "", /role/);
    });

    it("must have the policy in full: nothing is filled in that nobody could see", () => {
        for (const key of Object.keys(settings.policy)) {
            const { [key as keyof typeof settings.policy]: _, ...policy } = settings.policy;
            assert.equal(problemsIn({ ...settings, policy }).length, 1, key);
        }
        const { high: _, ...limits } = settings.policy.limits;
        assert.deepEqual(problemsIn({ ...settings, policy: { ...settings.policy, limits } }), [
            "settings.json: policy must be written out with all its values",
        ]);
    });

    it("are refused where a value is not what AWS would take", () => {
        const account = settings.account;
        const wrong: [Partial<Record<keyof ApprovalSettings, unknown>>, string[]][] = [
            [{ version: 2 }, ["version"]],
            [{ account: { ...account, accountId: "12345678901" } }, ["account.accountId", "topicArn"]],
            [{ account: { ...account, region: "everywhere" } }, ["account.region", "topicArn"]],
            [{ account: { ...account, partition: "azure" } }, ["account.partition", "topicArn"]],
            [{ scanType: "enhanced" }, ["scanType"]],
            [{ table: "a" }, ["table"]],
            [{ table: "a/b/c" }, ["table"]],
            [{ evidenceBucket: "Bucket" }, ["evidenceBucket"]],
            [{ topicArn: "approvals" }, ["topicArn", "topicArn"]],
            [{ topicArn: settings.topicArn.replace("123456789012", "111122223333") }, ["topicArn"]],
            [{ scanTimeoutMinutes: 4 }, ["scanTimeoutMinutes"]],
            [{ scanTimeoutMinutes: 60.5 }, ["scanTimeoutMinutes"]],
            [{ scanTimeoutMinutes: "60" }, ["scanTimeoutMinutes"]],
            [{ scanTimeoutMinutes: 86_401 }, ["scanTimeoutMinutes", "scanTimeoutMinutes"]],
            [{ functionTimeoutSeconds: 0 }, ["functionTimeoutSeconds"]],
            [{ functionTimeoutSeconds: 901 }, ["functionTimeoutSeconds"]],
            [{ applications: [] }, ["applications"]],
            [{ applications: {} }, ["applications"]],
            [{ applications: [null] }, ["applications.0"]],
            [{ applications: [{ ...orders, name: "Orders" }] }, ["applications.0.name"]],
            [{ applications: [{ ...orders, pipeline: "" }] }, ["applications.0.pipeline"]],
            [{ applications: [{ ...orders, pipeline: "p".repeat(101) }] }, ["applications.0.pipeline"]],
            [{ applications: [{ ...orders, stage: "Appro ve" }] }, ["applications.0.stage"]],
            [{ applications: [{ ...orders, action: "Gate/Approval" }] }, ["applications.0.action"]],
            [{ applications: [{ ...orders, action: "Gate\n" }] }, ["applications.0.action"]],
            [{ applications: [{ ...orders, repository: "host.example/orders" }] }, []],
            [{ applications: [{ ...orders, repository: "Orders" }] }, ["applications.0.repository"]],
            [{ applications: [{ ...orders, repository: "orders:latest" }] }, ["applications.0.repository"]],
            [{ applications: [{ ...orders, repository: "orders/" }] }, ["applications.0.repository"]],
        ];
        for (const [changes, places] of wrong) {
            assert.deepEqual(placesIn({ ...settings, ...changes }), places, JSON.stringify(changes));
        }
        const allowed = { ...orders, pipeline: "p".repeat(100), stage: "S.t@g-e_1", action: "A" };
        assert.deepEqual(problemsIn({ ...settings, applications: [allowed] }), []);
    });

    it("are refused where two applications have the same name, repository or action", () => {
        const same = (changes: object) =>
            placesIn({ ...settings, applications: [orders, { ...billing, ...changes }] });
        assert.deepEqual(same({ name: orders?.name }), ["applications.1.name"]);
        assert.deepEqual(same({ repository: orders?.repository }), ["applications.1.repository"]);
        assert.deepEqual(same({ pipeline: orders?.pipeline }), ["applications.1.action"]);
        assert.deepEqual(same({ pipeline: orders?.pipeline, action: "Other" }), []);
        assert.deepEqual(problemsIn({ ...settings, applications: [orders, orders] }), [
            "settings.json: applications.1.name must not be that of two: orders",
            "settings.json: applications.1.repository must not be that of two: portcullis-dev-orders-staging",
            "settings.json: applications.1.action must not be that of two: " +
                "portcullis-dev-orders-delivery/Approve/GateApproval",
        ]);
    });

    it("are refused where the times do not fit each other", () => {
        const policy = { ...settings.policy, maximumReportAgeHours: 1 };
        assert.deepEqual(problemsIn({ ...settings, policy, scanTimeoutMinutes: 60 }), []);
        assert.deepEqual(problemsIn({ ...settings, policy, scanTimeoutMinutes: 61 }), [
            "settings.json: scanTimeoutMinutes must not be longer than policy.maximumReportAgeHours: reports would be " +
                "too old by then",
        ]);
        assert.deepEqual(problemsIn({ ...settings, scanTimeoutMinutes: 15, functionTimeoutSeconds: 900 }), [
            "settings.json: scanTimeoutMinutes must be longer than functionTimeoutSeconds: nothing could be decided in time",
        ]);
    });

    it("tell all that is wrong at once", () => {
        const places = placesIn({
            ...settings,
            version: 2,
            scanType: "NONE",
            topicArn: "arn:aws:sns:us-east-1:123456789012:approvals",
            policy: { ...settings.policy, limits: { ...settings.policy.limits, critical: -1 } },
            applications: [orders, { ...orders, stage: "" }],
            more: 1,
        });
        assert.deepEqual(
            new Set(places),
            new Set([
                "version",
                "scanType",
                "topicArn",
                "policy.limits.critical",
                "applications.1.stage",
                "applications.1.name",
                "applications.1.repository",
                "Unrecognized",
            ]),
        );
    });
});

describe("limits in a function's environment", () => {
    const policy = gatePolicySchema.parse({ version: 1, limits: { critical: 0, high: 3, medium: 10 } });
    const environment = {
        CRITICAL_LIMIT: "0",
        HIGH_LIMIT: "3",
        MEDIUM_LIMIT: "10",
        LOW_LIMIT: "unlimited",
        NEGLIGIBLE_LIMIT: "unlimited",
    };

    it("are those of the policy", () => {
        assert.deepEqual(limitEnvironment(policy), environment);
        assert.deepEqual(limitProblems(policy, { ...environment, PATH: "/usr/bin" }), []);
    });

    it("are told where they differ, or are not there", () => {
        const { LOW_LIMIT: _, ...rest } = environment;
        assert.deepEqual(limitProblems(policy, { ...rest, HIGH_LIMIT: "30", CRITICAL_LIMIT: "" }), [
            'CRITICAL_LIMIT is "" and the policy in the code says 0',
            'HIGH_LIMIT is "30" and the policy in the code says 3',
            "LOW_LIMIT is not set and the policy in the code says unlimited",
        ]);
        for (const written of ["03", "3.0", " 3", "three", "Unlimited"]) {
            assert.equal(limitProblems(policy, { ...environment, HIGH_LIMIT: written }).length, 1, written);
        }
        assert.equal(limitProblems(policy, {}).length, 5);
    });
});
