/** Which rules concern a resource type or a stack under given settings: worked out once, not once per request. */
import type { PackConfiguration } from "./configuration";
import type { AnyPolicy, DescribedGroup } from "./policyDescription";
import { inProfile } from "./profiles";

export interface RequestPlan {
    /** Groups that have something to say. */
    judged: readonly DescribedGroup[];
    /** By group of the pack: the policy that says why the group is left out; nothing for those that are judged. */
    others: readonly (AnyPolicy | undefined)[];
}

type Choose = (group: DescribedGroup) => AnyPolicy | undefined;

export class RequestPlans {
    private readonly byConfiguration = new WeakMap<PackConfiguration, Map<string, RequestPlan>>();

    constructor(private readonly groups: readonly DescribedGroup[]) {}

    /** For the request about one resource. */
    ofType(type: string, configuration: PackConfiguration): RequestPlan {
        return this.plan(`type ${type}`, configuration, (group) => {
            if (!inProfile(group.metadata, configuration)) return group.otherProfile;
            if (group.resourceRules.length === 0) return group.silent;
            return group.types.has(type) ? undefined : group.otherType;
        });
    }

    /** For the request about all resources. */
    ofStack(configuration: PackConfiguration): RequestPlan {
        return this.plan("stack", configuration, (group) => {
            if (!inProfile(group.metadata, configuration)) return group.otherProfile;
            return group.stackRules.length > 0 ? undefined : group.silent;
        });
    }

    private plan(key: string, configuration: PackConfiguration, choose: Choose): RequestPlan {
        let plans = this.byConfiguration.get(configuration);
        if (!plans) this.byConfiguration.set(configuration, (plans = new Map<string, RequestPlan>()));
        let plan = plans.get(key);
        if (!plan) {
            const others = this.groups.map(choose);
            plan = { others, judged: this.groups.filter((_, index) => others[index] === undefined) };
            plans.set(key, plan);
        }
        return plan;
    }
}
