/** Which pipeline stages the gate of a release asks for: `gate verdict --stage` in the commands of its project. */
import type { StackGraph } from "../harness/stackGraph";
import type { PipelineAction } from "./pipelineModel";
import { asRunBy, projectBuildspec } from "./project";
import { projectOf } from "./projectOfAction";

/**
 * Stages whose evidence the release's own verdicts judge, each once. Empty when it has no verdict, or its commands
 * cannot be read: other rules say so (BS-03, CB-08).
 */
export function stagesJudgedBy(release: PipelineAction, graph: StackGraph): string[] {
    const project = projectOf(release, graph);
    if (!project) return [];
    const buildspec = projectBuildspec(asRunBy(release, project));
    if (buildspec.kind !== "inline") return [];
    const stages = buildspec.analysis.scanners.flatMap(({ gate }) =>
        gate?.command === "verdict" && gate.stage !== null && !gate.stage.includes("$") ? [gate.stage] : [],
    );
    return [...new Set(stages)];
}
