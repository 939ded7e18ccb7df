/** VPC-10: nothing lives in the default VPC. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";

/** `awsx.ec2.DefaultVpc` is a component without children: it only looks the default VPC up. */
const lookupType = "awsx:ec2:DefaultVpc";
const adoptingTypes = ["aws:ec2/defaultVpc:DefaultVpc", "aws:ec2/defaultSubnet:DefaultSubnet"];
const instanceType = "aws:ec2/instance:Instance";

/** An instance for which nobody names a subnet starts in the default VPC. */
function judgeInstance(instance: ResourceReader): Outcome {
    const places = [
        filled(instance.string("subnetId")),
        instance.get("networkInterfaces"),
        instance.get("primaryNetworkInterface"),
        instance.get("launchTemplate"),
    ];
    const [subnet, ...others] = places;
    if (subnet?.kind === "known" || subnet?.kind === "unknown") return pass;
    const open = others.find(({ kind }) => kind === "unknown");
    if (open) return inconclusive(open, "in which VPC the instance starts is not known yet");
    const named = others.some(
        (reading) =>
            reading.kind === "known" && !(Array.isArray(reading.value) && reading.value.length === 0),
    );
    if (named) return notApplicable("its network interface or launch template names the subnet");
    return violation(
        `Instance ${instance.name} starts in the default VPC (subnetId is not set), where every subnet is public.`,
        "Set subnetId to a private subnet of a VPC of your own.",
    );
}

const instance = (props: Record<string, unknown>): ExampleResource => ({
    type: instanceType,
    name: "instance",
    props: { instanceType: "t3.micro", ...props },
});

export const defaultVpc: ResourceRule = {
    level: "resource",
    metadata: {
        id: "VPC-10",
        family: "vpc",
        title: "Nothing uses the default VPC",
        rationale:
            "Every subnet of a default VPC is public and gives public addresses: what is put there by mistake is on the internet.",
        severity: "high",
        remediation:
            "Create a VPC with private subnets (`aws.ec2.Vpc`, `awsx.ec2.Vpc`) instead of looking up or adopting the default one, and name a subnet for every instance.",
        references: ["trivy AWS-0101", "checkov CKV_AWS_148"],
    },
    types: [...adoptingTypes, lookupType, instanceType],
    evaluate: (resource) => {
        if (resource.type === instanceType) return [judgeInstance(resource)];
        const what = resource.type === lookupType ? "looks up" : "adopts";
        return [
            violation(
                `${resource.name} ${what} the default VPC or a part of it, where every subnet is public.`,
                "Use a VPC of your own with private subnets.",
            ),
        ];
    },
    examples: [
        badExample(
            "adopts the default VPC",
            [{ type: adoptingTypes[0] ?? "", name: "default", props: {} }],
            "default",
        ),
        badExample(
            "adopts a default subnet",
            [{ type: adoptingTypes[1] ?? "", name: "default", props: { availabilityZone: "eu-west-1a" } }],
            "default",
        ),
        badExample("looks it up with awsx", [{ type: lookupType, name: "default", props: {} }], "default"),
        goodExample("an instance in a subnet of the stack", [instance({ subnetId: unknown })]),
        goodExample("an instance with a network interface", [
            instance({ networkInterfaces: [{ deviceIndex: 0, networkInterfaceId: unknown }] }),
        ]),
        absentExample("an instance without a subnet", [instance({})], "instance"),
        openExample(
            "network interfaces not known yet",
            [instance({ networkInterfaces: unknown })],
            "instance",
        ),
    ],
};
