/**
 * Ways around the automatic approval: what starts it, what it counts, what it remembers, who is told, who may change it.
 * Each change of the provisioned stack is noticed by the rule that owns it, and by no rule that has nothing to do with it.
 */
import assert from "node:assert/strict";
import { types, useProvisionedStack, type SabotagedStack } from "./testing/provisionedStack";

type Properties = Record<string, unknown>;

interface Sabotage {
    title: string;
    change: (stack: SabotagedStack) => void;
    /** Everything that is noticed, as `RULE resource`. */
    noticed: string[];
}

const builder = "sample-delivery-build-role";
const account = "123456789012";
const arn = (service: string, rest: string): string =>
    `arn:aws:${service}:us-east-1:${account}:${rest.replace("~", "portcullis-prod-")}`;
const decider = arn("lambda", "function:~approval-scan-event");
const table = arn("dynamodb", "table/~approvals");

/** Changes the pattern of the rule for scan events. */
function pattern(change: (pattern: Properties) => Properties): Sabotage["change"] {
    return (stack) => {
        stack.change(types.eventRule, "approval-scan", (inputs) => {
            const given = JSON.parse(String(inputs["eventPattern"])) as Properties;
            inputs["eventPattern"] = JSON.stringify(change(given));
        });
    };
}

/** Sets properties of one resource. */
function set(type: string, ending: string, values: Properties): Sabotage["change"] {
    return (stack) => {
        stack.change(type, ending, (inputs) => Object.assign(inputs, values));
    };
}

/** Sets variables of a function of the gate; undefined takes one away. */
function variables(part: string, values: Properties): Sabotage["change"] {
    return (stack) => {
        stack.change(types.function, part, (inputs) => {
            const { variables: given } = inputs["environment"] as { variables: Properties };
            inputs["environment"] = { variables: { ...given, ...values } };
        });
    };
}

const grant =
    (action: string, resource: string, role = "sample-delivery-build-role"): Sabotage["change"] =>
    (stack) => {
        stack.grant(role, [action], [resource]);
    };

const permission =
    (values: Properties): Sabotage["change"] =>
    (stack) => {
        stack.add(types.permission, "added", {
            function: "portcullis-prod-approval-scan-event",
            action: "lambda:InvokeFunction",
            principal: "events.amazonaws.com",
            ...values,
        });
    };

