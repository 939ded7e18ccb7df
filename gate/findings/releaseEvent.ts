/** Events of AWS CodePipeline: an image was published, so that it is the newest that was approved. */
import { objectOf, shown, uuidPattern } from "../approval/foreignJson";
import type { FindingsSettings } from "./findingsSettings";

/** An execution of an application's pipeline that published an image. */
export interface ReleaseNews {
    application: string;
    execution: string;
    at: Date;
}

export const releaseEventType = "CodePipeline Action Execution State Change";

/**
 * Reads the event that the action which publishes has succeeded (CodePipeline User Guide, "Monitoring CodePipeline
 * events"). Everything else that a pipeline tells is ignored.
 * @throws Error for an event that is none of a pipeline, or of one of ours and cannot be read.
 */
export function readReleaseEvent(
    event: unknown,
    { account, applications }: Pick<FindingsSettings, "account" | "applications">,
): ReleaseNews | { ignored: string } {
    const { source, "detail-type": type, account: sender, region, time, detail } = objectOf(event) ?? {};
    if (source !== "aws.codepipeline" || type !== releaseEventType) {
        throw new Error(
            `the event is ${shown(type)} of ${shown(source)}, not "${releaseEventType}" of aws.codepipeline: ` +
                "see who invoked the function",
        );
    }
    if (sender !== account.accountId || region !== account.region) {
        return { ignored: `it is of account ${shown(sender)} in ${shown(region)}` };
    }
    const { pipeline, stage, action, state, "execution-id": execution } = objectOf(detail) ?? {};
    const application = applications.find((known) => known.pipeline === pipeline);
    if (application === undefined) return { ignored: `the pipeline ${shown(pipeline)} is none of ours` };
    const { publish } = application;
    if (stage !== publish.stage || action !== publish.action || state !== "SUCCEEDED") {
        return { ignored: `${shown(stage)}/${shown(action)} is ${shown(state)}: nothing was published` };
    }
    const at = new Date(typeof time === "string" ? time : NaN);
    if (typeof execution !== "string" || !uuidPattern.test(execution) || Number.isNaN(at.getTime())) {
        throw new Error(
            `the event of the pipeline ${shown(pipeline)} has ${shown(execution)} as its execution and ${shown(time)} ` +
                "as its time; see what sent it",
        );
    }
    return { application: application.name, execution, at };
}
