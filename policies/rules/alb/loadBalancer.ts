/** Type tokens of load balancers: the provider emits two live families with the same properties. */
import type { ResourceReader } from "../../harness/reader";

export const loadBalancerTypes = ["aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer"];
export const listenerTypes = ["aws:lb/listener:Listener", "aws:alb/listener:Listener"];
export const listenerRuleTypes = ["aws:lb/listenerRule:ListenerRule", "aws:alb/listenerRule:ListenerRule"];
export const targetGroupTypes = ["aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup"];
export const webAclAssociationType = "aws:wafv2/webAclAssociation:WebAclAssociation";

/** Protocols that only network and gateway load balancers have. */
export const transportProtocols = new Set(["TCP", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC"]);

/** True for an application load balancer, which is also the default. */
export function isApplicationLoadBalancer(loadBalancer: ResourceReader): boolean {
    const type = loadBalancer.string("loadBalancerType");
    return type.kind !== "known" || type.value === "application";
}
