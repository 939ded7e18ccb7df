/** Egress of security groups, whichever of the three forms it is written in. */
import { PropertyReader, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import { entryOf, inlineForm, separateForm, type IngressEntry } from "./ingress";
import { egressRuleType, securityGroupRuleType } from "./securityGroup";

/** Entries that a resource itself carries; the addresses are those that may be reached. Ingress rules carry none. */
export function ownEgress(resource: ResourceReader): IngressEntry[] {
    if (resource.type === securityGroupRuleType) {
        const type = resource.string("type");
        if (type.kind === "known" && type.value !== "egress") return [];
        return [entryOf(resource, resource, inlineForm, [["sourceSecurityGroupId"]])];
    }
    if (resource.type === egressRuleType)
        return [entryOf(resource, resource, separateForm, [["referencedSecurityGroupId"]])];
    const list = resource.list("egress");
    if (list.kind === "unknown" || list.kind === "malformed")
        return [entryOf(resource, new PropertyReader(unknown, "egress"), inlineForm, [["egress"]])];
    return (valueOf(list) ?? []).map((entry, index) =>
        entryOf(resource, entry, inlineForm, [["egress", index, "securityGroups"]]),
    );
}
