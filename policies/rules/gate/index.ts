import type { Rule } from "../../harness/rule";
import { failsClosed } from "./failsClosed";
import { limitsInEnvironment } from "./limitsInEnvironment";
import { scanEventSource } from "./scanEventSource";

export const gateRules: Rule[] = [scanEventSource, limitsInEnvironment, failsClosed];
