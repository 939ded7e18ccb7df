/** ASG-01, resource half: what one group says about its instances. */
import { expectValue } from "../../harness/expectation";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { filled, is, unknown, type ResourceReader } from "../../harness/reader";
import type { Outcome, PropertyChange, ResourceRule, RuleMetadata } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { groupExample, groupType } from "./group";

export const renewedGroupMetadata: RuleMetadata = {
    id: "ASG-01",
    family: "autoscaling",
    title: "Groups use a launch template, span zones and renew their instances",
    rationale:
        "Instances that are never replaced keep the image, and the weaknesses, of the day on which they were started; a group in one zone, or without a look at what it serves, is gone with that zone.",
    severity: "medium",
    remediation:
        'Use `launchTemplate` or `mixedInstancesPolicy`, at least two subnets of different zones, `healthCheckType: "ELB"` behind a load balancer, `instanceRefresh`, and `maxInstanceLifetime` of at most 2592000 seconds (30 days).',
    references: [
        "FSBP AutoScaling.1",
        "FSBP AutoScaling.2",
        "FSBP AutoScaling.6",
        "FSBP AutoScaling.9",
        "checkov CKV_AWS_315",
        "checkov CKV2_AWS_15",
        "cdk-nag AwsSolutions-AS1",
    ],
};

const longestSeconds = 30 * 24 * 3_600;
export const healthFix = 'Set healthCheckType: "ELB".';

export const renewedGroup: ResourceRule = {
    level: "resource",
    metadata: renewedGroupMetadata,
    types: [groupType],
    evaluate: (resource) => [
        judgeTemplate(resource),
        judgeZones(resource),
        judgeRefresh(resource),
        expectValue(resource.number("maxInstanceLifetime"), {
            accepts: (seconds) => seconds >= 86_400 && seconds <= longestSeconds,
            consequence: "instances are kept with the image of the day on which they were started",
            fix: `Set maxInstanceLifetime: ${longestSeconds} or less, at least 86400.`,
            findingId: "maxInstanceLifetime",
        }),
        judgeHealth(resource),
    ],
    remediation: { when: "always", changes: mend },
    examples: [
        badExample("a launch configuration", [groupExample({ launchTemplate: undefined, launchConfiguration: "old" })], "group"), // prettier-ignore
        badExample("one subnet", [groupExample({ vpcZoneIdentifiers: ["subnet-1"] })], "group"),
        badExample("kept for 31 days", [groupExample({ maxInstanceLifetime: 2_678_400 })], "group"),
        badExample("behind a load balancer that is not asked", [groupExample({ targetGroupArns: [unknown], healthCheckType: "EC2" })], "group"), // prettier-ignore
        goodExample("renewed, in two subnets", [groupExample()]),
        goodExample("several types of instances", [groupExample({ launchTemplate: undefined, mixedInstancesPolicy: {} })]), // prettier-ignore
        goodExample("behind a load balancer that is asked", [groupExample({ targetGroupArns: [unknown], healthCheckType: "ELB" })]), // prettier-ignore
        goodExample("zones by name", [groupExample({ vpcZoneIdentifiers: undefined, availabilityZones: ["eu-central-1a", "eu-central-1b"] })]), // prettier-ignore
        absentExample("no refresh", [groupExample({ instanceRefresh: undefined })], "group"),
        openExample("subnets not known yet", [groupExample({ vpcZoneIdentifiers: unknown })], "group"),
    ],
};

function judgeTemplate(resource: ResourceReader): Outcome {
    const fix = "Use launchTemplate: { id, version } in place of launchConfiguration.";
    const more = { findingId: "launchTemplate" };
    const old = filled(resource.string("launchConfiguration"));
    if (old.kind !== "absent")
        return violation(
            `${resource.name} uses a launch configuration, which knows neither tokens for the metadata service by default nor versions (launchConfiguration is set).`,
            fix,
            more,
        );
    const forms = ["launchTemplate", "mixedInstancesPolicy"].map((property) => resource.object(property));
    if (forms.some(({ kind }) => kind === "known")) return pass;
    const open = forms.find(({ kind }) => kind === "unknown");
    if (open) return inconclusive(open, "whether the group uses a launch template is not known yet");
    return violation(`${resource.name} has no launch template (launchTemplate).`, fix, more);
}

