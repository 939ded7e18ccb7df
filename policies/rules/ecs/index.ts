import type { Rule } from "../../harness/rule";
import { circuitBreaker } from "./circuitBreaker";
import { faultInjection } from "./faultInjection";
import { hostAccess } from "./hostAccess";
import { hostNamespaces } from "./hostNamespaces";
import { nonRootUser } from "./nonRootUser";
import { pinnedImages } from "./pinnedImages";
import { plainSecrets } from "./plainSecrets";
import { privileged } from "./privileged";
import { readOnlyRoot } from "./readOnlyRoot";
import { efsVolumes } from "./efsVolumes";
import { publicAddress } from "./publicAddress";
import { privateTaskSubnets } from "./privateSubnets";
import { scannerReach } from "./scannerReach";
import { logging } from "./logging";
import { logGroups } from "./logGroups";
import { separateRoles } from "./separateRoles";
import { separateRolesOfStack } from "./separateRoles";
import { containerInsights } from "./containerInsights";
import { taskLimits } from "./taskLimits";
import { execLogging } from "./execLogging";
import { execSessions } from "./execSessions";
import { platform } from "./platform";

export const ecsRules: Rule[] = [
    privileged,
    pinnedImages,
    readOnlyRoot,
    nonRootUser,
    plainSecrets,
    hostNamespaces,
    hostAccess,
    circuitBreaker,
    faultInjection,
    efsVolumes,
    publicAddress,
    privateTaskSubnets,
    scannerReach,
    logging,
    logGroups,
    separateRoles,
    separateRolesOfStack,
    containerInsights,
    taskLimits,
    execLogging,
    execSessions,
    platform,
];
