/** VPC-04, stack half: egress written apart from its group, and groups known by what has them. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, notApplicable, pass } from "../../harness/outcome";
import { is, unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, StackOutcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { scannerServices } from "../ecs/scannerServices";
import { ownEgress } from "./egress";
import { groupAttachments } from "./groupAttachments";
import { declaredPurpose, judgeEgress, openEgressMetadata } from "./openEgress";
import { egressRuleType, securityGroupRuleType, securityGroupType } from "./securityGroup";
import { separateRules } from "./separateRules";

/** What has the group: a database, a build or a scanner. */
function attachedPurpose(
    graph: StackGraph,
    group: ResourceReader,
    configuration: PackConfiguration,
): string | undefined {
    const attachments = groupAttachments(graph).of(group);
    const database = attachments.find(({ kind }) => kind === "database");
    if (database) return `database ${database.resource.name}`;
    const build = attachments.find(({ kind }) => kind === "build");
    if (build) return `build ${build.resource.name}`;
    const scanner = scannerServices(graph, configuration).find(({ groups }) => groups.includes(group));
    return scanner && `scanner ${scanner.service.name}`;
}

function judgeGroup(
    graph: StackGraph,
    group: ResourceReader,
    configuration: PackConfiguration,
): StackOutcome[] {
    const declared = declaredPurpose(group, configuration);
    const purpose = attachedPurpose(graph, group, configuration) ?? declared;
    if (purpose === undefined)
        return about(group, notApplicable("not a group of a scanner, a database or builds"));
    const rules = (separateRules(graph).certain.get(group) ?? []).filter(
        (rule) =>
            rule.type === egressRuleType ||
            (rule.type === securityGroupRuleType && !is(rule.string("type"), "ingress")),
    );
    return [
        // Entries of a group that says what it is for are judged before it is created.
        ...(declared === undefined ? about(group, ...judgeEgress(ownEgress(group), purpose)) : []),
        ...rules.flatMap((rule) => about(rule, ...judgeEgress(ownEgress(rule), purpose))),
        ...about(group, pass),
    ];
}

const group = (name: string, egress?: unknown): ExampleResource => ({
    type: securityGroupType,
    name,
    props: { name, egress },
});
const out = (of: string[], props: Record<string, unknown> = {}): ExampleResource => ({
    type: egressRuleType,
    name: "out",
    props: { securityGroupId: unknown, ipProtocol: "-1", cidrIpv4: "0.0.0.0/0", ...props },
    propertyDependencies: { securityGroupId: of },
});
const project = (of: string): ExampleResource => ({
    type: "aws:codebuild/project:Project",
    name: "project",
    props: { vpcConfig: { securityGroupIds: [unknown] } },
    propertyDependencies: { vpcConfig: [of] },
});
const everything = { protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] };

export const openSeparateEgress: StackRule = {
    level: "stack",
    metadata: openEgressMetadata,
    relevantTypes: [securityGroupType],
    evaluate: (graph, configuration) =>
        graph.ofType(securityGroupType).flatMap((each) => judgeGroup(graph, each, configuration)),
    examples: [
        badExample("a rule of its own", [group("database"), out(["database"])], "out"),
        badExample(
            "a rule of the older form",
            [
                group("database"),
                {
                    type: securityGroupRuleType,
                    name: "out",
                    props: { type: "egress", securityGroupId: unknown, ...everything },
                    propertyDependencies: { securityGroupId: ["database"] },
                },
            ],
            "out",
        ),
        badExample(
            "a group that a build has",
            [group("private", [everything]), project("private")],
            "private",
        ),
        goodExample("443 only", [
            group("database"),
            out(["database"], { ipProtocol: "tcp", fromPort: 443, toPort: 443 }),
        ]),
        goodExample("a group of something else", [group("web"), out(["web"])]),
        absentExample("no egress", [group("database")]),
        openExample("where to is not known yet", [group("database"), out(["database"], { cidrIpv4: unknown })], "out"), // prettier-ignore
    ],
};
