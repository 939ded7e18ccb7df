/** ECS-16: Fargate runs its newest platform; instances are not taken from under tasks, nor their credentials by them. */
import { expectValue } from "../../harness/expectation";
import { nested } from "../../harness/nested";
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, is, unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { serviceType } from "../../delivery/deliveryServices";
import { taskSetType } from "./publicAddress";

const capacityProviderType = "aws:ecs/capacityProvider:CapacityProvider";
const launchTemplateType = "aws:ec2/launchTemplate:LaunchTemplate";

function judgePlatform(service: ResourceReader): Outcome {
    const version = filled(service.string("platformVersion"));
    return expectValue(version, {
        accepts: (value) => value.toUpperCase() === "LATEST",
        absent: "accepted",
        consequence: `the tasks of ${service.name} stay on this platform when a newer one mends vulnerabilities of its kernel and runtime`,
        fix: 'Set platformVersion: "LATEST", or leave it out.',
    });
}

function judgeCapacity(provider: ResourceReader): Outcome {
    if (provider.get("autoScalingGroupProvider").kind === "absent")
        return notApplicable("no capacity provider of an Auto Scaling group");
    return expectValue(
        nested(provider, "autoScalingGroupProvider", (inner) => inner.string("managedTerminationProtection")),
        {
            accepts: (value) => value === "ENABLED",
            consequence: "scaling in terminates instances on which tasks run",
            fix: 'Set managedTerminationProtection: "ENABLED", managedScaling.status: "ENABLED", and protectFromScaleIn of the Auto Scaling group.',
        },
    );
}

/** Instances of a cluster are told by the agent's configuration in their user data. */
function judgeInstances(template: ResourceReader): Outcome {
    const userData = filled(template.string("userData"));
    if (userData.kind === "unknown")
        return inconclusive(userData, "whether tasks can reach the instance's credentials is not known yet");
    if (userData.kind !== "known") return notApplicable("no user data");
    const text = Buffer.from(userData.value, "base64").toString("utf8");
    if (!/^[^#\n]*\bECS_CLUSTER=/m.test(text)) return notApplicable("no instance of an Amazon ECS cluster");
    if (is(template.string("metadataOptions", "httpEndpoint"), "disabled")) return pass;
    if (/^[^#\n]*\bECS_AWSVPC_BLOCK_IMDS=["']?true\b/im.test(text)) return pass;
    return violation(
        `userData of launch template ${template.name} does not set ECS_AWSVPC_BLOCK_IMDS: tasks can take the credentials of the instance.`,
        "Add ECS_AWSVPC_BLOCK_IMDS=true to /etc/ecs/ecs.config in the user data.",
    );
}

const service = (props: Record<string, unknown>, type = serviceType): ExampleResource => ({
    type,
    name: "service",
    props: { launchType: "FARGATE", ...props },
});
const provider = (managedTerminationProtection?: unknown): ExampleResource => ({
    type: capacityProviderType,
    name: "capacity",
    props: { autoScalingGroupProvider: { autoScalingGroupArn: unknown, managedTerminationProtection } },
});
const template = (text: string): ExampleResource => ({
    type: launchTemplateType,
    name: "template",
    props: { userData: Buffer.from(text).toString("base64") },
});

export const platform: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECS-16",
        family: "ecs",
        title: "Fargate runs its newest platform; EC2 capacity is protected and hides its credentials",
        rationale:
            "A fixed platform version misses security updates. Instances without termination protection are taken away under running tasks, and their role is open to every task that reaches the metadata service.",
        severity: "medium",
        remediation:
            'Leave `platformVersion` out or set it to `LATEST`. Set `managedTerminationProtection: "ENABLED"` on capacity providers, and `ECS_AWSVPC_BLOCK_IMDS=true` in the user data of the instances.',
        references: ["FSBP ECS.10", "FSBP ECS.19", "checkov CKV_AWS_332"],
    },
    types: [serviceType, taskSetType, capacityProviderType, launchTemplateType],
    evaluate: (resource) => {
        if (resource.type === capacityProviderType) return [judgeCapacity(resource)];
        return [resource.type === launchTemplateType ? judgeInstances(resource) : judgePlatform(resource)];
    },
    remediation: {
        when: "always",
        // Termination protection also needs the Auto Scaling group's; user data is somebody's script.
        changes: (resource) =>
            [serviceType, taskSetType].includes(resource.type) && judgePlatform(resource).kind === "violation"
                ? [{ path: ["platformVersion"], value: "LATEST" }]
                : [],
    },
    examples: [
        badExample("a platform of its own choice", [service({ platformVersion: "1.3.0" })], "service"),
        badExample("the same in a task set", [service({ platformVersion: "1.3.0" }, taskSetType)], "service"),
        badExample("no termination protection", [provider("DISABLED")], "capacity"),
        badExample(
            "tasks reach the instance's credentials",
            [template("#!/bin/bash\necho ECS_CLUSTER=main >> /etc/ecs/ecs.config\n")],
            "template",
        ),
        badExample(
            "the setting is only a comment",
            [template("ECS_CLUSTER=main\n# ECS_AWSVPC_BLOCK_IMDS=true\n")],
            "template",
        ),
        goodExample("the newest platform", [service({ platformVersion: "LATEST" })]),
        goodExample("termination protection", [provider("ENABLED")]),
        goodExample("credentials are hidden", [
            template(
                "#!/bin/bash\ncat > ecs.config <<'X'\nECS_CLUSTER=main\nECS_AWSVPC_BLOCK_IMDS=true\nX\n",
            ),
        ]),
        goodExample("instances of something else", [template("#!/bin/bash\nyum update -y\n")]),
        absentExample("not set: the newest platform", [service({})]),
        absentExample("not set: no termination protection", [provider()], "capacity"),
        openExample("platform not known yet", [service({ platformVersion: unknown })], "service"),
        openExample("protection not known yet", [provider(unknown)], "capacity"),
    ],
};
