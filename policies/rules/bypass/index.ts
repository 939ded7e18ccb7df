import type { Rule } from "../../harness/rule";
import { approvalAnswer } from "./approvalAnswer";
import { deploymentAround } from "./deploymentAround";
import { evidenceWriters } from "./evidenceWriters";
import { gateChange, gateStart } from "./gateChange";
import { productionImages } from "./productionImages";
import { productionPush } from "./productionPush";
import { signers } from "./signingKeys";

export const bypassRules: Rule[] = [
    productionPush,
    approvalAnswer,
    gateChange,
    gateStart,
    deploymentAround,
    signers,
    evidenceWriters,
    productionImages,
];
