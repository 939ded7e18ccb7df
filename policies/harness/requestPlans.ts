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

    /**
     * For the request about one resource. Rules about other types are silent: to say of two hundred rules that they do not
     * concern a resource takes longer than judging it. They say it once, when the stack is asked about.
     */
    ofType(type: string, configuration: PackConfiguration): RequestPlan {
        return this.plan(`type ${type}`, configuration, (group) =>
            inProfile(group.metadata, configuration) && group.types.has(type) ? undefined : group.silent,
        );
    }

    /** For the request about all resources. @param types those that the run has. */
    ofStack(types: ReadonlySet<string>, configuration: PackConfiguration): RequestPlan {
        // Types are only ever added, so their number tells one set from the next.
        return this.plan(`stack of ${types.size} types`, configuration, (group) => {
            if (!inProfile(group.metadata, configuration)) return group.otherProfile;
            if (group.stackRules.length > 0) return undefined;
            return [...group.types].some((type) => types.has(type)) ? group.silent : group.otherType;
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
