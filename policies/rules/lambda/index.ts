import type { Rule } from "../../harness/rule";
import { concurrency } from "./concurrency";
import { eventSources } from "./eventSources";
import { deadLetterConfig, failedEvents } from "./failedEvents";
import { functionLogGroup } from "./functionLogGroup";
import { functionSubnets } from "./functionSubnets";
import { functionUrl } from "./functionUrl";
import { invokeGrants } from "./invokeGrants";
import { plainSecrets } from "./plainSecrets";
import { sizedFunction } from "./sizedFunction";
import { supportedRuntime } from "./supportedRuntime";
import { tracing } from "./tracing";
import { trustedLayers } from "./trustedLayers";

export const lambdaRules: Rule[] = [
    supportedRuntime,
    deadLetterConfig,
    failedEvents,
    concurrency,
    tracing,
    plainSecrets,
    invokeGrants,
    functionUrl,
    functionLogGroup,
    sizedFunction,
    eventSources,
    trustedLayers,
    functionSubnets,
];
