/** Examples of ECS-17: a scanner behind a load balancer, with a database. */
import { serviceType } from "../../delivery/deliveryServices";
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { ingressRuleType, securityGroupType } from "../vpc/securityGroup";
import { taskDefinitionType } from "./containers";

const group = (name: string, ingress?: unknown): ExampleResource => ({
    type: securityGroupType,
    name,
    props: { name, ...(ingress === undefined ? {} : { ingress }) },
});
const admit = (
    to: string,
    port: unknown,
    source: { cidr: unknown } | { groups: string[] },
): ExampleResource => ({
    type: ingressRuleType,
    name: `${to}-in`,
    props: {
        securityGroupId: unknown,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        ...("cidr" in source ? { cidrIpv4: source.cidr } : { referencedSecurityGroupId: unknown }),
    },
    propertyDependencies: {
        securityGroupId: [to],
        ...("groups" in source ? { referencedSecurityGroupId: source.groups } : {}),
    },
});
const service = (name: string, image: string, of: string): ExampleResource[] => [
    {
        type: taskDefinitionType,
        name: `${name}-task`,
        props: {
            family: name,
            containerDefinitions: JSON.stringify([{ name, image, portMappings: [{ containerPort: 8228 }] }]),
        },
    },
    {
        type: serviceType,
        name,
        props: { taskDefinition: name, networkConfiguration: { securityGroups: [unknown] } },
        propertyDependencies: { networkConfiguration: [of] },
    },
];
const scanner = [
    ...service("engine", "anchore/anchore-engine:v1.1.0", "tasks"),
    group("tasks"),
    group("front"),
    {
        type: "aws:lb/loadBalancer:LoadBalancer",
        name: "front-balancer",
        props: { securityGroups: [unknown] },
        propertyDependencies: { securityGroups: ["front"] },
    },
];
const database: ExampleResource[] = [
    group("data"),
    {
        type: "aws:rds/instance:Instance",
        name: "database",
        props: { engine: "postgres", vpcSecurityGroupIds: [unknown] },
        propertyDependencies: { vpcSecurityGroupIds: ["data"] },
    },
];
const whole = [...scanner, ...database];
const fromTasks = admit("data", 5432, { groups: ["tasks"] });

export const scannerReachExamples: RuleExample[] = [
    badExample(
        "the database is open to the network",
        [...whole, admit("data", 5432, { cidr: "10.0.0.0/16" })],
        "database",
    ),
    badExample(
        "the API is open to the network",
        [...whole, fromTasks, admit("tasks", 8228, { cidr: "10.0.0.0/16" })],
        "engine",
    ),
    badExample(
        "the database is open to the load balancer",
        [...whole, admit("data", 5432, { groups: ["front"] })],
        "database",
    ),
    badExample(
        "every port of the tasks is open, in-line",
        [
            ...whole.filter(({ name }) => name !== "tasks"),
            group("tasks", [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["10.0.0.0/8"] }]),
        ],
        "engine",
    ),
    badExample(
        "the API is open to a group of another stack",
        [
            ...whole,
            {
                ...admit("tasks", 8228, { groups: [] }),
                props: { ...admit("tasks", 8228, { groups: [] }).props, referencedSecurityGroupId: "sg-1" },
            },
        ],
        "engine",
    ),
    goodExample("each lets in who asks it", [
        ...whole,
        fromTasks,
        admit("tasks", 8228, { groups: ["front"] }),
    ]),
    goodExample("another service's database in the same stack", [
        ...whole,
        fromTasks,
        ...service("shop", "nginx", "shop-tasks").map((resource) =>
            resource.type === taskDefinitionType
                ? { ...resource, props: { family: "shop", containerDefinitions: '[{"name":"shop"}]' } }
                : resource,
        ),
        group("shop-tasks"),
        group("shop-data"),
        admit("shop-data", 5432, { cidr: "10.0.0.0/16" }),
        {
            type: "aws:rds/instance:Instance",
            name: "shop-database",
            props: { engine: "postgres", vpcSecurityGroupIds: [unknown] },
            propertyDependencies: { vpcSecurityGroupIds: ["shop-data"] },
        },
    ]),
    goodExample("another port of the tasks", [...whole, admit("tasks", 9090, { cidr: "10.0.0.0/16" })]),
    absentExample("nobody is let in", whole),
    absentExample("no scanner", [...database, admit("data", 5432, { cidr: "10.0.0.0/16" })]),
    openExample(
        "the source of the first rule not known yet",
        [...whole, admit("data", 5432, { cidr: unknown })],
        "database",
    ),
    {
        title: "one of two groups, and only one is the scanner's, does not hide the API",
        shows: "unknown",
        resources: [
            ...whole,
            admit("data", 5432, { groups: ["tasks", "front"] }),
            admit("tasks", 8228, { cidr: "10.0.0.0/16" }),
        ],
        expect: [
            { resource: "database", kind: "inconclusive" },
            { resource: "engine", kind: "violation" },
        ],
    },
];
