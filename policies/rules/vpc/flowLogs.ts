/** VPC-01: who talked to whom in a VPC is on record. */
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { expectValue } from "../../harness/expectation";
import { filled, unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { vpcType } from "./topology";

const flowLogType = "aws:ec2/flowLog:FlowLog";
const logGroupType = "aws:cloudwatch/logGroup:LogGroup";

function judgeLogGroup(graph: StackGraph, log: ResourceReader): Outcome[] {
    const type = log.string("logDestinationType");
    if (type.kind === "unknown")
        return [inconclusive({ property: `${log.name}.${type.property}` }, "where the flow log goes is not known yet")]; // prettier-ignore
    // Buckets and streams are encrypted by default; how long a bucket keeps what it has is the bucket's own matter.
    if (type.kind === "known" && type.value !== "cloud-watch-logs") return [];
    const reference = graph.reference(log, ["logDestination"], [logGroupType]);
    const { property } = reference;
    if (reference.kind === "external") return [];
    if (reference.kind === "absent")
        return [violation(`Flow log ${log.name} goes nowhere (${property} is not set).`, "Set logDestination: logGroup.arn.", { findingId: "destination" })]; // prettier-ignore
    if (reference.kind !== "exact")
        return [inconclusive({ property: `${log.name}.${property}` }, "whether the log group of the flow log is encrypted and has a retention cannot be told; name one outside the stack in the setting externalReferences")]; // prettier-ignore
    const group = reference.resource;
    const key = filled(group.string("kmsKeyId"));
    return [
        expectValue(group.number("retentionInDays"), {
            accepts: (days) => days > 0,
            consequence: `log group ${group.name} of the flow log is kept for ever`,
            fix: "Set retentionInDays of the log group.",
            findingId: "retention",
        }),
        // The ARN of a key is an output of it: not known yet is enough to see that one is set.
        key.kind === "unknown"
            ? pass
            : expectValue(key, {
                  accepts: () => true,
                  consequence: `log group ${group.name} of the flow log is not encrypted with a key of yours`,
                  fix: "Set kmsKeyId of the log group.",
                  findingId: "key",
              }),
    ];
}

function judgeVpc(graph: StackGraph, vpc: ResourceReader): Outcome[] {
    const { certain, possible } = graph.referrers(vpc, [flowLogType], "vpcId");
    if (certain.length === 0) {
        // Flow logs of subnets and interfaces refer to no VPC at all.
        const [candidate] = possible.filter((log) => log.get("vpcId").kind !== "absent");
        if (candidate)
            return [inconclusive({ property: `${candidate.name}.vpcId` }, "whether this flow log is the VPC's cannot be told yet")]; // prettier-ignore
        return [
            violation(
                `VPC ${vpc.name} has no flow log: nobody can tell afterwards who reached what.`,
                'Add an aws.ec2.FlowLog with vpcId, trafficType: "ALL" and an encrypted log group with retention.',
            ),
        ];
    }
    const judged = certain.map((log) => [
        expectValue(log.string("trafficType"), {
            accepts: (value) => ["ALL", "REJECT"].includes(value),
            consequence: `flow log ${log.name} of VPC ${vpc.name} leaves out what was refused`,
            fix: 'Set trafficType: "ALL".',
            findingId: `${log.name}|trafficType`,
        }),
        ...judgeLogGroup(graph, log),
    ]);
    // One flow log that is right is enough; another one may serve another purpose.
    const right = judged.find((outcomes) => outcomes.every(({ kind }) => kind === "pass"));
    return right ?? judged.flat();
}

const vpc = (name = "network"): ExampleResource => ({
    type: vpcType,
    name,
    props: { cidrBlock: "10.0.0.0/16" },
});
const log = (props: Record<string, unknown> = {}, of: string[] = ["network"]): ExampleResource => ({
    type: flowLogType,
    name: "log",
    props: { vpcId: unknown, trafficType: "ALL", logDestination: unknown, ...props },
    propertyDependencies: { vpcId: of, logDestination: ["group"] },
});
const group = (props: Record<string, unknown> = {}): ExampleResource => ({
    type: logGroupType,
    name: "group",
    props: { name: "flow", retentionInDays: 365, kmsKeyId: unknown, ...props },
});

export const flowLogs: StackRule = {
    level: "stack",
    metadata: {
        id: "VPC-01",
        family: "vpc",
        title: "Every VPC has a flow log, encrypted and kept for a set time",
        rationale:
            "After an incident the flow log is what tells which task or build talked to whom; what was refused shows who tried.",
        severity: "medium",
        remediation:
            "Add an `aws.ec2.FlowLog` for the VPC with `trafficType` `ALL` or `REJECT`, to a log group with `kmsKeyId` and `retentionInDays`, or to a bucket.",
        references: ["FSBP EC2.6", "checkov CKV2_AWS_11", "trivy AWS-0178", "cdk-nag AwsSolutions-VPC7", "CIS AWS 5.0.0 3.7"], // prettier-ignore
    },
    relevantTypes: [vpcType],
    evaluate: (graph) => graph.ofType(vpcType).flatMap((each) => about(each, ...judgeVpc(graph, each))),
    examples: [
        badExample("only what was accepted", [vpc(), group(), log({ trafficType: "ACCEPT" })], "network"),
        badExample("kept for ever", [vpc(), group({ retentionInDays: null }), log()], "network"),
        badExample("no key", [vpc(), group({ kmsKeyId: null }), log()], "network"),
        badExample("one of two VPCs", [vpc(), vpc("other"), group(), log()], "other"),
        goodExample("everything, no id known", [vpc(), group(), log()]),
        goodExample("what was refused, to a bucket", [
            vpc(),
            group(),
            log({ trafficType: "REJECT", logDestinationType: "s3", logDestination: "arn:aws:s3:::flow" }),
        ]),
        absentExample("no flow log", [vpc()], "network"),
        absentExample(
            "a flow log of a subnet only",
            [vpc(), { type: flowLogType, name: "log", props: { subnetId: unknown, trafficType: "ALL" } }],
            "network",
        ),
        openExample("of which VPC is not known yet", [vpc(), group(), log({}, [])], "network"),
        openExample("what it records is not known yet", [vpc(), group(), log({ trafficType: unknown })], "network"), // prettier-ignore
    ],
};
