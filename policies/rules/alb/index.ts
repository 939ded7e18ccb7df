import type { Rule } from "../../harness/rule";
import { encryptedListener } from "./encryptedListener";
import { internalLoadBalancer, shieldedLoadBalancer } from "./internalLoadBalancer";
import { tlsPolicy } from "./tlsPolicy";
import { certificate } from "./certificate";

export const albRules: Rule[] = [
    encryptedListener,
    tlsPolicy,
    internalLoadBalancer,
    shieldedLoadBalancer,
    certificate,
];
