/** What Amazon ECS refuses in a task definition: sizes that Fargate does not offer, containers that cannot be. */
import { isObject } from "../../engine/wire";
import type { Wire, WireObject } from "../../engine/wire";
import { isKnown } from "../valueRules";

/** Processor units and the memory in MiB that goes with each: from, to and step ("Task CPU and memory", Fargate). */
const fargateMemory: Record<number, [from: number, to: number, step: number]> = {
    256: [512, 2_048, 512],
    512: [1_024, 4_096, 1_024],
    1_024: [2_048, 8_192, 1_024],
    2_048: [4_096, 16_384, 1_024],
    4_096: [8_192, 30_720, 1_024],
    8_192: [16_384, 61_440, 4_096],
    16_384: [32_768, 122_880, 8_192],
};

/** `.5 vcpu`, `1 GB` and plain numbers, in processor units and MiB; undefined for anything else. */
export function units(value: Wire | undefined, unit: "vcpu" | "gb"): number | undefined {
    const match = /^(\d*\.?\d+)\s*(vcpu|gb)?$/i.exec(String(value).trim());
    if (value === undefined || match === null) {
        return undefined;
    }
    const amount = Number(match[1]);
    return match[2] === undefined ? amount : match[2].toLowerCase() === unit ? amount * 1024 : undefined;
}

function sizeProblems(inputs: WireObject): string[] {
    const [cpu, memory] = [inputs["cpu"], inputs["memory"]];
    if (cpu === undefined || memory === undefined) {
        return ["cpu and memory are needed for FARGATE"];
    }
    if (!isKnown(cpu) || !isKnown(memory)) {
        return [];
    }
    const [processors, mebibytes] = [units(cpu, "vcpu"), units(memory, "gb")];
    const range = processors === undefined ? undefined : fargateMemory[processors];
    if (range === undefined) {
        return [`cpu ${JSON.stringify(cpu)} is none of ${Object.keys(fargateMemory).join(", ")}`];
    }
    const [from, to, step] = range;
    // 256 units go with 512, 1024 and 2048, not with 1536.
    const fits =
        mebibytes !== undefined &&
        mebibytes >= from &&
        mebibytes <= to &&
        (mebibytes - from) % step === 0 &&
        !(processors === 256 && mebibytes === 1_536);
    return fits
        ? []
        : [
              `memory ${JSON.stringify(memory)} does not go with cpu ${JSON.stringify(cpu)}: ${processors === 256 ? "512, 1024 or 2048" : `${from} to ${to} in steps of ${step}`}`,
          ];
}

const fargateLogDrivers = ["awslogs", "awsfirelens", "splunk"];

function containerProblems(
    container: WireObject,
    where: string,
    fargate: boolean,
    awsvpc: boolean,
): string[] {
    const { name, image } = container;
    const log = container["logConfiguration"];
    const driver = isObject(log) ? log["logDriver"] : undefined;
    const ports = Array.isArray(container["portMappings"]) ? container["portMappings"].filter(isObject) : [];
    return [
        ...(typeof name === "string" && /^[A-Za-z0-9_-]{1,255}$/.test(name)
            ? []
            : [`${where}.name ${JSON.stringify(name ?? null)} is not made of letters, digits, - and _`]),
        ...(typeof image === "string" && /^[A-Za-z0-9_\-.:/#@]{1,255}$/.test(image)
            ? []
            : [
                  `${where}.image ${JSON.stringify(image ?? null)} is no image reference of at most 255 characters`,
              ]),
        ...(fargate && container["privileged"] === true ? [`${where}.privileged is not for FARGATE`] : []),
        ...(fargate && driver !== undefined && !fargateLogDrivers.includes(String(driver))
            ? [`${where}.logConfiguration.logDriver ${String(driver)} is not for FARGATE`]
            : []),
        ...ports.flatMap(({ containerPort, hostPort }, position) =>
            awsvpc && hostPort !== undefined && hostPort !== containerPort
                ? [`${where}.portMappings[${position}].hostPort has to be containerPort in the mode awsvpc`]
                : [],
        ),
    ];
}

/** Problems of a whole task definition whose containers are known. */
export function taskDefinitionProblems(inputs: WireObject): string[] {
    const compatibilities = inputs["requiresCompatibilities"];
    const fargate = Array.isArray(compatibilities) && compatibilities.includes("FARGATE");
    const awsvpc = inputs["networkMode"] === "awsvpc";
    const own = fargate
        ? [
              ...(awsvpc || (inputs["networkMode"] !== undefined && !isKnown(inputs["networkMode"]))
                  ? []
                  : ["networkMode has to be awsvpc for FARGATE"]),
              ...sizeProblems(inputs),
          ]
        : [];
    let containers: Wire;
    try {
        containers = JSON.parse(String(inputs["containerDefinitions"])) as Wire;
    } catch (error) {
        return [...own, `containerDefinitions is not JSON: ${(error as Error).message}`];
    }
    if (!Array.isArray(containers) || !containers.every(isObject) || containers.length === 0) {
        return [...own, "containerDefinitions is not a list of containers"];
    }
    const names = containers.map(({ name }) => String(name));
    const volumes = Array.isArray(inputs["volumes"]) ? inputs["volumes"].filter(isObject) : [];
    const volumeNames = volumes.map(({ name }) => String(name));
    const usesSecrets = containers.some(
        ({ secrets, logConfiguration }) =>
            (Array.isArray(secrets) && secrets.length > 0) ||
            (fargate && isObject(logConfiguration) && logConfiguration["logDriver"] === "awslogs"),
    );
    return [
        ...own,
        ...containers.flatMap((container, position) =>
            containerProblems(container, `containerDefinitions[${position}]`, fargate, awsvpc),
        ),
        ...names
            .filter((name, position) => names.indexOf(name) !== position)
            .map((name) => `containerDefinitions has the name ${name} twice`),
        ...(containers.every(({ essential }) => essential === false)
            ? ["containerDefinitions needs at least one essential container"]
            : []),
        ...containers.flatMap(({ mountPoints }) =>
            (Array.isArray(mountPoints) ? mountPoints.filter(isObject) : [])
                .map(({ sourceVolume }) => String(sourceVolume))
                .filter((volume) => !volumeNames.includes(volume))
                .map(
                    (volume) =>
                        `containerDefinitions mounts the volume ${volume}, which volumes does not have`,
                ),
        ),
        ...(!fargate && inputs["memory"] === undefined
            ? containers
                  .filter(
                      ({ memory, memoryReservation }) =>
                          memory === undefined && memoryReservation === undefined,
                  )
                  .map(
                      ({ name }) =>
                          `container ${String(name)} needs memory or memoryReservation, as the task has no memory`,
                  )
            : []),
        ...(usesSecrets && inputs["executionRoleArn"] === undefined
            ? ["executionRoleArn is needed for secrets, and on FARGATE for the log driver awslogs"]
            : []),
    ];
}
