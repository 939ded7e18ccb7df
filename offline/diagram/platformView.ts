/** The shared part of the picture: the network by zones, and the scanning engine in it. */
import type { CapturedResource } from "../model";
import type { ResourceIndex } from "../report/resourceIndex";
import {
    byCodeUnit,
    listOf,
    readPath,
    readProperty,
    stackType,
    textOf,
    wordsOf,
} from "../report/resourceIndex";

export interface SubnetView {
    urn: string;
    kind: "public" | "private";
    cidr: string;
    natGateway: boolean;
}

export interface NetworkView {
    /** Of the component that owns the VPC, or of the VPC itself. */
    urn: string;
    title: string;
    /** CIDR block and what the whole network has, e.g. `internet gateway`, `flow log`. */
    facts: string[];
    zones: { name: string; subnets: SubnetView[] }[];
}

export interface EnginePart {
    urn: string;
    kind: "loadBalancer" | "service" | "database";
    title: string;
    details: string[];
}

export interface EngineView {
    urn: string;
    title: string;
    parts: EnginePart[];
    /** Pairs of positions in `parts`: traffic from one to the other. */
    links: [number, number][];
    /** Host names under which it answers, from its DNS records. */
    addresses: string[];
}

/** The component directly below the stack that holds a resource; the resource itself when there is none. */
function topComponent(resource: CapturedResource, index: ResourceIndex): CapturedResource {
    return (
        index
            .ancestorsOf(resource)
            .filter((each) => each.type !== stackType)
            .at(-1) ?? resource
    );
}

function subnetView(
    subnet: CapturedResource,
    gateways: readonly CapturedResource[],
    index: ResourceIndex,
): SubnetView {
    const isPublic =
        textOf(subnet, "tags", "SubnetType") === "Public" ||
        (readPath(subnet.inputs, ["mapPublicIpOnLaunch"]).kind === "known" &&
            subnet.inputs["mapPublicIpOnLaunch"] === true);
    return {
        urn: subnet.urn,
        kind: isPublic ? "public" : "private",
        cidr: textOf(subnet, "cidrBlock") ?? "",
        natGateway: gateways.some(
            (gateway) =>
                gateway.parent === subnet.urn ||
                index.referredBy(gateway, "subnetId", subnet.type).includes(subnet),
        ),
    };
}

/** The network of the first VPC, or null. Further VPCs stay in the count of their component. */
export function networkView(index: ResourceIndex): NetworkView | null {
    const [vpc] = index.ofType("aws:ec2/vpc:Vpc");
    if (!vpc) {
        return null;
    }
    const owner = topComponent(vpc, index);
    const inside = owner === vpc ? [...index.resources] : index.descendantsOf(owner.urn);
    const ofType = (type: string): CapturedResource[] => inside.filter((each) => each.type === type);
    const gateways = ofType("aws:ec2/natGateway:NatGateway");
    const zones = new Map<string, SubnetView[]>();
    for (const subnet of ofType("aws:ec2/subnet:Subnet")) {
        const zone = textOf(subnet, "availabilityZone") ?? "zone not known";
        zones.set(zone, [...(zones.get(zone) ?? []), subnetView(subnet, gateways, index)]);
    }
    const endpoints = ofType("aws:ec2/vpcEndpoint:VpcEndpoint");
    const gatewayServices = endpoints
        .filter((each) => (textOf(each, "vpcEndpointType") ?? "Gateway") === "Gateway")
        .map((each) => (textOf(each, "serviceName") ?? "").split(".").at(-1) ?? "");
    const others = endpoints.length - gatewayServices.length;
    const facts = [
        textOf(vpc, "cidrBlock") ?? "",
        ...(ofType("aws:ec2/internetGateway:InternetGateway").length > 0 ? ["internet gateway"] : []),
        ...(ofType("aws:ec2/flowLog:FlowLog").length > 0 ? ["flow log"] : []),
        ...(gatewayServices.length > 0
            ? [`gateway endpoints ${gatewayServices.sort(byCodeUnit).join(", ")}`]
            : []),
        ...(others > 0 ? [`${others} interface endpoints`] : []),
    ];
    return {
        urn: owner.urn,
        title: owner.type.startsWith("aws:") ? "VPC" : wordsOf(owner.type.split(":").at(-1) ?? "Network"),
        facts: facts.filter((fact) => fact !== ""),
        zones: [...zones]
            .sort(([a], [b]) => byCodeUnit(a, b))
            .map(([name, subnets]) => ({
                name,
                subnets: subnets.sort((a, b) => byCodeUnit(b.kind, a.kind) || byCodeUnit(a.urn, b.urn)),
            })),
    };
}

function loadBalancerPart(resource: CapturedResource, inside: readonly CapturedResource[]): EnginePart {
    const internal = readProperty(resource, "internal");
    const listeners = inside.filter(({ type }) => type === "aws:lb/listener:Listener");
    const ports = listeners.map((each) => {
        const port = readProperty(each, "port");
        return `${textOf(each, "protocol") ?? ""} ${port.kind === "known" ? String(port.value) : ""}`.trim();
    });
    return {
        urn: resource.urn,
        kind: "loadBalancer",
        title:
            internal.kind === "known" && internal.value === true ? "Internal load balancer" : "Load balancer",
        details: [
            ports
                .filter((each) => each !== "")
                .sort(byCodeUnit)
                .join(", "),
        ],
    };
}