function judgeZones(resource: ResourceReader): Outcome {
    const lists = ["vpcZoneIdentifiers", "availabilityZones"].map((property) => resource.strings(property));
    for (const list of lists) {
        if (list.kind === "known" && new Set(list.value.values).size + list.value.unknownCount >= 2)
            return pass;
    }
    const open = lists.find(({ kind }) => kind === "unknown");
    if (open) return inconclusive(open, "in how many zones the group runs is not known yet");
    return violation(
        `${resource.name} runs in one zone (vpcZoneIdentifiers has fewer than two subnets).`,
        "Give vpcZoneIdentifiers subnets of at least two zones.",
        { findingId: "zones" },
    );
}

function judgeRefresh(resource: ResourceReader): Outcome {
    const refresh = resource.object("instanceRefresh");
    if (refresh.kind === "known") return pass;
    if (refresh.kind === "unknown")
        return inconclusive(refresh, "whether instances are replaced by a new template is not known yet");
    return violation(
        `A new version of the template reaches no running instance of ${resource.name} (instanceRefresh ${refresh.kind === "malformed" ? refresh.why : "is not set"}).`,
        'Set instanceRefresh: { strategy: "Rolling" }.',
        { findingId: "instanceRefresh" },
    );
}

/** Whether the group names a load balancer itself; attachments are the stack half's matter. */
export function servesLoadBalancer(resource: ResourceReader): "yes" | "no" | "unknown" {
    const lists = ["targetGroupArns", "loadBalancers", "trafficSources"].map((name) => resource.list(name));
    // A list that cannot be read is not an empty one.
    if (lists.some((list) => list.kind === "malformed" || (list.kind === "known" && list.value.length > 0)))
        return "yes";
    return lists.some(({ kind }) => kind === "unknown") ? "unknown" : "no";
}

function judgeHealth(resource: ResourceReader): Outcome {
    const serves = servesLoadBalancer(resource);
    const health = healthOutcome(resource);
    if (serves === "no" || health.kind === "pass") {
        const broken = resource.list("targetGroupArns");
        if (broken.kind === "malformed")
            return violation(`targetGroupArns ${broken.why}.`, "Give a list of ARNs.", { findingId: "targetGroupArns" }); // prettier-ignore
        return pass;
    }
    if (serves === "yes") return health;
    return inconclusive(
        { property: "targetGroupArns" },
        "whether the group is behind a load balancer is not known yet",
    );
}

/** What is to be said of a group behind a load balancer. */
export function healthOutcome(resource: ResourceReader): Outcome {
    return expectValue(resource.string("healthCheckType"), {
        accepts: (types) => types.split(",").map((type) => type.trim()).includes("ELB"),
        consequence: "an instance that answers nobody is kept",
        fix: healthFix,
        findingId: "healthCheckType",
    }); // prettier-ignore
}

function mend(resource: ResourceReader): PropertyChange[] {
    const lifetime = resource.number("maxInstanceLifetime");
    const tooLong = lifetime.kind === "absent" || is(lifetime, 0) || (lifetime.kind === "known" && lifetime.value > longestSeconds); // prettier-ignore
    return [
        ...(judgeHealth(resource).kind === "violation" ? [{ path: ["healthCheckType"], value: "ELB" }] : []),
        ...(resource.get("instanceRefresh").kind === "absent"
            ? [{ path: ["instanceRefresh"], value: { strategy: "Rolling" } }]
            : []),
        ...(tooLong ? [{ path: ["maxInstanceLifetime"], value: longestSeconds }] : []),
    ];
}
