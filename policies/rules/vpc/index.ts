import type { Rule } from "../../harness/rule";
import { natRoute } from "./natRoute";
import { openIngress } from "./openIngress";
import { openSeparateIngress } from "./openSeparateIngress";
import { privateSubnets } from "./privateSubnets";
import { defaultGroup } from "./defaultGroup";
import { defaultVpc } from "./defaultVpc";
import { flowLogs } from "./flowLogs";
import { openEgress } from "./openEgress";
import { openSeparateEgress } from "./openSeparateEgress";
import { descriptions } from "./descriptions";
import { ruleForms } from "./ruleForms";
import { networkAcl } from "./networkAcl";
import { separateNetworkAclRules } from "./networkAcl";
import { endpoints } from "./endpoints";
import { unused } from "./unused";

export const vpcRules: Rule[] = [
    openIngress,
    openSeparateIngress,
    privateSubnets,
    natRoute,
    defaultGroup,
    defaultVpc,
    flowLogs,
    openEgress,
    openSeparateEgress,
    descriptions,
    ruleForms,
    networkAcl,
    separateNetworkAclRules,
    endpoints,
    unused,
];
