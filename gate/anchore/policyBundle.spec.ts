import assert from "node:assert/strict";
import fc from "fast-check";
import { gatePolicySchema, rankedSeverities, type GatePolicyInput } from "../policy/gatePolicy";
import { anchorePolicyBundle, maximumDataAgeDays } from "./policyBundle";

function bundleOf(input: Omit<GatePolicyInput, "version"> = {}) {
    return anchorePolicyBundle(gatePolicySchema.parse({ version: 1, ...input }));
}

function packageRules(input: Omit<GatePolicyInput, "version">): string[] {
    return (bundleOf(input).policies[0]?.rules ?? [])
        .filter(({ trigger }) => trigger === "package")
        .map(({ action, params }) => {
            const value = (name: string) => params.find((each) => each.name === name)?.value;
            assert.equal(value("package_type"), "all");
            assert.equal(value("vendor_only"), "false");
            return `${action} ${value("severity_comparison")} ${value("severity")}`;
        });
}

describe("Anchore policy bundle", () => {
    it("is exactly this for the default policy", () => {
        assert.deepEqual(bundleOf(), {
            id: "portcullis-bb890980450a2a804e11d94e",
            name: "Portcullis gate",
            version: "1_0",
            comment:
                "Made from the gate policy; the id is a hash of the content. Do not edit: upload a new one.",
            policies: [
                {
                    id: "portcullis-gate",
                    name: "Portcullis gate",
                    version: "1_0",
                    comment: "Missing or stale data and everything of which the gate policy allows none stop",
                    rules: [
                        {
                            id: "data-unavailable",
                            gate: "vulnerabilities",
                            trigger: "vulnerability_data_unavailable",
                            action: "STOP",
                            params: [],
                        },
                        {
                            id: "data-stale",
                            gate: "vulnerabilities",
                            trigger: "stale_feed_data",
                            action: "STOP",
                            params: [{ name: "max_days_since_sync", value: "4" }],
                        },
                        {
                            id: "vulnerability-from-high",
                            gate: "vulnerabilities",
                            trigger: "package",
                            action: "STOP",
                            params: [
                                { name: "package_type", value: "all" },
                                { name: "severity_comparison", value: ">=" },
                                { name: "severity", value: "high" },
                                { name: "vendor_only", value: "false" },
                            ],
                        },
                        {
                            id: "vulnerability-unknown",
                            gate: "vulnerabilities",
                            trigger: "package",
                            action: "STOP",
                            params: [
                                { name: "package_type", value: "all" },
                                { name: "severity_comparison", value: "=" },
                                { name: "severity", value: "unknown" },
                                { name: "vendor_only", value: "false" },
                            ],
                        },
                        {
                            id: "root-user",
                            gate: "dockerfile",
                            trigger: "effective_user",
                            action: "STOP",
                            params: [
                                { name: "users", value: "root,0" },
                                { name: "type", value: "blacklist" },
                            ],
                        },
                        {
                            id: "ssh-port",
                            gate: "dockerfile",
                            trigger: "exposed_ports",
                            action: "STOP",
                            params: [
                                { name: "ports", value: "22" },
                                { name: "type", value: "blacklist" },
                            ],
                        },
                    ],
                },
            ],
            whitelists: [],
            mappings: [
                {
                    id: "every-image",
                    name: "Every image",
                    registry: "*",
                    repository: "*",
                    image: { type: "tag", value: "*" },
                    policy_ids: ["portcullis-gate"],
                    whitelist_ids: [],
                },
            ],
            whitelisted_images: [],
            blacklisted_images: [],
        });
    });

    it("stops from the mildest severity of which none is allowed, and leaves numbers to the verdict", () => {
        assert.deepEqual(packageRules({}), ["STOP >= high", "STOP = unknown"]);
        assert.deepEqual(packageRules({ limits: { low: 0 } }), ["STOP >= low", "STOP = unknown"]);
        assert.deepEqual(packageRules({ limits: { high: 3 } }), ["STOP >= critical"]);
        assert.deepEqual(packageRules({ limits: { critical: 1, high: 3 } }), []);
        assert.deepEqual(packageRules({ limits: { high: "unlimited" }, unknownCountsAs: "critical" }), [
            "STOP >= critical",
            "STOP = unknown",
        ]);
        assert.deepEqual(packageRules({ unknownCountsAs: "medium" }), ["STOP >= high"]);
    });

    it("rounds the age of data down to days that leave an hour, and to one day at least", () => {
        const daysOf = (maximumDataAgeHours: number) =>
            maximumDataAgeDays(gatePolicySchema.parse({ version: 1, maximumDataAgeHours }));
        assert.deepEqual([1, 24, 25, 48, 49, 120, 121, 8760].map(daysOf), [1, 1, 1, 1, 2, 4, 5, 364]);
    });

    it("gives another id exactly when the content differs", () => {
        const policyInput = fc.record({
            limits: fc.record({
                critical: fc.nat(2),
                ...Object.fromEntries(
                    rankedSeverities
                        .filter((severity) => severity !== "critical")
                        .map((severity) => [
                            severity,
                            fc.oneof(fc.nat(2), fc.constant("unlimited" as const)),
                        ]),
                ),
            }),
            unknownCountsAs: fc.constantFrom(...rankedSeverities),
            maximumDataAgeHours: fc.integer({ min: 1, max: 200 }),
        });
        fc.assert(
            fc.property(policyInput, policyInput, (one, other) => {
                const [a, b] = [bundleOf(one), bundleOf(other)];
                assert.deepEqual(bundleOf(one), a);
                const same = JSON.stringify({ ...a, id: "" }) === JSON.stringify({ ...b, id: "" });
                assert.equal(a.id === b.id, same);
                assert.match(a.id, /^portcullis-[0-9a-f]{24}$/);
            }),
        );
        assert.notEqual(bundleOf({ limits: { low: 0 } }).id, bundleOf().id);
        assert.notEqual(bundleOf({ maximumDataAgeHours: 48 }).id, bundleOf().id);
        // What the engine cannot count does not change its rules.
        assert.equal(bundleOf({ limits: { medium: 7 } }).id, bundleOf().id);
    });
});
