import type { Rule } from "../../harness/rule";
import { busPermission } from "./busPermission";
import { workingRule } from "./workingRule";

export const eventbridgeRules: Rule[] = [workingRule, busPermission];
