import type { PolicyBundle } from "../policyBundle";

/** One entry of the engine's vulnerability list. */
export interface ListedVulnerability {
    vuln: string;
    severity: string;
    package: string;
    package_name: string;
    package_version: string;
    package_type: string;
    package_path: string;
    fix: string;
    url: string;
    will_not_fix: boolean;
    feed: string;
    feed_group: string;
}

/** Builds an entry in the engine's format; only id, severity and package matter to most tests. */
export function listed(
    vuln: string,
    severity: string,
    packageName: string,
    more: Partial<ListedVulnerability> = {},
): ListedVulnerability {
    return {
        feed: "vulnerabilities",
        feed_group: "debian:12",
        fix: "None",
        package: `${packageName}-1.0`,
        package_name: packageName,
        package_path: "pkgdb",
        package_type: "dpkg",
        package_version: "1.0",
        severity,
        url: `https://advisories.example.org/${vuln}`,
        vuln,
        will_not_fix: false,
        ...more,
    };
}

/** What an image in the engine is and has gone through. */
export interface ModelImage {
    digest: string;
    imageId: string;
    fullTags: string[];
    status: "not_analyzed" | "analyzing" | "analyzed" | "analysis_failed";
    /** Reads of the image until the analysis ends; Infinity: never. */
    readsLeft: number;
    failure: string | null;
    distro: string | null;
    user: string;
    ports: number[];
    /** The stored vulnerability report; null before the first scan. */
    stored: ListedVulnerability[] | null;
    /** Cached decision per policy and tag, thrown away by a forced refresh that changes the stored report's time. */
    cache: Map<string, Decision>;
}

export interface ModelPolicy {
    bundle: PolicyBundle;
    active: boolean;
}

export type Row = [string, string, string, string, string, string, string, false | object, string];

export interface Decision {
    rows: Row[];
    finalAction: "go" | "warn" | "stop";
    reason: string;
    mapping: object | false;
}

const order = ["unknown", "negligible", "low", "medium", "high", "critical"];

/** The vulnerability database: what would be found now, and when it was built. */
export interface ModelData {
    vulnerabilities: ListedVulnerability[];
    builtAt: Date;
    namespaces: string[];
}

/**
 * Runs a bundle as the engine does: the first mapping that fits (here: registry `*` or the image's), its rules over
 * the stored report without the will-not-fix entries, no mapping = go.
 */
export function evaluate(
    bundle: PolicyBundle,
    image: ModelImage,
    tag: string,
    data: ModelData | null,
    now: Date,
): Decision {
    const registry = tag.split("/")[0] ?? "";
    const mapping = bundle.mappings.find((each) => [registry, "*"].includes(each.registry as string));
    if (mapping === undefined) {
        return { rows: [], finalAction: "go", reason: "policy_evaluation", mapping: false };
    }
    const rows: Row[] = [];
    for (const policy of bundle.policies.filter(({ id }) => mapping.policy_ids.includes(id))) {
        for (const rule of policy.rules) {
            const value = (name: string) => rule.params.find((each) => each.name === name)?.value ?? "";
            const fire = (triggerId: string, output: string) =>
                rows.push([
                    image.imageId,
                    tag,
                    triggerId,
                    rule.gate,
                    rule.trigger,
                    output,
                    rule.action.toLowerCase(),
                    false,
                    policy.id,
                ]);
            switch (`${rule.gate}/${rule.trigger}`) {
                case "vulnerabilities/vulnerability_data_unavailable":
                    if (data === null || !data.namespaces.includes(image.distro ?? "")) {
                        fire(
                            "0d1",
                            `Distro-specific feed data not found for distro namespace: ${image.distro}.`,
                        );
                    }
                    break;
                case "vulnerabilities/stale_feed_data": {
                    const days = Number(value("max_days_since_sync"));
                    if (data === null || data.builtAt.getTime() < now.getTime() - days * 86_400_000) {
                        fire(
                            "0d2",
                            `The vulnerability feed for this image distro is older than MAXAGE (${days}) days`,
                        );
                    }
                    break;
                }
                case "vulnerabilities/package":
                    for (const found of (image.stored ?? []).filter(({ will_not_fix }) => !will_not_fix)) {
                        const difference =
                            order.indexOf(found.severity.toLowerCase()) - order.indexOf(value("severity"));
                        if (value("severity_comparison") === ">=" ? difference >= 0 : difference === 0) {
                            fire(
                                `${found.vuln}+${found.package_name}`,
                                `${found.severity.toUpperCase()} Vulnerability found in os package type ` +
                                    `(${found.package_type}) - ${found.package_name} (${found.vuln} - ${found.url})`,
                            );
                        }
                    }
                    break;
                case "dockerfile/effective_user":
                    if (value("users").split(",").includes(image.user)) {
                        fire(
                            "0d3",
                            `User ${image.user} found as effective user, which is explicity not allowed list`,
                        );
                    }
                    break;
                case "dockerfile/exposed_ports":
                    for (const port of image.ports.filter((each) =>
                        value("ports").split(",").includes(String(each)),
                    )) {
                        fire(
                            "0d4",
                            `Dockerfile exposes port (${port}) which is in policy file DENIEDPORTS list`,
                        );
                    }
                    break;
                default:
                    throw new Error(`the engine model does not know ${rule.gate}/${rule.trigger}`);
            }
        }
    }
    const actions = rows.map((row) => row[6]);
    const finalAction = actions.includes("stop") ? "stop" : actions.includes("warn") ? "warn" : "go";
    return { rows, finalAction, reason: "policy_evaluation", mapping };
}

/** The check answer of the engine, `detail=true`. */
export function checkBody(
    image: ModelImage,
    tag: string,
    policy: ModelPolicy,
    decision: Decision,
    now: Date,
): Record<string, Record<string, Record<string, unknown>[]>>[] {
    const status = decision.finalAction === "stop" ? "fail" : "pass";
    const seconds = Math.floor(now.getTime() / 1000);
    return [
        {
            [image.digest]: {
                [tag]: [
                    {
                        detail: {
                            policy: policy.bundle,
                            result: {
                                bundle: policy.bundle,
                                created_at: seconds,
                                evaluation_problems: [],
                                final_action: decision.finalAction,
                                final_action_reason: decision.reason,
                                image_digest: image.digest,
                                image_id: image.imageId,
                                last_modified: seconds,
                                matched_blacklisted_images_rule: false,
                                matched_mapping_rule: decision.mapping,
                                matched_whitelisted_images_rule: false,
                                result: {
                                    [image.imageId]: {
                                        result: {
                                            final_action: decision.finalAction,
                                            header: [
                                                "Image_Id",
                                                "Repo_Tag",
                                                "Trigger_Id",
                                                "Gate",
                                                "Trigger",
                                                "Check_Output",
                                                "Gate_Action",
                                                "Whitelisted",
                                                "Policy_Id",
                                            ],
                                            row_count: decision.rows.length,
                                            rows: decision.rows,
                                        },
                                    },
                                    policy_data: [],
                                    policy_name: "",
                                    whitelist_data: [],
                                    whitelist_names: [],
                                },
                                status,
                                tag,
                                user_id: "admin",
                            },
                        },
                        last_evaluation: engineTime(now),
                        policyId: policy.bundle.id,
                        status,
                    },
                ],
            },
        },
    ];
}

/** Time as the engine writes it: UTC, whole seconds. */
export function engineTime(date: Date): string {
    return `${date.toISOString().slice(0, 19)}Z`;
}
