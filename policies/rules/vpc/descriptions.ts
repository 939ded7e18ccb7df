/** VPC-05, resource half: groups and rules say what they are for. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { filled, unknown, valueOf, type PropertyReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import {
    defaultSecurityGroupType,
    egressRuleType,
    ingressRuleType,
    securityGroupRuleType,
    securityGroupType,
} from "./securityGroup";

export const descriptionsMetadata: RuleMetadata = {
    id: "VPC-05",
    family: "vpc",
    title: "Security groups and their rules have descriptions, and one form of rules per group",
    rationale:
        "A rule that nobody can explain is never removed. In-line and separate rules of one group take each other away at every update.",
    severity: "low",
    remediation:
        "Write a `description` on every group and rule, and keep the rules of a group either in-line or as resources of one kind.",
    references: ["checkov CKV_AWS_23", "trivy AWS-0099", "trivy AWS-0124", "cdk-nag AwsSolutions-EC27", "AWSGuard securityGroupNoRuleManagementConflicts"], // prettier-ignore
};

/** What the provider writes when nobody says anything. */
const placeholder = /^Managed by (?:Pulumi|Terraform)$/i;

function judgeDescription(reader: PropertyReader, what: string, fixed: string): Outcome[] {
    const description = filled(reader.string("description"));
    if (description.kind === "unknown") return [inconclusive(description, `what ${what} is for is not known yet`)]; // prettier-ignore
    if (description.kind === "known" && !placeholder.test(description.value.trim())) return [];
    const read =
        description.kind === "known"
            ? `is "${description.value}"`
            : description.kind === "malformed"
              ? description.why
              : "is not set";
    return [
        violation(`${description.property} of ${what} ${read}: nobody knows what it is for.`, fixed, {
            findingId: description.property,
        }),
    ];
}

const group = (props: Record<string, unknown>): ExampleResource => ({
    type: securityGroupType,
    name: "group",
    props: { name: "group", ...props },
});
const entry = { protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["10.0.0.0/8"] };
const rule = (description?: unknown): ExampleResource => ({
    type: ingressRuleType,
    name: "rule",
    props: { securityGroupId: unknown, ipProtocol: "tcp", cidrIpv4: "10.0.0.0/8", description },
});

export const descriptions: ResourceRule = {
    level: "resource",
    metadata: descriptionsMetadata,
    types: [
        securityGroupType,
        defaultSecurityGroupType,
        securityGroupRuleType,
        ingressRuleType,
        egressRuleType,
    ],
    evaluate: (resource) => {
        const isGroup = [securityGroupType, defaultSecurityGroupType].includes(resource.type);
        if (!isGroup) {
            const outcomes = judgeDescription(resource, `rule ${resource.name}`, "Set description.");
            return outcomes.length > 0 ? outcomes : [pass];
        }
        const entries = (["ingress", "egress"] as const).flatMap((property): Outcome[] => {
            const list = resource.list(property);
            if (list.kind === "unknown")
                return [inconclusive(list, "what the rules of the group are for is not known yet")];
            if (list.kind === "malformed")
                return [violation(`${property} ${list.why}.`, "Give it as a list of rules.", { findingId: property })]; // prettier-ignore
            return (valueOf(list) ?? []).flatMap(
                (each) =>
                judgeDescription(each, `a rule of group ${resource.name}`, `Set ${each.property}.description.`), // prettier-ignore
            );
        });
        // The default group has the description that AWS gave it.
        const own =
            resource.type === securityGroupType
                ? judgeDescription(
                      resource,
                      `group ${resource.name}`,
                      "Set description (replaces the group).",
                  )
                : [];
        const outcomes = [...own, ...entries];
        return outcomes.length > 0 ? outcomes : [pass];
    },
    examples: [
        badExample("what the provider fills in", [group({ description: "Managed by Pulumi" })], "group"),
        badExample(
            "an in-line rule without one",
            [group({ description: "Tasks", ingress: [entry] })],
            "group",
        ),
        goodExample("group and rules say what they are for", [
            group({ description: "Tasks", egress: [{ ...entry, description: "HTTPS" }] }),
            rule("HTTPS from the network"),
        ]),
        goodExample("the default group without rules", [
            { type: defaultSecurityGroupType, name: "locked", props: { ingress: [], egress: [] } },
        ]),
        absentExample("a group without", [group({})], "group"),
        absentExample("a rule without", [rule()], "rule"),
        {
            title: "a description not known yet does not hide the rules",
            shows: "unknown",
            resources: [group({ description: unknown, ingress: [entry] })],
            expect: [
                { resource: "group", kind: "inconclusive" },
                { resource: "group", kind: "violation" },
            ],
        },
        openExample("of a rule not known yet", [rule(unknown)], "rule"),
    ],
};
