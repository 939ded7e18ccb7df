import type { ApplicationNames } from "../application/applicationNames";
import type { ApplicationConfig } from "../config/schema";
import type { Statement } from "../iamStatement";

/**
 * Trigger of a pipeline whose source is a connection: pushes to the branch and nothing else. Never pull requests: what
 * is not merged must not reach a pipeline that can release.
 */
export function connectionTriggers(source: ApplicationConfig["source"]) {
    if (source.type !== "connection") return undefined;
    return [
        {
            providerType: "CodeStarSourceConnection",
            gitConfiguration: {
                sourceActionName: "Source",
                pushes: [{ branches: { includes: [source.branch] } }],
            },
        },
    ];
}

/** EventBridge pattern: the branch of the CodeCommit repository was created or moved. */
export function pushPattern(names: ApplicationNames, branch: string): string {
    return JSON.stringify({
        source: ["aws.codecommit"],
        "detail-type": ["CodeCommit Repository State Change"],
        resources: [names.source.repositoryArn],
        detail: {
            event: ["referenceCreated", "referenceUpdated"],
            referenceType: ["branch"],
            referenceName: [branch],
        },
    });
}

/** The rule's role may start this pipeline and do nothing else. */
export function triggerStatements(names: ApplicationNames): Statement[] {
    return [
        {
            Sid: "StartPipeline",
            Effect: "Allow",
            Action: ["codepipeline:StartPipelineExecution"],
            Resource: [names.pipeline.arn],
        },
    ];
}
