/** ARNs of resources for permission questions: the real one where it is known, else a pattern around the name. */
import { valueOf, type ResourceReader } from "../harness/reader";

/** Of a repository; any repository when not even the name is known. */
export function repositoryArn(repository: ResourceReader): string {
    return (
        valueOf(repository.string("arn")) ??
        `arn:*:ecr:*:*:repository/${valueOf(repository.string("name")) ?? "*"}`
    );
}

/** Of an action: the resource of `codepipeline:PutApprovalResult` (Service Authorization Reference, CodePipeline). */
export function actionArn(pipeline: ResourceReader, stage: string, action: string): string {
    return `arn:*:codepipeline:*:*:${valueOf(pipeline.string("name")) ?? "*"}/${stage || "*"}/${action || "*"}`;
}
