import { createHash } from "node:crypto";
import { canonicalJson } from "../policy/canonicalJson";
import { rankedSeverities, type GatePolicy } from "../policy/gatePolicy";
import { compareSeverity, type RankedSeverity } from "../report/severity";

export type RuleAction = "STOP" | "WARN" | "GO";

/** One rule of an engine policy. Parameter values are always text. */
export interface BundleRule {
    id: string;
    gate: string;
    trigger: string;
    action: RuleAction;
    params: { name: string; value: string }[];
}

/** Policy bundle in the engine's format, version 1_0. */
export interface PolicyBundle {
    id: string;
    name: string;
    version: "1_0";
    comment: string;
    policies: { id: string; name: string; version: "1_0"; comment: string; rules: BundleRule[] }[];
    whitelists: [];
    mappings: {
        id: string;
        name: string;
        registry: "*";
        repository: "*";
        image: { type: "tag"; value: "*" };
        policy_ids: string[];
        whitelist_ids: [];
    }[];
    whitelisted_images: [];
    blacklisted_images: [];
}

const hoursPerDay = 24;

/**
 * Whole days of `max_days_since_sync` for a policy: the most days that still leave an hour below
 * `maximumDataAgeHours`, and at least 1, the engine's smallest unit that anything can pass.
 *
 * The engine does not tell when its data was built, only whether it is older than N days. The scan therefore
 * reports N days as the age, and the hour is the time in which the verdict must be given. A policy of 24 hours or
 * less cannot be proven with whole days: such a scan is always incomplete and says so.
 */
export function maximumDataAgeDays(policy: GatePolicy): number {
    return Math.max(1, Math.floor((policy.maximumDataAgeHours - 1) / hoursPerDay));
}

/**
 * The engine's policy bundle for a gate policy, made safe against the ways in which the engine passes by itself:
 * missing and stale vulnerability data stop, one catch-all mapping leaves no image without a policy, and there is
 * no allow-list at all (waivers belong to the gate).
 *
 * Vulnerabilities stop from the mildest severity of which none is allowed. Limits above zero are counted by the
 * verdict and not here: the engine knows no numbers. Running as root and exposing port 22 stop too; the scan
 * reports such stops as refusals, apart from vulnerabilities.
 *
 * The id holds a hash of the content: equal policies give the same id, a changed policy a new one, so that an
 * evaluation that names this id was made by these rules.
 */
export function anchorePolicyBundle(policy: GatePolicy): PolicyBundle {
    const rules: BundleRule[] = [
        rule("data-unavailable", "vulnerabilities", "vulnerability_data_unavailable", {}),
        // Despite its name the engine compares the build date of its database, which is what we want.
        rule("data-stale", "vulnerabilities", "stale_feed_data", {
            max_days_since_sync: String(maximumDataAgeDays(policy)),
        }),
        ...vulnerabilityRules(policy),
        rule("root-user", "dockerfile", "effective_user", { users: "root,0", type: "blacklist" }),
        rule("ssh-port", "dockerfile", "exposed_ports", { ports: "22", type: "blacklist" }),
    ];
    const content: Omit<PolicyBundle, "id"> = {
        name: "Portcullis gate",
        version: "1_0",
        comment: "Made from the gate policy; the id is a hash of the content. Do not edit: upload a new one.",
        policies: [
            {
                id: "portcullis-gate",
                name: "Portcullis gate",
                version: "1_0",
                comment: "Missing or stale data and everything of which the gate policy allows none stop",
                rules,
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
    };
    const hash = createHash("sha256").update(canonicalJson(content)).digest("hex");
    return { id: `portcullis-${hash.slice(0, 24)}`, ...content };
}

/** The mildest severity of which the policy allows none; null when every limit is above zero. */
export function stopFrom(policy: GatePolicy): RankedSeverity | null {
    return rankedSeverities.findLast((severity) => policy.limits[severity] === 0) ?? null;
}

function vulnerabilityRules(policy: GatePolicy): BundleRule[] {
    const from = stopFrom(policy);
    if (from === null) {
        return [];
    }
    const stops = [packageRule(`from-${from}`, ">=", from)];
    // The engine ranks unknown below negligible, so that a comparison never reaches it.
    if (compareSeverity(policy.unknownCountsAs, from) >= 0) {
        stops.push(packageRule("unknown", "=", "unknown"));
    }
    return stops;
}

function packageRule(id: string, comparison: string, severity: string): BundleRule {
    return rule(`vulnerability-${id}`, "vulnerabilities", "package", {
        package_type: "all",
        severity_comparison: comparison,
        severity,
        vendor_only: "false",
    });
}

function rule(id: string, gate: string, trigger: string, params: Record<string, string>): BundleRule {
    return {
        id,
        gate,
        trigger,
        action: "STOP",
        params: Object.entries(params).map(([name, value]) => ({ name, value })),
    };
}
