import type { Rule } from "../../harness/rule";
import { approvalAnswer } from "./approvalAnswer";
import { evidenceWriters } from "./evidenceWriters";
import { gateChange, gateStart } from "./gateChange";
import { productionPush } from "./productionPush";

export const bypassRules: Rule[] = [productionPush, approvalAnswer, gateChange, gateStart, evidenceWriters];
