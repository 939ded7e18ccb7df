/** Which pipeline stages the gate of a release asks for: `gate verdict --stage` in the commands of its project. */
import type { StackGraph } from "../harness/stackGraph";
import type { PipelineAction } from "./pipelineModel";
import { projectBuildspec, projectType } from "./project";

/**
 * Stages whose evidence the release's own verdicts judge, each once. Empty when it has no verdict, or its commands
 * cannot be read: other rules say so (BS-03, CB-08).
 */
export function stagesJudgedBy(release: PipelineAction, graph: StackGraph): string[] {
    const name = release.configuration.string("ProjectName");
    if (release.provider !== "CodeBuild" || name.kind !== "known") return [];
    const project = graph.referenceOfValue(name.value, name.property, [projectType]);
    if (project.kind !== "exact") return [];
    const buildspec = projectBuildspec(project.resource);
    if (buildspec.kind !== "inline") return [];
    const stages = buildspec.analysis.scanners.flatMap(({ gate }) =>
        gate?.command === "verdict" && gate.stage !== null && !gate.stage.includes("$") ? [gate.stage] : [],
    );
    return [...new Set(stages)];
}
