/** Roles that only a pipeline can become, in a stack whose pipelines are gone: they do what they did, and no more. */
import type { ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import { roleEntrants } from "../iam/roleEntrants";
import { pipelineType } from "../pipeline/pipelineModel";
import { roleType } from "../pipeline/project";

const codePipeline = /^codepipeline\.amazonaws\.com(?:\.cn)?$/;

/** Whether nobody but CodePipeline becomes the role, or another such role on its behalf. That there is no pipeline is PUL-06's finding. */
export function isIdlePipelineRole(principal: ResourceReader, graph: StackGraph): boolean {
    if (graph.ofType(pipelineType).length > 0 || principal.type !== roleType) return false;
    return onlyPipelines(principal, (arn) => {
        const role = graph.referenceOfValue(arn, "assumeRolePolicy", [roleType]);
        return role.kind === "exact" && onlyPipelines(role.resource, () => false);
    });
}

function onlyPipelines(role: ResourceReader, admits: (arn: string) => boolean): boolean {
    const trust = roleEntrants(role);
    return (
        trust.kind === "known" &&
        trust.entrants.length > 0 &&
        trust.entrants.every(({ kind, name }) =>
            kind === "service" ? codePipeline.test(name) : kind === "principal" && admits(name),
        )
    );
}
