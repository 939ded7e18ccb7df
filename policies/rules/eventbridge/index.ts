import type { Rule } from "../../harness/rule";
import { busPermission } from "./busPermission";
import { connectedRules } from "./connectedRules";
import { busAccess, busHasPolicy } from "./eventBus";
import { keptEvents } from "./keptEvents";
import { startedTargets } from "./startedTargets";
import { workingRule } from "./workingRule";

export const eventbridgeRules: Rule[] = [
    workingRule,
    keptEvents,
    startedTargets,
    busAccess,
    busHasPolicy,
    connectedRules,
    busPermission,
];
