import assert from "node:assert/strict";
import { approvalFunctionNames } from "../../bundle";
import type { ApprovalCloud } from "../approvalCloud";
import { Release } from "../release";

/** Records that somebody has damaged, events that nobody can read, settings that disagree. */
export function badInputScenarios(cloudOf: () => ApprovalCloud): void {
    describe("bad input", () => {
        let cloud: ApprovalCloud;
        beforeEach(() => (cloud = cloudOf()));

        const damages: { title: string; change: (document: string) => string }[] = [
            { title: "is cut off", change: (document) => document.slice(0, -20) },
            {
                title: "says approved without a decision",
                change: (document) => document.replace('"waiting"', '"approved"'),
            },
            {
                title: "is of another revision than its item",
                change: (document) => document.replace('"revision":1', '"revision":7'),
            },
            {
                title: "has a member that nobody knows",
                change: (document) => document.replace("{", '{"force":true,'),
            },
            {
                title: "is about another token",
                change: (document) => document.replace(/"token":"[0-9a-f]{8}/, '"token":"00000000'),
            },
        ];
        for (const { title, change } of damages) {
            it(`answers nothing when the record ${title}: queue and alarm`, async () => {
                const release = await Release.ready(cloud);
                await release.announce();
                const [item] = await cloud.table.items();
                assert.ok(item?.["document"]?.S !== undefined);
                const document = change(item["document"].S);
                assert.notEqual(document, item["document"].S);
                await cloud.table.put({ ...item, document: { S: document } });
                await cloud.delivery.drainStream();
                await cloud.watch();
                assert.deepEqual(release.answers(), []);
                assert.ok(
                    (cloud.queued["portcullis-dev-approval-scan-event-failed"] ?? 0) > 0,
                    JSON.stringify(cloud.queued),
                );
                assert.ok(cloud.delivery.alarms.includes("portcullis-dev-approval-scan-event-failed"));
            });
        }

        it("decides the other records of a batch when one of them is damaged", async () => {
            const damaged = await Release.ready(cloud);
            await damaged.announce();
            const [item] = await cloud.table.items();
            assert.ok(item !== undefined);
            damaged.pipeline.stop(damaged.execution, "arn:aws:iam::123456789012:user/alice");
            const healthy = await Release.ready(cloud);
            await healthy.announce();
            await cloud.table.put({ ...item, document: { S: "{" } });
            await cloud.delivery.drainStream();
            assert.deepEqual(
                healthy.answers().map(({ status }) => status),
                ["Approved"],
            );
            assert.deepEqual(cloud.queued, { "portcullis-dev-approval-scan-event-failed": 1 });
        });

        it("does not take a record of its own making for one of this gate: tables cannot be forged through the stream", async () => {
            const release = await Release.ready(cloud);
            const image = {
                digest: { S: release.digest },
                record: { S: `request#${release.execution}#${release.token}` },
            };
            const forged = {
                Records: [
                    {
                        eventID: "1",
                        eventName: "INSERT",
                        eventVersion: "1.1",
                        eventSource: "aws:dynamodb",
                        awsRegion: "us-east-1",
                        dynamodb: {
                            Keys: image,
                            NewImage: { ...image, status: { S: "waiting" } },
                            SequenceNumber: "1",
                            SizeBytes: 1,
                            StreamViewType: "NEW_IMAGE",
                        },
                        eventSourceARN: "arn:aws:dynamodb:us-east-1:123456789012:table/other/stream/x",
                    },
                ],
            };
            await cloud.runner.invoke("scan-event", forged);
            assert.deepEqual(release.answers(), []);
            assert.deepEqual(await cloud.table.items(), []);
        });

        const malformed: { title: string; event: unknown }[] = [
            { title: "nothing", event: null },
            { title: "an empty object", event: {} },
            { title: "a text", event: "approve" },
            { title: "a list", event: [1] },
            { title: "records that are none", event: { Records: [null] } },
            {
                title: "a message from another topic",
                event: {
                    Records: [
                        {
                            EventSource: "aws:sns",
                            EventVersion: "1.0",
                            Sns: { TopicArn: "arn:aws:sns:us-east-1:123456789012:other", Message: "{}" },
                        },
                    ],
                },
            },
            {
                title: "a message that is no JSON",
                event: {
                    Records: [
                        {
                            EventSource: "aws:sns",
                            EventVersion: "1.0",
                            Sns: {
                                TopicArn: "arn:aws:sns:us-east-1:123456789012:portcullis-dev-approvals",
                                Message: "approve!",
                            },
                        },
                    ],
                },
            },
            {
                title: "a scan event without detail",
                event: {
                    source: "aws.inspector2",
                    "detail-type": "Inspector2 Scan",
                    account: "123456789012",
                    region: "us-east-1",
                    resources: [],
                },
            },
            {
                title: "records of S3",
                event: { Records: [{ eventSource: "aws:s3", eventName: "ObjectCreated:Put", s3: {} }] },
            },
        ];
        for (const { title, event } of malformed) {
            it(`fails on ${title}, and writes nothing`, async () => {
                for (const name of approvalFunctionNames) {
                    if (name === "watchdog") continue;
                    const { invocation } = await cloud.runner.invoke(name, event);
                    const result =
                        invocation.kind === "returned"
                            ? (invocation.result as { batchItemFailures?: unknown[] } | null)
                            : null;
                    const isRefused =
                        invocation.kind === "failed" || (result?.batchItemFailures?.length ?? 0) > 0;
                    assert.ok(isRefused, `${name}: ${JSON.stringify(invocation)}`);
                    if (invocation.kind === "failed")
                        assert.ok(!invocation.errorMessage.includes("\n"), invocation.errorMessage);
                }
                const writes = cloud.journal.calls.filter(({ operation }) => operation.startsWith("Put"));
                assert.deepEqual(writes, []);
                assert.deepEqual(await cloud.table.items(), []);
            });
        }

        it("refuses to start when its environment and its policy disagree", async () => {
            const uploaded = cloud.runner.get("scan-event");
            const before = uploaded.environment;
            cloud.runner.cool("scan-event");
            uploaded.environment = { ...before, CRITICAL_LIMIT: "5" };
            try {
                const release = await Release.ready(cloud);
                await release.announce();
                await cloud.delivery.drainStream();
                assert.deepEqual(release.answers(), []);
                const last = cloud.runner.finished.at(-1)?.invocation;
                assert.ok(last?.kind === "failed");
                assert.match(last.errorMessage, /CRITICAL_LIMIT/);
                assert.deepEqual(cloud.queued, { "portcullis-dev-approval-scan-event-failed": 1 });
            } finally {
                uploaded.environment = before;
                cloud.runner.cool("scan-event");
            }
        });
    });
}
