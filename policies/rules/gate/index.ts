import type { Rule } from "../../harness/rule";
import { answersExactAction } from "./answersExactAction";
import { deadLetters } from "./deadLetters";
import { deciderExists } from "./deciderExists";
import { deciderReach } from "./deciderReach";
import { failsClosed } from "./failsClosed";
import { limitsInEnvironment } from "./limitsInEnvironment";
import { reservedConcurrency } from "./reservedConcurrency";
import { scanEventSource } from "./scanEventSource";

export const gateRules: Rule[] = [
    deciderExists,
    answersExactAction,
    deadLetters,
    reservedConcurrency,
    scanEventSource,
    deciderReach,
    limitsInEnvironment,
    failsClosed,
];
