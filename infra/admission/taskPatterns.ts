import { longestEventPattern } from "../../gate/approval/eventPattern";
import type { DeliveryTarget } from "../delivery/deliveryNames";
import type { Account } from "../naming";

/**
 * Event patterns for tasks of exactly these services that have just started (Amazon ECS Developer Guide, "Amazon ECS task
 * state change events"; the group of a service's task is `service:<name>`). A pattern is about one cluster, because in
 * another a service of the same name is not ours, and as many of them as keep each within EventBridge's quota.
 * @throws Error when there are none: a pattern without services would match every task of the account.
 */
export function taskPatterns(
    account: Account,
    services: readonly Pick<DeliveryTarget, "cluster" | "service">[],
): string[] {
    if (services.length === 0) throw new Error("task events need at least one service to be about");
    const clusters = [...new Set(services.map(({ cluster }) => cluster.arn))].sort();
    return clusters.flatMap((cluster) => {
        const pattern = (groups: readonly string[]): string =>
            JSON.stringify({
                source: ["aws.ecs"],
                "detail-type": ["ECS Task State Change"],
                account: [account.accountId],
                region: [account.region],
                detail: { clusterArn: [cluster], group: groups, lastStatus: ["RUNNING"] },
            });
        const rules: string[][] = [[]];
        for (const group of services
            .filter((target) => target.cluster.arn === cluster)
            .map(({ service }) => `service:${service.name}`)
            .sort()) {
            const rule = rules.at(-1) ?? [];
            if (pattern([...rule, group]).length <= longestEventPattern) rule.push(group);
            else rules.push([group]);
        }
        return rules.map(pattern);
    });
}
