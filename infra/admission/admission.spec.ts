import assert from "node:assert/strict";
import { readAdmissionSettings } from "../../gate/admission/settingsSchema";
import {
    codecommitApplication,
    exampleKeyArn,
    examplePlatform,
} from "../application/testing/examplePlatform";
import { deliveryTargets } from "../delivery/deliveryNames";
import { only, recordResources, type RawResource } from "../testing/recordedStack";
import { Admission } from "./admission";
import { admissionOutputs } from "./admissionNames";

const arn = (service: string, resource: string) => `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
const role = (part: string) => `arn:aws:iam::123456789012:role/portcullis-dev-${part}`;
const topic = arn("sns", "portcullis-dev-gate-alarms");
const onCall = ["arn:aws:iam::123456789012:user/two", "arn:aws:iam::123456789012:role/one"];

interface Recorded {
    resources: RawResource[];
    admission: Admission;
}

async function recorded(config: Record<string, unknown> = {}): Promise<Recorded> {
    const made: Admission[] = [];
    const { resources } = await recordResources(() => {
        const platform = examplePlatform({
            applications: [{ ...codecommitApplication, delivery: { production: { type: "create" } } }],
            ...config,
        });
        const { account, naming } = platform;
        made.push(
            new Admission("admission", {
                services: platform.config.applications
                    .flatMap((application) => deliveryTargets(account, naming, application))
                    .filter(({ tier }) => tier === "production"),
                // Stands for the gate's topic, which is made elsewhere.
                alarmTopic: { topic: { arn: topic }, policy: undefined } as never,
                platform,
            }),
        );
    });
    const [admission] = made;
    assert(admission);
    return { resources, admission };
}

const lines = (resources: RawResource[]) => resources.map(({ type, name }) => `${type} ${name}`).sort();

function inputs(resources: RawResource[], name: string): Record<string, unknown> {
    const { tags: _tags, ...rest } = only(resources, name).inputs;
    return rest;
}

const gateRole = (resources: RawResource[], name: string): unknown =>
    (only(resources, name).inputs["tags"] as Record<string, string>)["gate:role"];

const eventFunction = (name: string) => [
    `aws:cloudwatch/logGroup:LogGroup ${name}-logs`,
    `aws:iam/role:Role ${name}-role`,
    `aws:iam/rolePolicy:RolePolicy ${name}-role-policy`,
    `aws:lambda/function:Function ${name}`,
    `aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig ${name}-events`,
    `aws:sqs/queue:Queue ${name}-failed`,
    `aws:sqs/queuePolicy:QueuePolicy ${name}-failed-policy`,
];

describe("Admission", () => {
    let guarded: Recorded;
    let withOverride: Recorded;

    before(async () => {
        guarded = await recorded({ protection: "deletable" });
        withOverride = await recorded({
            admission: { breakGlassPrincipals: onCall },
            protection: "protected",
        });
    });

    it("is made of two functions, the override's table, what starts them and what watches them", () => {
        const alarms = [
            "hook-errors",
            "hook-throttles",
            "hook-failed",
            "running-errors",
            "running-throttles",
            "running-failed",
            "admission-refused",
            "admission-failed",
            "break-glass-used",
            "unapproved-image-running",
            "evidence-turned-bad",
        ];
        assert.deepEqual(
            lines(guarded.resources),
            [
                ...eventFunction("admission-function"),
                ...eventFunction("admission-running"),
                "aws:dynamodb/resourcePolicy:ResourcePolicy admission-break-glass-policy",
                "aws:dynamodb/table:Table admission-break-glass",
                "aws:iam/role:Role admission-hook-role",
                "aws:iam/rolePolicy:RolePolicy admission-hook-role-policy",
                "aws:cloudwatch/eventRule:EventRule admission-tasks",
                "aws:lambda/permission:Permission admission-tasks-permission",
                "aws:cloudwatch/eventTarget:EventTarget admission-tasks-target",
                "aws:scheduler/scheduleGroup:ScheduleGroup admission-sweep-group",
                "aws:iam/role:Role admission-sweep-role",
                "aws:iam/rolePolicy:RolePolicy admission-sweep-role-policy",
                "aws:scheduler/schedule:Schedule admission-sweep",
                ...alarms.map((alarm) => `aws:cloudwatch/metricAlarm:MetricAlarm admission-alarms-${alarm}`),
                "aws:cloudwatch/metricAlarm:MetricAlarm admission-sweep-silent",
            ].sort(),
        );
    });

    it("makes the role for overrides only where somebody may override", () => {
        const more = lines(withOverride.resources).filter((line) => !lines(guarded.resources).includes(line));
        assert.deepEqual(more, [
            "aws:iam/role:Role admission-break-glass-role",
            "aws:iam/rolePolicy:RolePolicy admission-break-glass-role-policy",
        ]);
        const override = inputs(withOverride.resources, "admission-break-glass-role");
        assert.equal(override["maxSessionDuration"], 3_600);
        assert.deepEqual(JSON.parse(override["assumeRolePolicy"] as string), {
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "NamedPrincipalsWithSecondFactor",
                    Effect: "Allow",
                    Principal: { AWS: [...onCall].sort() },
                    Action: "sts:AssumeRole",
                    Condition: {
                        Bool: { "aws:MultiFactorAuthPresent": "true" },
                        NumericLessThan: { "aws:MultiFactorAuthAge": "3600" },
                    },
                },
            ],
        });
        assert.equal(gateRole(withOverride.resources, "admission-break-glass-role"), "break-glass");
    });

    it("keeps overrides encrypted, recoverable and, in a protected stack, undeletable", () => {
        const table = (deletionProtectionEnabled: boolean) => ({
            name: "portcullis-dev-break-glass",
            billingMode: "PAY_PER_REQUEST",
            hashKey: "digest",
            rangeKey: "record",
            attributes: [
                { name: "digest", type: "S" },
                { name: "record", type: "S" },
            ],
            pointInTimeRecovery: { enabled: true },
            serverSideEncryption: { enabled: true, kmsKeyArn: exampleKeyArn },
            deletionProtectionEnabled,
        });
        assert.deepEqual(inputs(guarded.resources, "admission-break-glass"), table(false));
        assert.deepEqual(inputs(withOverride.resources, "admission-break-glass"), table(true));
        assert.equal(gateRole(guarded.resources, "admission-break-glass"), "break-glass");
    });

    it("lets nobody write an override, or the one role, and nobody change or delete one", () => {
        const policy = ({ resources }: Recorded) =>
            (
                JSON.parse(inputs(resources, "admission-break-glass-policy")["policy"] as string) as {
                    Statement: unknown[];
                }
            ).Statement;
        const deny = (Sid: string, Action: string[], more: object = {}) => ({
            Sid,
            Effect: "Deny",
            Principal: "*",
            Action,
            Resource: arn("dynamodb", "table/portcullis-dev-break-glass"),
            ...more,
        });
        const whole = deny("WholeRecordsOnly", [
            "dynamodb:BatchWriteItem",
            "dynamodb:DeleteItem",
            "dynamodb:PartiQLDelete",
            "dynamodb:PartiQLInsert",
            "dynamodb:PartiQLUpdate",
            "dynamodb:UpdateItem",
        ]);
        assert.deepEqual(policy(guarded), [deny("OnlyTheBreakGlassRoleWrites", ["dynamodb:PutItem"]), whole]);
        assert.deepEqual(policy(withOverride), [
            deny("OnlyTheBreakGlassRoleWrites", ["dynamodb:PutItem"], {
                Condition: { ArnNotEquals: { "aws:PrincipalArn": [role("break-glass")] } },
            }),
            whole,
        ]);
    });

    it("lets Amazon ECS ask the function, and hands the service what it needs for that", () => {
        const hook = inputs(guarded.resources, "admission-hook-role");
        assert.deepEqual(JSON.parse(hook["assumeRolePolicy"] as string), {
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "OnlyForOurResource",
                    Effect: "Allow",
                    Principal: { Service: "ecs.amazonaws.com" },
                    Action: "sts:AssumeRole",
                    Condition: { StringEqualsIfExists: { "aws:SourceAccount": "123456789012" } },
                },
            ],
        });
        const { functionArn, roleArn, ready } = guarded.admission.hook;
        assert.equal(functionArn, arn("lambda", "function:portcullis-dev-admission"));
        assert.equal(roleArn, role("admission-hook"));
        assert.equal(ready.length, 5);
    });

    it("runs both functions with the same settings, which they would accept", async () => {
        const parts: [name: string, tag: string, timeout: number, concurrency: number][] = [
            ["admission-function", "admission", 60, 5],
            ["admission-running", "auditor", 120, 1],
        ];
        for (const [name, tag, timeout, concurrency] of parts) {
            const { code, environment, ...rest } = inputs(guarded.resources, name);
            assert.deepEqual(
                [rest["timeout"], rest["reservedConcurrentExecutions"], rest["runtime"], rest["handler"]],
                [timeout, concurrency, "nodejs24.x", "index.handler"],
            );
            assert.equal(gateRole(guarded.resources, name), tag);
            assert.equal(gateRole(guarded.resources, `${name}-role`), tag);
            const { variables } = environment as { variables: Record<string, string> };
            assert.equal(variables["POWERTOOLS_SERVICE_NAME"], "portcullis-dev-admission");
            assert.equal(variables["POWERTOOLS_METRICS_NAMESPACE"], "Portcullis");
            const assets = await (code as { assets: Promise<Record<string, { text: Promise<string> }>> })
                .assets;
            const settings = readAdmissionSettings((await assets["settings.json"]?.text) ?? "");
            assert.deepEqual(
                { ...settings, policy: undefined },
                {
                    version: 1,
                    stack: "portcullis-dev",
                    account: { partition: "aws", region: "eu-central-1", accountId: "123456789012" },
                    policy: undefined,
                    scanType: "ENHANCED",
                    table: "portcullis-dev-approvals",
                    breakGlassTable: "portcullis-dev-break-glass",
                    securityHub: false,
                    services: [
                        {
                            application: "demo",
                            cluster: "portcullis-dev-delivery",
                            service: "portcullis-dev-demo-production",
                            repositories: {
                                production: "portcullis-dev-demo-production",
                                staging: "portcullis-dev-demo-staging",
                            },
                        },
                    ],
                },
            );
        }
    });

    it("hands the tasks of exactly these services to the check, and sweeps four times an hour", () => {
        assert.deepEqual(JSON.parse(inputs(guarded.resources, "admission-tasks")["eventPattern"] as string), {
            source: ["aws.ecs"],
            "detail-type": ["ECS Task State Change"],
            account: ["123456789012"],
            region: ["eu-central-1"],
            detail: {
                clusterArn: [arn("ecs", "cluster/portcullis-dev-delivery")],
                group: ["service:portcullis-dev-demo-production"],
                lastStatus: ["RUNNING"],
            },
        });
        const check = arn("lambda", "function:portcullis-dev-running");
        const failed = arn("sqs", "portcullis-dev-running-failed");
        assert.deepEqual(
            [
                inputs(guarded.resources, "admission-tasks-target")["arn"],
                inputs(guarded.resources, "admission-tasks-target")["deadLetterConfig"],
            ],
            [check, { arn: failed }],
        );
        const sweep = inputs(guarded.resources, "admission-sweep");
        assert.equal(sweep["scheduleExpression"], "rate(15 minutes)");
        const target = sweep["target"] as Record<string, unknown>;
        assert.deepEqual([target["arn"], target["input"]], [check, "{}"]);
        assert.deepEqual(
            JSON.parse(
                (inputs(guarded.resources, "admission-running-failed-policy")["policy"] ?? "") as string,
            ).Statement[0],
            {
                Sid: "UndeliveredTaskEvents",
                Effect: "Allow",
                Principal: { Service: "events.amazonaws.com" },
                Action: "sqs:SendMessage",
                Resource: failed,
                Condition: {
                    ArnEquals: { "aws:SourceArn": [arn("events", "rule/portcullis-dev-running-tasks")] },
                },
            },
        );
    });

    it("raises an alarm for what needs somebody, and for silence", () => {
        const alarms = guarded.resources
            .filter(({ type }) => type.endsWith(":MetricAlarm"))
            .map(({ inputs: alarm }) => alarm);
        for (const alarm of alarms) {
            assert.deepEqual([alarm["alarmActions"], alarm["okActions"]], [[topic], [topic]]);
        }
        const facts = alarms
            .filter(({ namespace }) => namespace === "Portcullis")
            .map(({ name, metricName, dimensions, threshold }) => [name, metricName, dimensions, threshold]);
        const fact = (name: string, metric: string) => [
            `portcullis-dev-admission-${name}`,
            metric,
            { service: "portcullis-dev-admission" },
            1,
        ];
        assert.deepEqual(facts, [
            fact("admission-refused", "AdmissionRefused"),
            fact("admission-failed", "AdmissionFailed"),
            fact("break-glass-used", "BreakGlassUsed"),
            fact("unapproved-image-running", "UnapprovedImageRunning"),
            fact("evidence-turned-bad", "EvidenceTurnedBad"),
        ]);
        const silent = inputs(guarded.resources, "admission-sweep-silent");
        const [successes, invocations] = silent["metricQueries"] as Record<string, unknown>[];
        assert.equal(silent["name"], "portcullis-dev-admission-sweep-silent");
        assert.equal(successes?.["expression"], "FILL(invocations, 0) - FILL(errors, 0)");
        assert.deepEqual(invocations?.["metric"], {
            namespace: "AWS/Lambda",
            metricName: "Invocations",
            dimensions: { FunctionName: "portcullis-dev-running" },
            stat: "Sum",
            period: 900,
        });
        assert.deepEqual(
            [silent["evaluationPeriods"], silent["datapointsToAlarm"], silent["treatMissingData"]],
            [3, 3, "breaching"],
        );
    });

    it("tells people where the hook, the overrides and the failed events are", () => {
        const outputs = (hasBreakGlass: boolean) => admissionOutputs(guarded.admission.names, hasBreakGlass);
        assert.deepEqual(outputs(false), {
            hook: {
                functionArn: arn("lambda", "function:portcullis-dev-admission"),
                roleArn: role("admission-hook"),
            },
            functions: { admission: "portcullis-dev-admission", running: "portcullis-dev-running" },
            failedEvents: {
                admission: "portcullis-dev-admission-failed",
                running: "portcullis-dev-running-failed",
            },
            breakGlass: { table: "portcullis-dev-break-glass" },
        });
        assert.deepEqual(outputs(true).breakGlass, {
            table: "portcullis-dev-break-glass",
            role: role("break-glass"),
        });
    });
});
