import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AnchorePartArgs } from "./anchoreArgs";
import { databaseConnection } from "./databaseConnection";
import { apiPort, enginePorts } from "./enginePlan";

/** Parties that talk to each other; each has a security group of its own. */
const parties = {
    scan: "Scan steps of the pipelines: call Anchore Engine",
    "load-balancer": "Internal load balancer of Anchore Engine",
    engine: "Tasks of Anchore Engine",
    instance: "Instances of the cluster of Anchore Engine",
    database: "Database of Anchore Engine",
} as const;
type Party = keyof typeof parties;

/** Allowed connections. Everything else is refused; no group is open to a network, only to another group. */
const connections: { from: Party; to: Party; port: number; toPort?: number; description: string }[] = [
    { from: "scan", to: "load-balancer", port: 443, description: "Scan steps call the API" },
    { from: "load-balancer", to: "engine", port: apiPort, description: "API of the engine" },
    {
        from: "engine",
        to: "database",
        port: databaseConnection.port,
        description: "Engine uses its database",
    },
];

/** Who may reach the internet through NAT, on HTTPS only. */
const outbound: Partial<Record<Party, string>> = {
    scan: "AWS APIs, registry and tools",
    engine: "Registry, AWS APIs and the vulnerability feed",
    instance: "ECS, image registries and the certificates of RDS",
};

/** Security groups of Anchore Engine, rules as resources of their own so that groups may refer to each other. */
export class SecurityGroups extends pulumi.ComponentResource {
    readonly ids: Record<Party, pulumi.Output<string>>;
    /** Whoever uses a group depends on its rules too, so that it can talk from its first minute to its last. */
    readonly rules: pulumi.Resource[] = [];

    constructor(name: string, args: AnchorePartArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:anchore:SecurityGroups", name, {}, opts);
        const { naming, tags, network, config } = args;

        const groups = Object.fromEntries(
            Object.entries(parties).map(([party, description]) => {
                const groupName = naming.physical("securityGroup", "anchore", party);
                const group = new aws.ec2.SecurityGroup(
                    `${name}-${party}`,
                    { name: groupName, description, vpcId: network.vpcId, tags: tags.tagsFor(groupName) },
                    { parent: this },
                );
                return [party, group];
            }),
        ) as Record<Party, aws.ec2.SecurityGroup>;

        // Analyzers of their own call the engine's services, which ask them for their state in turn.
        const betweenTasks =
            config.analyzers > 0
                ? [
                      {
                          from: "engine" as const,
                          to: "engine" as const,
                          port: enginePorts.from,
                          toPort: enginePorts.to,
                          description: "Services of the engine call each other",
                      },
                  ]
                : [];

        for (const { from, to, port, toPort, description } of [...connections, ...betweenTasks]) {
            const rule = { description, ipProtocol: "tcp", fromPort: port, toPort: toPort ?? port };
            const ruleTags = tags.tagsFor(naming.physical("securityGroup", "anchore", from, "to", to));
            const egress = new aws.vpc.SecurityGroupEgressRule(
                `${name}-${from}-to-${to}`,
                {
                    ...rule,
                    securityGroupId: groups[from].id,
                    referencedSecurityGroupId: groups[to].id,
                    tags: ruleTags,
                },
                { parent: groups[from] },
            );
            const ingress = new aws.vpc.SecurityGroupIngressRule(
                `${name}-${to}-from-${from}`,
                {
                    ...rule,
                    securityGroupId: groups[to].id,
                    referencedSecurityGroupId: groups[from].id,
                    tags: ruleTags,
                },
                { parent: groups[to] },
            );
            this.rules.push(egress, ingress);
        }
        for (const [party, description] of Object.entries(outbound) as [Party, string][]) {
            const egress = new aws.vpc.SecurityGroupEgressRule(
                `${name}-${party}-https-out`,
                {
                    securityGroupId: groups[party].id,
                    description,
                    ipProtocol: "tcp",
                    fromPort: 443,
                    toPort: 443,
                    cidrIpv4: "0.0.0.0/0",
                    tags: tags.tagsFor(naming.physical("securityGroup", "anchore", party, "https-out")),
                },
                { parent: groups[party] },
            );
            this.rules.push(egress);
        }

        this.ids = Object.fromEntries(
            Object.entries(groups).map(([party, group]) => [party, group.id]),
        ) as SecurityGroups["ids"];
        this.registerOutputs({});
    }
}
