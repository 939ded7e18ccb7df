import assert from "node:assert/strict";
import { ApprovalCloud } from "./testing/approvalCloud";
import { throttled } from "./testing/callJournal";
import { captureStack } from "./testing/capturedStack";
import { forbiddenTo, servicesThatMay, trespasses as trespassesOf } from "./testing/gateTargets";
import { usesOf, unusedGrants } from "./testing/grantUse";
import type { Permissions, Statement } from "./testing/permissions";
import { Release } from "./testing/release";

const recorder = "portcullis-dev-approval-recorder";
const decider = "portcullis-dev-approval-scan-event";
const watchdog = "portcullis-dev-approval-watchdog";
const schedule = "portcullis-dev-approval-schedule";
const gateRoles = [recorder, decider, watchdog, schedule];

/** What Lambda and AWS X-Ray do in a function's name; no call of the function's, so no fake sees it. */
const doneByLambda = [
    "WriteOwnLog logs:CreateLogStream",
    "WriteOwnLog logs:PutLogEvents",
    "SendTraces xray:PutTelemetryRecords",
    "SendTraces xray:PutTraceSegments",
];

describe("Permissions around the approval functions", function () {
    // The program is captured first, which takes long on a machine that is busy.
    this.timeout(300_000);
    let cloud: ApprovalCloud;
    let permissions: Permissions;
    const trespasses = (roles?: string[]): Promise<string[]> => trespassesOf(cloud.stack, permissions, roles);

    before(async () => {
        cloud = await ApprovalCloud.start(
            await captureStack({ approval: { human: { emails: ["release@example.com"] } } }),
        );
        ({ permissions } = cloud);
    });
    after(() => cloud?.stop());

    describe("of the functions", () => {
        /** Everything that was asked of IAM while the functions did all that they do. */
        let used: Map<string, Set<string>>;

        before(async () => {
            await cloud.reset();
            // Waits, hears of the scan, is approved.
            const release = await Release.ready(cloud);
            release.unscanned();
            await release.announce();
            await cloud.delivery.drainStream();
            release.scanned({ completedAt: cloud.now });
            await cloud.delivery.sendEvent(release.scanEvent());
            await cloud.delivery.drainStream();
            assert.equal((await release.record())?.status, "approved");
            // The watchdog finds one whose message was lost, and wakes one that waits.
            const lost = await Release.ready(cloud);
            lost.unscanned();
            await cloud.watch();
            await cloud.watch();
            assert.equal((await lost.record())?.status, "waiting");
            // Every function fails, and its event is put away.
            cloud.journal.interrupt = ({ service }) => throttled(service);
            await lost.announce();
            await cloud.watch();
            await cloud.delivery.sendEvent(lost.scanEvent());
            assert.equal(Object.keys(cloud.queued).length, 3);
            cloud.delivery.unreachable.add("watchdog");
            await cloud.delivery.runSchedules();
            used = await usesOf(cloud);
        });

        it("allow every call that the functions made, and everything that AWS does for them", () => {
            cloud.assertClean();
            assert.ok(cloud.journal.calls.length > 100, String(cloud.journal.calls.length));
            const operations = [...new Set(cloud.journal.calls.map(({ operation }) => operation))].sort();
            assert.deepEqual(operations, [
                "DescribeImageScanFindings",
                "GetItem",
                "GetObject",
                "GetPipelineState",
                "HeadObject",
                "ListActionExecutions",
                "PutApprovalResult",
                "PutItem",
                "Query",
            ]);
        });

        for (const role of gateRoles) {
            it(`grant ${role} nothing that goes unused`, () => {
                const unused = unusedGrants(permissions.statementsOf(role), used.get(role) ?? new Set());
                const lambdas = role === schedule ? [] : doneByLambda;
                assert.deepEqual(
                    unused.filter((grant) => !lambdas.some((known) => grant.startsWith(`${known} `))),
                    [],
                );
                // The list above is not longer than it has to be.
                for (const known of lambdas)
                    assert.ok(
                        unused.some((grant) => grant.startsWith(`${known} `)),
                        known,
                    );
            });
        }

        it("notice a grant that nobody uses", () => {
            const idle: Statement = {
                Sid: "Idle",
                Effect: "Allow",
                Action: ["dynamodb:GetItem", "dynamodb:DeleteTable"],
                Resource: ["arn:aws:dynamodb:us-east-1:123456789012:table/portcullis-dev-approvals"],
            };
            const unused = unusedGrants(
                [...permissions.statementsOf(recorder), idle],
                used.get(recorder) ?? new Set(),
            );
            assert.deepEqual(
                unused.filter((grant) => grant.startsWith("Idle ")).map((grant) => grant.split(" ")[1]),
                ["dynamodb:GetItem", "dynamodb:DeleteTable"],
            );
        });

        it("stop a function whose role lacks one of them", async () => {
            await cloud.reset();
            const deny: Statement = {
                Sid: "No",
                Effect: "Deny",
                Action: ["dynamodb:Query"],
                Resource: ["*"],
            };
            const undo = permissions.sabotage(decider, deny);
            const release = await Release.ready(cloud);
            await cloud.delivery.sendEvent(release.scanEvent());
            undo();
            assert.deepEqual(cloud.queued, { "portcullis-dev-approval-scan-event-failed": 1 });
            const denied = cloud.journal.denied.splice(0);
            assert.ok(denied.length > 0);
            assert.match(denied[0] ?? "", /^portcullis-dev-approval-scan-event: dynamodb:Query on /);
        });
    });

    describe("of everybody else", () => {
        it("leave the gate alone: no other role answers, changes, silences or feeds it", async () => {
            const list = forbiddenTo(cloud.stack);
            assert.ok(list.length > 200 && permissions.roles.length > 15);
            // What the stack must have for the question to mean something.
            for (const action of [
                "codepipeline:PutApprovalResult",
                "lambda:UpdateFunctionCode",
                "lambda:UpdateFunctionConfiguration",
                "lambda:PutFunctionConcurrency",
                "lambda:UpdateEventSourceMapping",
                "dynamodb:PutItem",
                "events:DisableRule",
                "scheduler:UpdateSchedule",
                "sns:Publish",
                "sns:SetTopicAttributes",
                "sqs:PurgeQueue",
                "cloudwatch:DisableAlarmActions",
                "logs:DeleteLogGroup",
                "iam:PutRolePolicy",
                "kms:DisableKey",
            ]) {
                assert.ok(
                    list.some((entry) => entry.action === action),
                    action,
                );
            }
            assert.deepEqual(await trespasses(), []);
        });

        it("give the answer to the gate's action, and to no other action, stage or pipeline", async () => {
            const [application] = cloud.settings.applications;
            const { properties } = cloud.stack.one("aws:codepipeline/pipeline:Pipeline", {
                name: application?.pipeline,
            });
            const pipeline = String(properties["arn"]);
            const may = async (resource: string): Promise<boolean> =>
                (
                    await permissions.judge(
                        { role: decider },
                        { action: "codepipeline:PutApprovalResult", resource },
                    )
                ).isAllowed;
            assert.equal(await may(`${pipeline}/Approve/GateApproval`), true);
            assert.equal(await may(`${pipeline}/Approve/HumanApproval`), false);
            assert.equal(await may(`${pipeline}/Publish/GateApproval`), false);
            assert.equal(await may(`${pipeline}-other/Approve/GateApproval`), false);
            assert.equal(
                await may(pipeline.replace("us-east-1", "eu-west-1") + "/Approve/GateApproval"),
                false,
            );
        });

        const trespassers: { title: string; statement: Statement; expected: RegExp }[] = [
            {
                title: "answering every approval",
                statement: { Effect: "Allow", Action: "codepipeline:*", Resource: "*" },
                expected: /-build may codepipeline:PutApprovalResult on .*GateApproval/,
            },
            {
                title: "changing a function",
                statement: {
                    Effect: "Allow",
                    Action: ["lambda:Update*"],
                    Resource: ["arn:aws:lambda:*:*:function:*"],
                },
                expected: /-build may lambda:UpdateFunctionCode on .*scan-event/,
            },
            {
                title: "the topics' policies",
                statement: { Effect: "Allow", Action: ["sns:SetTopicAttributes"], Resource: ["*"] },
                expected: /-build may sns:SetTopicAttributes on .*portcullis-dev-approvals/,
            },
            {
                title: "disabling rules",
                statement: { Effect: "Allow", Action: ["events:Disable*"], Resource: ["*"] },
                expected: /-build may events:DisableRule on .*approval-scan/,
            },
            {
                title: "emptying queues",
                statement: { Effect: "Allow", Action: ["sqs:PurgeQueue"], Resource: ["*"] },
                expected: /-build may sqs:PurgeQueue on .*-failed/,
            },
        ];
        for (const { title, statement, expected } of trespassers) {
            it(`notice a role that is given ${title}`, async () => {
                const undo = permissions.sabotage("portcullis-dev-sample-build", statement);
                const found = await trespasses(["portcullis-dev-sample-build"]);
                undo();
                assert.match(found.join("\n"), expected);
                assert.deepEqual(await trespasses(["portcullis-dev-sample-build"]), []);
            });
        }

        it("let nobody write the table or publish whatever IAM says, because their own policies deny it", async () => {
            const role = "portcullis-dev-sample-build";
            const undo = permissions.sabotage(role, {
                Effect: "Allow",
                Action: ["dynamodb:*", "sns:*"],
                Resource: ["*"],
            });
            const { properties } = cloud.stack.one("aws:dynamodb/table:Table", {
                name: cloud.settings.table,
            });
            const table = String(properties["arn"]);
            const may = async (action: string, resource: string): Promise<[string, boolean]> => [
                action,
                (await permissions.judge({ role }, { action, resource })).isAllowed,
            ];
            const answers = Object.fromEntries([
                await may("dynamodb:PutItem", table),
                await may("dynamodb:UpdateItem", table),
                await may("dynamodb:DeleteItem", table),
                await may("dynamodb:BatchWriteItem", table),
                await may("dynamodb:GetItem", table),
                await may("sns:Publish", cloud.settings.topicArn),
                await may("sns:Subscribe", cloud.settings.topicArn),
            ]);
            undo();
            assert.deepEqual(answers, {
                "dynamodb:PutItem": false,
                "dynamodb:UpdateItem": false,
                "dynamodb:DeleteItem": false,
                "dynamodb:BatchWriteItem": false,
                // The policy is about writing; that this could be allowed shows that the question is a real one.
                "dynamodb:GetItem": true,
                "sns:Publish": false,
                "sns:Subscribe": false,
            });
        });
    });

    describe("of AWS services", () => {
        const arn = (service: string, name: string): string =>
            `arn:aws:${service}:us-east-1:123456789012:${name}`;

        const allowed = (sourceArn: string): Promise<string[]> =>
            servicesThatMay(cloud.stack, permissions, sourceArn);

        it("let the topic, the rule and the alarms do their part", async () => {
            assert.deepEqual(await allowed(arn("sns", "portcullis-dev-approvals")), [
                `sns.amazonaws.com lambda:InvokeFunction ${recorder}`,
            ]);
            assert.deepEqual(await allowed(arn("events", "rule/portcullis-dev-approval-scan")), [
                `events.amazonaws.com lambda:InvokeFunction ${decider}`,
            ]);
            const alarm = arn("cloudwatch", "alarm:portcullis-dev-approval-scan-event-errors");
            assert.deepEqual(await allowed(alarm), [
                "cloudwatch.amazonaws.com sns:Publish portcullis-dev-gate-alarms",
            ]);
        });

        it("let no other resource use the same services", async () => {
            assert.deepEqual(await allowed(arn("sns", "portcullis-dev-approval-people")), []);
            assert.deepEqual(await allowed(arn("events", "rule/portcullis-dev-sample-trigger")), []);
            assert.deepEqual(await allowed(arn("s3", "anything")), []);
        });

        it("notice a topic that anybody may publish to", async () => {
            const topic = arn("sns", "portcullis-dev-approvals");
            const undo = permissions.sabotageResource(topic, {
                Effect: "Allow",
                Principal: "*",
                Action: "sns:Publish",
                Resource: topic,
            });
            const roles = await trespasses(["portcullis-dev-sample-build"]);
            const others = await allowed(arn("s3", "anything"));
            undo();
            assert.ok(
                roles.includes(`portcullis-dev-sample-build may sns:Publish on ${topic}`),
                roles.join("\n"),
            );
            assert.ok(
                others.includes("events.amazonaws.com sns:Publish portcullis-dev-approvals"),
                others.join("\n"),
            );
        });

        it("let Lambda assume the functions' roles, for this account, and nobody else", async () => {
            const { accountId } = cloud.stack.account;
            const otherAccount = [...accountId].reverse().join("");
            for (const role of [recorder, decider, watchdog]) {
                const resource = `arn:aws:iam::${accountId}:role/${role}`;
                const may = async (service: string, account: string): Promise<boolean> =>
                    (
                        await permissions.judge(
                            { service, sourceArn: arn("lambda", `function:${role}`) },
                            { action: "sts:AssumeRole", resource, context: { "aws:SourceAccount": account } },
                        )
                    ).isAllowed;
                assert.equal(await may("lambda.amazonaws.com", accountId), true, role);
                assert.equal(await may("lambda.amazonaws.com", otherAccount), false, role);
                assert.equal(await may("codebuild.amazonaws.com", accountId), false, role);
                for (const other of permissions.roles) {
                    const judged = await permissions.judge(
                        { role: other },
                        { action: "sts:AssumeRole", resource },
                    );
                    assert.equal(judged.isAllowed, false, `${other} assumes ${role}`);
                }
            }
        });
    });
});
