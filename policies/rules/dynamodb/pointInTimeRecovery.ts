/** DDB-01: what was deleted by mistake can be had back. */
import { expectValue } from "../../harness/expectation";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { tableType, tableWith } from "./table";

export const pointInTimeRecovery: ResourceRule = {
    level: "resource",
    metadata: {
        id: "DDB-01",
        family: "dynamodb",
        title: "Tables can be restored to any moment of the last weeks",
        rationale:
            "A function with a fault, or somebody with a grudge, deletes a table's items in seconds; without point-in-time recovery they are gone.",
        severity: "medium",
        remediation: "Set `pointInTimeRecovery: { enabled: true }`.",
        references: ["FSBP DynamoDB.2", "checkov CKV_AWS_28", "trivy AWS-0024", "cdk-nag AwsSolutions-DDB3"],
    },
    types: [tableType],
    evaluate: (table) => [
        expectValue(table.boolean("pointInTimeRecovery", "enabled"), {
            accepts: (enabled) => enabled,
            consequence: "items that were deleted or overwritten cannot be had back",
            fix: "Set pointInTimeRecovery: { enabled: true }.",
        }),
    ],
    remediation: {
        when: "always",
        changes: () => [{ path: ["pointInTimeRecovery", "enabled"], value: true }],
    },
    examples: [
        badExample("switched off", [tableWith({ pointInTimeRecovery: { enabled: false } })], "table"),
        goodExample("switched on", [tableWith({ pointInTimeRecovery: { enabled: true } })]),
        absentExample("block absent", [tableWith({})], "table"),
        openExample("not known yet", [tableWith({ pointInTimeRecovery: unknown })], "table"),
    ],
};
