/** Instances and databases: where the type, the number and the storage decide the price. */
import type { CapturedResource, Value } from "../model";
import type { ResourceIndex } from "../report/resourceIndex";
import {
    isUnknown,
    listOf,
    readPath,
    readProperty,
    textOf,
    withoutSecretMark,
} from "../report/resourceIndex";
import type { Charges } from "./estimate";
import type { Price } from "./prices";
import { instancePrices, postgresPrices, prices, usagePrices } from "./prices";
import type { Pricer } from "./pricers";

type Fixed = NonNullable<Charges["fixed"]>;

const launchTemplateType = "aws:ec2/launchTemplate:LaunchTemplate";

/** gp3 includes this much; more is paid (EBS and RDS below 400 GB). */
const includedIops = 3000;
const includedThroughput = 125;

function wholeNumber(value: Value | undefined, ...path: (string | number)[]): number | "absent" | "unknown" {
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

function instanceCharges(type: string | undefined, times: number): Charges {
    const price: Price | undefined = type === undefined ? undefined : instancePrices[type];
    if (!price) {
        return {
            unpriced: [
                `no price for ${type === undefined ? "an instance whose type is not known" : `EC2 ${type}`}`,
            ],
        };
    }
    const usage = type?.startsWith("t")
        ? [{ item: "EC2 burst credits", prices: [usagePrices.burstCredits] }]
        : [];
    return { fixed: [{ price, quantity: times }], usage };
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
    return combine(instanceCharges(textOf(template, "instanceType"), instances), ...storage);
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
        instanceCharges(textOf(resource, "instanceType"), 1),
        ...volumes.map((volume) => volumeCharges(volume, 1, "a volume of the instance")),
    );
};

const databaseInstance: Pricer = (resource) => {
    const engine = readProperty(resource, "engine");
    const instanceClass = textOf(resource, "instanceClass");
    const multiZone = readProperty(resource, "multiAz");
    const storageType = readProperty(resource, "storageType");
    const size = wholeNumber(resource.inputs, "allocatedStorage");
    if (engine.kind !== "known" || engine.value !== "postgres") {
        return {
            unpriced: [
                `no price for RDS engine ${engine.kind === "known" ? String(engine.value) : "that is not known"}`,
            ],
        };
    }
    if (multiZone.kind === "unknown") {
        return { unpriced: ["no price for this database: multiAz is not known yet"] };
    }
    const copies = multiZone.kind === "known" && multiZone.value === true ? 2 : 1;
    const price = instanceClass === undefined ? undefined : postgresPrices[instanceClass];
    const fixed: Fixed = price ? [{ price, quantity: copies }] : [];
    const unpriced = price
        ? []
        : [`no price for RDS PostgreSQL ${instanceClass ?? "of an instance class that is not known"}`];
    // The provider's default is gp2.
    const kind =
        storageType.kind === "absent"
            ? "gp2"
            : storageType.kind === "known"
              ? storageType.value
              : "not known yet";
    const storagePrice =
        kind === "gp3" ? prices.databaseGp3 : kind === "gp2" ? prices.databaseGp2 : undefined;
    const iops = readProperty(resource, "iops");
    if (!storagePrice || typeof size !== "number" || iops.kind !== "absent") {
        unpriced.push(
            !storagePrice
                ? `no price for RDS storage of type ${String(kind)}`
                : typeof size !== "number"
                  ? `no price for RDS storage: allocatedStorage is ${size === "unknown" ? "not known yet" : "not set"}`
                  : "no price for provisioned RDS IOPS",
        );
    }
    if (storagePrice && typeof size === "number") {
        fixed.push({ price: storagePrice, quantity: size * copies });
    }
    const managed = readPath(resource.inputs, ["manageMasterUserPassword"]);
    if (managed.kind === "known" && managed.value === true) {
        fixed.push({ price: prices.secret, quantity: 1 });
    }
    return { fixed, unpriced, usage: [{ item: "RDS backups", prices: [usagePrices.backupStorage] }] };
};

/** Tasks on EC2 are paid as instances; Fargate tasks by vCPU and memory, which this table does not have. */
const service: Pricer = (resource) => {
    const launchType = readProperty(resource, "launchType");
    const strategies = readProperty(resource, "capacityProviderStrategies");
    const names =
        strategies.kind === "known" && Array.isArray(strategies.value)
            ? strategies.value.map((each) => {
                  const plain = withoutSecretMark(each);
                  const name = readPath(plain, ["capacityProvider"]);
                  return isUnknown(plain) || name.kind !== "known" ? "" : String(name.value);
              })
            : [];
    const fargate =
        (launchType.kind === "known" && launchType.value === "FARGATE") ||
        names.some((name) => name.startsWith("FARGATE"));
    if (launchType.kind === "unknown") {
        return { unpriced: ["no price for this service: launchType is not known yet"] };
    }
    return fargate ? { unpriced: ["no price for Fargate tasks"] } : {};
};

export const computePricers: Readonly<Record<string, Pricer>> = {
    "aws:autoscaling/group:Group": autoScalingGroup,
    "aws:ec2/instance:Instance": instance,
    "aws:ebs/volume:Volume": (resource) => volumeCharges(resource.inputs, 1, "this volume"),
    "aws:rds/instance:Instance": databaseInstance,
    "aws:ecs/service:Service": service,
};
