/** Projects that judge, promote or deploy: what runs in them decides what is released. */
import type { PackConfiguration } from "../../harness/configuration";
import type { ResourceReader } from "../../harness/reader";
import type { StackGraph } from "../../harness/stackGraph";
import { isPublisher } from "../../pipeline/identities";
import { gateRole, projectBuildspec, projectRole, projectType } from "../../pipeline/project";
import { deliveryTier } from "../../pipeline/deliveryTarget";

/** Values of the tag `gate:role` that declare such a project. */
const judgingTags = new Set(["scanner", "scan", "promoter", "publisher", "deployer"]);

const cache = new WeakMap<StackGraph, ResourceReader[]>();

/**
 * By their tag, by their commands, or because their role publishes; builds may be started by whoever develops. Found once
 * per graph.
 */
export function judgingProjects(graph: StackGraph, configuration: PackConfiguration): ResourceReader[] {
    let found = cache.get(graph);
    if (!found) {
        found = graph.ofType(projectType).filter((project) => judges(project, graph, configuration));
        cache.set(graph, found);
    }
    return found;
}

function judges(project: ResourceReader, graph: StackGraph, configuration: PackConfiguration): boolean {
    if (judgingTags.has(gateRole(project) ?? "")) return true;
    const buildspec = projectBuildspec(project);
    if (buildspec.kind === "inline") {
        const { scanners, deliveries } = buildspec.analysis;
        if (scanners.length > 0) return true;
        const releases = deliveries.some(
            (each) =>
                each.kind === "copy" ||
                each.kind === "deploy" ||
                (each.kind === "push" && deliveryTier(each, buildspec.analysis, configuration, graph) === "production"), // prettier-ignore
        );
        if (releases) return true;
    }
    const role = projectRole(project, graph);
    return role !== null && isPublisher(role, graph, configuration);
}
