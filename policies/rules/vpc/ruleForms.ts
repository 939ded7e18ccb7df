/** VPC-05, stack half: the rules of a group are written in one form. */
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { descriptionsMetadata } from "./descriptions";
import {
    defaultSecurityGroupType,
    ingressRuleType,
    securityGroupRuleType,
    securityGroupType,
} from "./securityGroup";
import { separateRules } from "./separateRules";

type Form = "in-line" | "aws.ec2.SecurityGroupRule" | "aws.vpc rules";

function formOf(rule: ResourceReader): Form {
    return rule.type === securityGroupRuleType ? "aws.ec2.SecurityGroupRule" : "aws.vpc rules";
}

function judgeGroup(graph: StackGraph, group: ResourceReader): Outcome {
    const { certain, possible } = separateRules(graph);
    // After a refresh the provider answers with all rules of the group, whoever wrote them.
    const lists = (["ingress", "egress"] as const)
        .filter((property) => group.isInput(property))
        .map((property) => group.list(property));
    const inline = lists.some((list) => list.kind === "known" && list.value.length > 0);
    const own = certain.get(group) ?? [];
    const forms = new Set<Form>([...(inline ? ["in-line" as const] : []), ...own.map(formOf)]);
    const fix =
        "Keep one form; separate rules (aws.vpc.SecurityGroupIngressRule, …EgressRule) are the provider's advice.";
    if (forms.size > 1) {
        const named = [...forms].join(" and ");
        return violation(
            `The rules of group ${group.name} are written in several forms (${named}), which take each other away at every update.`,
            fix,
            { findingId: "forms" },
        );
    }
    const others = new Set([...forms, ...(possible.get(group) ?? []).map(formOf)]);
    const open = lists.find(({ kind }) => kind === "unknown");
    if (others.size > 1 || (open && own.length > 0))
        return inconclusive(open ?? { property: "ingress" }, "whether the rules of the group are written in one form cannot be told yet"); // prettier-ignore
    return pass;
}

const group = (ingress?: unknown): ExampleResource => ({
    type: securityGroupType,
    name: "group",
    props: { name: "group", ingress },
});
const rule = (type: string, of: string[] = ["group"]): ExampleResource => ({
    type,
    name: type === ingressRuleType ? "rule" : "older-rule",
    props: { securityGroupId: unknown },
    propertyDependencies: { securityGroupId: of },
});
const entries = [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["10.0.0.0/8"] }];

export const ruleForms: StackRule = {
    level: "stack",
    metadata: descriptionsMetadata,
    relevantTypes: [securityGroupType, defaultSecurityGroupType],
    evaluate: (graph) =>
        graph
            .ofType(securityGroupType, defaultSecurityGroupType)
            .flatMap((each) => about(each, judgeGroup(graph, each))),
    examples: [
        badExample("in-line and separate", [group(entries), rule(ingressRuleType)], "group"),
        badExample("two kinds of separate rules", [group(), rule(ingressRuleType), rule(securityGroupRuleType)], "group"), // prettier-ignore
        goodExample("separate rules only", [group(), rule(ingressRuleType)]),
        goodExample("separate rules that the provider answers with", [
            { ...group(), props: { name: "group" }, computed: { ingress: entries } },
            rule(ingressRuleType),
        ]),
        goodExample("in-line only", [group(entries)]),
        absentExample("no rules", [group()]),
        openExample("in-line rules not known yet, and a separate one", [group(unknown), rule(ingressRuleType)], "group"), // prettier-ignore
        openExample(
            "a separate rule of this group or another",
            [group(entries), { ...group(), name: "other" }, rule(ingressRuleType, ["group", "other"])],
            "group",
        ),
    ],
};
