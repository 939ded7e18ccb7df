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
];
