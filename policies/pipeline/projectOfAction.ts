import type { ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import type { PipelineAction } from "./pipelineModel";
import { projectType } from "./project";

/** The project of a CodeBuild action; null where it is not known, or not in the stack. */
export function projectOf(action: PipelineAction, graph: StackGraph): ResourceReader | null {
    const name = action.configuration.string("ProjectName");
    if (action.provider !== "CodeBuild" || name.kind !== "known") return null;
    const project = graph.referenceOfValue(name.value, name.property, [projectType]);
    return project.kind === "exact" ? project.resource : null;
}
