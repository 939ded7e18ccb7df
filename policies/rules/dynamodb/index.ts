import type { Rule } from "../../harness/rule";
import { customerKey } from "./customerKey";
import { deletionProtection } from "./deletionProtection";
import { gateTableCapacity, gateTableLifetime } from "./gateTableLifetime";
import { pointInTimeRecovery } from "./pointInTimeRecovery";
import { publicAccess } from "./publicAccess";

export const dynamodbRules: Rule[] = [
    pointInTimeRecovery,
    customerKey,
    deletionProtection,
    gateTableLifetime,
    gateTableCapacity,
    publicAccess,
];
