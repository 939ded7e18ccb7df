import type { Rule } from "../../harness/rule";
import { buildOnce } from "./buildOnce";
import { containerPowers } from "./containerPowers";
import { continuesAfterFailure } from "./continuesAfterFailure";
import { buildsDescribed, reportsKept } from "./evidenceKept";
import { hiddenByPipe } from "./hiddenByPipe";
import { parses } from "./parses";
import { pinnedTools } from "./pinnedTools";
import { promotionByDigest } from "./promotionByDigest";
import { pushAfterFailure } from "./pushAfterFailure";
import { pushBeforeScan } from "./pushBeforeScan";
import { rebuiltAfterScan } from "./rebuiltAfterScan";
import { scannedIsPushed } from "./scannedIsPushed";
import { scannerFails } from "./scannerFails";
import { secretsKept } from "./secretsKept";
import { selfEdit } from "./selfEdit";
import { swallowedResult } from "./swallowedResult";
import { textSearchVerdict } from "./textSearchVerdict";
import { uncheckedDownload } from "./uncheckedDownload";
import { verifiedConnections } from "./verifiedConnections";
import { weakenedHistory, weakenedThreshold } from "./weakenedScan";

export const buildspecRules: Rule[] = [
    parses,
    swallowedResult,
    pushBeforeScan,
    pushAfterFailure,
    continuesAfterFailure,
    scannerFails,
    weakenedThreshold,
    hiddenByPipe,
    scannedIsPushed,
    buildOnce,
    rebuiltAfterScan,
    promotionByDigest,
    uncheckedDownload,
    pinnedTools,
    containerPowers,
    secretsKept,
    textSearchVerdict,
    verifiedConnections,
    weakenedHistory,
    reportsKept,
    buildsDescribed,
    selfEdit,
];
