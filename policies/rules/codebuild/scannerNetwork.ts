/** CB-10: who asks the scanner stands in its network, and not with one foot in the internet. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { buildspecOf, projectExample, scanBuildspec } from "../../pipeline/exampleResources";
import { projectType } from "../../pipeline/project";
import { isComponentList } from "../vpc/componentLists";
import { ownEgress } from "../vpc/egress";
import { changed, defaultRoute, twoZones } from "../vpc/network.examples";
import { judgeEgress } from "../vpc/openEgress";
import { securityGroupType } from "../vpc/securityGroup";
import { routingOf, subnetType } from "../vpc/topology";
import { scannerService } from "./scannerService";

const metadata: RuleMetadata = {
    id: "CB-10",
    family: "codebuild",
    title: "Projects that ask an internal scanner run in its network, in private subnets",
    rationale:
        "A build outside the network can only ask a scanner that the internet can ask too. In a public subnet, or with a group that lets everything out, whatever the image does to the scanner's client leaves at once.",
    severity: "medium",
    remediation:
        "Set `vpcConfig` with private subnets behind a NAT gateway or endpoints, and a security group that lets out TCP 443 and the scanner's port only.",
    references: ["NIST SP 800-190 4.4.2", "NIST SP 800-190 4.3.3"],
};

const vpcConfig = { vpcId: unknown, subnets: unknown, securityGroupIds: unknown };
const client = buildspecOf([
    'gate scan --scanner anchore --image "$IMAGE" --anchore-url https://anchore.demo.internal --policy p.json',
]);
const scan = (buildspec: unknown, more: Record<string, unknown> = {}): ExampleResource =>
    projectExample("scan", buildspec, "scanner", more);
const withAddress = (value: unknown, more: Record<string, unknown> = {}): ExampleResource =>
    scan("scan.yml", {
        environment: { environmentVariables: [{ name: "ANCHORE_CLI_URL", value }] },
        ...more,
    });
const finding = [{ resource: "scan", kind: "violation" as const }];

export const scannerNetwork: ResourceRule = {
    level: "resource",
    metadata,
    types: [projectType],
    evaluate: (project, configuration) => {
        const network = project.object("vpcConfig");
        if (network.kind === "malformed")
            return [violation(`${network.property} ${network.why}.`, "Give an object.")];
        if (network.kind === "known") return [pass];
        const service = scannerService(project, configuration);
        if (service.kind === "none") return [notApplicable("the project asks no internal scanner")];
        if (network.kind === "unknown" || service.kind === "unknown")
            return [
                inconclusive(
                    service.kind === "unknown" ? service : network,
                    service.kind === "unknown" ? service.why : "where the build runs is not known yet",
                ),
            ];
        return [
            violation(
                `${network.property} is not set, and the build asks the scanner at ${service.address}: from outside the network it cannot reach it, unless the internet can too.`,
                "Set vpcConfig with private subnets and a security group of the project's own.",
            ),
        ];
    },
    examples: [
        { title: "outside the network", shows: "bad", resources: [scan(client)], expect: finding },
        {
            title: "the address is a variable of the project",
            shows: "bad",
            resources: [withAddress("http://internal-anchore-1.eu-central-1.elb.amazonaws.com:8228/v1")],
            expect: finding,
        },
        { title: "in the network", shows: "good", resources: [scan(client, { vpcConfig })], expect: [] },
        {
            title: "a scanner that the internet offers",
            shows: "good",
            resources: [withAddress("https://api.lacework.net")],
            expect: [],
        },
        { title: "no scanner of the network", shows: "absent", resources: [scan(scanBuildspec)], expect: [] },
        {
            title: "the address is not known yet",
            shows: "unknown",
            resources: [withAddress(unknown)],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};

const group = (egress: unknown): ExampleResource => ({
    type: securityGroupType,
    name: "group",
    props: { name: "group", egress },
});
const https = group([{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] }]);
const inNetwork = (buildspec: unknown = client): ExampleResource => ({
    ...scan(buildspec, { vpcConfig }),
    propertyDependencies: { vpcConfig: ["private-1", "private-2", "group"] },
});
/** One zone's subnet, and no other that it could be. */
const inSubnet = (...names: string[]): ExampleResource => ({
    ...inNetwork(),
    propertyDependencies: { vpcConfig: [...names, "group"] },
});

