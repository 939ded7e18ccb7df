import assert from "node:assert/strict";
import { CodePipelineClient } from "@aws-sdk/client-codepipeline";
import type { ApprovalState } from "../../gate/approval/effects";
import { uuidOf } from "../../gate/approval/testing/genuineShapes";
import { approvalStateEffects } from "./approvalState";
import { clientOf, JsonService, type JsonReply } from "./testing/jsonService";
import { TokenMask } from "./tokenMask";

const where = { pipeline: "orders-delivery", stage: "Approve", action: "GateApproval" };
const [execution, other, token] = [uuidOf(1), uuidOf(2), uuidOf(7)];
const run = { id: uuidOf(50), earlier: uuidOf(51) };
const approver = "arn:aws:sts::123456789012:assumed-role/portcullis-dev-approval-scan-event/session";

/** What GetPipelineState says about the action, and in which execution its stage is. */
function state(latest: object | null, inStage: string | null = execution): JsonReply {
    return {
        body: {
            pipelineName: where.pipeline,
            pipelineVersion: 1,
            stageStates: [
                { stageName: "Source", actionStates: [{ actionName: "Source" }] },
                {
                    stageName: "Approve",
                    inboundTransitionState: { enabled: true },
                    actionStates: [
                        {
                            actionName: "GateApproval",
                            ...(latest === null ? {} : { latestExecution: latest }),
                        },
                        { actionName: "HumanApproval" },
                    ],
                    ...(inStage === null
                        ? {}
                        : { latestExecution: { pipelineExecutionId: inStage, status: "InProgress" } }),
                },
            ],
            created: 1795000000.0,
            updated: 1795000000.0,
        },
    };
}

/** One run as ListActionExecutions tells it. */
function listed(changes: Record<string, unknown> = {}): Record<string, unknown> {
    return {
        pipelineExecutionId: execution,
        actionExecutionId: run.id,
        pipelineVersion: 1,
        stageName: "Approve",
        actionName: "GateApproval",
        startTime: 1795426211.512,
        lastUpdateTime: 1795426211.512,
        status: "InProgress",
        input: {
            configuration: { CustomData: '{"digest":"#{Build.IMAGE_DIGEST}"}' },
            resolvedConfiguration: { CustomData: '{"digest":"sha256:…"}' },
        },
        ...changes,
    };
}

const page = (details: object[], nextToken?: string): JsonReply => ({
    body: { actionExecutionDetails: details, ...(nextToken === undefined ? {} : { nextToken }) },
});

const inProgress = { actionExecutionId: run.id, status: "InProgress", token };
const source = listed({ stageName: "Source", actionName: "Source", actionExecutionId: uuidOf(60) });
const waiting: ApprovalState = {
    kind: "waiting",
    token,
    execution,
    customData: '{"digest":"sha256:…"}',
    expiresAt: null,
};

