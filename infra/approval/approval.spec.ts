import assert from "node:assert/strict";
import { approvalFunctionNames } from "../../lambdas/bundle";
import { exampleKeyArn, exampleTopicArns } from "../application/testing/examplePlatform";
import { only, type RecordedResource } from "../testing/recordedStack";
import type { Approval } from "./approval";
import { arn, functionArn, queueArn, recorded, tagsOf } from "./testing/recordedGate";

describe("Approval", () => {
    let resources: RecordedResource[];
    let approval: Approval;

    before(async () => {
        ({ resources, approval } = await recorded({ protection: "protected" }));
    });

    const inputsOf = (name: string) => only(resources, name).inputs;

    it("creates exactly these resources", () => {
        const alarms = [
            ...approvalFunctionNames.flatMap((part) => [
                `${part}-errors`,
                `${part}-throttles`,
                `${part}-failed`,
            ]),
            "stream-age",
            "request-unreadable",
            "answered-by-others",
            "request-overdue",
            "watchdog-silent",
        ];
        assert.deepEqual(
            resources.map(({ type, name }) => `${type} ${name}`).sort(),
            [
                "aws:dynamodb/table:Table approval-table",
                "aws:dynamodb/resourcePolicy:ResourcePolicy approval-table-policy",
                "aws:sns/topic:Topic approval-topic",
                "aws:sns/topicPolicy:TopicPolicy approval-topic-policy",
                "aws:lambda/permission:Permission approval-topic-permission",
                "aws:sns/topicSubscription:TopicSubscription approval-topic-recorder",
                ...approvalFunctionNames.flatMap((part) => [
                    `aws:cloudwatch/logGroup:LogGroup approval-${part}-logs`,
                    `aws:iam/role:Role approval-${part}-role`,
                    `aws:iam/rolePolicy:RolePolicy approval-${part}-role-policy`,
                    `aws:lambda/function:Function approval-${part}`,
                    `aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig approval-${part}-events`,
                    `aws:sqs/queue:Queue approval-${part}-failed`,
                    `aws:sqs/queuePolicy:QueuePolicy approval-${part}-failed-policy`,
                ]),
                "aws:lambda/eventSourceMapping:EventSourceMapping approval-stream",
                "aws:cloudwatch/eventRule:EventRule approval-scan",
                "aws:cloudwatch/eventTarget:EventTarget approval-scan-target",
                "aws:lambda/permission:Permission approval-scan-permission",
                "aws:scheduler/schedule:Schedule approval-watchdog-schedule",
                "aws:scheduler/scheduleGroup:ScheduleGroup approval-watchdog-schedule-group",
                "aws:iam/role:Role approval-watchdog-schedule-role",
                "aws:iam/rolePolicy:RolePolicy approval-watchdog-schedule-role-policy",
                "aws:sns/topic:Topic approval-alarms-topic",
                "aws:sns/topicPolicy:TopicPolicy approval-alarms-topic-policy",
                ...alarms.map((name) => `aws:cloudwatch/metricAlarm:MetricAlarm approval-alarms-${name}`),
            ].sort(),
        );
        assert.deepEqual(approval.topicArns, { gate: exampleTopicArns.gate });
    });

    it("adds a topic of their own for people, and one subscription for each, only where they approve", async () => {
        const emails = ["two@example.com", "one@example.com"];
        const other = await recorded({ protection: "protected", approval: { human: { emails } } });
        const before = new Set(resources.map(({ name }) => name));
        assert.deepEqual(
            other.resources
                .filter(({ name }) => !before.has(name))
                .map(({ type, name }) => `${type} ${name}`)
                .sort(),
            [
                "aws:sns/topic:Topic approval-people",
                "aws:sns/topicPolicy:TopicPolicy approval-people-policy",
                "aws:sns/topicSubscription:TopicSubscription approval-one@example.com",
                "aws:sns/topicSubscription:TopicSubscription approval-two@example.com",
            ],
        );
        assert.deepEqual(other.approval.topicArns, exampleTopicArns);
        assert.deepEqual(only(other.resources, "approval-one@example.com").inputs, {
            topic: exampleTopicArns.people,
            protocol: "email",
            endpoint: "one@example.com",
        });
    });

    it("has a table that is encrypted, can be restored, expires what is old and refuses to be deleted", async () => {
        const table = {
            name: "portcullis-dev-approvals",
            billingMode: "PAY_PER_REQUEST",
            hashKey: "digest",
            rangeKey: "record",
            attributes: ["digest", "record", "open", "decideBy"].map((name) => ({ name, type: "S" })),
            globalSecondaryIndexes: [
                {
                    name: "open",
                    keySchemas: [
                        { attributeName: "open", keyType: "HASH" },
                        { attributeName: "decideBy", keyType: "RANGE" },
                    ],
                    projectionType: "ALL",
                },
            ],
            ttl: { enabled: true, attributeName: "expires" },
            streamEnabled: true,
            streamViewType: "NEW_IMAGE",
            pointInTimeRecovery: { enabled: true },
            serverSideEncryption: { enabled: true, kmsKeyArn: exampleKeyArn },
            deletionProtectionEnabled: true,
            tags: tagsOf("portcullis-dev-approvals"),
        };
        assert.deepEqual(inputsOf("approval-table"), table);
        assert.equal(
            inputsOf("approval-table-policy")["resourceArn"],
            arn("dynamodb", `table/${table.name}`),
        );
        const deletable = await recorded({ protection: "deletable" });
        assert.deepEqual(only(deletable.resources, "approval-table").inputs, {
            ...table,
            deletionProtectionEnabled: false,
        });
    });

    it("starts the recorder from the topic, and keeps what could not be delivered", () => {
        assert.deepEqual(inputsOf("approval-topic"), {
            name: "portcullis-dev-approvals",
            displayName: "Release approvals for the gate",
            kmsMasterKeyId: exampleKeyArn,
            tags: tagsOf("portcullis-dev-approvals"),
        });
        assert.deepEqual(inputsOf("approval-topic-permission"), {
            statementId: "approvals",
            function: "portcullis-dev-approval-recorder",
            action: "lambda:InvokeFunction",
            principal: "sns.amazonaws.com",
            sourceArn: exampleTopicArns.gate,
        });
        const { redrivePolicy, ...subscription } = inputsOf("approval-topic-recorder");
        assert.deepEqual(subscription, {
            topic: exampleTopicArns.gate,
            protocol: "lambda",
            endpoint: functionArn("recorder"),
        });
        assert.deepEqual(JSON.parse(redrivePolicy as string), { deadLetterTargetArn: queueArn("recorder") });
    });

    it("starts the decider from the table's stream, for requests that are new or were woken", () => {
        const { filterCriteria, ...mapping } = inputsOf("approval-stream");
        assert.deepEqual(mapping, {
            eventSourceArn: arn("dynamodb", "table/portcullis-dev-approvals/stream/2026-11-21T00:00:00.000"),
            functionName: functionArn("scan-event"),
            startingPosition: "TRIM_HORIZON",
            batchSize: 10,
            functionResponseTypes: ["ReportBatchItemFailures"],
            bisectBatchOnFunctionError: true,
            maximumRetryAttempts: 5,
            maximumRecordAgeInSeconds: 3600,
            destinationConfig: { onFailure: { destinationArn: queueArn("scan-event") } },
            tags: tagsOf("portcullis-dev-approval-stream"),
        });
        const { filters } = filterCriteria as { filters: { pattern: string }[] };
        assert.deepEqual(
            filters.map(({ pattern }) => JSON.parse(pattern) as unknown),
            [
                { eventName: ["INSERT"], dynamodb: { NewImage: { status: { S: ["waiting"] } } } },
                {
                    eventName: ["MODIFY"],
                    dynamodb: { NewImage: { status: { S: ["waiting"] }, wakeAt: { S: [{ exists: true }] } } },
                },
            ],
        );
    });

    it("starts the decider from scan events of the staging repositories", () => {
        const { eventPattern, ...rule } = inputsOf("approval-scan");
        assert.deepEqual(rule, {
            name: "portcullis-dev-approval-scan",
            description: "Scans of staging images have ended",
            state: "ENABLED",
            tags: tagsOf("portcullis-dev-approval-scan"),
        });
        assert.deepEqual(JSON.parse(eventPattern as string), {
            source: ["aws.inspector2"],
            "detail-type": ["Inspector2 Scan"],
            account: ["123456789012"],
            region: ["eu-central-1"],
            detail: {
                "repository-name": ["demo", "shop-front"].map((name) =>
                    arn("ecr", `repository/portcullis-dev-${name}-staging`),
                ),
            },
        });
        assert.deepEqual(inputsOf("approval-scan-permission"), {
            statementId: "scan-1",
            function: "portcullis-dev-approval-scan-event",
            action: "lambda:InvokeFunction",
            principal: "events.amazonaws.com",
            sourceArn: arn("events", "rule/portcullis-dev-approval-scan"),
        });
        assert.deepEqual(inputsOf("approval-scan-target"), {
            rule: "portcullis-dev-approval-scan",
            targetId: "gate",
            arn: functionArn("scan-event"),
            retryPolicy: { maximumRetryAttempts: 20, maximumEventAgeInSeconds: 3600 },
            deadLetterConfig: { arn: queueArn("scan-event") },
        });
    });

    it("spreads the repositories of many applications over several rules, all of which may use the queue", async () => {
        const applications = Array.from({ length: 50 }, (_, index) => ({
            name: `application-${index}`,
            source: { type: "codecommit" },
        }));
        const many = await recorded({ applications, registryScanning: { type: "BASIC" } });
        const rules = many.resources.filter(({ type }) => type.endsWith(":EventRule"));
        const arns = rules.map(({ inputs }) => arn("events", `rule/${String(inputs["name"])}`));
        assert.deepEqual(rules.map(({ name, inputs }) => `${name} ${String(inputs["name"])}`).sort(), [
            "approval-scan portcullis-dev-approval-scan",
            "approval-scan-2 portcullis-dev-approval-scan-2",
        ]);
        const named = rules.flatMap(({ inputs }) => {
            const pattern = JSON.parse(inputs["eventPattern"] as string) as {
                source: string[];
                detail: { "repository-name": string[] };
            };
            assert.deepEqual(pattern.source, ["aws.ecr"]);
            return pattern.detail["repository-name"];
        });
        assert.deepEqual(
            named.sort(),
            applications.map(({ name }) => `portcullis-dev-${name}-staging`).sort(),
        );
        assert.deepEqual(
            many.resources
                .filter(
                    ({ type, inputs }) =>
                        type.endsWith(":Permission") && inputs["principal"] === "events.amazonaws.com",
                )
                .map(({ inputs }) => inputs["sourceArn"])
                .sort(),
            arns.sort(),
        );
        const { Statement } = JSON.parse(
            only(many.resources, "approval-scan-event-failed-policy").inputs["policy"] as string,
        ) as { Statement: { Sid: string; Condition: Record<string, Record<string, string[]>> }[] };
        assert.deepEqual(
            Statement.find(({ Sid }) => Sid === "UndeliveredScanEvents")?.Condition["ArnEquals"]?.[
                "aws:SourceArn"
            ]?.toSorted(),
            arns,
        );
    });

    it("starts the watchdog every five minutes, with a role that only its schedule group can use", () => {
        assert.deepEqual(inputsOf("approval-watchdog-schedule"), {
            name: "portcullis-dev-approval-watchdog",
            groupName: "portcullis-dev-approval",
            description: "Looks for approval requests that were forgotten",
            scheduleExpression: "rate(5 minutes)",
            flexibleTimeWindow: { mode: "OFF" },
            state: "ENABLED",
            target: {
                arn: functionArn("watchdog"),
                roleArn: "arn:aws:iam::123456789012:role/portcullis-dev-approval-schedule",
                input: "{}",
                retryPolicy: { maximumEventAgeInSeconds: 300, maximumRetryAttempts: 3 },
                deadLetterConfig: { arn: queueArn("watchdog") },
            },
        });
        const { Statement } = JSON.parse(
            inputsOf("approval-watchdog-schedule-role")["assumeRolePolicy"] as string,
        ) as { Statement: unknown[] };
        assert.deepEqual(Statement, [
            {
                Sid: "OnlyForOurResource",
                Effect: "Allow",
                Principal: { Service: "scheduler.amazonaws.com" },
                Action: "sts:AssumeRole",
                Condition: {
                    StringEquals: { "aws:SourceAccount": "123456789012" },
                    ArnEquals: {
                        "aws:SourceArn": arn("scheduler", "schedule-group/portcullis-dev-approval"),
                    },
                },
            },
        ]);
    });
});