const sabotages: Sabotage[] = [
    {
        title: "anybody's events count as scans",
        change: pattern(({ source: _, ...rest }) => rest),
        noticed: ["EVB-01 approval-scan", "GATE-09 approval-scan"],
    },
    {
        title: "an event of one's own counts beside Inspector's",
        change: pattern((given) => ({ ...given, source: ["aws.inspector2", "company.scans"] })),
        noticed: ["GATE-09 approval-scan"],
    },
    {
        title: "scans of every repository count",
        change: pattern(({ detail: _, ...rest }) => rest),
        noticed: ["GATE-09 approval-scan"],
    },
    {
        title: "the decider has an address of its own",
        change: (stack) => {
            stack.add("aws:lambda/functionUrl:FunctionUrl", "added", { functionName: "portcullis-prod-approval-scan-event", authorizationType: "AWS_IAM" }); // prettier-ignore
        },
        noticed: ["GATE-10 added"],
    },
    {
        title: "another account starts the decider",
        change: permission({ principal: "111111111111" }),
        noticed: ["GATE-10 added"],
    },
    {
        title: "every rule starts the decider",
        change: permission({}),
        noticed: ["GATE-10 added", "LAM-06 added"],
    },
    {
        title: "the build starts the decider",
        change: grant("lambda:InvokeFunction", decider),
        noticed: [`GATE-10 ${builder}`],
    },
    {
        title: "the schedule's role starts the decider too",
        change: grant("lambda:InvokeFunction", decider, "approval-watchdog-schedule-role"),
        noticed: ["GATE-10 approval-watchdog-schedule-role"],
    },
    {
        title: "the decider is fed from another table",
        change: set(types.eventSourceMapping, "approval-stream", { eventSourceArn: arn("dynamodb", "table/orders/stream/1") }), // prettier-ignore
        noticed: ["GATE-10 approval-stream"],
    },
    {
        title: "999 critical findings are let through",
        change: variables("approval-scan-event", { CRITICAL_LIMIT: "999" }),
        noticed: ["GATE-11 approval-scan-event"],
    },
    {
        title: "high findings have no limit",
        change: variables("approval-scan-event", { HIGH_LIMIT: "unlimited" }),
        noticed: ["GATE-11 approval-scan-event"],
    },
    {
        title: "a limit is not set",
        change: variables("approval-scan-event", { MEDIUM_LIMIT: undefined }),
        noticed: ["GATE-11 approval-scan-event"],
    },
    ...(
        [
            ["recovery", "DDB-01", { pointInTimeRecovery: { enabled: false } }],
            ["deletion protection", "DDB-03", { deletionProtectionEnabled: false }],
            ["time to live", "DDB-04", { ttl: undefined }],
            ["a key of its own", "DDB-02", { serverSideEncryption: { enabled: true } }],
        ] as const
    ).map(([what, rule, values]): Sabotage => ({
        title: `the table loses ${what}`,
        change: set(types.table, "approval-table", values),
        noticed: [`${rule} approval-table`, "GATE-12 approval-table"],
    })),
    ...["dynamodb:PutItem", "dynamodb:BatchWriteItem", "dynamodb:PartiQLUpdate"].map((action): Sabotage => ({
        title: `the build writes the table: ${action}`,
        change: grant(action, table),
        noticed: [`BYP-08 ${builder}`, `GATE-12 ${builder}`],
    })),
    {
        title: "a scan step replaces the table",
        change: grant("dynamodb:RestoreTableFromBackup", table, "scan-grype-role"),
        noticed: ["GATE-12 sample-delivery-scan-grype-role"],
    },
    {
        title: "the recorder switches the stream off",
        change: grant("dynamodb:UpdateTable", table, "approval-recorder-role"),
        noticed: ["GATE-12 approval-recorder-role"],
    },
    {
        title: "errors of the decider reach nobody",
        change: set(types.alarm, "scan-event-errors", { alarmActions: [] }),
        noticed: ["GATE-13 approval-alarms-scan-event-errors", "LOG-04 approval-alarms-scan-event-errors"],
    },
    {
        title: "the alarm of a queue is switched off",
        change: set(types.alarm, "recorder-failed", { actionsEnabled: false }),
        noticed: ["GATE-13 approval-alarms-recorder-failed", "LOG-04 approval-alarms-recorder-failed"],
    },
    {
        title: "the alarm of the watchdog's queue is gone",
        change: (stack) => {
            stack.remove(types.alarm, "watchdog-failed");
        },
        noticed: ["GATE-13 approval-watchdog-failed", "SQS-02 approval-watchdog-failed"],
    },
    {
        title: "the alarm on the watchdog's errors waits for a hundred",
        change: set(types.alarm, "watchdog-errors", { threshold: 100 }),
        noticed: ["GATE-13 approval-alarms-watchdog-errors"],
    },
    ...(
        [
            ["approves on error", "approval-scan-event", { FAIL_OPEN: "true" }],
            ["approves by default", "approval-scan-event", { DEFAULT_DECISION: "Approved" }],
            [
                "runs a module of somebody else",
                "approval-scan-event",
                { NODE_OPTIONS: "--require /tmp/x.js" },
            ],
            ["asks another CodePipeline", "approval-scan-event", { AWS_ENDPOINT_URL_CODEPIPELINE: "https://example.com" }], // prettier-ignore
            ["runs through a wrapper", "approval-recorder", { AWS_LAMBDA_EXEC_WRAPPER: "/opt/x" }],
        ] as const
    ).map(([what, part, values]): Sabotage => ({
        title: `${part} ${what}`,
        change: variables(part, values),
        noticed: [`GATE-14 ${part}`],
    })),
    {
        title: "a layer of another account runs in the decider",
        change: set(types.function, "approval-scan-event", { layers: ["arn:aws:lambda:us-east-1:111111111111:layer:tracer:1"] }), // prettier-ignore
        noticed: ["GATE-14 approval-scan-event", "LAM-11 approval-scan-event"],
    },
    {
        title: "a scan event is tried for a day",
        change: set(types.eventTarget, "approval-scan-target", { retryPolicy: { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 20 } }), // prettier-ignore
        noticed: ["GATE-14 approval-scan-target"],
    },
    {
        title: "an invocation is given up while the function may still run",
        change: (stack) => {
            set(types.function, "approval-recorder", { timeout: 120 })(stack);
            set(types.eventInvokeConfig, "approval-recorder-events", { maximumEventAgeInSeconds: 60 })(stack);
        },
        noticed: ["GATE-14 approval-recorder-events"],
    },
    {
        title: "the alarm of a queue is raised after a hundred bad periods, when the approval is over",
        change: set(types.alarm, "scan-event-failed", { period: 300, evaluationPeriods: 100, datapointsToAlarm: 100 }), // prettier-ignore
        noticed: ["GATE-13 approval-alarms-scan-event-failed"],
    },
    {
        title: "requests of the decider go by way of another machine",
        change: variables("approval-scan-event", { HTTPS_PROXY: "http://proxy.example.com:3128" }),
        noticed: ["GATE-14 approval-scan-event"],
    },
    ...(
        [
            [
                "a scanner",
                "sample-delivery-scan-grype-role",
                ["BYP-06 sample-delivery-scan-grype-role", "CB-11 sample-delivery-scan-grype-project"],
            ],
            ["what records requests", "approval-recorder-role", ["BYP-08 approval-recorder-role"]],
        ] as const
    ).map(([who, role, noticed]): Sabotage => ({
        title: `the account may become ${who}`,
        change: set(types.role, role, { assumeRolePolicy: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: "sts:AssumeRole" }] }) }), // prettier-ignore
        noticed: [...noticed],
    })),
    {
        title: "only a function hears of the approval by people",
        change: set(types.subscription, "approval-team@example.com", { protocol: "lambda", endpoint: arn("lambda", "function:~approval-recorder") }), // prettier-ignore
        // A function that may neither be started nor answer: whatever it is for, no person is asked.
        noticed: [
            "GATE-01 approval-team@example.com",
            "GATE-03 sample-delivery-pipeline",
            "GATE-15 sample-delivery-pipeline",
            "SNS-04 approval-team@example.com",
        ],
    },
    {
        title: "approvers start the pipeline",
        change: (stack) => {
            stack.add(types.role, "added", {
                name: "release-managers",
                tags: { "gate:role": "approver", Owner: "platform" },
                inlinePolicies: [
                    {
                        name: "own",
                        policy: JSON.stringify({
                            Version: "2012-10-17",
                            Statement: [
                                {
                                    Effect: "Allow",
                                    Action: "codepipeline:PutApprovalResult",
                                    Resource: arn("codepipeline", "~sample-delivery/Approve/HumanApproval"),
                                },
                                {
                                    Effect: "Allow",
                                    Action: "codepipeline:StartPipelineExecution",
                                    Resource: arn("codepipeline", "~sample-delivery"),
                                },
                            ],
                        }),
                    },
                ],
            });
        },
        noticed: ["GATE-15 added"],
    },
    {
        title: "the gate answers the people's approval too",
        change: grant("codepipeline:PutApprovalResult", arn("codepipeline", "~sample-delivery/Approve/HumanApproval"), "approval-scan-event-role"), // prettier-ignore
        noticed: ["GATE-04 approval-scan-event-role"],
    },
    {
        title: "the watchdog answers approvals",
        change: grant("codepipeline:PutApprovalResult", arn("codepipeline", "~sample-delivery/Approve/GateApproval"), "approval-watchdog-role"), // prettier-ignore
        noticed: ["BYP-02 approval-watchdog-role", "GATE-03 sample-delivery-pipeline"],
    },
    {
        title: "people may become the decider",
        change: (stack) => {
            stack.change(types.role, "approval-scan-event-role", (inputs) => {
                inputs["assumeRolePolicy"] = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: "sts:AssumeRole" }] }); // prettier-ignore
            });
        },
        noticed: ["BYP-02 approval-scan-event-role"],
    },
    ...(
        [
            ["change the decider's code", "lambda:UpdateFunctionCode", decider],
            ["change the decider's settings", "lambda:UpdateFunctionConfiguration", decider],
            ["switch the decider off", "lambda:PutFunctionConcurrency", decider],
        ] as const
    ).map(([what, action, resource]): Sabotage => ({
        title: `the build may ${what}`,
        change: grant(action, resource),
        noticed: [`BYP-03 ${builder}`, `GATE-10 ${builder}`],
    })),
    ...(
        [
            ["change the recorder's code", "lambda:UpdateFunctionCode", arn("lambda", "function:~approval-recorder")], // prettier-ignore
            ["switch the watchdog off", "lambda:PutFunctionConcurrency", arn("lambda", "function:~approval-watchdog")], // prettier-ignore
            ["disable the rule for scans", "events:DisableRule", arn("events", "rule/~approval-scan")],
            ["send scans elsewhere", "events:PutTargets", arn("events", "rule/~approval-scan")],
            ["remove the target", "events:RemoveTargets", arn("events", "rule/*")],
            ["stop the watchdog", "scheduler:UpdateSchedule", arn("scheduler", "schedule/~approval/~approval-watchdog")], // prettier-ignore
            ["let others publish approvals", "sns:AddPermission", arn("sns", "~approvals")],
            ["read along", "sns:Subscribe", arn("sns", "~approvals")],
            ["lose what failed", "sqs:PurgeQueue", arn("sqs", "~approval-scan-event-failed")],
            ["silence an alarm", "cloudwatch:DisableAlarmActions", arn("cloudwatch", "alarm:~approval-scan-event-errors")], // prettier-ignore
            [
                "delete an alarm",
                "cloudwatch:DeleteAlarms",
                arn("cloudwatch", "alarm:~approval-watchdog-failed"),
            ],
            ["delete the decider's log", "logs:DeleteLogGroup", arn("logs", "log-group:/aws/lambda/~approval-scan-event")], // prettier-ignore
            ["widen the decider's role", "iam:PutRolePolicy", `arn:aws:iam::${account}:role/portcullis-prod-approval-scan-event`], // prettier-ignore
        ] as const
    ).map(([what, action, resource]): Sabotage => ({
        title: `the build may ${what}`,
        change: grant(action, resource.replaceAll("~", "portcullis-prod-")),
        noticed: [`BYP-03 ${builder}`, ...(action.startsWith("iam:") ? [`BYP-09 ${builder}`] : [])],
    })),
];

describe("Sabotage of the automatic approval", () => {
    const stack = useProvisionedStack({
        approval: { alarmEmails: ["on-call@example.com"], human: { emails: ["team@example.com"] } },
    });

    /** Of every weight; the engine's images by tag are a known weakness of their own. */
    const findings = (change?: Sabotage["change"]): string[] =>
        stack()
            .findings(change)
            .filter((each) => !each.startsWith("ECS-02 "));

    it("is not needed for a clean result", () => {
        assert.deepEqual(findings(), []);
    });

    for (const { title, change, noticed } of sabotages) {
        it(`is noticed by ${noticed.map((each) => each.split(" ")[0]).join(", ")}: ${title}`, () => {
            assert.deepEqual(findings(change), [...noticed].sort());
        });
    }
});
