/** The function `merge` as it is uploaded: a release in, a merged pull request or a reason out. */
import assert from "node:assert/strict";
import { requestItem } from "../gate/approval/tableItems";
import { exampleSettings, uuidOf } from "../gate/approval/testing/genuineShapes";
import {
    mergeSettings,
    mergedApplication,
    approvalRecord,
    publishedCommit,
    releaseActions,
    releaseId,
} from "../gate/merge/testing/mergeSamples";
import { actionEvent } from "../gate/review/testing/reviewEvents";
import { after as minutesAfter, commitOf } from "../gate/review/testing/reviewSamples";
import { Refusal } from "./testing/callJournal";
import { ReviewCloud } from "./testing/reviewCloud";
import { TableServer } from "./testing/tableServer";

describe("the merge function", () => {
    const cloud = new ReviewCloud("merge");
    const { table: name } = exampleSettings();
    const table = new TableServer(
        {
            account: exampleSettings().account,
            journal: cloud.journal,
            principals: [cloud.functionName],
            now: () => cloud.now,
        },
        {
            name,
            hashKey: "digest",
            rangeKey: "record",
            attributes: [
                { name: "digest", type: "S" },
                { name: "record", type: "S" },
            ],
            streamEnabled: false,
            arn: `arn:aws:dynamodb:eu-west-1:123456789012:table/${name}`,
            streamArn: "",
            keyArn: null,
        },
    );
    const pipelines = {
        codecommit: mergedApplication().pipeline,
        github: "portcullis-dev-billing-delivery",
        gitlab: "portcullis-dev-ledger-delivery",
    };

    before(async () => {
        await table.start();
        await cloud.start(
            ({ gitHub, gitLab }) => ({
                ...mergeSettings(),
                // One application of three names for the function: the records are all about `orders`.
                applications: [
                    mergedApplication(),
                    {
                        ...mergedApplication({
                            type: "github",
                            repository: "example-org/billing",
                            tokenSecret: "portcullis/github-token",
                            apiUrl: gitHub,
                        }),
                        pipeline: pipelines.github,
                    },
                    {
                        ...mergedApplication({
                            type: "gitlab",
                            repository: "example-group/payments/ledger",
                            tokenSecret: "portcullis/gitlab-token",
                            apiUrl: gitLab,
                        }),
                        pipeline: pipelines.gitlab,
                    },
                ],
            }),
            { AWS_ENDPOINT_URL_DYNAMODB: table.url },
        );
    });
    after(async () => {
        await cloud.stop();
        await table.stop();
    });
    beforeEach(async () => {
        cloud.reset();
        await table.clear();
    });
    afterEach(() => cloud.assertClean());

    /** A release that was approved and published. */
    async function released(
        pipeline = pipelines.codecommit,
        record = approvalRecord(),
        actions = releaseActions(),
    ): Promise<void> {
        cloud.pipelines.executions.set(pipeline, [
            {
                execution: { pipelineName: pipeline, pipelineExecutionId: releaseId, status: "InProgress" },
                actions,
                startTime: minutesAfter(0),
            },
        ]);
        await table.put(requestItem({ ...record, request: { ...record.request, pipeline } }));
    }

    function openPullRequest(
        id: string,
        change: {
            sourceCommit?: string;
            sourceBranch?: string;
            destinationBranch?: string;
            needsManualMerge?: boolean;
        } = {},
    ): void {
        cloud.codeCommit.pullRequests.set(id, {
            repository: "portcullis-dev-orders",
            status: "OPEN",
            sourceBranch: "development",
            sourceCommit: publishedCommit,
            destinationBranch: "main",
            destinationCommit: commitOf("b"),
            ...change,
        });
    }

    async function outcomeOf(event: unknown): Promise<unknown[]> {
        const [{ fact, details } = { fact: "", details: {} }] = await cloud.handle(event);
        return [fact, details["why"] ?? details["pullRequest"]];
    }

    const event = (pipeline = pipelines.codecommit) => actionEvent({ pipeline, execution: releaseId });
    const merged = (): string[] =>
        [...cloud.codeCommit.pullRequests].flatMap(([id, { status }]) => (status === "CLOSED" ? [id] : []));

    it("merges the pull request whose newest commit was published, and once", async () => {
        await released();
        openPullRequest("3", { sourceBranch: "feature" });
        openPullRequest("4", { destinationBranch: "other" });
        openPullRequest("5", { sourceCommit: commitOf("e") });
        openPullRequest("6");
        cloud.codeCommit.pageSize = 1;
        assert.deepEqual(await outcomeOf(event()), ["PullRequestMerged", "6"]);
        assert.deepEqual(merged(), ["6"]);
        const [call] = cloud.journal.done("MergePullRequestByFastForward");
        assert.deepEqual(call?.input, {
            pullRequestId: "6",
            repositoryName: "portcullis-dev-orders",
            sourceCommitId: publishedCommit,
        });
        assert.equal(cloud.journal.done("Query")[0]?.input["ConsistentRead"], true);
        cloud.codeCommit.pullRequests.delete("5");
        assert.deepEqual(await outcomeOf(event()), [
            "NotMerged",
            "no pull request from development into main is open",
        ]);
    });

    it("merges nothing that was not approved in that execution", async () => {
        for (const record of [
            approvalRecord({ status: "rejected" }),
            approvalRecord({ execution: uuidOf(2) }),
            approvalRecord({ application: "billing" }),
        ]) {
            await table.clear();
            await released(undefined, record);
            openPullRequest("6");
            const [fact] = await outcomeOf(event());
            assert.equal(fact, "NotMerged");
        }
        assert.deepEqual([merged(), cloud.journal.done("ListPullRequests")], [[], []]);
    });

    it("merges nothing when CodePipeline says that nothing was published, whatever the event says", async () => {
        await released(undefined, undefined, releaseActions({ Publish: { status: "Failed" } }));
        openPullRequest("6");
        assert.deepEqual(await outcomeOf(event()), ["NotMerged", "CodePipeline says that Publish is Failed"]);
        assert.deepEqual(merged(), []);
    });

    it("merges no other commit than the published one, also when it is pushed in the last moment", async () => {
        await released();
        openPullRequest("6", { sourceCommit: commitOf("e") });
        const [fact, why] = await outcomeOf(event());
        assert.deepEqual([fact, String(why).includes("it is merged when that is")], ["NotMerged", true]);
        openPullRequest("6");
        cloud.journal.interrupt = ({ operation }) => {
            if (operation === "MergePullRequestByFastForward")
                openPullRequest("6", { sourceCommit: commitOf("e") });
            return null;
        };
        assert.deepEqual(await outcomeOf(event()), [
            "NotMerged",
            "its source branch has newer commits than the published one",
        ]);
        assert.deepEqual(merged(), []);
    });

    it("says why CodeCommit refuses, and fails when it cannot be asked", async () => {
        await released();
        openPullRequest("6", { needsManualMerge: true });
        const [fact, why] = await outcomeOf(event());
        assert.deepEqual([fact, String(why).startsWith("its destination has commits")], ["NotMerged", true]);
        for (const [operation, code] of [
            ["MergePullRequestByFastForward", "ConcurrentReferenceUpdateException"],
            ["Query", "AccessDeniedException"],
            ["ListActionExecutions", "AccessDeniedException"],
            ["ListPullRequests", "EncryptionKeyDisabledException"],
        ] as const) {
            cloud.journal.interrupt = (call) =>
                call.operation === operation ? new Refusal(code, "no") : null;
            assert.equal((await cloud.send(event())).kind, "failed", operation);
        }
        assert.deepEqual(merged(), []);
    });

    it("fails on a record that cannot be read: it may be the one that says no", async () => {
        await released();
        openPullRequest("6");
        const item = requestItem(approvalRecord({ token: uuidOf(5) }));
        await table.put({ ...item, document: { S: "{}" } });
        assert.match(JSON.stringify(await cloud.send(event())), /UnreadableTableError/);
        assert.deepEqual(merged(), []);
    });

    it("ignores what is not ours", async () => {
        assert.equal((await outcomeOf(event("another")))[0], "PublishIgnored");
        assert.equal((await outcomeOf({ ...event(), account: "210987654321" }))[0], "PublishIgnored");
        assert.deepEqual(cloud.journal.calls, []);
    });

    for (const [host, type, number] of [
        ["gitHub", "github", 12],
        ["gitLab", "gitlab", 13],
    ] as const) {
        describe(`with a pull request at ${host}`, () => {
            const server = cloud[host];
            function open(change: { sourceCommit?: string; isFork?: boolean } = {}): void {
                server.pullRequests.set(number, {
                    number,
                    isOpen: true,
                    sourceBranch: "development",
                    sourceCommit: publishedCommit,
                    destinationBranch: "main",
                    destinationCommit: commitOf("b"),
                    ...change,
                });
            }

            it("merges it at exactly that commit, and once", async () => {
                await released(pipelines[type]);
                open();
                assert.deepEqual(await outcomeOf(event(pipelines[type])), [
                    "PullRequestMerged",
                    String(number),
                ]);
                assert.deepEqual(server.merges, [{ number, sha: publishedCommit }]);
                assert.equal((await outcomeOf(event(pipelines[type])))[0], "NotMerged");
            });

            it("merges no other commit, no fork, and nothing that the host refuses", async () => {
                await released(pipelines[type]);
                open({ sourceCommit: commitOf("e") });
                assert.equal((await outcomeOf(event(pipelines[type])))[0], "NotMerged");
                open({ isFork: true });
                assert.equal((await outcomeOf(event(pipelines[type])))[0], "NotMerged");
                for (const status of [405, 409, 422]) {
                    open();
                    server.replies = [null, { status, body: { message: "no" } }];
                    assert.equal((await outcomeOf(event(pipelines[type])))[0], "NotMerged");
                }
                server.replies = [null, { status: 200, body: { merged: false, state: "opened" } }];
                assert.equal((await outcomeOf(event(pipelines[type])))[0], "NotMerged");
                assert.deepEqual(server.merges, []);
            });
        });
    }
});
