/** Type tokens of security groups and of the two separate forms of their rules, and what marks an edge group. */
import type { PackConfiguration } from "../../harness/configuration";
import { is, type ResourceReader } from "../../harness/reader";
import { matchesAny } from "../../harness/wildcard";

export const securityGroupType = "aws:ec2/securityGroup:SecurityGroup";
export const defaultSecurityGroupType = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup";
export const securityGroupRuleType = "aws:ec2/securityGroupRule:SecurityGroupRule";
export const ingressRuleType = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
export const egressRuleType = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";

/** Whether the settings or a tag declare the group to be one that may accept 443 from anywhere. */
export function isEdgeGroup(
    group: ResourceReader,
    configuration: PackConfiguration,
): "yes" | "no" | "unknown" {
    const tag = group.boolean("tags", configuration.edgeSecurityGroupTag);
    if (is(tag, true)) return "yes";
    const name = group.string("name");
    if (name.kind === "known" && matchesAny(configuration.edgeSecurityGroups, name.value)) return "yes";
    const nameMatters = configuration.edgeSecurityGroups.length > 0;
    return tag.kind === "unknown" || (nameMatters && name.kind === "unknown") ? "unknown" : "no";
}
