/** Instances and tasks: where the type, the number and the volumes decide the price. */
import type { CapturedResource, Value } from "../model";
import type { Reading, ResourceIndex } from "../report/resourceIndex";
import { listOf, readPath, readProperty, textOf } from "../report/resourceIndex";
import type { Charges } from "./estimate";
import { containerService } from "./fargatePricer";
import type { Price } from "./prices";
import { instancePrices, prices, usagePrices } from "./prices";
import type { Pricer } from "./pricers";

type Fixed = NonNullable<Charges["fixed"]>;

const launchTemplateType = "aws:ec2/launchTemplate:LaunchTemplate";

/** gp3 includes this much; more is paid (EBS and RDS below 400 GB). */
const includedIops = 3000;
const includedThroughput = 125;

/** A number, or a text that begins with one (`30`, `"30"`); anything else that is there counts as unknown. */
export function wholeNumber(
    value: Value | undefined,
    ...path: (string | number)[]
): number | "absent" | "unknown" {
    const reading = readPath(value, path);
    if (reading.kind !== "known") {
        return reading.kind;
    }
    const number = typeof reading.value === "string" ? Number.parseFloat(reading.value) : reading.value;
    return typeof number === "number" && Number.isFinite(number) ? number : "unknown";
}

/** One EBS volume, times the number of instances that have it. */
function volumeCharges(volume: Value | undefined, times: number, where: string): Charges {
    const size = wholeNumber(volume, "volumeSize");
    const sizeOrAlias = size === "absent" ? wholeNumber(volume, "size") : size;
    const typeReading = readPath(volume, ["volumeType"]);
    const type = typeReading.kind === "absent" ? readPath(volume, ["type"]) : typeReading;
    if (typeof sizeOrAlias !== "number") {
        return {
            unpriced: [
                `no price for ${where}: its size is ${sizeOrAlias === "unknown" ? "not known yet" : "not set"}`,
            ],
        };
    }
    if (type.kind !== "known" || type.value !== "gp3") {
        const shown =
            type.kind === "known"
                ? `type ${String(type.value)}`
                : `a type that is ${type.kind === "unknown" ? "not known yet" : "not set"}`;
        return { unpriced: [`no price for ${where} of ${shown}`] };
    }
    const iops = wholeNumber(volume, "iops");
    const throughput = wholeNumber(volume, "throughput");
    const fixed: Fixed = [
        { price: prices.volumeGp3, quantity: sizeOrAlias * times },
        {
            price: prices.volumeGp3Iops,
            quantity: typeof iops === "number" ? Math.max(0, iops - includedIops) * times : 0,
        },
        {
            price: prices.volumeGp3Throughput,
            quantity:
                typeof throughput === "number" ? Math.max(0, throughput - includedThroughput) * times : 0,
        },
    ];
    const unpriced =
        iops === "unknown" || throughput === "unknown"
            ? [`no price for the speed of ${where}: not known yet`]
            : [];
    return { fixed, unpriced };
}

/** True when a setting, or one key of it, is known to be off. */
function isOff(setting: Reading, key?: string): boolean {
    const value = setting.kind === "known" && key !== undefined ? readPath(setting.value, [key]) : setting;
    return (
        value.kind === "absent" ||
        (value.kind === "known" && (value.value === false || value.value === "false"))
    );
}

/** Public IPv4 addresses that instances get by themselves. What the subnet assigns by default is not looked up. */
function publicAddresses(source: CapturedResource, times: number): Charges {
    const settings = [
        readProperty(source, "associatePublicIpAddress"),
        ...listOf(source, "networkInterfaces").map((each) => readPath(each, ["associatePublicIpAddress"])),
    ].filter((setting) => !isOff(setting));
    return settings.some(({ kind }) => kind === "unknown")
        ? {
              unpriced: [
                  "no price for public addresses of instances: associatePublicIpAddress is not known yet",
              ],
          }
        : { fixed: [{ price: prices.publicAddress, quantity: settings.length * times }] };
}