describe("the state of an approval action", () => {
    let service: JsonService;
    beforeEach(async () => {
        service = await JsonService.start();
    });
    afterEach(() => service.stop());

    const effects = (maxAttempts = 1, tokens = new TokenMask()) =>
        approvalStateEffects({
            client: new CodePipelineClient({ ...clientOf(service.url), maxAttempts }),
            signal: new AbortController().signal,
            tokens,
        });
    const ask = (
        GetPipelineState: JsonReply,
        ListActionExecutions: JsonReply[],
        of: string | null = execution,
    ): Promise<ApprovalState> => {
        service.replies = { GetPipelineState: [GetPipelineState], ListActionExecutions };
        return effects().approvalState({ ...where, execution: of });
    };

    it("is waiting with its token, its execution and its own custom data, whoever asks", async () => {
        const history = [page([listed(), source])];
        assert.deepEqual(await ask(state(inProgress), history), waiting);
        assert.deepEqual(await ask(state(inProgress), history, null), waiting);
        assert.deepEqual(service.requests.slice(0, 2), [
            { operation: "GetPipelineState", input: { name: "orders-delivery" } },
            {
                operation: "ListActionExecutions",
                input: { pipelineName: "orders-delivery", filter: { pipelineExecutionId: execution } },
            },
        ]);
    });

    it("reads every page of the history", async () => {
        assert.deepEqual(await ask(state(inProgress), [page([source], "next"), page([listed()])]), waiting);
        assert.deepEqual(service.requests.at(-1)?.input["nextToken"], "next");
    });

    it("believes custom data only of the same run, with its variables filled in", async () => {
        const earlier = listed({ actionExecutionId: run.earlier, status: "Failed" });
        const without = { ...waiting, customData: null };
        assert.deepEqual(await ask(state(inProgress), [page([earlier])]), without);
        assert.deepEqual(await ask(state(inProgress), [page([])]), without);
        const unresolved = listed({ input: { configuration: { CustomData: "x" } } });
        assert.deepEqual(await ask(state(inProgress), [page([unresolved])]), without);
        // An answer about another execution than the one that was asked for.
        const foreign = listed({ pipelineExecutionId: other });
        assert.deepEqual(await ask(state(inProgress), [page([foreign])]), without);
    });

    it("takes the run that is under way for that of a state without ids", async () => {
        const { actionExecutionId: _, ...withoutId } = inProgress;
        assert.deepEqual(await ask(state(withoutId), [page([listed()])]), waiting);
        const ended = listed({ status: "Succeeded" });
        assert.deepEqual(await ask(state(withoutId), [page([ended])]), { ...waiting, customData: null });
    });

    it("takes the newest run of a stage that was retried", async () => {
        const earlier = listed({ actionExecutionId: run.earlier, status: "Failed", startTime: 1795426000 });
        for (const history of [
            [earlier, listed()],
            [listed(), earlier],
        ])
            assert.deepEqual(await ask(state(inProgress), [page(history)]), waiting);
    });

    it("is waiting in execution mode PARALLEL, where the token is the run's external id", async () => {
        const { token: _, ...withoutToken } = inProgress;
        const details = listed({ output: { executionResult: { externalExecutionId: token } } });
        assert.deepEqual(await ask(state(withoutToken), [page([details])]), waiting);
        assert.deepEqual(await ask(state(inProgress, other), [page([details])]), waiting);
        await assert.rejects(ask(state(withoutToken), [page([listed()])]), /no token for orders-delivery/);
    });

    it("is that of the run with the token that is asked for, although the stage was retried", async () => {
        const output = (externalExecutionId: string, externalExecutionSummary?: string) => ({
            executionResult: { externalExecutionId, externalExecutionSummary },
        });
        const first = listed({
            actionExecutionId: run.earlier,
            status: "Failed",
            startTime: 1795426000,
            updatedBy: approver,
            output: output(uuidOf(6), "2 critical"),
        });
        const rejected = { kind: "answered", answer: "rejected", by: approver, summary: "2 critical" };
        const history = [page([listed({ output: output(token) }), first])];
        const asked = async (of: string, latest: object, pages = history): Promise<ApprovalState> => {
            service.replies = { GetPipelineState: [state(latest)], ListActionExecutions: pages };
            return effects().approvalState({ ...where, execution, token: of });
        };
        assert.deepEqual(await asked(uuidOf(6), inProgress), rejected);
        assert.deepEqual(await asked(token, inProgress), waiting);
        // A history that knows no tokens tells of the newest run.
        assert.deepEqual(await asked(uuidOf(6), inProgress, [page([listed()])]), waiting);
    });

    it("is answered, by whom and with which words", async () => {
        const done = { actionExecutionId: run.id, summary: "2 critical", lastUpdatedBy: approver };
        const answered = { kind: "answered", by: approver, summary: "2 critical" };
        for (const [status, answer] of [
            ["Succeeded", "approved"],
            ["Failed", "rejected"],
        ]) {
            const now = state({ ...done, status });
            assert.deepEqual(await ask(now, [page([listed({ status })])]), { ...answered, answer });
            // When the history has been dropped, the state is all there is.
            assert.deepEqual(await ask(now, [page([])]), { ...answered, answer });
            // In an execution that has left the stage, the history says it.
            const output = { executionResult: { externalExecutionSummary: "2 critical" } };
            const details = listed({ status, updatedBy: approver, output });
            assert.deepEqual(await ask(state(inProgress, other), [page([details])]), { ...answered, answer });
        }
    });

    it("does not take the action's run in the execution before for an answer in this one", async () => {
        const before = { actionExecutionId: run.earlier, status: "Succeeded", lastUpdatedBy: approver };
        // The stage was entered, the action has not begun.
        assert.deepEqual(await ask(state(before), [page([source])], null), {
            kind: "gone",
            why: `CodePipeline knows no run of orders-delivery/Approve/GateApproval in execution ${execution}`,
        });
        await assert.rejects(ask(state(before), [page([source])]), /lists no run of .* yet; asked again/);
        const details = listed({ status: "Failed", updatedBy: approver });
        const rejected = { kind: "answered", answer: "rejected", by: approver, summary: null };
        assert.deepEqual(await ask(state(before), [page([details])]), rejected);
    });

    it("is answered by nobody whom CodePipeline names, when the name is empty", async () => {
        const done = { actionExecutionId: run.id, status: "Succeeded", lastUpdatedBy: "" };
        assert.deepEqual(await ask(state(done), [page([listed({ status: "Succeeded" })])]), {
            kind: "answered",
            answer: "approved",
            by: null,
            summary: null,
        });
    });

    it("is answered also when the answer itself talks of something that has expired", async () => {
        const summary = "the waiver of CVE-2021-3711 has expired";
        const error = { code: "ApprovalRejected", message: `Rejected: ${summary}` };
        const done = { actionExecutionId: run.id, status: "Failed", summary, lastUpdatedBy: approver };
        assert.deepEqual(
            await ask(state({ ...done, errorDetails: error }), [page([listed({ status: "Failed" })])]),
            { kind: "answered", answer: "rejected", by: approver, summary },
        );
    });

    it("is gone when nobody answered: timed out, stopped, superseded, or unknown", async () => {
        const failed = { actionExecutionId: run.id, status: "Failed" };
        const timeout = { code: "Timeout", message: "The approval timed out" };
        const gone = (why: string): ApprovalState => ({ kind: "gone", why });
        const at = "orders-delivery/Approve/GateApproval";
        const history = (status: string) => [page([listed({ status })])];
        assert.deepEqual(
            await ask(state({ ...failed, errorDetails: timeout, lastUpdatedBy: "x" }), history("Failed")),
            gone(`${at} is Failed in execution ${execution} (Timeout: The approval timed out)`),
        );
        assert.deepEqual(
            await ask(state(failed), history("Failed")),
            gone(`${at} is Failed in execution ${execution}`),
        );
        assert.deepEqual(
            await ask(state({ ...failed, status: "Abandoned" }), history("Abandoned")),
            gone(`${at} is Abandoned in execution ${execution}`),
        );
        assert.deepEqual(
            await ask(state(inProgress, other), [{ error: "PipelineExecutionNotFoundException" }]),
            gone(`CodePipeline knows no run of ${at} in execution ${execution}`),
        );
        assert.deepEqual(await ask(state(null, null), [], null), gone("nothing has run in Approve yet"));
    });

    it("is gone when the pipeline, the stage or the action is", async () => {
        const gone = async (reply: JsonReply) => (await ask(reply, [])) as ApprovalState & { kind: "gone" };
        assert.equal(
            (await gone({ error: "PipelineNotFoundException" })).why,
            "there is no pipeline orders-delivery",
        );
        const none = { body: { pipelineName: where.pipeline, stageStates: [] } };
        assert.equal((await gone(none)).why, "the pipeline orders-delivery has no stage Approve");
        const empty = { body: { stageStates: [{ stageName: "Approve", actionStates: [] }] } };
        assert.equal((await gone(empty)).why, "the stage Approve has no action GateApproval");
    });

    it("throws when state and history contradict each other", async () => {
        const done = { actionExecutionId: run.id, status: "Succeeded" };
        await assert.rejects(ask(state(done), [page([listed()])]), /both running and Succeeded/);
    });

    it("repeats after throttling, and throws when that does not help or is not allowed", async () => {
        service.replies = {
            GetPipelineState: [
                { error: "ThrottlingException" },
                { error: "x", status: 503 },
                state(inProgress),
            ],
            ListActionExecutions: [page([listed()])],
        };
        assert.deepEqual(await effects(4).approvalState({ ...where, execution }), waiting);
        assert.deepEqual(service.operations, [
            "GetPipelineState",
            "GetPipelineState",
            "GetPipelineState",
            "ListActionExecutions",
        ]);
        await assert.rejects(
            ask({ error: "ThrottlingException", message: "Rate exceeded" }, []),
            /^ServiceError: CodePipeline GetPipelineState of orders-delivery failed \(ThrottlingException: Rate exceeded\)/,
        );
        await assert.rejects(
            ask(state(inProgress), [{ error: "AccessDeniedException" }]),
            /ListActionExecutions of .*see the function's role/,
        );
    });
});
