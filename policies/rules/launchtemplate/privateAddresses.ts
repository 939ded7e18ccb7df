/** LT-04: instances get no public address. */
import { expectValue } from "../../harness/expectation";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { is, unknown, valueOf } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { launchTemplateType, templateExample } from "./launchTemplate";

const interfaces = (...networkInterfaces: unknown[]) => [templateExample({ networkInterfaces })];
const fix = 'Set associatePublicIpAddress: "false" and give the instances a NAT gateway.';

export const privateAddresses: ResourceRule = {
    level: "resource",
    metadata: {
        id: "LT-04",
        family: "launchtemplate",
        title: "Instances of a launch template get no public address",
        rationale:
            "An instance with a public address can be reached from the internet as soon as one security group lets it.",
        severity: "high",
        remediation:
            'Set `networkInterfaces[].associatePublicIpAddress: "false"` (text); the way out is a NAT gateway.',
        references: ["FSBP EC2.25", "checkov CKV_AWS_88", "trivy AWS-0009"],
    },
    types: [launchTemplateType],
    evaluate: (resource) => {
        const list = resource.list("networkInterfaces");
        if (list.kind === "absent") return [pass];
        if (list.kind === "unknown")
            return [inconclusive(list, "whether instances get a public address is not known yet")];
        if (list.kind === "malformed") return [violation(`networkInterfaces ${list.why}.`, fix)];
        if (list.value.length === 0) return [pass];
        return list.value.map((each) =>
            expectValue(each.boolean("associatePublicIpAddress"), {
                accepts: (associated) => !associated,
                // Left out, the subnet decides (VPC-06).
                absent: "accepted",
                consequence: "the instances get public addresses",
                fix,
                findingId: each.property,
            }),
        );
    },
    remediation: {
        when: "always",
        changes: (resource) =>
            (valueOf(resource.list("networkInterfaces")) ?? []).flatMap((each, index) =>
                is(each.boolean("associatePublicIpAddress"), true)
                    ? [{ path: ["networkInterfaces", index, "associatePublicIpAddress"], value: "false" }]
                    : [],
            ),
    },
    examples: [
        badExample("a public address", interfaces({ associatePublicIpAddress: "true" }), "instances"),
        badExample("no boolean", interfaces({ associatePublicIpAddress: "yes" }), "instances"),
        goodExample("none", interfaces({ associatePublicIpAddress: "false" })),
        absentExample("left to the subnet", interfaces({ deviceIndex: 0 })),
        absentExample("no interface declared", [templateExample()]),
        openExample("interfaces not known yet", [templateExample({ networkInterfaces: unknown })], "instances"), // prettier-ignore
        {
            title: "a first interface that is not known yet does not hide the second",
            shows: "unknown",
            resources: interfaces(
                { associatePublicIpAddress: unknown },
                { associatePublicIpAddress: "true" },
            ),
            expect: [
                { resource: "instances", kind: "inconclusive" },
                { resource: "instances", kind: "violation" },
            ],
        },
    ],
};