/** Number of containers in a task definition, when its JSON is known and not secret. */
function containersOf(task: CapturedResource | undefined): number | undefined {
    const text = task ? task.inputs["containerDefinitions"] : undefined;
    if (typeof text !== "string") {
        return undefined;
    }
    try {
        const parsed: unknown = JSON.parse(text);
        return Array.isArray(parsed) ? parsed.length : undefined;
    } catch {
        return undefined;
    }
}

function servicePart(
    service: CapturedResource,
    inside: readonly CapturedResource[],
    index: ResourceIndex,
): EnginePart {
    const [task] = index.referredBy(service, "taskDefinition", "aws:ecs/taskDefinition:TaskDefinition");
    const count = containersOf(task);
    const desired = readProperty(service, "desiredCount");
    const tasks = desired.kind === "known" && typeof desired.value === "number" ? desired.value : undefined;
    const group = inside.find(({ type }) => type === "aws:autoscaling/group:Group");
    const template = inside.find(({ type }) => type === "aws:ec2/launchTemplate:LaunchTemplate");
    const instances = group ? readProperty(group, "desiredCapacity") : undefined;
    const instanceType = template ? textOf(template, "instanceType") : undefined;
    const size = instances?.kind === "known" ? `${String(instances.value)} × ` : "";
    return {
        urn: service.urn,
        kind: "service",
        title:
            textOf(service, "name")?.split("-").slice(-1)[0] === "analyzer"
                ? "ECS analyzer service"
                : "ECS service",
        details: [
            [
                ...(tasks === undefined ? [] : [`${tasks} ${tasks === 1 ? "task" : "tasks"}`]),
                ...(count === undefined ? [] : [`${count} ${count === 1 ? "container" : "containers"}`]),
            ].join(", "),
            instanceType === undefined ? "" : `on ${size}${instanceType}`,
        ],
    };
}

function databasePart(database: CapturedResource): EnginePart {
    const multiZone = readProperty(database, "multiAz");
    return {
        urn: database.urn,
        kind: "database",
        title: textOf(database, "engine") === "postgres" ? "RDS PostgreSQL" : "RDS",
        details: [
            textOf(database, "instanceClass") ?? "",
            [
                multiZone.kind === "known" && multiZone.value === true ? "two zones" : "one zone",
                ...(readProperty(database, "storageEncrypted").kind === "known" ? ["encrypted"] : []),
            ].join(", "),
        ],
    };
}

/** Everything that a resource depends on, directly or not, and its parents' children where it waits for a component. */
function reachable(from: CapturedResource, index: ResourceIndex): Set<string> {
    const seen = new Set<string>();
    const queue = [from];
    for (let next = queue.pop(); next; next = queue.pop()) {
        const targets = [...next.dependencies, ...Object.values(next.propertyDependencies).flat()];
        for (const urn of targets) {
            const target = index.byUrn(urn);
            if (target && !seen.has(urn)) {
                seen.add(urn);
                queue.push(target);
            }
        }
    }
    return seen;
}

function linksOf(
    parts: readonly EnginePart[],
    inside: readonly CapturedResource[],
    index: ResourceIndex,
): [number, number][] {
    const links: [number, number][] = [];
    const listeners = inside.filter(({ type }) => type === "aws:lb/listener:Listener");
    parts.forEach((part, position) => {
        const service = part.kind === "service" ? index.byUrn(part.urn) : undefined;
        if (!service) {
            return;
        }
        const needs = reachable(service, index);
        const balanced = listOf(service, "loadBalancers").length > 0;
        parts.forEach((other, target) => {
            const serves = listeners.some((listener) => {
                const beyond = reachable(listener, index);
                return (
                    beyond.has(other.urn) &&
                    (needs.has(listener.urn) || [...beyond].some((urn) => needs.has(urn)))
                );
            });
            if (other.kind === "loadBalancer" && balanced && serves) {
                links.push([target, position]);
            }
            if (other.kind === "database" && needs.has(other.urn)) {
                links.push([position, target]);
            }
        });
    });
    return links.sort(([a, b], [c, d]) => a - c || b - d);
}

/** The component that runs containers with a database: load balancer, services, database. Null when there is none. */
export function engineView(index: ResourceIndex): EngineView | null {
    const [database] = index.ofType("aws:rds/instance:Instance");
    const [service] = index.ofType("aws:ecs/service:Service");
    const anchor = database ?? service;
    if (!anchor) {
        return null;
    }
    const owner = topComponent(anchor, index);
    const inside = owner === anchor ? [...index.resources] : index.descendantsOf(owner.urn);
    const ofType = (...types: string[]): CapturedResource[] =>
        inside.filter(({ type }) => types.includes(type));
    const parts = [
        ...ofType("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer").map((each) =>
            loadBalancerPart(each, inside),
        ),
        // Services behind the load balancer stand next to it.
        ...[...ofType("aws:ecs/service:Service")]
            .sort((x, y) => listOf(y, "loadBalancers").length - listOf(x, "loadBalancers").length)
            .map((each) => servicePart(each, inside, index)),
        ...ofType("aws:rds/instance:Instance").map(databasePart),
    ].map((part) => ({ ...part, details: part.details.filter((detail) => detail !== "") }));
    return {
        urn: owner.urn,
        title: owner.type.startsWith("aws:") ? "Containers" : wordsOf(owner.type.split(":").at(-1) ?? ""),
        parts,
        links: linksOf(parts, inside, index),
        addresses: ofType("aws:route53/record:Record")
            .map((record) => textOf(record, "name") ?? "")
            .filter((name) => name.includes("."))
            .sort(byCodeUnit),
    };
}
