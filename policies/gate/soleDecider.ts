/** GATE-03's facts: who answers an approval. */
import { inconclusive, pass, violation } from "../harness/outcome";
import type { Outcome } from "../harness/rule";
import { actionLabel } from "../pipeline/pipelineModel";
import { answerVerb, type ApprovalGate } from "./gateModel";

/** Whether exactly one function may answer the approval. */
export function soleDecider(gate: ApprovalGate): Outcome {
    const label = actionLabel(gate.action);
    const { certain, possible } = gate.deciders;
    const [decider, ...others] = certain;
    const [doubt] = possible;
    if (decider && others.length > 0) {
        const names = certain.map((each) => each.function.name).join(", ");
        return violation(
            `${label} can be answered by ${certain.length} functions (${names}), so an image can be approved past the one that judges it.`,
            `Leave ${answerVerb} on this action to the role of one function, and give every function a role of its own.`,
            { findingId: label },
        );
    }
    if (doubt)
        return inconclusive(
            doubt,
            `whether ${doubt.function.name} may answer ${label} is not known: ${doubt.why}`,
        );
    if (!decider)
        return violation(
            `${label} is announced to functions, and none may answer it, so it waits until it times out.`,
            `Allow ${answerVerb} on ${approvalArnText(gate)} to the role of the function that judges the scan, or subscribe the people who are to answer.`,
            { findingId: label },
        );
    if (decider.answers.every(({ conditions }) => Object.keys(conditions).length > 0))
        return inconclusive(
            { property: decider.answers[0]?.grant.property ?? "policy" },
            `${decider.function.name} may answer ${label} only under a condition, and whether that ever holds cannot be told`,
        );
    return pass;
}

/** As people write it in a policy. */
export function approvalArnText({ arn }: ApprovalGate): string {
    return arn.replace("arn:*:codepipeline:*:*:", "arn:aws:codepipeline:<region>:<account>:");
}
