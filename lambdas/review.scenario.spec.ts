/** The function `review` as it is uploaded: genuine events in, comments of CodeCommit, GitHub and GitLab out. */
import assert from "node:assert/strict";
import { uuidOf } from "../gate/approval/testing/genuineShapes";
import { renderReview } from "../gate/review/renderReview";
import { assembleReview, type CheckEvidence } from "../gate/review/review";
import { readExecutionAnswers, type ExecutionAnswers } from "../gate/review/reviewExecution";
import type { ReviewedApplication, ReviewSettings } from "../gate/review/reviewSettings";
import { buildEvent, executionEvent, pullRequestEvent } from "../gate/review/testing/reviewEvents";
import {
    allPassed,
    buildIdOf,
    checkSample,
    commitOf,
    executionSample,
    lintFinding,
    scanSample,
    secretFinding,
    type ExecutionSample,
} from "../gate/review/testing/reviewSamples";
import type { ScanReport } from "../gate/report/scanReport";
import type { CheckReport } from "../gate/verify/checkReport";
import { Refusal } from "./testing/callJournal";
import type { SampleComment } from "./testing/codeCommitServer";
import { gitHubToken, hostedSettings, ReviewCloud } from "./testing/reviewCloud";

describe("the review function", () => {
    const cloud = new ReviewCloud("review");
    let settings: ReviewSettings;
    before(() =>
        cloud.start((hosts) => {
            settings = hostedSettings(hosts);
            return settings;
        }),
    );
    after(() => cloud.stop());
    beforeEach(() => cloud.reset());
    afterEach(() => cloud.assertClean());

    const applicationOf = (name = "orders"): ReviewedApplication => {
        const found = settings.applications.find((each) => each.name === name);
        assert.ok(found);
        return found;
    };

    function openPullRequest(id = "7", sourceCommit = commitOf("a")): void {
        cloud.codeCommit.pullRequests.set(id, {
            repository: "portcullis-dev-orders",
            status: "OPEN",
            sourceBranch: `feature-${id}`,
            sourceCommit,
            destinationBranch: "main",
            destinationCommit: commitOf("b"),
        });
    }

    interface Given extends ExecutionSample {
        checks?: CheckReport[];
        scans?: ScanReport[];
        minutes?: number;
    }

    /** Puts an execution, its builds and its evidence into the cloud. */
    function reviewed({
        checks,
        scans = [scanSample()],
        minutes = 0,
        ...sample
    }: Given = {}): ExecutionAnswers {
        const application = sample.application ?? applicationOf();
        const answers = executionSample({ ...sample, application });
        cloud.put(answers, minutes);
        const id = answers.execution.pipelineExecutionId ?? "";
        const { commit = commitOf("a") } = sample;
        const stored = checks ?? [
            checkSample("hadolint", [], { commit }),
            checkSample("gitleaks", [], { commit }),
        ];
        for (const report of stored) cloud.storeCheck(report, application.name, id);
        for (const report of scans) cloud.storeScan(report, application.name, id);
        return answers;
    }

    /** The comment that belongs to all that, made by the same pure functions from the same samples. */
    function expected(
        answers: ExecutionAnswers,
        {
            checks = [checkSample("hadolint"), checkSample("gitleaks")],
            scans = [scanSample()],
        }: Pick<Given, "checks" | "scans"> = {},
        application = applicationOf(),
        limit = 10_240,
    ): string {
        const execution = readExecutionAnswers(application, answers);
        const evidence = new Map(
            checks.map((report): [string, CheckEvidence] => [report.tool.name, { kind: "report", report }]),
        );
        const review = assembleReview({
            application,
            policy: settings.policy,
            execution,
            checks: evidence,
            scans,
        });
        return renderReview(review, settings, application.pipeline, limit);
    }

    const comments = (id = "7"): string[] => cloud.codeCommit.commentsOn(id).map(({ content }) => content);
    const titleOf = (content: string | undefined): string => /^## (.*)$/m.exec(content ?? "")?.[1] ?? "";
    const factOf = async (event: unknown): Promise<unknown> => {
        const [{ fact, details } = { fact: "", details: {} }] = (await cloud.handle(event)).slice(-1);
        return [fact, details["told"] ?? details["why"]];
    };

    describe("on new commits of a pull request in CodeCommit", () => {
        it("starts the review at that commit, says so, and says it once", async () => {
            openPullRequest();
            const facts = await cloud.handle(pullRequestEvent());
            assert.deepEqual(
                facts.map(({ fact }) => fact),
                ["ReviewStarted", "ReviewTold"],
            );
            const [start] = cloud.pipelines.starts;
            assert.deepEqual(
                { ...start?.input, clientRequestToken: "" },
                {
                    name: "portcullis-dev-orders-review",
                    sourceRevisions: [
                        { actionName: "Source", revisionType: "COMMIT_ID", revisionValue: commitOf("a") },
                    ],
                    variables: [
                        { name: "PULL_REQUEST_ID", value: "7" },
                        { name: "SOURCE_COMMIT", value: commitOf("a") },
                        { name: "DESTINATION_COMMIT", value: commitOf("b") },
                    ],
                    clientRequestToken: "",
                },
            );
            assert.deepEqual(comments().map(titleOf), ["Review of `orders`: in progress"]);
            const [posted] = cloud.journal.done("PostCommentForPullRequest");
            assert.deepEqual(
                [posted?.input["beforeCommitId"], posted?.input["afterCommitId"]],
                [commitOf("b"), commitOf("a")],
            );
            assert.deepEqual(await factOf(pullRequestEvent()), ["ReviewTold", "unchanged"]);
            assert.equal(cloud.pipelines.starts.length, 1);
            assert.equal(comments().length, 1);
        });

        it("reviews the newest commit, whatever the event says, and edits the comment in place", async () => {
            openPullRequest();
            await cloud.handle(pullRequestEvent());
            openPullRequest("7", commitOf("c"));
            const event = pullRequestEvent({
                event: "pullRequestSourceBranchUpdated",
                commit: commitOf("a"),
            });
            assert.deepEqual(await factOf(event), ["ReviewTold", "edited"]);
            assert.deepEqual(
                cloud.pipelines.starts.map(
                    ({ input }) =>
                        (input["sourceRevisions"] as { revisionValue: string }[])[0]?.revisionValue,
                ),
                [commitOf("a"), commitOf("c")],
            );
            assert.equal(comments().length, 1);
            assert.ok(comments()[0]?.includes(`\`${commitOf("c")}\``));
        });

        it("does not start a review again that is known, nor takes back what it has found", async () => {
            openPullRequest();
            const answers = reviewed({ status: "Failed", steps: { Lint: "Failed", Secrets: "Succeeded" } });
            assert.deepEqual(await factOf(pullRequestEvent()), ["ReviewTold", "created"]);
            assert.deepEqual(cloud.pipelines.starts, []);
            assert.deepEqual(comments(), [expected(answers)]);
        });

        it("starts nothing for pull requests that are closed, gone, or another repository's", async () => {
            assert.deepEqual((await factOf(pullRequestEvent())) as unknown[], [
                "ReviewEventIgnored",
                "the pull request 7 is not open",
            ]);
            openPullRequest();
            cloud.codeCommit.pullRequests.get("7")!.status = "CLOSED";
            await cloud.handle(pullRequestEvent());
            openPullRequest();
            cloud.codeCommit.pullRequests.get("7")!.repository = "another";
            await cloud.handle(pullRequestEvent());
            await cloud.handle(pullRequestEvent({ repository: "another" }));
            await cloud.handle({ ...pullRequestEvent(), account: "210987654321" });
            assert.deepEqual([cloud.pipelines.starts, cloud.codeCommit.comments], [[], []]);
        });

        it("fails when the pipeline cannot be started, so that the event comes again", async () => {
            openPullRequest();
            cloud.journal.interrupt = ({ operation }) =>
                operation === "StartPipelineExecution"
                    ? new Refusal("ConcurrentPipelineExecutionsLimitExceededException", "too many")
                    : null;
            const invocation = await cloud.send(pullRequestEvent());
            assert.equal(invocation.kind, "failed");
            assert.match(
                JSON.stringify(invocation),
                /ServiceError: .*StartPipelineExecution of portcullis-dev-orders-review failed/,
            );
            assert.deepEqual(comments(), []);
        });
    });

    describe("when something in a review has ended", () => {
        beforeEach(() => openPullRequest());

        const lint = [lintFinding("DL3026", 1, { level: "error" }), lintFinding("DL3002", 8)];
        const cases: Record<string, Given & { title: string; state: string }> = {
            succeeded: { title: "passed", state: "SUCCEEDED" },
            "failed in the lint": {
                title: "failed",
                state: "FAILED",
                status: "Failed",
                steps: {
                    Lint: { status: "Failed", message: "Error while executing command" },
                    Secrets: "Succeeded",
                },
                checks: [checkSample("hadolint", lint), checkSample("gitleaks")],
            },
            "failed in the secret scan": {
                title: "failed",
                state: "FAILED",
                status: "Failed",
                steps: { Lint: "Succeeded", Secrets: "Failed" },
                checks: [checkSample("hadolint"), checkSample("gitleaks", [secretFinding()])],
            },
            "failed because of vulnerabilities": {
                title: "failed",
                state: "FAILED",
                status: "Failed",
                steps: { ...allPassed, Grype: "Failed" },
                scans: [scanSample([{}, { id: "CVE-9", severity: "low", fixedIn: null }])],
            },
            stopped: {
                title: "stopped",
                state: "STOPPED",
                status: "Stopped",
                steps: { Lint: "Succeeded", Secrets: "Abandoned" },
                checks: [checkSample("hadolint")],
            },
            "timed out": {
                title: "failed",
                state: "FAILED",
                status: "Failed",
                steps: { ...allPassed, Grype: { status: "Failed", build: "TIMED_OUT" } },
                scans: [],
            },
            "failed by a fault of CodeBuild": {
                title: "failed",
                state: "FAILED",
                status: "Failed",
                steps: {
                    ...allPassed,
                    Build: { status: "Failed", build: "FAULT" },
                    Grype: { status: "Failed", build: null },
                },
                scans: [],
            },
        };
        for (const [name, { title, state, ...given }] of Object.entries(cases)) {
            it(`writes the exact comment of a review that ${name}`, async () => {
                const answers = reviewed(given);
                assert.deepEqual(await factOf(executionEvent({ state })), ["ReviewTold", "created"]);
                const { checks, scans } = given;
                const text = expected(answers, { ...(checks && { checks }), ...(scans && { scans }) });
                assert.deepEqual(comments(), [text]);
                assert.equal(titleOf(text), `Review of \`orders\`: ${title}`);
                // The same news once more, as EventBridge may deliver it.
                assert.deepEqual(await factOf(executionEvent({ state })), ["ReviewTold", "unchanged"]);
                assert.deepEqual(comments(), [text]);
            });
        }

        it("follows a review from its first build to its end in one comment", async () => {
            await cloud.handle(pullRequestEvent());
            const [{ id } = { id: "" }] = cloud.pipelines.starts;
            const checks = [checkSample("hadolint")];
            const lintEnded = reviewed({
                id,
                status: "InProgress",
                steps: { Lint: { status: "InProgress", build: "SUCCEEDED" }, Secrets: "InProgress" },
                checks,
            });
            const build = buildIdOf(applicationOf(), "Lint", id);
            assert.deepEqual(await factOf(buildEvent({ build, status: "SUCCEEDED", execution: id })), [
                "ReviewTold",
                "edited",
            ]);
            assert.deepEqual(comments(), [expected(lintEnded, { checks })]);
            const ended = reviewed({ id, checks: [checkSample("hadolint"), checkSample("gitleaks")] });
            await cloud.handle(executionEvent({ execution: id, state: "SUCCEEDED" }));
            assert.deepEqual(comments(), [expected(ended)]);
            assert.deepEqual(cloud.journal.done("PostCommentForPullRequest").length, 1);
        });

        it("finds the execution of a build that does not name it, on whichever page it is listed", async () => {
            const answers = reviewed({
                status: "Failed",
                steps: { Lint: "Failed" },
                checks: [checkSample("hadolint", lint)],
            });
            reviewed({ id: uuidOf(2), pullRequest: "8", commit: commitOf("e"), minutes: 5 });
            cloud.pipelines.pageSize = 2;
            const build = buildIdOf(applicationOf(), "Lint", uuidOf(1));
            for (const status of ["FAILED", "STOPPED", "TIMED_OUT", "FAULT"])
                await cloud.handle(buildEvent({ build, status }));
            assert.deepEqual(comments(), [expected(answers, { checks: [checkSample("hadolint", lint)] })]);
            const strange = `${build.split(":")[0]}:${uuidOf(999)}`;
            assert.deepEqual(await factOf(buildEvent({ build: strange })), [
                "ReviewEventIgnored",
                `the build ${strange} belongs to no review`,
            ]);
        });

        it("keeps two pull requests apart, also with the same newest commit", async () => {
            openPullRequest("8");
            const seven = reviewed({
                status: "Failed",
                steps: { Lint: "Failed" },
                checks: [checkSample("hadolint", lint)],
            });
            const eight = reviewed({ id: uuidOf(2), pullRequest: "8", minutes: 1 });
            await Promise.resolve();
            await cloud.handle(executionEvent({ state: "FAILED" }));
            await cloud.handle(executionEvent({ execution: uuidOf(2), state: "SUCCEEDED" }));
            await cloud.handle(executionEvent({ state: "FAILED" }));
            assert.deepEqual(comments("7"), [expected(seven, { checks: [checkSample("hadolint", lint)] })]);
            assert.deepEqual(comments("8"), [expected(eight)]);
        });

        it("never lets an older review overwrite a newer one, of another commit or of the same", async () => {
            const old = uuidOf(1);
            reviewed({
                id: old,
                status: "Failed",
                steps: { Lint: "Failed" },
                checks: [checkSample("hadolint", lint)],
            });
            const newer = reviewed({ id: uuidOf(2), minutes: 5 });
            await cloud.handle(executionEvent({ execution: uuidOf(2), state: "SUCCEEDED" }));
            assert.deepEqual(await factOf(executionEvent({ execution: old })), [
                "ReviewEventIgnored",
                `${uuidOf(2)} is a newer review of ${commitOf("a")} than ${old}`,
            ]);
            assert.deepEqual(comments(), [expected(newer)]);
            openPullRequest("7", commitOf("c"));
            const [fact, why] = (await factOf(executionEvent({ execution: uuidOf(2) }))) as string[];
            assert.deepEqual([fact, why?.includes("has newer commits than")], ["ReviewEventIgnored", true]);
            assert.deepEqual(comments(), [expected(newer)]);
        });

        it("writes a new comment when somebody has deleted it, and never touches those of others", async () => {
            const answers = reviewed();
            await cloud.handle(executionEvent({ state: "SUCCEEDED" }));
            const [first] = cloud.codeCommit.comments as [SampleComment];
            first.deleted = true;
            const forged = {
                ...first,
                commentId: "forged",
                deleted: false,
                authorArn: "arn:aws:sts::123456789012:assumed-role/Developer/portcullis-dev-review",
            };
            const quoted = { ...first, commentId: "quoted", deleted: false, content: `> ${first.content}` };
            cloud.codeCommit.comments.push(forged, quoted);
            cloud.codeCommit.pageSize = 1;
            assert.deepEqual(await factOf(executionEvent({ state: "SUCCEEDED" })), ["ReviewTold", "created"]);
            assert.deepEqual(comments(), [forged.content, quoted.content, expected(answers)]);
            // Deleted between looking and editing.
            const own = cloud.codeCommit.comments.at(-1)!;
            own.content = `${own.content}changed`;
            cloud.journal.interrupt = ({ operation }) =>
                operation === "UpdateComment" ? new Refusal("CommentDeletedException", "gone") : null;
            assert.deepEqual(await factOf(executionEvent({ state: "SUCCEEDED" })), ["ReviewTold", "created"]);
        });

        it("waits until CodePipeline shows the end that it has announced", async () => {
            reviewed({ status: "InProgress" });
            for (const state of ["SUCCEEDED", "STOPPED", "SUPERSEDED", "CANCELED"]) {
                const invocation = await cloud.send(executionEvent({ state }));
                assert.match(JSON.stringify(invocation), /"failed".*does not show yet that/);
            }
            assert.deepEqual(comments(), []);
            // A stage that is retried makes a failed execution run again.
            await cloud.handle(executionEvent({ state: "FAILED" }));
            assert.deepEqual(comments().map(titleOf), ["Review of `orders`: in progress"]);
        });

        it("tells nothing about executions that are about no pull request, or that nobody knows", async () => {
            const answers = reviewed();
            cloud.put({ ...answers, execution: { ...answers.execution, variables: [] } });
            assert.deepEqual(await factOf(executionEvent()), [
                "ReviewEventIgnored",
                `the execution ${uuidOf(1)} is about no pull request`,
            ]);
            assert.deepEqual(await factOf(executionEvent({ execution: uuidOf(5) })), [
                "ReviewEventIgnored",
                `CodePipeline does not know the execution of the execution ${uuidOf(5)}`,
            ]);
            assert.deepEqual(cloud.codeCommit.comments, []);
        });

        it("fails rather than tell half of it: when evidence, builds or comments cannot be asked", async () => {
            reviewed();
            for (const [operation, code] of [
                ["GetObject", "InternalError"],
                ["BatchGetBuilds", "InternalFailure"],
                ["ListActionExecutions", "InternalFailure"],
                ["GetCommentsForPullRequest", "EncryptionKeyDisabledException"],
                ["PostCommentForPullRequest", "AccessDeniedException"],
            ] as const) {
                cloud.journal.interrupt = (call) =>
                    call.operation === operation ? new Refusal(code, "no", 400) : null;
                const invocation = await cloud.send(executionEvent());
                assert.equal(invocation.kind, "failed", operation);
                assert.deepEqual(cloud.codeCommit.comments, [], operation);
            }
        });

        it("calls evidence that was changed what it is", async () => {
            const answers = reviewed();
            for (const [key, content] of cloud.evidence.objects)
                if (key.includes("/gitleaks/") && key.endsWith("report.json"))
                    cloud.evidence.objects.set(key, Buffer.concat([content, Buffer.from(" ")]));
            await cloud.handle(executionEvent({ state: "SUCCEEDED" }));
            assert.equal(titleOf(comments()[0]), "Review of `orders`: could not be judged");
            assert.match(
                comments()[0] ?? "",
                /### Secrets \(gitleaks\): no report that can be believed\n\n- `evidence s3:.* is not what was stored/,
            );
            assert.notEqual(comments()[0], expected(answers));
        });
    });

    for (const [host, name, number] of [
        ["gitHub", "billing", 12],
        ["gitLab", "ledger", 13],
    ] as const) {
        describe(`with a pull request at ${host}`, () => {
            const server = cloud[host];
            beforeEach(() => {
                server.pullRequests.set(number, {
                    number,
                    isOpen: true,
                    sourceBranch: "feature",
                    sourceCommit: commitOf("a"),
                    destinationBranch: "main",
                    destinationCommit: commitOf("b"),
                });
            });

            const pipeline = `portcullis-dev-${name}-review`;
            const event = (state = "SUCCEEDED") => executionEvent({ pipeline, state });
            const review = (given: Given = {}): ExecutionAnswers =>
                reviewed({ application: applicationOf(name), pullRequest: String(number), ...given });
            const bodies = (): string[] => server.comments.map(({ body }) => body);

            it("writes one comment, after those of others, and edits it in place", async () => {
                for (let at = 0; at < 205; at += 1) server.say(number, `comment ${at}`);
                const failed = review({
                    status: "Failed",
                    steps: { Lint: "Failed" },
                    checks: [checkSample("hadolint")],
                });
                await cloud.handle(event("FAILED"));
                const application = applicationOf(name);
                assert.equal(
                    bodies()[205],
                    expected(failed, { checks: [checkSample("hadolint")] }, application, 65_536),
                );
                const passed = review();
                assert.deepEqual(await factOf(event()), ["ReviewTold", "edited"]);
                assert.deepEqual(await factOf(event()), ["ReviewTold", "unchanged"]);
                assert.equal(bodies()[205], expected(passed, {}, application, 65_536));
                assert.equal(server.comments.length, 206);
            });

            it("writes its own beside a forged one, and a new one when its own was deleted", async () => {
                review();
                await cloud.handle(event());
                const [own] = server.comments;
                server.comments.length = 0;
                server.say(number, own?.body ?? "");
                await cloud.handle(event());
                assert.deepEqual(
                    server.comments.map(({ author }) => author),
                    [42, 4711],
                );
            });

            it("takes its own back when somebody has edited it in a browser, which ends lines its own way", async () => {
                const passed = review();
                await cloud.handle(event());
                const [own] = server.comments;
                assert.ok(own);
                own.body = own.body.replaceAll("\n", "\r\n").replace("passed", "is fine");
                assert.deepEqual(await factOf(event()), ["ReviewTold", "edited"]);
                assert.deepEqual(bodies(), [expected(passed, {}, applicationOf(name), 65_536)]);
            });

            it("repeats what can be repeated, and no comment", async () => {
                review();
                // The pull request, the user, the list; then the comment itself.
                server.replies = [
                    { status: 502 },
                    { status: 429, headers: { "retry-after": "0" } },
                    null,
                    { status: 500 },
                    null,
                    null,
                    { status: 502 },
                ];
                assert.equal((await cloud.send(event())).kind, "failed");
                assert.deepEqual(server.requests.filter(({ method }) => method === "POST").length, 1);
                assert.deepEqual(await factOf(event()), ["ReviewTold", "created"]);
            });

            it("finds its comment again when the answer to it was lost", async () => {
                review();
                // The pull request, the user, the list, the comment.
                server.replies = [null, null, null, "broken"];
                assert.equal((await cloud.send(event())).kind, "failed");
                assert.equal(server.comments.length, 1);
                assert.deepEqual(await factOf(event()), ["ReviewTold", "unchanged"]);
                assert.equal(server.comments.length, 1);
            });

            it("follows no redirect, and says what to do when the token is refused or limited for long", async () => {
                review();
                const failures: [Parameters<typeof server.replies.push>[0], RegExp][] = [
                    [{ status: 302, headers: { location: "https://example.com/" } }, /redirect/],
                    [
                        { status: 403, body: { message: "Resource not accessible" } },
                        /see what the token may do/,
                    ],
                    [{ status: 429, headers: { "retry-after": "3600" } }, /429/],
                    [{ status: 200, body: { message: "<html>" } }, /is of another format/],
                ];
                for (const [reply, message] of failures) {
                    server.replies = Array.from({ length: 4 }, () => reply);
                    const invocation = await cloud.send(event());
                    assert.equal(invocation.kind, "failed");
                    assert.match(JSON.stringify(invocation), message);
                }
                server.replies = [];
                server.token = "rotated-token-0000000000";
                assert.match(JSON.stringify(await cloud.send(event())), /put a valid one into the secret/);
                // The secret is read again after that.
                cloud.secrets.secrets.set("portcullis/github-token", server.token);
                cloud.secrets.secrets.set("portcullis/gitlab-token", server.token);
                assert.deepEqual(await factOf(event()), ["ReviewTold", "created"]);
            });

            it("ignores executions that a push or a person started", async () => {
                const answers = review();
                delete answers.actions[0]?.output?.outputVariables?.["PullRequestId"];
                assert.deepEqual((await factOf(event())) as unknown[], [
                    "ReviewEventIgnored",
                    `the execution ${uuidOf(1)} is about no pull request`,
                ]);
                assert.deepEqual(server.requests, []);
            });
        });
    }

    it("reads a token once for each start, and fails while there is none", async () => {
        cloud.cool();
        cloud.gitHub.pullRequests.set(12, {
            number: 12,
            isOpen: true,
            sourceBranch: "feature",
            sourceCommit: commitOf("a"),
            destinationBranch: "main",
            destinationCommit: commitOf("b"),
        });
        reviewed({ application: applicationOf("billing"), pullRequest: "12" });
        const event = executionEvent({ pipeline: "portcullis-dev-billing-review" });
        for (const [text, message] of [
            [
                undefined,
                /the secret portcullis\/github-token does not exist; put the code host's token into it/,
            ],
            ["", /holds no token as plain text/],
            [`{"token":\n"${gitHubToken}"}`, /holds no token as plain text/],
        ] as const) {
            if (text === undefined) cloud.secrets.secrets.delete("portcullis/github-token");
            else cloud.secrets.secrets.set("portcullis/github-token", text);
            const invocation = await cloud.send(event);
            assert.equal(invocation.kind, "failed");
            assert.match(JSON.stringify(invocation), message);
        }
        assert.deepEqual(cloud.gitHub.requests, []);
        cloud.secrets.secrets.set("portcullis/github-token", gitHubToken);
        await cloud.handle(event);
        await cloud.handle(event);
        assert.equal(cloud.journal.done("GetSecretValue").length, 2 + 1);
    });

    it("writes no line of a comment that GitLab would take for a command", () => {
        assert.deepEqual(cloud.gitLab.quickActions, []);
    });
});
