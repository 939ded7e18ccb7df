import {
    answerStatement,
    changed,
    deciderRoleExample,
    exampleArns,
    exampleOf,
    functionExample,
    gateStack,
    gateStackWithout,
    tableExample,
} from "../../gate/exampleGate";
import { tableType } from "../../gate/resourceTypes";
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import {
    allow,
    completeStages,
    pipelineExample,
    projectExample,
    roleExample,
} from "../../pipeline/exampleResources";

const table = (props: Record<string, unknown>) => gateStack(changed(tableExample, props));
const holding = (actions: string | string[], resource: string = exampleArns.table): ExampleResource =>
    roleExample("build-role", [allow(actions, resource)], "builder");
const own = (...statements: Record<string, unknown>[]): ExampleResource => ({
    type: "aws:dynamodb/resourcePolicy:ResourcePolicy",
    name: "table-policy",
    props: { resourceArn: exampleArns.table, policy: JSON.stringify({ Statement: statements }) },
});
const role = (name: string) => ({ AWS: `arn:aws:iam::123456789012:role/${name}` });

const bad = (title: string, resources: ExampleResource[], found = "demo-approvals-table"): RuleExample =>
    badExample(title, resources, found);
const good = goodExample;
const absent = (title: string, props: Record<string, unknown>): RuleExample => ({ ...bad(title, table(props)), shows: "absent" }); // prettier-ignore
const open = (title: string, resources: ExampleResource[], found = "demo-approvals-table"): RuleExample =>
    openExample(title, resources, found);

/** Overrides beside the gate: the admission function reads them, and people write them. */
const overridesArn = exampleArns.table.replace("approvals", "break-glass");
const overrides = (...more: ExampleResource[]): ExampleResource[] => [
    ...gateStack(
        functionExample("admission", { deadLetterConfig: undefined }),
        roleExample("admission-role", [allow("dynamodb:Query", [exampleArns.table, overridesArn])], "admission"), // prettier-ignore
    ),
    { ...changed(tableExample, { name: "demo-break-glass", ttl: undefined }), name: "break-glass-table" },
    roleExample("people", [allow("dynamodb:PutItem", overridesArn)], "break-glass"),
    ...more,
];

