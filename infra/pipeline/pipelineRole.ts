import { deliveryTargets } from "../delivery/deliveryNames";
import type { Statement } from "../iamStatement";
import { allow } from "./permissions";
import { runPipeline } from "./pipelinePermissions";
import { readSource } from "./source";
import type { ApprovalTopics } from "./stages";
import type { Step, StepContext } from "./step";

/**
 * What the pipeline's own role may do: fetch the source, move artifacts, start exactly the application's projects, announce
 * the approval, and become exactly the roles that deploy to the application's services. It cannot answer an approval
 * (`codepipeline:PutApprovalResult`), push an image, change a service, or pass a role.
 *
 * The key serves the artifacts and the encrypted approval topics (Amazon SNS Developer Guide, "Key management": a
 * publisher needs `kms:GenerateDataKey*` and `kms:Decrypt`).
 */
export function pipelineStatements(
    { application, platform, names }: StepContext,
    steps: Step[],
    topicArns: ApprovalTopics,
): Statement[] {
    const targets = deliveryTargets(platform.account, platform.naming, application);
    const { source, image, deployment } = names.artifacts;
    const artifacts = [source, image, ...targets.map(({ tier }) => deployment[tier])];
    const topics = [topicArns.gate, ...(topicArns.people === undefined ? [] : [topicArns.people])];
    const deployRoles = targets.map(({ deployRole }) => deployRole.arn);
    return [
        readSource(application.source, names),
        ...runPipeline(platform, names.pipeline.name, artifacts, steps),
        allow("AnnounceApproval", ["sns:Publish"], topics),
        ...(deployRoles.length === 0 ? [] : [allow("AssumeDeployRoles", ["sts:AssumeRole"], deployRoles)]),
    ];
}
