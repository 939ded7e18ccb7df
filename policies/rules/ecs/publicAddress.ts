/** ECS-11, resource half: tasks have no public address. */
import { expectValue } from "../../harness/expectation";
import { nested } from "../../harness/nested";
import { notApplicable } from "../../harness/outcome";
import { is, unknown } from "../../harness/reader";
import type { ExampleResource, ResourceRule, RuleMetadata } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { serviceType } from "../../delivery/deliveryServices";

export const taskSetType = "aws:ecs/taskSet:TaskSet";

export const privateTasksMetadata: RuleMetadata = {
    id: "ECS-11",
    family: "ecs",
    title: "Tasks have no public address and lie in private subnets",
    rationale:
        "A task with a public address is reached past the load balancer, its certificate and its rules, and only one loose security group is in between.",
    severity: "high",
    remediation:
        "Leave `networkConfiguration.assignPublicIp` false, and give `networkConfiguration.subnets` subnets whose route table has no internet gateway; images are pulled through NAT or endpoints.",
    references: ["FSBP ECS.2", "FSBP ECS.16", "checkov CKV_AWS_333"],
};

const service = (networkConfiguration: unknown, type = serviceType): ExampleResource => ({
    type,
    name: "service",
    props: { networkConfiguration },
});
const subnets = ["subnet-1", "subnet-2"];

export const publicAddress: ResourceRule = {
    level: "resource",
    metadata: privateTasksMetadata,
    types: [serviceType, taskSetType],
    evaluate: (resource) => {
        if (resource.get("networkConfiguration").kind === "absent")
            return [notApplicable("its tasks have no network interface of their own")];
        const assigned = nested(resource, "networkConfiguration", (inner) => {
            const reading = inner.boolean("assignPublicIp");
            return reading.kind === "absent"
                ? { kind: "known", value: false, property: reading.property }
                : reading;
        });
        return [
            expectValue(assigned, {
                accepts: (value) => !value,
                consequence: "its tasks can be reached from the internet past the load balancer",
                fix: "Set networkConfiguration.assignPublicIp: false.",
            }),
        ];
    },
    remediation: {
        when: "always",
        changes: (resource) =>
            is(resource.boolean("networkConfiguration", "assignPublicIp"), true)
                ? [{ path: ["networkConfiguration", "assignPublicIp"], value: false }]
                : [],
    },
    examples: [
        badExample("a public address", [service({ subnets, assignPublicIp: true })], "service"),
        badExample(
            "the same in a task set",
            [service({ subnets, assignPublicIp: true }, taskSetType)],
            "service",
        ),
        badExample("neither true nor false", [service({ subnets, assignPublicIp: "ENABLED" })], "service"),
        goodExample("no public address", [service({ subnets, assignPublicIp: false })]),
        absentExample("not set: the default is none", [service({ subnets })]),
        absentExample("no network configuration", [service(null)]),
        openExample("not known yet", [service({ subnets, assignPublicIp: unknown })], "service"),
        openExample("the whole block not known yet", [service(unknown)], "service"),
    ],
};
