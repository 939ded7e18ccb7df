import assert from "node:assert/strict";
import { approvalFunctionNames } from "../../bundle";
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

/** Services that are slow, down or wrong. */
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

        it("handles a message from the queue as if it had just come", async () => {
            const release = await Release.ready(cloud);
            cloud.journal.interrupt = ({ service }) => throttled(service);
            await release.announce();
            const [[message] = []] = [...cloud.delivery.queues.values()].filter(({ length }) => length > 0);
            cloud.journal.interrupt = () => null;
            cloud.advance(30);
            for (let time = 0; time < 2; time += 1) {
                const { invocation } = await cloud.runner.invoke("recorder", message);
                assert.equal(invocation.kind, "returned");
            }
            await cloud.delivery.drainStream();
            assert.deepEqual(statuses(release), ["Approved"]);
        });

        it("keeps what a service cannot hand to a function, and goes on when it can", async () => {
            const release = await Release.ready(cloud);
            release.unscanned();
            for (const name of approvalFunctionNames) cloud.delivery.unreachable.add(name);
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
