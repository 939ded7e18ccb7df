import { PutApprovalResultCommand } from "@aws-sdk/client-codepipeline";
import type { AsyncApprovalEffects } from "../../gate/approval/effects";
import type { PipelineAccess } from "./approvalState";
import { callService } from "./serviceCalls";

/**
 * Answers an approval. Apart from asking, so that only the function that may answer has the code for it. Needs
 * codepipeline:PutApprovalResult on the action.
 */
export function approvalAnswerEffects({
    client,
    signal,
    tokens,
}: PipelineAccess): Pick<AsyncApprovalEffects, "putApprovalResult"> {
    return {
        async putApprovalResult({ pipeline, stage, action, token, answer, summary }) {
            tokens.learn(token);
            const refused = () => "refused" as const;
            return callService(
                `CodePipeline PutApprovalResult of ${pipeline}/${stage}/${action}`,
                async () => {
                    await client.send(
                        new PutApprovalResultCommand({
                            pipelineName: pipeline,
                            stageName: stage,
                            actionName: action,
                            token,
                            result: { status: answer === "approved" ? "Approved" : "Rejected", summary },
                        }),
                        { abortSignal: signal },
                    );
                    return "accepted" as const;
                },
                {
                    InvalidApprovalTokenException: refused,
                    ApprovalAlreadyCompletedException: refused,
                    // Whether the action has gone is asked next, as after every refusal.
                    ActionNotFoundException: refused,
                    StageNotFoundException: refused,
                    PipelineNotFoundException: refused,
                },
            );
        },
    };
}
