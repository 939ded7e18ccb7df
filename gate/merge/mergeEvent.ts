/** What EventBridge delivers to the function that merges. */
import { objectOf, shown, uuidPattern } from "../approval/foreignJson";
import type { MergedApplication, MergeSettings } from "./mergeSettings";

/** An event about a pipeline of ours that cannot be believed. One line; it has to fail the invocation and end in the queue. */
export class MergeEventError extends Error {
    override name = "MergeEventError";
}

/** That an image may have been published: where to look. */
export type PublishNotice = { application: MergedApplication; execution: string } | { ignored: string };

/**
 * Reads "CodePipeline Action Execution State Change" of the action that publishes. Everything else, and what is another
 * account's or pipeline's, is ignored.
 * @throws MergeEventError for what is not an event, and for one about a pipeline of ours that is malformed.
 */
export function parsePublishEvent(event: unknown, { account, applications }: MergeSettings): PublishNotice {
    const envelope = objectOf(event);
    if (envelope === null || typeof envelope.source !== "string") {
        throw new MergeEventError("the event is not one of EventBridge: see who invoked the function");
    }
    const { source, "detail-type": detailType } = envelope;
    if (source !== "aws.codepipeline" || detailType !== "CodePipeline Action Execution State Change") {
        return { ignored: `${shown(detailType)} of ${shown(source)} publishes nothing` };
    }
    if (envelope.account !== account.accountId || envelope.region !== account.region) {
        return { ignored: `it is of account ${shown(envelope.account)} in ${shown(envelope.region)}` };
    }
    const detail = objectOf(envelope.detail) ?? {};
    const { pipeline, stage, action, state, "execution-id": execution } = detail;
    const application = applications.find((each) => each.pipeline === pipeline);
    if (application === undefined) return { ignored: `the pipeline ${shown(pipeline)} merges nothing` };
    const { publish } = application;
    if (stage !== publish.stage || action !== publish.action || state !== "SUCCEEDED") {
        return { ignored: `${shown(stage)}/${shown(action)} is ${shown(state)}: nothing was published` };
    }
    if (typeof execution !== "string" || !uuidPattern.test(execution)) {
        throw new MergeEventError(
            `the event ${shown(envelope.id)} of ${source} cannot be believed: its execution-id is ${shown(execution)}; ` +
                "see what sent it, and put it back into the function when it is genuine",
        );
    }
    return { application, execution };
}
