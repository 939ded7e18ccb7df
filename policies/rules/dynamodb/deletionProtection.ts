/** DDB-03: a table is not deleted by a mistake in a program. */
import { expectValue } from "../../harness/expectation";
import { notApplicable } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { isDisposable } from "../../harness/stackName";
import { tableType, tableWith } from "./table";

export const deletionProtection: ResourceRule = {
    level: "resource",
    metadata: {
        id: "DDB-03",
        family: "dynamodb",
        title: "Tables are protected against deletion",
        rationale: "A renamed resource is a deleted table; with deletion protection AWS refuses it.",
        severity: "medium",
        remediation:
            "Set `deletionProtectionEnabled: true`. Stacks that may be thrown away are named in the setting `disposableStacks`.",
        references: ["FSBP DynamoDB.6"],
    },
    types: [tableType],
    evaluate: (table, configuration) => {
        if (isDisposable(table.urn, configuration))
            return [notApplicable("the settings allow this stack to be destroyed")];
        return [
            expectValue(table.boolean("deletionProtectionEnabled"), {
                accepts: (enabled) => enabled,
                consequence: "the table can be deleted with one call",
                fix: "Set deletionProtectionEnabled: true.",
            }),
        ];
    },
    remediation: {
        when: "always",
        changes: () => [{ path: ["deletionProtectionEnabled"], value: true }],
    },
    examples: [
        badExample("switched off", [tableWith({ deletionProtectionEnabled: false })], "table"),
        goodExample("switched on", [tableWith({ deletionProtectionEnabled: true })]),
        {
            ...goodExample("a stack that may be thrown away", [tableWith({})]),
            configuration: { disposableStacks: ["example"] },
        },
        absentExample("not set", [tableWith({})], "table"),
        openExample("not known yet", [tableWith({ deletionProtectionEnabled: unknown })], "table"),
    ],
};
