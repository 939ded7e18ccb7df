import type { Rule } from "../../harness/rule";
import { approvalAnswer } from "./approvalAnswer";
import { crossAccount } from "./crossAccount";
import { deploymentAround } from "./deploymentAround";
import { escalation } from "./escalation";
import { evidenceWriters } from "./evidenceWriters";
import { gateChange } from "./gateChange";
import { gateStart } from "./gateStart";
import { imagesOfTheProgram } from "./imagesOfTheProgram";
import { productionImages } from "./productionImages";
import { productionPush } from "./productionPush";
import { signers } from "./signingKeys";
import { stepTrust } from "./stepTrust";

export const bypassRules: Rule[] = [
    productionPush,
    approvalAnswer,
    gateChange,
    gateStart,
    deploymentAround,
    stepTrust,
    signers,
    evidenceWriters,
    escalation,
    productionImages,
    crossAccount,
    imagesOfTheProgram,
];
