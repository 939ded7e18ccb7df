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

/** What stands before the name in the ARN of a resource type that permissions of the approval gate are about. */
const arnPrefixes: Readonly<Record<string, string>> = {
    "aws:lambda/function:Function": "arn:*:lambda:*:*:function:",
    "aws:sns/topic:Topic": "arn:*:sns:*:*:",
    "aws:sqs/queue:Queue": "arn:*:sqs:*:*:",
    "aws:dynamodb/table:Table": "arn:*:dynamodb:*:*:table/",
    "aws:iam/role:Role": "arn:*:iam::*:role/",
    "aws:codepipeline/pipeline:Pipeline": "arn:*:codepipeline:*:*:",
    "aws:codebuild/project:Project": "arn:*:codebuild:*:*:project/",
};

/** Of a function, topic, queue, table, role, pipeline or project: the real one where it is known, else a pattern around the name. */
export function arnOf(resource: ResourceReader): string {
    const known = valueOf(resource.string("arn"));
    if (known !== undefined) return known;
    const prefix = arnPrefixes[resource.type];
    if (prefix === undefined) throw new Error(`no ARN is known for ${resource.type}`);
    return `${prefix}${valueOf(resource.string("name")) ?? "*"}`;
}
