import type { Rule } from "../../harness/rule";
import { encryptedListener } from "./encryptedListener";
import { internalLoadBalancer, shieldedLoadBalancer } from "./internalLoadBalancer";
import { tlsPolicy } from "./tlsPolicy";
import { certificate } from "./certificate";
import { requestHandling } from "./requestHandling";
import { deletionProtection } from "./deletionProtection";
import { targetTransport } from "./targetTransport";
import { subnetCount } from "./zones";
import { distinctZones } from "./zones";
import { accessLogs } from "./accessLogs";
import { accessLogBucket } from "./accessLogs";
import { deadTargets } from "./deadTargets";

export const albRules: Rule[] = [
    encryptedListener,
    tlsPolicy,
    internalLoadBalancer,
    shieldedLoadBalancer,
    certificate,
    requestHandling,
    deletionProtection,
    targetTransport,
    subnetCount,
    distinctZones,
    accessLogs,
    accessLogBucket,
    deadTargets,
];
