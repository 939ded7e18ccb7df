/** Lists of a component, whose members cannot be told apart before they exist. */
import type { ResourceReader } from "../../harness/reader";
import type { StackGraph } from "../../harness/stackGraph";

/**
 * True when the property depends on a whole component that all the resources are part of. Every output of a component of
 * another process (`awsx.ec2.Vpc`) depends on all it consists of, so that at a first preview its private subnets look
 * like its public ones. From the first update on the ids tell.
 */
export function isComponentList(
    graph: StackGraph,
    from: ResourceReader,
    property: string,
    members: readonly ResourceReader[],
): boolean {
    const dependencies = new Set(from.propertyDependencies[property] ?? []);
    return members.every((member) =>
        graph.ancestors(member).some(({ urn, type }) => !type.startsWith("aws:") && dependencies.has(urn)),
    );
}