export const scannerSubnets: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [projectType],
    evaluate: (graph, configuration) =>
        graph.ofType(projectType).flatMap((project) => {
            const service = scannerService(project, configuration);
            if (service.kind === "none" || project.get("vpcConfig").kind === "absent")
                return about(project, notApplicable("the project asks no scanner from within a network"));
            const outcomes = [...subnetsOf(project, graph), ...groupsOf(project, graph)];
            return about(project, ...(outcomes.length > 0 ? outcomes : [pass]));
        }),
    examples: [
        {
            title: "a subnet that leads to the internet gateway",
            shows: "bad",
            resources: [
                inSubnet("private-2"),
                https,
                ...changed(twoZones(), {
                    "private-2-route": defaultRoute("private-2", "gatewayId", "internet"),
                }),
            ],
            expect: finding,
        },
        {
            title: "two public subnets, whichever it is",
            shows: "bad",
            resources: [inSubnet("public-1", "public-2"), https, ...twoZones()],
            expect: [...finding, ...finding],
        },
        {
            title: "one of several subnets, and some are public",
            shows: "unknown",
            resources: [inSubnet("public-1", "private-1"), https, ...twoZones()],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
        {
            title: "a group that lets everything out",
            shows: "bad",
            resources: [
                inNetwork(),
                group([{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }]),
                ...twoZones(),
            ],
            expect: finding,
        },
        {
            title: "private subnets behind a NAT gateway",
            shows: "good",
            resources: [inNetwork(), https, ...twoZones()],
            expect: [],
        },
        {
            title: "a project that asks no internal scanner",
            shows: "absent",
            resources: [
                inNetwork(scanBuildspec),
                group([{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }]),
                ...twoZones(),
            ],
            expect: [],
        },
        {
            title: "what the group lets out is not known yet",
            shows: "unknown",
            resources: [inNetwork(), group(unknown), ...twoZones()],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};

/**
 * Judges what a list of the network refers to. Where the list is not known as a whole, any of its dependencies may be in
 * it: a violation only if it is one for each of them. Of a component's lists the ids tell from the first update on.
 */
function judgedMembers(
    project: ResourceReader,
    graph: StackGraph,
    property: string,
    type: string,
    judge: (member: ResourceReader) => Outcome[],
): Outcome[] {
    return graph.references(project, ["vpcConfig", property], [type]).flatMap((reference) => {
        if (reference.kind === "exact") return judge(reference.resource);
        if (reference.kind !== "candidates") return [];
        const answers = reference.resources.map(judge);
        if (answers.every((outcomes) => outcomes.some(({ kind }) => kind === "violation")))
            return answers.flat();
        const told = isComponentList(graph, project, "vpcConfig", reference.resources);
        return !told && answers.some((outcomes) => outcomes.length > 0)
            ? [
                  inconclusive(
                      reference,
                      "which of several the build has is not known yet, and not all will do",
                  ),
              ]
            : [];
    });
}

function subnetsOf(project: ResourceReader, graph: StackGraph): Outcome[] {
    return judgedMembers(project, graph, "subnets", subnetType, (subnet): Outcome[] => {
        const routing = routingOf(graph, subnet);
        if (routing.kind === "undetermined")
            return [inconclusive(routing, `whether ${subnet.name} is private is not known yet`)];
        const open =
            routing.kind === "routes" &&
            routing.routes.find(({ toInternetGateway }) => toInternetGateway === true);
        if (!open) return [];
        return [
            violation(
                `vpcConfig.subnets has ${subnet.name}, where ${open.place} leads to the internet gateway: the subnet is open to the internet, and a build in it, which gets no public address, reaches nothing.`,
                "Name private subnets behind a NAT gateway or endpoints.",
                { findingId: subnet.name },
            ),
        ];
    });
}

function groupsOf(project: ResourceReader, graph: StackGraph): Outcome[] {
    return judgedMembers(project, graph, "securityGroupIds", securityGroupType, (each) =>
        judgeEgress(ownEgress(each), "a build").map((outcome): Outcome =>
            outcome.kind === "violation"
                ? { ...outcome, findingId: `${each.name}|${outcome.findingId ?? ""}` }
                : outcome,
        ),
    );
}
