import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { nothingReleasedDigest } from "../gate/admission/imageReference";
import { AdmissionCloud, type Finished } from "./testing/admissionCloud";
import { throttled, type AwsCall } from "./testing/callJournal";
import { captureStack } from "./testing/capturedStack";
import { unusedGrants } from "./testing/grantUse";

/** A service that the stack creates, and one that was there before. */
const config = {
    applications: [
        {
            name: "sample",
            source: { type: "codecommit", branch: "main" },
            delivery: { production: { type: "create" } },
        },
        {
            name: "billing",
            source: { type: "codecommit", branch: "main" },
            delivery: {
                production: { type: "existing", cluster: "shared", service: "billing", container: "web" },
            },
        },
    ],
    securityHub: { mode: "existing" },
};

const newDigest = (): string => `sha256:${createHash("sha256").update(randomUUID()).digest("hex")}`;
const succeeded = { hookStatus: "SUCCEEDED" };
const failed = { hookStatus: "FAILED" };

describe("Admission and the continuous check as uploaded", function () {
    // The program is captured first, which takes long on a machine that is busy.
    this.timeout(300_000);
    let cloud: AdmissionCloud;
    let digest: string;
    let image: string;

    before(async () => {
        cloud = await AdmissionCloud.start(await captureStack(config));
    });
    beforeEach(async () => {
        await cloud.reset();
        digest = newDigest();
        image = cloud.imageOf("sample", digest);
    });
    afterEach(() => cloud.assertClean());
    after(() => cloud?.stop());

    const answerOf = ({ invocation }: Finished): unknown =>
        invocation.kind === "returned" ? invocation.result : assert.fail(JSON.stringify(invocation));
    const factsOf = ({ facts }: Finished): string[] => facts.map(({ fact }) => fact);
    const reasonsOf = ({ facts }: Finished): string =>
        facts.flatMap(({ details }) => details["reasons"] ?? []).join("\n");

    async function approved(): Promise<void> {
        await cloud.approve("sample", digest);
        cloud.scanned("sample", digest);
    }

    const failing = (...operations: string[]) => {
        cloud.journal.interrupt = ({ service, operation }: AwsCall) =>
            operations.includes(operation) ? throttled(service) : null;
    };

    describe("a deployment", () => {
        const deploy = (...given: Parameters<AdmissionCloud["deploy"]>): Promise<Finished> =>
            cloud.invoke("admission", cloud.deploy(...given));

        it("of an approved image goes on, and asks for nothing more than decides it", async () => {
            await approved();
            const done = await deploy("sample", { application: image });
            assert.deepEqual(answerOf(done), succeeded);
            assert.deepEqual(done.calls, [
                "ecs DescribeServiceRevisions",
                "ecs DescribeTaskDefinition",
                "dynamodb Query",
                "ecr DescribeImageScanFindings",
            ]);
            const [query] = cloud.journal.done("Query");
            assert.deepEqual(
                [query?.input["TableName"], query?.input["ConsistentRead"]],
                [cloud.settings.table, true],
            );
            const { service, cluster } = cloud.serviceOf("sample");
            assert.deepEqual(done.facts, [
                {
                    fact: "Admitted",
                    details: {
                        application: "sample",
                        service: `arn:aws:ecs:us-east-1:123456789012:service/${cluster}/${service}`,
                        revision: `arn:aws:ecs:us-east-1:123456789012:service-revision/${cluster}/${service}/9313423515462893900`,
                        images: [
                            {
                                image,
                                execution: "00000900-1111-4222-8333-444455556666",
                                decidedAt: "2026-03-04T12:01:00.000Z",
                                waivers: [],
                            },
                        ],
                    },
                },
            ]);
        });

        it("of an image that was never approved, was rejected, or is another application's does not", async () => {
            cloud.scanned("sample", digest);
            const never = await deploy("sample", { application: image });
            assert.deepEqual([answerOf(never), factsOf(never)], [failed, ["AdmissionRefused"]]);
            assert.equal(
                reasonsOf(never),
                `${digest} of sample was never approved; release it through the application's pipeline`,
            );
            assert.deepEqual(never.calls.slice(2), ["dynamodb Query", "dynamodb Query"]);
            assert.equal(cloud.journal.done("Query")[1]?.input["TableName"], cloud.settings.breakGlassTable);

            await cloud.approve("billing", digest);
            assert.deepEqual(answerOf(await deploy("sample", { application: image })), failed);
            await cloud.approve("sample", digest, { status: "rejected", minutes: 5 });
            const rejected = await deploy("sample", { application: image });
            assert.deepEqual(answerOf(rejected), failed);
            assert.match(reasonsOf(rejected), /was rejected/);
        });

        it("of a tag, another repository or an unapproved sidecar does not, and nobody is asked about it", async () => {
            await approved();
            const staging = image.replace("-production@", "-staging@");
            assert.notEqual(staging, image);
            for (const containers of [
                { application: image.replace(/@.*/, ":latest") } as Record<string, string>,
                { application: staging },
                { application: image, sidecar: "public.ecr.aws/nginx/nginx@sha256:" + "a".repeat(64) },
                { application: cloud.imageOf("billing", digest) },
            ]) {
                const done = await deploy("sample", containers);
                assert.deepEqual([answerOf(done), factsOf(done)], [failed, ["AdmissionRefused"]]);
                assert.deepEqual(done.calls, ["ecs DescribeServiceRevisions", "ecs DescribeTaskDefinition"]);
            }
            const sidecar = await deploy("sample", {
                application: image,
                sidecar: cloud.imageOf("sample", newDigest()),
            });
            assert.deepEqual(answerOf(sidecar), failed);
        });

        it("whose revision says otherwise than its task definition does not", async () => {
            await approved();
            const other = newDigest();
            for (const revision of [
                { containerImages: [{ containerName: "application", image, imageDigest: other }] },
                {
                    containerImages: [
                        { containerName: "application", image: cloud.imageOf("sample", other) },
                    ],
                },
                { serviceArn: "arn:aws:ecs:us-east-1:123456789012:service/shared/billing" },
                { taskDefinition: "arn:aws:ecs:us-east-1:210987654321:task-definition/x:1" },
            ]) {
                const done = await deploy("sample", { application: image }, { revision });
                assert.deepEqual([answerOf(done), factsOf(done)], [failed, ["AdmissionRefused"]]);
            }
        });

        it("to a service that was just made is refused without an alarm", async () => {
            const done = await deploy("sample", {
                application: cloud.imageOf("sample", nothingReleasedDigest),
            });
            assert.deepEqual([answerOf(done), factsOf(done)], [failed, ["NothingReleased"]]);
            assert.deepEqual(done.calls, ["ecs DescribeServiceRevisions", "ecs DescribeTaskDefinition"]);
        });

        it("whose image has turned bad since is refused, with the finding", async () => {
            await cloud.approve("sample", digest);
            cloud.scanned("sample", digest, { findings: [{ severity: "CRITICAL" }] });
            const done = await deploy("sample", { application: image });
            assert.deepEqual([answerOf(done), factsOf(done)], [failed, ["AdmissionRefused"]]);
            assert.match(reasonsOf(done), /inspector counts 1 critical, 0 allowed/);
        });

        it("waits for a scan, asks staging meanwhile, and gives up after five minutes", async () => {
            await cloud.approve("sample", digest);
            cloud.scanned("sample", digest, { status: "PENDING" });
            const event = cloud.deploy("sample", { application: image });
            let hookDetails: unknown = {};
            for (let attempt = 1; attempt <= 10; attempt += 1) {
                const done = await cloud.invoke("admission", { ...event, hookDetails });
                const answer = answerOf(done) as { hookDetails: unknown };
                assert.deepEqual(answer, {
                    hookStatus: "IN_PROGRESS",
                    callBackDelay: 30,
                    hookDetails: { portcullisAttempts: attempt },
                });
                assert.deepEqual(factsOf(done), ["AdmissionPending"]);
                ({ hookDetails } = answer);
            }
            const last = await cloud.invoke("admission", { ...event, hookDetails });
            assert.deepEqual([answerOf(last), factsOf(last)], [failed, ["AdmissionRefused"]]);

            cloud.scanned("sample", digest, {}, "staging");
            const made = await cloud.invoke("admission", { ...event, hookDetails });
            assert.deepEqual(answerOf(made), succeeded);
            assert.deepEqual(made.calls.slice(-2), [
                "ecr DescribeImageScanFindings",
                "ecr DescribeImageScanFindings",
            ]);
        });

        it("waits for an approval that is being recorded", async () => {
            const record = await cloud.approve("sample", digest);
            const [item] = await cloud.approvals.items();
            assert.ok(item !== undefined);
            const waiting = { ...record, status: "waiting" };
            await cloud.approvals.put({
                ...item,
                status: { S: "waiting" },
                open: { S: "open" },
                document: { S: JSON.stringify(waiting) },
            });
            cloud.scanned("sample", digest);
            const done = await deploy("sample", { application: image });
            assert.equal((answerOf(done) as { hookStatus: string }).hookStatus, "IN_PROGRESS");
        });

        it("is let through by an override, with an alarm and a finding", async () => {
            const override = await cloud.breakGlass("sample", digest);
            const done = await deploy("sample", { application: image });
            assert.deepEqual([answerOf(done), factsOf(done)], [succeeded, ["BreakGlassUsed"]]);
            const { details } = done.facts[0] ?? assert.fail();
            assert.deepEqual(
                [
                    details["override"],
                    details["who"],
                    details["reason"],
                    details["until"],
                    details["despite"],
                ],
                [
                    override.id,
                    override.who,
                    override.reason,
                    override.until,
                    [`${digest} of sample was never approved; release it through the application's pipeline`],
                ],
            );
            const [finding, ...others] = cloud.hub.stored();
            assert.equal(others.length, 0);
            assert.equal(finding?.RecordState, "ACTIVE");
            assert.equal(finding?.Title, "An image runs on break-glass, without an approval: sample");
            assert.equal(finding?.CreatedAt, override.issuedAt);

            for (const change of [
                { application: "billing" },
                { until: new Date(cloud.now.getTime() - 1).toISOString() },
                { until: new Date(cloud.now.getTime() + 25 * 3_600_000).toISOString() },
                { revoked: { at: cloud.now.toISOString(), by: "bob" } },
            ]) {
                await cloud.overrides.clear();
                await cloud.breakGlass("sample", digest, change);
                assert.deepEqual(answerOf(await deploy("sample", { application: image })), failed);
            }
        });

        it("is let through by an override when the registry is down, or Security Hub", async () => {
            await cloud.approve("sample", digest);
            await cloud.breakGlass("sample", digest);
            failing("DescribeImageScanFindings", "BatchImportFindings");
            const done = await deploy("sample", { application: image });
            assert.deepEqual([answerOf(done), factsOf(done)], [succeeded, ["BreakGlassUsed"]]);
            assert.deepEqual(cloud.hub.stored(), []);
        });

        it("is refused when anything cannot be asked, and says what", async () => {
            await approved();
            for (const [operation, said] of [
                [
                    "DescribeServiceRevisions",
                    /Amazon ECS DescribeServiceRevisions of .* failed \(ThrottlingException/,
                ],
                [
                    "DescribeTaskDefinition",
                    /Amazon ECS DescribeTaskDefinition of .* failed \(ThrottlingException/,
                ],
                ["Query", /cannot be asked for the approval/],
                ["DescribeImageScanFindings", /the registry could not be asked about/],
            ] as const) {
                failing(operation);
                const done = await deploy("sample", { application: image });
                assert.deepEqual([answerOf(done), factsOf(done)], [failed, ["AdmissionFailed"]], operation);
                assert.match(reasonsOf(done), said);
            }
        });

        it("is refused when a record of its digest cannot be believed", async () => {
            await approved();
            const [item] = await cloud.approvals.items();
            assert.ok(item !== undefined);
            await cloud.approvals.put({ ...item, record: { S: "request#x#y" } });
            const done = await deploy("sample", { application: image });
            assert.deepEqual([answerOf(done), factsOf(done)], [failed, ["AdmissionFailed"]]);
        });

        it("of somebody else's service, or that is none, is refused", async () => {
            await approved();
            for (const event of [
                {},
                null,
                { executionDetails: {} },
                cloud.deploy(
                    "sample",
                    { application: image },
                    { event: { lifecycleStage: "POST_SCALE_UP" } },
                ),
            ]) {
                const done = await cloud.invoke("admission", event);
                assert.deepEqual(
                    [answerOf(done), factsOf(done), done.calls],
                    [failed, ["AdmissionRefused"], []],
                );
            }
        });

        it("is refused by a function that cannot start, and the continuous check fails", async () => {
            await approved();
            const event = cloud.deploy("sample", { application: image });
            const wrong = [
                [
                    { environment: { CRITICAL_LIMIT: "9" } },
                    /CRITICAL_LIMIT is "9" and the policy in the code says 0/,
                ],
                [
                    { files: { "settings.json": "{}" } },
                    /the function cannot start, deploy it again: settings.json: /,
                ],
            ] as const;
            for (const [change, said] of wrong) {
                const done = await cloud.invokeChanged("admission", change, event);
                assert.deepEqual([answerOf(done), factsOf(done)], [failed, ["AdmissionFailed"]]);
                assert.match(reasonsOf(done), said);
                const { invocation } = await cloud.invokeChanged("running", change, {});
                assert.equal(invocation.kind, "failed");
            }
        });

        it("to a service that the stack did not create is judged alike", async () => {
            await cloud.approve("billing", digest);
            cloud.scanned("billing", digest);
            assert.deepEqual(
                answerOf(await deploy("billing", { web: cloud.imageOf("billing", digest) })),
                succeeded,
            );
        });
    });

    describe("what runs", () => {
        const running = (imageDigest: string) => ({
            application: { image: cloud.imageOf("sample", imageDigest), imageDigest },
        });

        it("and is approved is told of, when it starts and in every sweep", async () => {
            await approved();
            const task = cloud.run("sample", running(digest));
            const event = await cloud.invoke("running", cloud.taskEvent(task));
            assert.deepEqual([answerOf(event), factsOf(event)], [null, ["RunningApproved"]]);
            assert.deepEqual(event.calls, ["dynamodb Query", "ecr DescribeImageScanFindings"]);
            const sweep = await cloud.invoke("running", {});
            assert.deepEqual(factsOf(sweep), ["RunningApproved", "NothingRunning"]);
            assert.deepEqual(sweep.calls, [
                "ecs ListTasks",
                "ecs DescribeTasks",
                "dynamodb Query",
                "ecr DescribeImageScanFindings",
                "securityhub GetFindings",
                "ecs ListTasks",
                "securityhub GetFindings",
            ]);
            assert.deepEqual(cloud.hub.stored(), []);
        });

        it("and was never approved raises an alarm and one finding, which ends with it", async () => {
            const task = cloud.run("sample", running(digest));
            const event = await cloud.invoke("running", cloud.taskEvent(task));
            assert.deepEqual(factsOf(event), ["UnapprovedImageRunning"]);
            const [first, ...others] = cloud.hub.stored();
            assert.deepEqual([first?.RecordState, others], ["ACTIVE", []]);
            assert.equal(first?.Title, "An image runs that the gate never approved: sample");
            assert.equal(first?.FindingProviderFields.Severity.Label, "CRITICAL");
            assert.deepEqual(
                first?.Resources.map(({ Type }) => Type),
                ["AwsEcrContainerImage", "AwsEcsService"],
            );

            cloud.advance(15);
            cloud.run("sample", running(digest));
            assert.deepEqual(factsOf(await cloud.invoke("running", {})), [
                "UnapprovedImageRunning",
                "NothingRunning",
            ]);
            const [again, ...more] = cloud.hub.stored();
            assert.deepEqual([again?.Id, again?.CreatedAt, more], [first?.Id, first?.CreatedAt, []]);

            cloud.ecs.tasks.clear();
            cloud.advance(15);
            assert.deepEqual(factsOf(await cloud.invoke("running", {})), [
                "NothingRunning",
                "NothingRunning",
            ]);
            assert.deepEqual(
                cloud.hub.stored().map(({ Id, RecordState }) => [Id, RecordState]),
                [[first?.Id, "ARCHIVED"]],
            );
            const quiet = await cloud.invoke("running", {});
            assert.ok(!quiet.calls.includes("securityhub BatchImportFindings"));
        });

        it("and has turned bad, or runs on an override, says which", async () => {
            await cloud.approve("sample", digest);
            cloud.scanned("sample", digest, { findings: [{ severity: "CRITICAL" }] });
            cloud.run("sample", running(digest));
            assert.deepEqual(factsOf(await cloud.invoke("running", {})), [
                "EvidenceTurnedBad",
                "NothingRunning",
            ]);
            await cloud.breakGlass("sample", digest);
            cloud.advance(15);
            assert.deepEqual(factsOf(await cloud.invoke("running", {})), [
                "BreakGlassUsed",
                "NothingRunning",
            ]);
            assert.deepEqual(
                cloud.hub.stored().map(({ Title, RecordState }) => [Title, RecordState]),
                [
                    ["An approved image runs that the gate would refuse today: sample", "ARCHIVED"],
                    ["An image runs on break-glass, without an approval: sample", "ACTIVE"],
                ],
            );
        });

        it("by tag, or as another digest than it is named, is never approved", async () => {
            await approved();
            const tagged = { application: { image: image.replace(/@.*/, ":latest"), imageDigest: digest } };
            const event = await cloud.invoke("running", cloud.taskEvent(cloud.run("sample", tagged)));
            assert.deepEqual(
                [factsOf(event), event.calls[0]],
                [["UnapprovedImageRunning"], "securityhub GetFindings"],
            );
            const contradictory = { application: { image, imageDigest: newDigest() } };
            const other = await cloud.invoke("running", cloud.taskEvent(cloud.run("sample", contradictory)));
            assert.deepEqual(factsOf(other), ["UnapprovedImageRunning"]);
        });

        it("beside what Amazon ECS added itself is what counts", async () => {
            await approved();
            const agent = {
                "aws-guardduty-agent-x1Yz": {
                    image: "999999999999.dkr.ecr.us-east-1.amazonaws.com/agent:v1",
                },
            };
            const task = cloud.run("sample", running(digest), {}, agent);
            const event = await cloud.invoke("running", cloud.taskEvent(task));
            assert.deepEqual(
                [factsOf(event), event.calls[0]],
                [["RunningApproved"], "ecs DescribeTaskDefinition"],
            );
            const own = cloud.run("sample", { ...running(digest), ...agent });
            assert.deepEqual(factsOf(await cloud.invoke("running", cloud.taskEvent(own))).sort(), [
                "RunningApproved",
                "UnapprovedImageRunning",
            ]);
        });

        it("of others, or no longer, is left out", async () => {
            for (const change of [{ group: "service:somebody" }, { lastStatus: "STOPPED" }]) {
                const done = await cloud.invoke(
                    "running",
                    cloud.taskEvent(cloud.run("sample", running(digest), change)),
                );
                assert.deepEqual([factsOf(done), done.calls], [["TaskIgnored"], []]);
            }
        });

        it("is found on every page, and each image is asked about once", async () => {
            await approved();
            for (let task = 0; task < 5; task += 1) cloud.run("sample", running(digest));
            cloud.ecs.pageSize = 2;
            const sweep = await cloud.invoke("running", {});
            assert.deepEqual(factsOf(sweep), ["RunningApproved", "NothingRunning"]);
            assert.equal((sweep.facts[0]?.details["tasks"] as string[]).length, 5);
            const count = (call: string): number => sweep.calls.filter((one) => one === call).length;
            assert.deepEqual(
                [count("ecs ListTasks"), count("ecs DescribeTasks"), count("dynamodb Query")],
                [4, 3, 1],
            );
        });

        it("and cannot be judged fails the event, without a finding and without ending one", async () => {
            cloud.run("sample", running(digest));
            await cloud.invoke("running", {});
            const [before] = cloud.hub.stored();
            failing("Query");
            cloud.advance(15);
            const { invocation, facts } = await cloud.invoke("running", {});
            assert.deepEqual(
                facts.map(({ fact }) => fact),
                ["NothingRunning"],
            );
            assert.equal(invocation.kind, "failed");
            assert.match(
                JSON.stringify(invocation),
                /could not be judged: table .* cannot be asked for the approval/,
            );
            assert.deepEqual(cloud.hub.stored(), [before]);
        });

        it("in one service is looked at although another cannot be", async () => {
            const digests = { sample: digest, billing: newDigest() };
            cloud.run("billing", {
                web: { image: cloud.imageOf("billing", digests.billing), imageDigest: digests.billing },
            });
            const cluster = cloud.serviceOf("sample").cluster;
            cloud.journal.interrupt = ({ service, operation, input }) =>
                operation === "ListTasks" && String(input["cluster"]).endsWith(`/${cluster}`)
                    ? throttled(service)
                    : null;
            const { invocation, facts } = await cloud.invoke("running", {});
            assert.equal(invocation.kind, "failed");
            assert.deepEqual(
                facts.map(({ fact, details }) => [fact, details["application"]]),
                [["UnapprovedImageRunning", "billing"]],
            );
        });

        it("is told by an event of its own kind, or the event comes again", async () => {
            const task = cloud.run("sample", running(digest));
            for (const event of [
                { ...cloud.taskEvent(task), "detail-type": "ECS Service Action" },
                { source: "aws.ecs" },
                [],
                { ...cloud.taskEvent(task), detail: { ...task, containers: [] } },
            ]) {
                const { invocation, calls } = await cloud.invoke("running", event);
                assert.equal(invocation.kind, "failed");
                assert.deepEqual(calls, []);
            }
        });
    });

    it("may do all that they do, and nothing that they never do", async () => {
        for (const { application } of cloud.settings.services) {
            const [released, emergency] = [newDigest(), newDigest()];
            await cloud.approve(application, released);
            cloud.scanned(application, released, { status: "PENDING" });
            cloud.scanned(application, released, {}, "staging");
            await cloud.breakGlass(application, emergency);
            for (const each of [released, emergency]) {
                const own = cloud.imageOf(application, each);
                const done = await cloud.invoke("admission", cloud.deploy(application, { web: own }));
                assert.deepEqual(answerOf(done), succeeded);
                const proxy = { "ecs-service-connect-a1": { image: "x" } };
                cloud.run(application, { web: { image: own, imageDigest: each } }, {}, proxy);
            }
        }
        const sweep = await cloud.invoke("running", {});
        assert.deepEqual(factsOf(sweep).sort(), [
            ...["BreakGlassUsed", "BreakGlassUsed", "RunningApproved", "RunningApproved"],
        ]);
        for (const part of ["admission", "running"]) {
            const role = `${cloud.settings.stack}-${part}`;
            const unused = unusedGrants(cloud.permissions.statementsOf(role), await cloud.usedGrants(role));
            // What Lambda and AWS X-Ray do in the function's name, and no call of its own.
            assert.deepEqual(
                unused.filter((grant) => !/^(WriteOwnLog|SendTraces|KeepFailedEvents) /.test(grant)),
                [],
                role,
            );
        }
    });
});
