import type { Rule } from "../../harness/rule";
import { buildOnce } from "./buildOnce";
import { continuesAfterFailure } from "./continuesAfterFailure";
import { hiddenByPipe } from "./hiddenByPipe";
import { parses } from "./parses";
import { promotionByDigest } from "./promotionByDigest";
import { pushAfterFailure } from "./pushAfterFailure";
import { pushBeforeScan } from "./pushBeforeScan";
import { scannerFails } from "./scannerFails";
import { swallowedResult } from "./swallowedResult";

export const buildspecRules: Rule[] = [
    parses,
    swallowedResult,
    pushBeforeScan,
    pushAfterFailure,
    continuesAfterFailure,
    scannerFails,
    hiddenByPipe,
    buildOnce,
    promotionByDigest,
];