export const examples: RuleExample[] = [
    bad("the builder lets images run without an approval", overrides(holding("dynamodb:PutItem", overridesArn)), "build-role"), // prettier-ignore
    bad(
        "the admission function writes its own overrides",
        [...overrides().filter(({ name }) => name !== "admission-role"), roleExample("admission-role", [allow(["dynamodb:Query", "dynamodb:PutItem"], overridesArn)], "admission")], // prettier-ignore
        "admission-role",
    ),
    bad(
        "a build runs as the role of the overrides",
        overrides(projectExample("docs", undefined, undefined, { serviceRole: "arn:aws:iam::123456789012:role/people" })), // prettier-ignore
        "people",
    ),
    bad("overrides are deleted by themselves", overrides().map((each) => (each.name === "break-glass-table" ? changed(each, { ttl: { attributeName: "expires", enabled: true } }) : each)), "break-glass-table"), // prettier-ignore
    bad("people replace the table of overrides", [...overrides(), roleExample("more-people", [allow("dynamodb:RestoreTableFromBackup", overridesArn)], "break-glass")], "more-people"), // prettier-ignore
    good("people write overrides, the admission function reads them", overrides()),
    ...(
        [
            ["write", "dynamodb:PutItem", exampleArns.table],
            ["do everything with tables", "dynamodb:*", "*"],
            ["write many items", "dynamodb:BatchWriteItem", exampleArns.table],
            ["write by PartiQL", "dynamodb:PartiQL*", exampleArns.table],
            ["delete items", "dynamodb:Delete*", exampleArns.table.replace("demo-approvals", "demo-*")],
            ["replace the table by a backup", "dynamodb:RestoreTableFromBackup", exampleArns.table],
            ["fill the table from a bucket", "dynamodb:ImportTable", "*"],
            ["switch the stream off", "dynamodb:UpdateTable", exampleArns.table],
            ["copy the table to where others write", "dynamodb:CreateTableReplica", exampleArns.table],
            ["make it a global table", "dynamodb:UpdateGlobalTable", exampleArns.table],
            ["send records elsewhere", "dynamodb:EnableKinesisStreamingDestination", exampleArns.table],
            ["let others write", "dynamodb:PutResourcePolicy", exampleArns.table],
        ] as const
    ).map(([title, actions, resource]) => bad(`the builder may ${title}`, [...gateStack(), holding(actions, resource)], "build-role")), // prettier-ignore
    bad("a build step runs as the decider", [...gateStack(), projectExample("decider", undefined)], "decider-role"), // prettier-ignore
    bad(
        "a function of the gate may change the table itself",
        gateStack(roleExample("recorder-role", [allow(["dynamodb:PutItem", "dynamodb:UpdateTimeToLive"], exampleArns.table)], "recorder")), // prettier-ignore
        "recorder-role",
    ),
    bad("the table's own policy lets anybody write", [...gateStack(), own({ Effect: "Allow", Principal: "*", Action: "dynamodb:PutItem", Resource: "*" })], "table-policy"), // prettier-ignore
    bad("the table's own policy lets the builder write", [...gateStack(), own({ Effect: "Allow", Principal: role("build-role"), Action: "dynamodb:*", Resource: "*" })], "table-policy"), // prettier-ignore
    bad("recovery is off", table({ pointInTimeRecovery: { enabled: false } })),
    bad("encryption is off", table({ serverSideEncryption: { enabled: false } })),
    bad("time to live is off", table({ ttl: { attributeName: "expires", enabled: false } })),
    bad("the table can be deleted", table({ deletionProtectionEnabled: false })),
    bad("recovery that is no switch", table({ pointInTimeRecovery: { enabled: "sometimes" } })),
    absent("no recovery", { pointInTimeRecovery: undefined }),
    absent("no encryption of its own", { serverSideEncryption: undefined }),
    absent("no key of its own", { serverSideEncryption: { enabled: true } }),
    absent("no time to live", { ttl: undefined }),
    absent("no deletion protection", { deletionProtectionEnabled: undefined }),
    good("only the gate's functions write", gateStack()),
    good("a policy that denies everybody else", [
        ...gateStack(),
        own(
            { Effect: "Deny", Principal: "*", Action: "dynamodb:DeleteItem", Resource: "*" },
            { Effect: "Allow", Principal: role("recorder-role"), Action: "dynamodb:PutItem", Resource: "*" },
            { Effect: "Allow", Principal: "*", Action: "dynamodb:DescribeTable", Resource: "*" },
        ),
    ]),
    good("others read", [...gateStack(), holding(["dynamodb:GetItem", "dynamodb:Query"])]),
    good("a table of somebody else", [
        ...gateStack(),
        exampleOf(tableType, "orders"),
        holding("dynamodb:*", exampleArns.table.replace("demo-approvals", "orders")),
    ]),
    {
        ...good("a stack that may be thrown away", table({ deletionProtectionEnabled: false })),
        configuration: { disposableStacks: ["example"] },
    },
    {
        title: "the gate keeps no table",
        shows: "absent",
        resources: [
            ...gateStackWithout("decider-stream", "demo-approvals-table", "recorder-role", "decider-role"),
            roleExample("decider-role", [answerStatement], "decider"),
            exampleOf(tableType, "orders"),
            holding("dynamodb:*", "*"),
        ],
        expect: [],
    },
    {
        title: "people answer all approvals",
        shows: "absent",
        resources: [pipelineExample(completeStages), tableExample, holding("dynamodb:*", "*")],
        expect: [],
    },
    open("recovery that is not known yet", table({ pointInTimeRecovery: { enabled: unknown } })),
    open("protection that is not known yet", table({ deletionProtectionEnabled: unknown })),
    open("a policy that is not known yet", [...gateStack(), { ...own(), props: { resourceArn: exampleArns.table, policy: unknown } }], "table-policy"), // prettier-ignore
    open("a role's policy that is not known yet", [...gateStack(deciderRoleExample(answerStatement)), { type: "aws:iam/role:Role", name: "build-role", props: { name: "build-role", inlinePolicies: [{ policy: unknown }] } }], "build-role"), // prettier-ignore
];
