import type { Rule } from "../../harness/rule";
import { concurrency } from "./concurrency";
import { deadLetterConfig, failedEvents } from "./failedEvents";
import { functionUrl } from "./functionUrl";
import { invokeGrants } from "./invokeGrants";
import { plainSecrets } from "./plainSecrets";
import { supportedRuntime } from "./supportedRuntime";
import { tracing } from "./tracing";

export const lambdaRules: Rule[] = [
    supportedRuntime,
    deadLetterConfig,
    failedEvents,
    concurrency,
    tracing,
    plainSecrets,
    invokeGrants,
    functionUrl,
];
