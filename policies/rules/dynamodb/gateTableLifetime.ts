/** DDB-04: tokens of approvals go away, and the gate's table takes what comes. */
import { expectValue } from "../../harness/expectation";
import { hasWord } from "../../harness/nameWords";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { tableType, tableWith } from "./table";

const scalingTargetType = "aws:appautoscaling/target:Target";

const metadata: RuleMetadata = {
    id: "DDB-04",
    family: "dynamodb",
    title: "Tables of an approval gate forget old tokens and are not throttled",
    rationale:
        "The token of an approval lies in the gate's table; one that nobody deletes can be used for as long as the approval waits. A table with fixed capacity refuses writes in a busy hour, and with them requests for approval.",
    severity: "low",
    remediation:
        'Set `ttl: { attributeName, enabled: true }` and `billingMode: "PAY_PER_REQUEST"`, or scale the capacity with an aws.appautoscaling.Target.',
    references: ["FSBP DynamoDB.1"],
};

/** Words in names and tags that mark a gate's table. Overrides are kept on purpose: they are the record of who did it. */
const gateWords = ["approval", "approvals", "token", "tokens", "gate"];

function isGateTable(table: ResourceReader): boolean {
    const role = valueOf(table.string("tags", "gate:role"));
    if (role !== undefined) return role !== "break-glass";
    const names = [
        valueOf(table.string("name")),
        valueOf(table.string("hashKey")),
        valueOf(table.string("rangeKey")),
    ];
    return hasWord(gateWords, table.name, ...names);
}

export const gateTableLifetime: ResourceRule = {
    level: "resource",
    metadata,
    types: [tableType],
    evaluate: (table) => {
        if (!isGateTable(table)) return [notApplicable("not a table of an approval gate")];
        return [
            expectValue(table.boolean("ttl", "enabled"), {
                accepts: (enabled) => enabled,
                consequence: "tokens of old approvals stay in the table",
                fix: "Set ttl: { attributeName, enabled: true } on the attribute with the time of expiry.",
            }),
        ];
    },
    examples: [
        badExample("no time to live on a table of tokens", [tableWith({ name: "approval-tokens" })], "table"),
        badExample(
            "switched off",
            [tableWith({ tags: { "gate:role": "recorder" }, ttl: { attributeName: "e", enabled: false } })],
            "table",
        ),
        goodExample("a table of aggregates", [
            tableWith({ name: "order-aggregates", hashKey: "navigateTo" }),
        ]),
        goodExample("time to live", [
            tableWith({ hashKey: "token", ttl: { attributeName: "expires", enabled: true } }),
        ]),
        goodExample("another table", [tableWith({})]),
        goodExample("overrides are kept", [
            tableWith({ name: "gate-overrides", tags: { "gate:role": "break-glass" } }),
        ]),
        absentExample("block absent", [tableWith({ name: "gate" })], "table"),
        openExample("not known yet", [tableWith({ name: "gate", ttl: unknown })], "table"),
    ],
};

function capacityOutcome(table: ResourceReader, graph: StackGraph): Outcome {
    const mode = table.string("billingMode");
    if (mode.kind === "unknown")
        return inconclusive(mode, "whether the table can be throttled is not known yet");
    if (mode.kind === "known" && mode.value === "PAY_PER_REQUEST") return pass;
    const name = valueOf(table.string("name"));
    const targets = graph.ofType(scalingTargetType);
    const scaled = targets.some((target) => {
        const id = target.string("resourceId");
        if (id.kind === "known") return name !== undefined && id.value === `table/${name}`;
        return graph.dependencies(target, "resourceId", [tableType]).includes(table);
    });
    if (scaled) return pass;
    const read = mode.kind === "known" ? `"${mode.value}"` : "not set, which is PROVISIONED";
    return violation(
        `billingMode is ${read} and nothing scales the capacity: in a busy hour the table refuses requests for approval.`,
        'Set billingMode: "PAY_PER_REQUEST".',
        { findingId: "billingMode" },
    );
}

export const gateTableCapacity: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [tableType],
    evaluate: (graph) =>
        graph
            .ofType(tableType)
            .flatMap((table) =>
                about(
                    table,
                    isGateTable(table)
                        ? capacityOutcome(table, graph)
                        : notApplicable("not a table of an approval gate"),
                ),
            ),
    examples: [
        badExample("fixed capacity", [tableWith({ name: "gate", billingMode: "PROVISIONED" })], "table"),
        goodExample("on demand", [tableWith({ name: "gate" })]),
        goodExample("scaled", [
            tableWith({ name: "gate", billingMode: "PROVISIONED" }),
            { type: scalingTargetType, name: "scaling", props: { resourceId: "table/gate" } },
        ]),
        goodExample("scaled, by an output", [
            tableWith({ name: "gate", billingMode: "PROVISIONED" }),
            {
                type: scalingTargetType,
                name: "scaling",
                props: { resourceId: unknown },
                propertyDependencies: { resourceId: ["table"] },
            },
        ]),
        absentExample("not set", [tableWith({ name: "gate", billingMode: undefined })], "table"),
        openExample("not known yet", [tableWith({ name: "gate", billingMode: unknown })], "table"),
    ],
};
