/** Which separately written rules belong to which security group. Worked out once per graph. */
import type { ResourceReader } from "../../harness/reader";
import type { StackGraph } from "../../harness/stackGraph";
import {
    defaultSecurityGroupType,
    egressRuleType,
    ingressRuleType,
    securityGroupRuleType,
    securityGroupType,
} from "./securityGroup";
import { vpcType } from "./topology";

export interface SeparateRules {
    /** By group. */
    certain: Map<ResourceReader, ResourceReader[]>;
    /** By group: these belong to this group or to another. */
    possible: Map<ResourceReader, ResourceReader[]>;
    /** By VPC: these belong to its default group, which nobody adopts under this id (`vpc.defaultSecurityGroupId`). */
    ofDefaultGroup: Map<ResourceReader, ResourceReader[]>;
    /** Nothing is known about whose these are. */
    unplaced: ResourceReader[];
}

const ruleTypes = [securityGroupRuleType, ingressRuleType, egressRuleType];
const cache = new WeakMap<StackGraph, SeparateRules>();

export function separateRules(graph: StackGraph): SeparateRules {
    let found = cache.get(graph);
    if (!found) cache.set(graph, (found = collect(graph)));
    return found;
}

function collect(graph: StackGraph): SeparateRules {
    const found: SeparateRules = {
        certain: new Map(),
        possible: new Map(),
        ofDefaultGroup: new Map(),
        unplaced: [],
    };
    const add = (map: Map<ResourceReader, ResourceReader[]>, key: ResourceReader, rule: ResourceReader) => {
        const list = map.get(key);
        if (list) list.push(rule);
        else map.set(key, [rule]);
    };
    for (const rule of graph.ofType(...ruleTypes)) {
        const reference = graph.reference(
            rule,
            ["securityGroupId"],
            [securityGroupType, defaultSecurityGroupType],
        );
        if (reference.kind === "exact") add(found.certain, reference.resource, rule);
        else if (reference.kind === "candidates")
            for (const group of reference.resources) add(found.possible, group, rule);
        else if (reference.kind === "unknown") {
            const vpcs = graph.dependencies(rule, "securityGroupId", [vpcType]);
            for (const vpc of vpcs) add(found.ofDefaultGroup, vpc, rule);
            if (vpcs.length === 0) found.unplaced.push(rule);
        }
    }
    return found;
}
