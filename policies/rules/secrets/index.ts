import type { Rule } from "../../harness/rule";
import { blockedPublicPolicy } from "./blockedPublicPolicy";
import { keptSecret, rotatedSecret } from "./keptSecret";
import { literalSecrets, plainParameters } from "./plainSecrets";

export const secretsRules: Rule[] = [
    keptSecret,
    rotatedSecret,
    plainParameters,
    literalSecrets,
    blockedPublicPolicy,
];
