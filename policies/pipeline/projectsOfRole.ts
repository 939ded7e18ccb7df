/** Which projects run as which role. */
import type { ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import { projectRole, projectType } from "./project";

const projectsByRole = new WeakMap<StackGraph, Map<ResourceReader, ResourceReader[]>>();

/** Projects that run as the role. The whole table is made once per graph. */
export function projectsOf(role: ResourceReader, graph: StackGraph): readonly ResourceReader[] {
    let table = projectsByRole.get(graph);
    if (!table) {
        table = new Map();
        for (const project of graph.ofType(projectType)) {
            const owner = projectRole(project, graph);
            if (owner) table.set(owner, [...(table.get(owner) ?? []), project]);
        }
        projectsByRole.set(graph, table);
    }
    return table.get(role) ?? [];
}
