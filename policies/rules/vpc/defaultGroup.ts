/** VPC-02: the default security group of every VPC lets nothing through. */
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { defaultSecurityGroupType, ingressRuleType } from "./securityGroup";
import { separateRules } from "./separateRules";
import { vpcType } from "./topology";

function judgeGroup(graph: StackGraph, group: ResourceReader): Outcome[] {
    const fix = `Give ${group.name} empty lists: ingress: [] and egress: [], and no rules of their own.`;
    const inline = (["ingress", "egress"] as const).flatMap((property): Outcome[] => {
        const list = group.list(property);
        // Adopting the group removes every rule that is not written down.
        if (list.kind === "absent" || (list.kind === "known" && list.value.length === 0)) return [];
        if (list.kind === "unknown")
            return [inconclusive({ property: `${group.name}.${property}` }, "which rules the default group has is not known yet")]; // prettier-ignore
        return [
            violation(
                `Default security group ${group.name} has rules (${property}): whatever is created without a group gets them.`,
                fix,
                { findingId: property },
            ),
        ];
    });
    const { certain, possible, unplaced } = separateRules(graph);
    const [rule] = certain.get(group) ?? [];
    const [unclear] = [...(possible.get(group) ?? []), ...unplaced];
    if (rule)
        return [
            ...inline,
            violation(`Default security group ${group.name} gets a rule by ${rule.name}.`, fix, {
                findingId: rule.name,
            }),
        ];
    if (unclear)
        return [
            ...inline,
            inconclusive({ property: `${unclear.name}.securityGroupId` }, "whether this rule is for the default group cannot be told yet"), // prettier-ignore
        ];
    return inline;
}

function judgeVpc(graph: StackGraph, vpc: ResourceReader): Outcome[] {
    const { certain, possible } = graph.referrers(vpc, [defaultSecurityGroupType], "vpcId");
    const [added] = separateRules(graph).ofDefaultGroup.get(vpc) ?? [];
    if (added) {
        return [
            violation(
                `The default security group of VPC ${vpc.name} gets a rule by ${added.name}.`,
                "Give what needs it a security group of its own, and remove the rule.",
                { findingId: added.name },
            ),
        ];
    }
    const [group] = certain;
    if (group) return certain.flatMap((each) => judgeGroup(graph, each));
    const [candidate] = possible;
    if (candidate) {
        const property = `${candidate.name}.vpcId`;
        return [inconclusive({ property }, "whether this default group is the VPC's cannot be told yet")];
    }
    return [
        violation(
            `VPC ${vpc.name} keeps the default security group as it was made, open between its members and to everywhere.`,
            "Add an aws.ec2.DefaultSecurityGroup with vpcId: vpc.id, ingress: [] and egress: [].",
        ),
    ];
}

const vpc = (name = "network"): ExampleResource => ({
    type: vpcType,
    name,
    props: { cidrBlock: "10.0.0.0/16" },
});
const locked = (props: Record<string, unknown> = {}, of: string[] = ["network"]): ExampleResource => ({
    type: defaultSecurityGroupType,
    name: "locked",
    props: { vpcId: unknown, ingress: [], egress: [], ...props },
    propertyDependencies: { vpcId: of },
});

export const defaultGroup: StackRule = {
    level: "stack",
    metadata: {
        id: "VPC-02",
        family: "vpc",
        title: "The default security group of every VPC has no rules",
        rationale:
            "Whatever is created without a security group gets the VPC's default one, which lets its members talk to each other and to the whole internet.",
        severity: "high",
        remediation:
            "Adopt it with `aws.ec2.DefaultSecurityGroup`, `vpcId` and empty `ingress` and `egress`; give everything a group of its own.",
        references: ["FSBP EC2.2", "checkov CKV2_AWS_12", "trivy AWS-0173", "CIS AWS 5.0.0 5.5"],
    },
    relevantTypes: [vpcType],
    evaluate: (graph) =>
        graph.ofType(vpcType).flatMap((each) => {
            const outcomes = judgeVpc(graph, each);
            return about(each, ...(outcomes.length > 0 ? outcomes : [pass]));
        }),
    examples: [
        badExample(
            "the rules that AWS gives it",
            [vpc(), locked({ ingress: [{ protocol: "-1", fromPort: 0, toPort: 0, self: true }] })],
            "network",
        ),
        badExample(
            "egress to everywhere",
            [
                vpc(),
                locked({ egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }] }),
            ],
            "network",
        ),
        badExample(
            "a rule of its own",
            [
                vpc(),
                locked(),
                {
                    type: ingressRuleType,
                    name: "rule",
                    props: { securityGroupId: unknown, ipProtocol: "tcp", cidrIpv4: "10.0.0.0/8" },
                    propertyDependencies: { securityGroupId: ["locked"] },
                },
            ],
            "network",
        ),
        badExample(
            "a rule for the group that the VPC brings",
            [
                vpc(),
                {
                    type: ingressRuleType,
                    name: "rule",
                    props: { securityGroupId: unknown, ipProtocol: "tcp", cidrIpv4: "10.0.0.0/8" },
                    propertyDependencies: { securityGroupId: ["network"] },
                },
            ],
            "network",
        ),
        badExample("one of two VPCs", [vpc(), vpc("other"), locked()], "other"),
        goodExample("locked, no id known", [vpc(), locked()]),
        goodExample("locked by leaving the lists out, ids known", [
            { ...vpc(), props: { id: "vpc-1" } },
            { type: defaultSecurityGroupType, name: "locked", props: { vpcId: "vpc-1" } },
        ]),
        absentExample("nobody adopts it", [vpc()], "network"),
        openExample("the group of which VPC is not known yet", [vpc(), locked({}, [])], "network"),
        openExample("its rules are not known yet", [vpc(), locked({ ingress: unknown })], "network"),
    ],
};
