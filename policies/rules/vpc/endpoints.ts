/** VPC-09: registry, logs and secrets are reached without leaving the network, by endpoints that say who may. */
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import {
    unknown,
    valueOf,
    type PropertyReader,
    type Reading,
    type ResourceReader,
} from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { vpcType } from "./topology";

const endpointType = "aws:ec2/vpcEndpoint:VpcEndpoint";
const endpointPolicyType = "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy";
const services = ["ecr.api", "ecr.dkr", "s3", "logs", "secretsmanager", "ssm"];

/** `com.amazonaws.eu-west-1.ecr.api` and `cn.com.amazonaws.cn-north-1.ecr.api` give `ecr.api`. */
function serviceOf(endpoint: ResourceReader): string | undefined {
    const name = valueOf(endpoint.string("serviceName"));
    return name === undefined ? undefined : /(?:^|\.)com\.amazonaws\.[a-z0-9-]+\.(.+)$/.exec(name)?.[1];
}

function judgeVpc(graph: StackGraph, vpc: ResourceReader): Outcome {
    const { certain, possible } = graph.referrers(vpc, [endpointType], "vpcId");
    const present = new Set(certain.map(serviceOf));
    const missing = services.filter((service) => !present.has(service));
    if (missing.length === 0) return pass;
    const [doubtful] = [...certain.filter((each) => serviceOf(each) === undefined), ...possible];
    if (doubtful)
        return inconclusive({ property: doubtful.name }, "of which VPC and service this endpoint is cannot be told yet"); // prettier-ignore
    return violation(
        `VPC ${vpc.name} has no endpoint for ${missing.join(", ")}: images, logs and secrets travel through the NAT gateway, under no policy of the network.`,
        "Add aws.ec2.VpcEndpoint for each (s3 as a Gateway, which is free of charge), with a policy.",
        { findingId: "missing" },
    );
}

function isStar(reading: Reading<{ values: string[] }>): boolean {
    return reading.kind === "known" && reading.value.values.includes("*");
}

/** A statement that lets anybody do anything to anything, with nothing asked. */
function isOpen(statement: PropertyReader): boolean {
    const principal = [statement.strings("Principal"), statement.strings("Principal", "AWS")];
    return (
        valueOf(statement.string("Effect")) === "Allow" &&
        principal.some(isStar) &&
        isStar(statement.strings("Action")) &&
        isStar(statement.strings("Resource")) &&
        statement.get("Condition").kind === "absent"
    );
}

function judgePolicy(graph: StackGraph, endpoint: ResourceReader): Outcome[] {
    const service = serviceOf(endpoint);
    if (service === undefined || !services.includes(service)) return [];
    const separate = graph.referrers(endpoint, [endpointPolicyType], "vpcEndpointId");
    const [apart] = separate.certain;
    const policy = (apart ?? endpoint).json("policy");
    const what = `the endpoint of ${service}`;
    const fix = "Set policy to a document that names your account's roles, actions and resources.";
    const place = { property: `${(apart ?? endpoint).name}.policy` };
    if (policy.kind === "unknown" || (policy.kind === "absent" && separate.possible.length > 0))
        return [inconclusive(place, `whom ${what} serves is not known yet`)];
    if (policy.kind !== "known") {
        const read = policy.kind === "malformed" ? policy.why : "is not set, so everything is allowed";
        return [violation(`${place.property} ${read}: by ${what} data can leave to any account.`, fix, { findingId: "policy" })]; // prettier-ignore
    }
    const list = policy.value.list("Statement");
    const one = policy.value.object("Statement");
    const statements = list.kind === "known" ? list.value : one.kind === "known" ? [one.value] : [];
    if (statements.some((statement) => statement.containsUnknown()) && !statements.some(isOpen))
        return [inconclusive(place, `whom ${what} serves is not known yet`)];
    if (!statements.some(isOpen)) return [];
    return [violation(`${place.property} allows everybody everything: by ${what} data can leave to any account.`, fix, { findingId: "policy" })]; // prettier-ignore
}

const vpc: ExampleResource = { type: vpcType, name: "network", props: { cidrBlock: "10.0.0.0/16" } };
const statement = (principal: unknown, more: object = {}) => ({
    Effect: "Allow",
    Principal: principal,
    Action: "*",
    Resource: "*",
    ...more,
});
const scoped = JSON.stringify({
    Statement: [statement("*", { Condition: { StringEquals: { "aws:PrincipalAccount": "123456789012" } } })],
});
const endpoint = (service: string, policy: unknown = scoped): ExampleResource => ({
    type: endpointType,
    name: service,
    props: { vpcId: unknown, serviceName: `com.amazonaws.eu-west-1.${service}`, policy },
    propertyDependencies: { vpcId: ["network"] },
});
const complete = [vpc, ...services.map((service) => endpoint(service))];

export const endpoints: StackRule = {
    level: "stack",
    metadata: {
        id: "VPC-09",
        family: "vpc",
        title: "The VPC has endpoints for registry, logs and secrets, and their policies name who may what",
        rationale:
            "Without endpoints images, logs and secrets travel through NAT; through an endpoint with the default policy data can be carried to any account.",
        severity: "low",
        remediation:
            "Add endpoints for `ecr.api`, `ecr.dkr`, `s3`, `logs`, `secretsmanager` and `ssm`, each with a `policy` that names your accounts (`aws:PrincipalAccount`, `aws:ResourceAccount`) or resources. Interface endpoints cost by the hour and zone: where NAT is there anyway this is a weighing of cost.",
        references: ["FSBP EC2.55", "FSBP EC2.56", "FSBP EC2.57"],
    },
    relevantTypes: [vpcType, endpointType],
    evaluate: (graph) => [
        ...graph.ofType(vpcType).flatMap((each) => about(each, judgeVpc(graph, each))),
        ...graph.ofType(endpointType).flatMap((each) => about(each, ...judgePolicy(graph, each))),
    ],
    examples: [
        badExample("an endpoint for everybody and everything", [...complete.slice(0, -1), endpoint("ssm", JSON.stringify({ Statement: [statement("*")] }))], "ssm"), // prettier-ignore
        badExample("one service is missing", complete.slice(0, -1), "network"),
        goodExample("six endpoints with policies", complete),
        goodExample("a policy of its own", [
            ...complete.slice(0, -1),
            endpoint("ssm", null),
            {
                type: endpointPolicyType,
                name: "policy",
                props: { vpcEndpointId: unknown, policy: scoped },
                propertyDependencies: { vpcEndpointId: ["ssm"] },
            },
        ]),
        absentExample("no endpoint", [vpc], "network"),
        absentExample("the default policy", [...complete.slice(0, -1), endpoint("ssm", null)], "ssm"),
        openExample("policy not known yet", [...complete.slice(0, -1), endpoint("ssm", unknown)], "ssm"),
        openExample(
            "an endpoint of which VPC is not known yet",
            [...complete.slice(0, -1), { ...endpoint("ssm"), propertyDependencies: {} }],
            "network",
        ),
    ],
};
