import assert from "node:assert/strict";
import { CodePipelineClient } from "@aws-sdk/client-codepipeline";
import { uuidOf } from "../../gate/approval/testing/genuineShapes";
import { approvalAnswerEffects } from "./approvalAnswer";
import { clientOf, JsonService, type JsonReply } from "./testing/jsonService";
import { TokenMask } from "./tokenMask";

const where = { pipeline: "orders-delivery", stage: "Approve", action: "GateApproval" };
const token = uuidOf(7);

describe("answering an approval", () => {
    let service: JsonService;
    let tokens: TokenMask;
    beforeEach(async () => {
        service = await JsonService.start();
        tokens = new TokenMask();
    });
    afterEach(() => service.stop());

    const answer = (reply: JsonReply, status: "approved" | "rejected" = "approved") => {
        service.replies = { PutApprovalResult: [reply] };
        return approvalAnswerEffects({
            client: new CodePipelineClient(clientOf(service.url)),
            signal: new AbortController().signal,
            tokens,
        }).putApprovalResult({ ...where, token, answer: status, summary: "no findings" });
    };

    for (const [given, status] of [
        ["approved", "Approved"],
        ["rejected", "Rejected"],
    ] as const) {
        it(`says ${status} with the token and the summary`, async () => {
            assert.equal(await answer({ body: { approvedAt: 1795426211 } }, given), "accepted");
            assert.deepEqual(service.requests, [
                {
                    operation: "PutApprovalResult",
                    input: {
                        pipelineName: "orders-delivery",
                        stageName: "Approve",
                        actionName: "GateApproval",
                        token,
                        result: { status, summary: "no findings" },
                    },
                },
            ]);
        });
    }

    for (const error of [
        "InvalidApprovalTokenException",
        "ApprovalAlreadyCompletedException",
        "ActionNotFoundException",
        "StageNotFoundException",
        "PipelineNotFoundException",
    ]) {
        it(`is refused with ${error}`, async () => assert.equal(await answer({ error }), "refused"));
    }

    it("throws for anything else, without the token", async () => {
        await assert.rejects(answer({ error: "ValidationException", message: `token ${token}` }), (error) => {
            assert.match(
                (error as Error).message,
                /PutApprovalResult of orders-delivery\/Approve\/GateApproval/,
            );
            assert.ok(!tokens.mask((error as Error).message).includes(token));
            return true;
        });
        await assert.rejects(answer({ error: "AccessDeniedException" }), /see the function's role/);
        await assert.rejects(answer({ cut: true }), /the event is tried again/);
    });
});
