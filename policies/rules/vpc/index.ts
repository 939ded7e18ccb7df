import type { Rule } from "../../harness/rule";
import { natRoute } from "./natRoute";
import { openIngress } from "./openIngress";
import { openSeparateIngress } from "./openSeparateIngress";
import { privateSubnets } from "./privateSubnets";
import { defaultGroup } from "./defaultGroup";
import { defaultVpc } from "./defaultVpc";

export const vpcRules: Rule[] = [
    openIngress,
    openSeparateIngress,
    privateSubnets,
    natRoute,
    defaultGroup,
    defaultVpc,
];
