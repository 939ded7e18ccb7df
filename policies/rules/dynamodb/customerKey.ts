/** DDB-02: who reads a table needs a key that the account controls. */
import { expectValue } from "../../harness/expectation";
import { violation, pass } from "../../harness/outcome";
import { filled, unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { tableType, tableWith } from "./table";

const fix = "Set serverSideEncryption: { enabled: true, kmsKeyArn: key.arn }.";

export const customerKey: ResourceRule = {
    level: "resource",
    metadata: {
        id: "DDB-02",
        family: "dynamodb",
        title: "Tables are encrypted with a customer managed key",
        rationale:
            "With a key of one's own, a key policy decides who can read the items, and every use of it is in the trail.",
        severity: "low",
        remediation:
            "Set `serverSideEncryption: { enabled: true, kmsKeyArn }` with the ARN of a key of your own.",
        references: ["checkov CKV_AWS_119", "trivy AWS-0025"],
    },
    types: [tableType],
    evaluate: (table) => {
        const enabled = expectValue(table.boolean("serverSideEncryption", "enabled"), {
            accepts: (value) => value,
            consequence: "the table is encrypted with a key that DynamoDB owns",
            fix,
        });
        if (enabled.kind !== "pass") return [enabled];
        // An ARN that is not known yet is enough to see that a key is set.
        const key = filled(table.string("serverSideEncryption", "kmsKeyArn"));
        if (key.kind === "known" || key.kind === "unknown") return [pass];
        return [violation(`${key.property} is not set: the key is the one that AWS manages.`, fix)];
    },
    examples: [
        badExample(
            "the key that AWS manages",
            [tableWith({ serverSideEncryption: { enabled: true } })],
            "table",
        ),
        goodExample("a key whose ARN is not known yet is set", [
            tableWith({ serverSideEncryption: { enabled: true, kmsKeyArn: unknown } }),
        ]),
        absentExample("block absent", [tableWith({})], "table"),
        openExample("not known yet", [tableWith({ serverSideEncryption: unknown })], "table"),
    ],
};
