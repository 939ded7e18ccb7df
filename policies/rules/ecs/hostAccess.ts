/** ECS-08: containers get no piece of the host. */
import { posix } from "node:path";
import type { PackConfiguration } from "../../harness/configuration";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { valueOf, type PropertyReader, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { judgeContainers, taskDefinitionType } from "./containers";
import { hostAccessExamples } from "./hostAccess.examples";

/** Sockets of container runtimes: whoever may write to one may start any container, privileged ones too. */
const runtimeSockets = [
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/var/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/crio/crio.sock",
];
const windowsPipe = /^[\\/]{2}\.[\\/]pipe[\\/](?:docker_engine|containerd-containerd)/i;

/** True when the path is a runtime's socket, or a directory that holds one. */
export function reachesRuntimeSocket(path: string): boolean {
    if (windowsPipe.test(path)) return true;
    const place = posix.normalize(path.trim()).replace(/(.)\/$/, "$1");
    return runtimeSockets.some(
        (socket) => socket === place || socket.startsWith(place === "/" ? "/" : `${place}/`),
    );
}

function judgeCapabilities(
    definition: PropertyReader,
    name: string,
    configuration: PackConfiguration,
): Outcome[] {
    const added = definition.strings("linuxParameters", "capabilities", "add");
    if (added.kind === "absent") return [];
    if (added.kind === "unknown")
        return [inconclusive(added, `the capabilities of container ${name} are not known yet`)];
    const allowed = new Set(configuration.allowedCapabilities.map(capabilityName));
    const fix = "Remove it, or name it in the setting allowedCapabilities.";
    if (added.kind === "malformed")
        return [violation(`${added.property} of container ${name} ${added.why}.`, fix, { findingId: `${name}|capabilities` })]; // prettier-ignore
    return [
        ...(added.value.unknownCount > 0
            ? [inconclusive(added, `a capability of container ${name} is not known yet`)]
            : []),
        ...added.value.values
            .filter((capability) => !allowed.has(capabilityName(capability)))
            .map((capability) =>
                violation(
                    `Container ${name} gets the Linux capability ${capability} (${added.property}), with which it can do more than an ordinary process.`,
                    fix,
                    { findingId: `${name}|${capability}` },
                ),
            ),
    ];
}

/** `CAP_SYS_ADMIN` and `SYS_ADMIN` are the same. */
function capabilityName(text: string): string {
    return text.trim().toUpperCase().replace(/^CAP_/, "");
}

function judgeDevices(definition: PropertyReader, name: string): Outcome[] {
    const devices = definition.list("linuxParameters", "devices");
    if (devices.kind === "absent") return [];
    if (devices.kind === "unknown")
        return [inconclusive(devices, `the devices of container ${name} are not known yet`)];
    if (devices.kind === "known" && devices.value.length === 0) return [];
    return [
        violation(
            `Container ${name} gets devices of the host (${devices.property}).`,
            "Remove linuxParameters.devices.",
            { findingId: `${name}|devices` },
        ),
    ];
}

function judgeVolumes(task: ResourceReader): Outcome[] {
    const volumes = task.list("volumes");
    if (volumes.kind === "absent") return [];
    if (volumes.kind === "unknown")
        return [inconclusive(volumes, "which paths of the host are mounted is not known yet")];
    if (volumes.kind === "malformed")
        return [violation(`volumes ${volumes.why}.`, "Give volumes as a list of { name, … }.")];
    return volumes.value.flatMap((volume) => {
        // A Docker volume of the local driver can bind a path as well.
        const paths = [
            volume.string("hostPath"),
            volume.string("dockerVolumeConfiguration", "driverOpts", "device"),
        ];
        return paths.flatMap((path): Outcome[] => {
            if (path.kind === "absent") return [];
            if (path.kind === "unknown")
                return [inconclusive(path, "which path of the host is mounted is not known yet")];
            if (path.kind === "known" && !reachesRuntimeSocket(path.value)) return [];
            const read = path.kind === "known" ? `is ${path.value}` : path.why;
            return [
                violation(
                    `${path.property} ${read}: through the container runtime's socket the task can start any container on the host, with any power.`,
                    "Remove the volume; images are built in CodeBuild, and logs are read through awslogs.",
                    { findingId: `volume|${valueOf(volume.string("name")) ?? path.property}` },
                ),
            ];
        });
    });
}

export const hostAccess: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECS-08",
        family: "ecs",
        title: "Containers get no extra capability, no device and no runtime socket of the host",
        rationale:
            "A container that holds the runtime's socket, a device or a capability such as SYS_ADMIN is one step away from the host and from every other task on it.",
        severity: "high",
        remediation:
            'Drop capabilities (`linuxParameters.capabilities.drop: ["ALL"]`) instead of adding them, remove `linuxParameters.devices`, and mount neither the runtime\'s socket nor a directory that holds it. `initProcessEnabled: true` is good practice. Harmless capabilities go into the setting `allowedCapabilities`.',
        references: ["NIST SP 800-190 4.4.3"],
    },
    types: [taskDefinitionType],
    evaluate: (task, configuration) => {
        const outcomes = [
            ...judgeVolumes(task),
            ...judgeContainers(task, (definition, name) => [
                ...judgeCapabilities(definition, name, configuration),
                ...judgeDevices(definition, name),
            ]),
        ];
        return outcomes.length > 0 ? outcomes : [pass];
    },
    examples: hostAccessExamples,
};
