/** ECS-12: a deployment that does not come up ends, and what ran before runs again. */
import { deliveryStack, serviceWith } from "../../delivery/exampleDelivery";
import { serviceType } from "../../delivery/deliveryServices";
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { is, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { PackConfiguration } from "../../harness/configuration";

function breakerOutcomes(service: ResourceReader): Outcome[] {
    const whole = service.get("deploymentCircuitBreaker");
    if (whole.kind === "unknown")
        return [inconclusive(whole, "whether failed deployments end is not known yet")];
    return (["enable", "rollback"] as const).flatMap((property): Outcome[] => {
        const switched = service.boolean("deploymentCircuitBreaker", property);
        if (switched.kind === "unknown")
            return [inconclusive(switched, "whether failed deployments end is not known yet")];
        if (is(switched, true)) return [];
        const state = switched.kind === "known" ? "false" : "not set";
        return [
            violation(
                `${switched.property} is ${state}: ${property === "enable" ? "a revision that never comes up is started again and again" : "what failed stays the revision that the service wants"}.`,
                "Set deploymentCircuitBreaker: { enable: true, rollback: true }.",
                { findingId: property },
            ),
        ];
    });
}

/** Less than half of the tasks left while a deployment runs is an outage; 100 is the default of a service. */
const leastHealthy = 50;

function healthyOutcomes(service: ResourceReader, configuration: PackConfiguration): Outcome[] {
    const tier = service.string("tags", configuration.repositoryTierTag);
    if (!is(tier, "production")) return [];
    const healthy = service.number("deploymentMinimumHealthyPercent");
    if (healthy.kind === "absent") return [];
    if (healthy.kind === "unknown")
        return [inconclusive(healthy, "how many tasks stay healthy is not known yet")];
    const value = valueOf(healthy);
    if (value !== undefined && value >= leastHealthy) return [];
    return [
        violation(
            `${healthy.property} is ${value ?? "no number"}: a deployment may stop ${value === undefined ? "any" : 100 - value} of 100 tasks of production at once.`,
            `Set deploymentMinimumHealthyPercent to ${leastHealthy} or more.`,
            { findingId: "healthy" },
        ),
    ];
}

export const circuitBreaker: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECS-12",
        family: "ecs",
        title: "Failed deployments end and are rolled back",
        rationale:
            "Without a circuit breaker a revision that never becomes healthy, or that admission refuses, is tried until somebody looks; in the meantime nothing else is deployed.",
        severity: "medium",
        remediation:
            "Set `deploymentCircuitBreaker: { enable: true, rollback: true }`, and in production `deploymentMinimumHealthyPercent` to 50 or more.",
        references: ["Amazon ECS Developer Guide: deployment circuit breaker"],
    },
    types: [serviceType],
    evaluate: (service, configuration) => {
        const controller = service.string("deploymentController", "type");
        if (controller.kind === "known" && controller.value !== "ECS")
            return [notApplicable("Amazon ECS does not control its deployments")];
        const outcomes = [...breakerOutcomes(service), ...healthyOutcomes(service, configuration)];
        return outcomes.length > 0 ? outcomes : [pass];
    },
    remediation: {
        when: "always",
        changes: (service) => {
            const whole = service.get("deploymentCircuitBreaker");
            if (
                whole.kind === "unknown" ||
                breakerOutcomes(service).every(({ kind }) => kind !== "violation")
            )
                return [];
            return [{ path: ["deploymentCircuitBreaker"], value: { enable: true, rollback: true } }];
        },
    },
    examples: [
        badExample(
            "without a rollback",
            [serviceWith({ deploymentCircuitBreaker: { enable: true, rollback: false } })],
            "shop",
        ),
        badExample(
            "a tenth of the tasks stays",
            [serviceWith({ deploymentMinimumHealthyPercent: 10 })],
            "shop",
        ),
        goodExample("ends and rolls back", deliveryStack()),
        goodExample("half of the tasks stays", [serviceWith({ deploymentMinimumHealthyPercent: 50 })]),
        goodExample("a disposable service may stop altogether", [
            serviceWith({ tags: { tier: "staging" }, deploymentMinimumHealthyPercent: 0 }),
        ]),
        goodExample("CodeDeploy controls the deployments", [
            serviceWith({
                deploymentController: { type: "CODE_DEPLOY" },
                deploymentCircuitBreaker: undefined,
            }),
        ]),
        {
            title: "no circuit breaker",
            shows: "absent",
            resources: [serviceWith({ deploymentCircuitBreaker: undefined })],
            expect: [
                { resource: "shop", kind: "violation" },
                { resource: "shop", kind: "violation" },
            ],
        },
        openExample("not known yet", [serviceWith({ deploymentCircuitBreaker: unknown })], "shop"),
    ],
};
