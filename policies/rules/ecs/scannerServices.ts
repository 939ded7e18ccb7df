/** Services that run a vulnerability scanner, told by what their containers are. */
import { serviceType, taskDefinitionOf } from "../../delivery/deliveryServices";
import type { PackConfiguration } from "../../harness/configuration";
import { hasWord } from "../../harness/nameWords";
import { is, valueOf, type PropertyReader, type ResourceReader } from "../../harness/reader";
import type { StackGraph } from "../../harness/stackGraph";
import { groupAttachments } from "../vpc/groupAttachments";
import { containersOf } from "./containers";
import { parseImageReference } from "./imageReference";

/** On which Anchore Engine answers. */
export const scannerApiPort = 8228;
/** What databases in containers are called, and where they listen. */
const databaseImages = ["postgres", "postgresql", "mysql", "mariadb"];

export interface ScannerService {
    service: ResourceReader;
    /** Security groups of its tasks, as far as they are certain. */
    groups: readonly ResourceReader[];
    /** Whether one of its containers answers on the scanner's port; true when its containers cannot be read. */
    servesApi: boolean;
    /** Ports of databases among its containers. */
    databasePorts: number[];
}

const cache = new WeakMap<StackGraph, ScannerService[]>();

/** The stack's services that run a scanner. Worked out once per graph. */
export function scannerServices(graph: StackGraph, configuration: PackConfiguration): ScannerService[] {
    let found = cache.get(graph);
    if (!found) cache.set(graph, (found = collect(graph, configuration)));
    return found;
}

function collect(graph: StackGraph, configuration: PackConfiguration): ScannerService[] {
    const names = scannerWords(configuration);
    return graph.ofType(serviceType).flatMap((service): ScannerService[] => {
        const task = taskDefinitionOf(service, graph);
        const read = task.kind === "exact" ? containersOf(task.resource) : undefined;
        const containers = read?.kind === "known" ? read.value : [];
        const scans =
            isDeclared(service, configuration) ||
            hasWord(names, valueOf(service.string("name")), service.name) ||
            containers.some((container) => isScanner(container, names));
        if (!scans) return [];
        return [
            {
                service,
                groups: groupAttachments(graph).groupsOf(service),
                servesApi:
                    containers.length === 0 ||
                    containers.some((each) => ports(each).includes(scannerApiPort)),
                databasePorts: containers.filter(isDatabase).flatMap(ports),
            },
        ];
    });
}

/** Words that say "scanner" in the name of a service, a database or a security group. */
export function scannerWords(configuration: PackConfiguration): string[] {
    return [...configuration.scannerNames, ...configuration.scannerGroupTags];
}

function isDeclared(service: ResourceReader, configuration: PackConfiguration): boolean {
    const role = valueOf(service.string("tags", "gate:role"));
    return role !== undefined && configuration.scannerGroupTags.includes(role);
}

function isScanner(container: PropertyReader, names: readonly string[]): boolean {
    const image = parseImageReference(valueOf(container.string("image")) ?? "");
    // The registry is left out: a registry of a vendor holds other things as well.
    const path = image?.repository.split("/").slice(1).join("/");
    return (
        hasWord(names, path, valueOf(container.string("name"))) || ports(container).includes(scannerApiPort)
    );
}

function isDatabase(container: PropertyReader): boolean {
    const image = parseImageReference(valueOf(container.string("image")) ?? "");
    return databaseImages.includes(image?.repository.split("/").pop() ?? "");
}

function ports(container: PropertyReader): number[] {
    return (valueOf(container.list("portMappings")) ?? []).flatMap((mapping) => {
        const port = mapping.number("containerPort");
        return port.kind === "known" ? [port.value] : [];
    });
}

/** True when nothing but scanners runs as a service of the stack, so that a database in it can only be theirs. */
export function onlyScannersRun(graph: StackGraph, configuration: PackConfiguration): boolean {
    const scanners = scannerServices(graph, configuration);
    return graph.ofType(serviceType).every((service) => scanners.some((each) => each.service === service));
}

/** True for a security group of a scanner, by the service that has it, its tag or its name. */
export function isScannerGroup(
    graph: StackGraph,
    group: ResourceReader,
    configuration: PackConfiguration,
): boolean {
    if (scannerServices(graph, configuration).some(({ groups }) => groups.includes(group))) return true;
    // A group of another service is that service's, whatever it is called.
    if (
        groupAttachments(graph)
            .of(group)
            .some(({ kind }) => kind === "tasks")
    )
        return false;
    return (
        configuration.scannerGroupTags.some((tag) => is(group.string("tags", "gate:role"), tag)) ||
        hasWord(configuration.scannerGroupTags, valueOf(group.string("name")), group.name)
    );
}
