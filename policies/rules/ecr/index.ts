import type { Rule } from "../../harness/rule";
import { customerKey } from "./customerKey";
import { lifecycle } from "./lifecycle";
import { productionProtection } from "./productionProtection";
import { publicAccess } from "./publicAccess";
import { scanOnPush, scanOnPushFlag } from "./scanOnPush";
import { separateTiers } from "./separateTiers";
import { tagImmutability } from "./tagImmutability";

export const ecrRules: Rule[] = [
    scanOnPush,
    scanOnPushFlag,
    tagImmutability,
    customerKey,
    lifecycle,
    publicAccess,
    productionProtection,
    separateTiers,
];
