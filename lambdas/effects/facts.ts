import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import {
    alarmingFacts,
    metricsNamespace,
    type ApprovalFact,
    type AsyncApprovalEffects,
} from "../../gate/approval/effects";
import { shown } from "../../gate/approval/foreignJson";
import type { TokenMask } from "./tokenMask";

const alarming: readonly ApprovalFact[] = alarmingFacts;

/** Longest text in a log entry, and most members of a list. */
const longestText = 1_000;
const longestList = 60;

/** Structured logs, and metrics in CloudWatch's embedded format; both are lines on standard output. */
export interface Telemetry {
    logger: Logger;
    metrics: Metrics;
    tokens: TokenMask;
}

export function createTelemetry(tokens: TokenMask): Telemetry {
    return { logger: new Logger(), metrics: new Metrics({ namespace: metricsNamespace }), tokens };
}

/** Each fact as a log entry, and as a metric of its name that counts one. */
export function factEffects(telemetry: Telemetry): Pick<AsyncApprovalEffects, "report"> {
    return {
        async report({ fact, details }) {
            reportFact(telemetry, { fact, details, isAlarming: alarming.includes(fact) });
        },
    };
}

/** One fact as a log entry, and as a metric of its name that counts one. */
export function reportFact(
    { logger, metrics, tokens }: Telemetry,
    given: { fact: string; details: Record<string, unknown>; isAlarming: boolean },
): void {
    const { fact, isAlarming } = given;
    const entry = { fact, details: loggable(given.details, tokens) as Record<string, unknown> };
    if (isAlarming) logger.warn(fact, entry);
    else logger.info(fact, entry);
    metrics.addMetric(fact, MetricUnit.Count, 1);
}

/** A value as it may be logged: no token, no custom data as it came, no text without end. */
export function loggable(value: unknown, tokens: TokenMask): unknown {
    if (typeof value === "string") {
        const masked = tokens.mask(value);
        return masked.length > longestText ? `${masked.slice(0, longestText)}…` : masked;
    }
    if (Array.isArray(value)) return value.slice(0, longestList).map((part) => loggable(part, tokens));
    if (value instanceof Date) return value.toISOString();
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
        Object.entries(value).map(([key, part]) => [
            key,
            key === "customData" ? shown(part) : loggable(part, tokens),
        ]),
    );
}
