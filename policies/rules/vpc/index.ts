import type { Rule } from "../../harness/rule";
import { natRoute } from "./natRoute";
import { openIngress, openSeparateIngress } from "./openIngress";
import { privateSubnets } from "./privateSubnets";

export const vpcRules: Rule[] = [openIngress, openSeparateIngress, privateSubnets, natRoute];
