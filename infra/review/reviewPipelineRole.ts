import type { Statement } from "../iamStatement";
import { runPipeline } from "../pipeline/pipelinePermissions";
import { readSource } from "../pipeline/source";
import type { Step, StepContext } from "../pipeline/step";

/**
 * What the review pipeline's own role may do: fetch the source, move its artifacts and start its projects. It announces
 * no approval, and cannot answer one, push an image, deploy or pass a role.
 */
export function reviewPipelineStatements(context: StepContext, steps: Step[]): Statement[] {
    const { application, platform, names, path } = context;
    return [
        readSource(application.source, names),
        ...runPipeline(platform, path.pipeline.name, [path.artifacts.source, path.artifacts.image], steps),
    ];
}
