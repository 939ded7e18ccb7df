/**
 * Services on AWS Fargate. The desired number of tasks is counted, as for groups of instances; a service that has released
 * nothing yet runs none and costs less, a deployment that holds two revisions at once costs more.
 */
import { units } from "../behaviour/aws/taskRules";
import type { CapturedResource } from "../model";
import type { ResourceIndex } from "../report/resourceIndex";
import { isUnknown, readPath, readProperty, textOf, withoutSecretMark } from "../report/resourceIndex";
import type { Charges } from "./estimate";
import { prices } from "./prices";
import type { Pricer } from "./pricers";

const taskDefinitionType = "aws:ecs/taskDefinition:TaskDefinition";

/** Names of the service's capacity providers; an empty text for one that is not known. */
function capacityProviders(service: CapturedResource): string[] {
    const strategies = readProperty(service, "capacityProviderStrategies");
    return strategies.kind === "known" && Array.isArray(strategies.value)
        ? strategies.value.map((each) => {
              const plain = withoutSecretMark(each);
              const name = readPath(plain, ["capacityProvider"]);
              return isUnknown(plain) || name.kind !== "known" ? "" : String(name.value);
          })
        : [];
}

function fargateTasks(service: CapturedResource, index: ResourceIndex): Charges {
    const [definition, ...others] = index.referredBy(service, "taskDefinition", taskDefinitionType);
    const desired = readProperty(service, "desiredCount");
    if (definition === undefined || others.length > 0) {
        return { unpriced: ["no price for its Fargate tasks: the task definition is not part of the stack"] };
    }
    const [cpu, memory] = [
        units(textOf(definition, "cpu"), "vcpu"),
        units(textOf(definition, "memory"), "gb"),
    ];
    const architecture = readProperty(definition, "runtimePlatform", "cpuArchitecture");
    const system = textOf(definition, "runtimePlatform", "operatingSystemFamily") ?? "LINUX";
    // Without a number ECS starts no task.
    const tasks =
        desired.kind === "absent" ? 0 : desired.kind === "known" ? Number(desired.value) : undefined;
    if (cpu === undefined || memory === undefined || tasks === undefined || architecture.kind === "unknown") {
        return { unpriced: ["no price for its Fargate tasks: their size or number is not known yet"] };
    }
    if (system !== "LINUX") {
        return { unpriced: [`no price for Fargate tasks on ${system}`] };
    }
    const arm = architecture.kind === "known" && architecture.value === "ARM64";
    const address = readProperty(service, "networkConfiguration", "assignPublicIp");
    return {
        fixed: [
            {
                price: arm ? prices.fargateProcessorArm : prices.fargateProcessor,
                quantity: (cpu / 1024) * tasks,
            },
            {
                price: arm ? prices.fargateMemoryArm : prices.fargateMemory,
                quantity: (memory / 1024) * tasks,
            },
            {
                price: prices.publicAddress,
                quantity: address.kind === "known" && address.value === true ? tasks : 0,
            },
        ],
        unpriced:
            readProperty(definition, "ephemeralStorage").kind === "absent"
                ? []
                : ["no price for Fargate storage above 20 GB"],
    };
}

/** Tasks on EC2 are paid as instances, Fargate tasks by vCPU and memory. */
export const containerService: Pricer = (service, index) => {
    const launchType = readProperty(service, "launchType");
    const names = capacityProviders(service);
    if (launchType.kind === "unknown") {
        return { unpriced: ["no price for this service: launchType is not known yet"] };
    }
    if (names.some((name) => name.startsWith("FARGATE"))) {
        return {
            unpriced: ["no price for Fargate tasks behind capacity providers: the share of Spot varies"],
        };
    }
    return launchType.kind === "known" && launchType.value === "FARGATE" ? fargateTasks(service, index) : {};
};
