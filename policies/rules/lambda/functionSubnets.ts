/** LAM-12: a function in a VPC survives the loss of a zone. */
import { functionType } from "../../gate/resourceTypes";
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { workerExample } from "./function";

const within = (subnetIds: unknown) => [workerExample({ vpcConfig: { subnetIds, securityGroupIds: ["sg-1"] } })]; // prettier-ignore

export const functionSubnets: ResourceRule = {
    level: "resource",
    metadata: {
        id: "LAM-12",
        family: "lambda",
        title: "Functions in a VPC have subnets in two zones",
        rationale:
            "A function outside a VPC runs in several zones by itself; in one subnet it is gone with that zone.",
        severity: "low",
        remediation:
            "Give `vpcConfig.subnetIds` subnets of at least two zones. Leave `vpcConfig` out where the function reaches nothing inside the VPC.",
        references: ["FSBP Lambda.5"],
    },
    types: [functionType],
    evaluate: (resource) => {
        const config = resource.object("vpcConfig");
        if (config.kind === "absent") return [notApplicable("the function is in no VPC")];
        const subnets = config.kind === "known" ? config.value.strings("subnetIds") : config;
        const fix = "Add a subnet of another zone to vpcConfig.subnetIds, or leave vpcConfig out.";
        if (subnets.kind === "unknown")
            return [inconclusive(subnets, "in how many zones the function runs is not known yet")];
        if (subnets.kind === "malformed") return [violation(`${subnets.property} ${subnets.why}.`, fix)];
        const { values, unknownCount } = subnets.kind === "known" ? subnets.value : { values: [], unknownCount: 0 }; // prettier-ignore
        // Empty lists are how the provider says that there is no VPC.
        if (values.length + unknownCount === 0) return [notApplicable("the function is in no VPC")];
        if (new Set(values).size + unknownCount >= 2) return [pass];
        return [
            violation(`${resource.name} runs in one subnet only (vpcConfig.subnetIds), so in one zone.`, fix),
        ];
    },
    examples: [
        badExample("one subnet", within(["subnet-1"]), "worker"),
        badExample("the same subnet twice", within(["subnet-1", "subnet-1"]), "worker"),
        badExample("one subnet that is not known yet", within([unknown]), "worker"),
        goodExample("two subnets", within([unknown, unknown])),
        absentExample("no VPC", [workerExample()]),
        openExample("not known yet", within(unknown), "worker"),
    ],
};
