import type { Rule } from "../../harness/rule";
import { admissionHook } from "./admissionHook";
import { answersExactAction } from "./answersExactAction";
import { deadLetters } from "./deadLetters";
import { deciderExists } from "./deciderExists";
import { deciderReach } from "./deciderReach";
import { eventMatchesScanType } from "./eventMatchesScanType";
import { failsClosed } from "./failsClosed";
import { gateAlarms } from "./gateAlarms";
import { gateTable } from "./gateTable";
import { humanApproval } from "./humanApproval";
import { limitsInEnvironment } from "./limitsInEnvironment";
import { onlyPipelinesAnnounce } from "./onlyPipelinesAnnounce";
import { reservedConcurrency } from "./reservedConcurrency";
import { scanEventSource } from "./scanEventSource";
import { scansStartDecider } from "./scansStartDecider";
import { topicStartsRecorder } from "./topicStartsRecorder";

export const gateRules: Rule[] = [
    topicStartsRecorder,
    onlyPipelinesAnnounce,
    deciderExists,
    answersExactAction,
    deadLetters,
    reservedConcurrency,
    scansStartDecider,
    eventMatchesScanType,
    scanEventSource,
    deciderReach,
    limitsInEnvironment,
    gateTable,
    gateAlarms,
    failsClosed,
    humanApproval,
    admissionHook,
];
