import assert from "node:assert/strict";
import { functionNames } from "../../bundle";
import type { ApprovalCloud } from "../approvalCloud";
import { Refusal, throttled, type AwsCall } from "../callJournal";
import { Release } from "../release";

const statuses = (release: Release): string[] => release.answers().map(({ status }) => status);

/** Operations of a decision, each once. */
const operations = [
    "GetItem",
    "PutItem",
    "GetPipelineState",
    "ListActionExecutions",
    "DescribeImageScanFindings",
    "GetObject",
    "PutApprovalResult",
];

/** Services that are slow, down or wrong; events that nobody can read; records that somebody has damaged. */
export function failureScenarios(cloudOf: () => ApprovalCloud): void {
    describe("failures", () => {
        let cloud: ApprovalCloud;
        beforeEach(() => (cloud = cloudOf()));

        it("is throttled once by every operation, and answers all the same", async () => {
            const release = await Release.ready(cloud);
            const seen = new Set<string>();
            cloud.journal.interrupt = ({ operation, service }) => {
                if (seen.has(operation)) return null;
                seen.add(operation);
                return throttled(service);
            };
            await release.announce();
            await cloud.delivery.drainStream();
            for (const operation of operations) assert.ok(seen.has(operation), operation);
            assert.deepEqual(statuses(release), ["Approved"]);
            assert.deepEqual([cloud.queued, cloud.delivery.alarms], [{}, []]);
        });

        for (const operation of operations) {
            it(`is throttled by ${operation} for a long time: queue and alarm, and the answer when that ends`, async () => {
                const release = await Release.ready(cloud);
                if (operation === "GetItem" || operation === "PutItem") {
                    // Recorded, and then the table fails.
                    await release.announce();
                }
                cloud.journal.interrupt = (call) =>
                    call.operation === operation ? throttled(call.service) : null;
                if (operation !== "GetItem" && operation !== "PutItem") await release.announce();
                await cloud.delivery.drainStream();
                assert.deepEqual(release.answers(), []);
                if (operation === "PutApprovalResult") {
                    // The claim is kept, since an answer may be under way, so nobody else tries until it has run out; the
                    // alarm is that of a request which had to be decided (see below).
                    assert.deepEqual([cloud.queued, cloud.delivery.alarms], [{}, []]);
                    assert.equal((await release.record())?.status, "waiting");
                } else {
                    assert.deepEqual(cloud.queued, { "portcullis-dev-approval-scan-event-failed": 1 });
                    assert.deepEqual(cloud.delivery.alarms, ["portcullis-dev-approval-scan-event-failed"]);
                }
                cloud.journal.interrupt = () => null;
                await cloud.watch();
                assert.deepEqual(statuses(release), ["Approved"]);
                assert.equal((await release.record())?.status, "approved");
            });
        }

        it("keeps a message whose request cannot be recorded, and finds the request later", async () => {
            const release = await Release.ready(cloud);
            cloud.journal.interrupt = ({ service }) => (service === "dynamodb" ? throttled(service) : null);
            await release.announce();
            assert.deepEqual(cloud.queued, { "portcullis-dev-approval-recorder-failed": 1 });
            assert.deepEqual(cloud.delivery.alarms, [
                "portcullis-dev-approval-recorder-errors",
                "portcullis-dev-approval-recorder-failed",
            ]);
            cloud.journal.interrupt = () => null;
            await cloud.watch();
            assert.deepEqual(statuses(release), ["Approved"]);
        });

        it("keeps what a service cannot hand to a function, and goes on when it can", async () => {
            const release = await Release.ready(cloud);
            release.unscanned();
            for (const name of functionNames) cloud.delivery.unreachable.add(name);
            await release.announce();
            await cloud.delivery.sendEvent(release.scanEvent());
            await cloud.delivery.runSchedules();
            assert.deepEqual(cloud.queued, {
                "portcullis-dev-approval-recorder-failed": 1,
                "portcullis-dev-approval-scan-event-failed": 1,
                "portcullis-dev-approval-watchdog-failed": 1,
            });
            assert.deepEqual(cloud.delivery.alarms.sort(), [
                "portcullis-dev-approval-recorder-failed",
                "portcullis-dev-approval-scan-event-failed",
                "portcullis-dev-approval-watchdog-failed",
            ]);
            cloud.delivery.unreachable.clear();
            release.scanned({ completedAt: cloud.now });
            await cloud.watch();
            assert.deepEqual(statuses(release), ["Approved"]);
        });

        const troubles: { title: string; trouble: (call: AwsCall) => Refusal | null }[] = [
            {
                title: "the evidence may not be read",
                trouble: ({ service }) =>
                    service === "s3" ? new Refusal("AccessDenied", "Access Denied", 403) : null,
            },
            {
                title: "S3 is down",
                trouble: ({ service }) =>
                    service === "s3"
                        ? new Refusal("InternalError", "We encountered an internal error.", 500)
                        : null,
            },
            {
                title: "the pipeline may not be looked at",
                trouble: ({ service }) =>
                    service === "codepipeline"
                        ? new Refusal("AccessDeniedException", "not authorized")
                        : null,
            },
            {
                title: "the registry may not be asked",
                trouble: ({ service }) =>
                    service === "ecr" ? new Refusal("AccessDeniedException", "not authorized") : null,
            },
        ];
        for (const { title, trouble } of troubles) {
            it(`never approves while ${title}`, async () => {
                const release = await Release.ready(cloud);
                cloud.journal.interrupt = trouble;
                await release.announce();
                await cloud.delivery.drainStream();
                const [answer] = statuses(release);
                if (answer === undefined) {
                    assert.deepEqual(cloud.queued, { "portcullis-dev-approval-scan-event-failed": 1 });
                    assert.ok(cloud.delivery.alarms.includes("portcullis-dev-approval-scan-event-failed"));
                } else {
                    assert.equal(answer, "Rejected");
                }
            });
        }

        it("does not believe an answer of S3 that breaks off, and decides when it is whole", async () => {
            const release = await Release.ready(cloud);
            for (const key of cloud.evidence.objects.keys())
                if (key.endsWith("/test/report.json")) cloud.evidence.truncated.add(key);
            await release.announce();
            await cloud.delivery.drainStream();
            assert.ok(!statuses(release).includes("Approved"));
            if (statuses(release).length > 0) return;
            cloud.evidence.truncated.clear();
            await cloud.watch();
            assert.deepEqual(statuses(release), ["Approved"]);
        });

        it("says so when a request stays open although it had to be decided", async () => {
            const release = await Release.ready(cloud);
            await release.announce();
            cloud.journal.interrupt = ({ operation, service }) =>
                operation === "PutApprovalResult" ? throttled(service) : null;
            await cloud.delivery.drainStream();
            await cloud.watch(80);
            assert.deepEqual(release.answers(), []);
            assert.ok(cloud.facts.includes("RequestOverdue"));
            assert.ok(cloud.delivery.alarms.includes("portcullis-dev-approval-request-overdue"));
            cloud.journal.interrupt = () => null;
            await cloud.watch();
            // What was judged in time and never said is judged again: it is late now.
            assert.deepEqual(statuses(release), ["Rejected"]);
        });

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
            assert.deepEqual(statuses(healthy), ["Approved"]);
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
                for (const name of functionNames) {
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

        it("writes no token into a log", async () => {
            const release = await Release.ready(cloud);
            await release.announce();
            cloud.journal.interrupt = ({ operation, service }) =>
                operation === "PutApprovalResult" ? throttled(service) : null;
            await cloud.delivery.drainStream();
            cloud.journal.interrupt = () => null;
            await cloud.watch();
            assert.deepEqual(statuses(release), ["Approved"]);
            const lines = cloud.runner.finished.flatMap(({ invocation }) => invocation.log);
            assert.ok(lines.length > 0);
            assert.deepEqual(
                lines.filter((line) => line.includes(release.token)),
                [],
            );
        });
    });
}