function instanceCharges(type: string | undefined, times: number, source: CapturedResource): Charges {
    const price: Price | undefined = type === undefined ? undefined : instancePrices[type];
    if (!price) {
        return {
            unpriced: [
                `no price for ${type === undefined ? "an instance whose type is not known" : `EC2 ${type}`}`,
            ],
        };
    }
    const standardCredits = textOf(source, "creditSpecification", "cpuCredits") === "standard";
    const bursts = type?.startsWith("t") === true && !standardCredits;
    const usage = bursts ? [{ item: "EC2 burst credits", prices: [usagePrices.burstCredits] }] : [];
    const monitoring = readProperty(source, "monitoring");
    const detailed = monitoring.kind !== "absent" && !isOff(monitoring, "enabled");
    const address = publicAddresses(source, times);
    return {
        fixed: [{ price, quantity: times }, ...(address.fixed ?? [])],
        usage,
        unpriced: [
            ...(detailed ? ["no price for detailed monitoring of instances"] : []),
            ...(address.unpriced ?? []),
        ],
    };
}

function combine(...all: Charges[]): Charges {
    return {
        fixed: all.flatMap((each) => each.fixed ?? []),
        usage: all.flatMap((each) => each.usage ?? []),
        unpriced: all.flatMap((each) => each.unpriced ?? []),
    };
}

/** Desired capacity of the group × instance type and volumes of its launch template. */
const autoScalingGroup: Pricer = (group: CapturedResource, index: ResourceIndex) => {
    if (readProperty(group, "mixedInstancesPolicy").kind !== "absent") {
        return {
            unpriced: ["no price for a group with a mixed instances policy: the type is chosen at run time"],
        };
    }
    const desired = wholeNumber(group.inputs, "desiredCapacity");
    // Without a desired capacity a group starts at its minimum.
    const instances = desired === "absent" ? wholeNumber(group.inputs, "minSize") : desired;
    if (typeof instances !== "number") {
        return {
            unpriced: [
                `no price for this group: desiredCapacity is ${instances === "unknown" ? "not known yet" : "not set"}`,
            ],
        };
    }
    const templates = index.referredBy(group, "launchTemplate", launchTemplateType);
    const [template] = templates;
    if (!template || templates.length > 1) {
        return { unpriced: ["no price for this group: its launch template is not part of the stack"] };
    }
    const volumes = listOf(template, "blockDeviceMappings").filter(
        (each) => readPath(each, ["ebs"]).kind !== "absent",
    );
    const storage =
        volumes.length === 0
            ? [{ unpriced: ["no price for the root volume: the launch template does not set it"] }]
            : volumes.map((mapping) => {
                  const ebs = readPath(mapping, ["ebs"]);
                  const device = readPath(mapping, ["deviceName"]);
                  const where = `volume ${device.kind === "known" ? String(device.value) : "of the launch template"}`;
                  return volumeCharges(
                      ebs.kind === "known" ? ebs.value : { $unknown: true },
                      instances,
                      where,
                  );
              });
    return combine(instanceCharges(textOf(template, "instanceType"), instances, template), ...storage);
};

const instance: Pricer = (resource) => {
    const root = readProperty(resource, "rootBlockDevice");
    const volumes = [
        ...(root.kind === "known"
            ? [root.value]
            : [root.kind === "unknown" ? ({ $unknown: true } as Value) : {}]),
        ...listOf(resource, "ebsBlockDevices"),
    ];
    return combine(
        instanceCharges(textOf(resource, "instanceType"), 1, resource),
        ...volumes.map((volume) => volumeCharges(volume, 1, "a volume of the instance")),
    );
};

/** Container Insights is paid by metric: their number depends on the tasks. */
const cluster: Pricer = (resource) => {
    const insights = listOf(resource, "settings").filter((each) => {
        const name = readPath(each, ["name"]);
        const value = readPath(each, ["value"]);
        const off = value.kind === "known" && value.value === "disabled";
        return name.kind === "known" && name.value === "containerInsights" && !off;
    });
    return insights.length === 0 ? {} : { unpriced: ["no price for the metrics of Container Insights"] };
};

export const computePricers: Readonly<Record<string, Pricer>> = {
    "aws:autoscaling/group:Group": autoScalingGroup,
    "aws:ec2/instance:Instance": instance,
    "aws:ebs/volume:Volume": (resource) => volumeCharges(resource.inputs, 1, "this volume"),
    "aws:ecs/cluster:Cluster": cluster,
    "aws:ecs/service:Service": containerService,
};
