/** A release whose commit is merged, as the pipeline, the table and the code host tell about it. */
import type { ActionExecutionDetail } from "@aws-sdk/client-codepipeline";
import { digestOf, exampleAccount, exampleSettings, uuidOf } from "../../approval/testing/genuineShapes";
import { recordSample, type RecordChange } from "../../approval/testing/recordSamples";
import type { RequestRecord } from "../../approval/records";
import type { CodeHostSettings } from "../../review/codeHostSettings";
import { after } from "../../review/testing/reviewSamples";
import type { MergedApplication, MergeSettings } from "../mergeSettings";

/** The commit that the sample records are about. */
export const publishedCommit = "c".repeat(40);
export const publishedDigest = digestOf("d");
export const releaseId = uuidOf(1);

export function mergedApplication(host?: CodeHostSettings): MergedApplication {
    return {
        name: "orders",
        pipeline: recordSample().request.pipeline,
        publish: { stage: "Publish", action: "Publish" },
        build: { stage: "Build", action: "Build" },
        branch: "development",
        mergeInto: "main",
        host: host ?? { type: "codecommit", repository: "portcullis-dev-orders" },
    };
}

export function mergeSettings(application = mergedApplication()): MergeSettings {
    return {
        version: 1,
        account: exampleAccount,
        table: exampleSettings().table,
        applications: [application],
    };
}

/** The actions of a release, each as it ran once, with what is changed of them by name. */
export function releaseActions(
    change: Partial<Record<"Source" | "Build" | "Publish", Partial<ActionExecutionDetail>>> = {},
): ActionExecutionDetail[] {
    const outputs = {
        Source: { CommitId: publishedCommit, BranchName: "development" },
        Build: { IMAGE_DIGEST: publishedDigest },
        Publish: {},
    };
    return (["Source", "Build", "Publish"] as const).map((name, at) => ({
        pipelineExecutionId: releaseId,
        actionExecutionId: `${name}-1`,
        stageName: name,
        actionName: name,
        status: "Succeeded",
        startTime: after(at),
        lastUpdateTime: after(at + 1),
        output: { outputVariables: outputs[name] },
        ...change[name],
    }));
}

export function approvalRecord(change: RecordChange = {}): RequestRecord {
    return recordSample({ digest: publishedDigest, execution: releaseId, ...change });
}
