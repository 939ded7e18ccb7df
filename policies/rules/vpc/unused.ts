/** VPC-11: no address without a host, no security group without anything in it. */
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { filled, unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { isPlainObject, isUnknown } from "../../harness/unknownValue";
import { egressRuleType, ingressRuleType, securityGroupRuleType, securityGroupType } from "./securityGroup";
import { elasticIpType, natGatewayType } from "./topology";

const associationType = "aws:ec2/eipAssociation:EipAssociation";
/** What takes an address, with the properties that name it. */
const addressUsers: [type: string, properties: string[]][] = [
    [natGatewayType, ["allocationId", "secondaryAllocationIds", "availabilityZoneAddresses"]],
    ["aws:ec2/natGatewayEipAssociation:NatGatewayEipAssociation", ["allocationId"]],
    [associationType, ["allocationId", "publicIp"]],
    ["aws:lb/loadBalancer:LoadBalancer", ["subnetMappings"]],
    ["aws:alb/loadBalancer:LoadBalancer", ["subnetMappings"]],
    ["aws:transfer/server:Server", ["endpointDetails"]],
];
/** These name a group without being in it. */
const ruleTypes = new Set([securityGroupType, securityGroupRuleType, ingressRuleType, egressRuleType]);

interface Uses {
    /** Addresses and groups that something uses. */
    used: Set<ResourceReader>;
    /** Ids that anything names; looked for only when the dependencies do not tell. */
    ids(): ReadonlySet<string>;
    /** Uses an address, but which one is not known. */
    openAddress: ResourceReader | undefined;
}

const cache = new WeakMap<StackGraph, Uses>();

function usesOf(graph: StackGraph): Uses {
    let found = cache.get(graph);
    if (!found) cache.set(graph, (found = collect(graph)));
    return found;
}

function collect(graph: StackGraph): Uses {
    let ids: Set<string> | undefined;
    const uses: Uses = {
        used: new Set(),
        ids: () => (ids ??= idsIn(graph)),
        openAddress: undefined,
    };
    for (const [type, properties] of addressUsers)
        for (const resource of graph.ofType(type))
            for (const property of properties) {
                const named = graph.dependencies(resource, property, [elasticIpType]);
                for (const address of named) uses.used.add(address);
                const raw = resource.get(property);
                if (raw.kind === "unknown" && named.length === 0) uses.openAddress = resource;
            }
    const groups = new Map(graph.ofType(securityGroupType).map((group) => [group.urn, group]));
    for (const resource of graph.resources) {
        if (ruleTypes.has(resource.type)) continue;
        for (const urns of Object.values(resource.propertyDependencies))
            for (const urn of urns) {
                const group = groups.get(urn);
                if (group) uses.used.add(group);
            }
    }
    return uses;
}

function idsIn(graph: StackGraph): Set<string> {
    const wanted = new Set(graph.ofType(elasticIpType, securityGroupType).map(idOf));
    const ids = new Set<string>();
    for (const resource of graph.resources)
        if (!ruleTypes.has(resource.type) && resource.type !== elasticIpType)
            collectIds(resource.raw, wanted, ids);
    return ids;
}

/** Ids of groups and addresses anywhere in the properties. */
function collectIds(value: unknown, wanted: ReadonlySet<unknown>, ids: Set<string>): void {
    if (typeof value === "string") {
        if (wanted.has(value)) ids.add(value);
    } else if (typeof value === "object" && value !== null) {
        for (const inner of Object.values(value)) collectIds(inner, wanted, ids);
    }
}

/** The id is an output, and no property of any class. */
function idOf(resource: ResourceReader): unknown {
    const id = isPlainObject(resource.raw) ? resource.raw["id"] : undefined;
    // All unknown ids are the same text.
    return isUnknown(id) ? undefined : id;
}

function isNamed(resource: ResourceReader, { used, ids }: Uses): boolean {
    if (used.has(resource)) return true;
    const id = idOf(resource);
    return typeof id === "string" && id !== "" && ids().has(id);
}

function judgeAddress(graph: StackGraph, address: ResourceReader): Outcome {
    const uses = usesOf(graph);
    const given = ["instance", "networkInterface"].some((property) =>
        ["known", "unknown"].includes(filled(address.string(property)).kind),
    );
    if (given || isNamed(address, uses)) return pass;
    if (uses.openAddress)
        return inconclusive({ property: uses.openAddress.name }, "which address it uses cannot be told yet");
    return violation(
        `Elastic IP ${address.name} is attached to nothing: it is paid for, and may be given to anything.`,
        "Name it in allocationId of a NAT gateway, instance or load balancer, or remove it.",
    );
}

function judgeGroup(graph: StackGraph, group: ResourceReader): Outcome {
    if (isNamed(group, usesOf(graph))) return pass;
    return violation(
        `Security group ${group.name} is attached to nothing: its rules wait for whoever uses it next.`,
        "Attach it, or remove it together with its rules.",
    );
}

const address = (props: Record<string, unknown> = {}): ExampleResource => ({
    type: elasticIpType,
    name: "address",
    props: { domain: "vpc", ...props },
    computed: { instance: unknown, networkInterface: unknown },
});
const group: ExampleResource = { type: securityGroupType, name: "group", props: { name: "group" } };
const user = (type: string, property: string, of: string[]): ExampleResource => ({
    type,
    name: "user",
    props: { [property]: unknown },
    propertyDependencies: { [property]: of },
});

export const unused: StackRule = {
    level: "stack",
    metadata: {
        id: "VPC-11",
        family: "vpc",
        title: "No elastic IP and no security group without use",
        rationale:
            "Left-over groups carry rules that nobody reviews until something is put into them; left-over addresses cost money and are trusted by others.",
        severity: "low",
        remediation: "Attach what is needed and remove the rest.",
        references: ["checkov CKV2_AWS_5", "checkov CKV2_AWS_19"],
    },
    relevantTypes: [elasticIpType, securityGroupType],
    evaluate: (graph) => [
        ...graph.ofType(elasticIpType).flatMap((each) => about(each, judgeAddress(graph, each))),
        ...graph.ofType(securityGroupType).flatMap((each) => about(each, judgeGroup(graph, each))),
    ],
    examples: [
        badExample("a group that only a rule names", [group, user(ingressRuleType, "securityGroupId", ["group"])], "group"), // prettier-ignore
        goodExample("the address of a NAT gateway", [address(), user(natGatewayType, "allocationId", ["address"])]), // prettier-ignore
        goodExample("the address of an instance", [address({ instance: unknown })]),
        goodExample("the address of an association, by its id", [
            { ...address(), props: { id: "eipalloc-1" } },
            { type: associationType, name: "association", props: { allocationId: "eipalloc-1" } },
        ]),
        goodExample("the group of a function", [group, user("aws:lambda/function:Function", "vpcConfig", ["group"])]), // prettier-ignore
        badExample(
            "a group whose id is as unknown as that of another",
            [{ ...group, computed: { id: unknown } }, user("aws:lambda/function:Function", "vpcConfig", [])],
            "group",
        ),
        absentExample("an address that nothing uses", [address()], "address"),
        absentExample(
            "an address of which the provider says that nothing uses it",
            [{ ...address(), computed: { instance: "", networkInterface: "" } }],
            "address",
        ),
        openExample("an association whose address is not known yet", [address(), user(associationType, "allocationId", [])], "address"), // prettier-ignore
    ],
};
