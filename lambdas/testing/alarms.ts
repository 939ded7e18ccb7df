import assert from "node:assert/strict";
import type { CapturedStack } from "./capturedStack";
import type { ReportedMetric } from "./functionRunner";

/**
 * Names of the alarms that these numbers would raise, as Amazon CloudWatch would: the same namespace, name and exactly
 * the same dimensions. Alarms about silence (metric math) are left out: nothing that happened raises them.
 */
export function raisedAlarms(stack: CapturedStack, metrics: readonly ReportedMetric[]): string[] {
    return stack
        .all("aws:cloudwatch/metricAlarm:MetricAlarm")
        .map(({ properties }) => properties)
        .filter((alarm) => alarm["metricQueries"] === undefined && isRaised(alarm, metrics))
        .map((alarm) => String(alarm["name"]));
}

function isRaised(alarm: Record<string, unknown>, metrics: readonly ReportedMetric[]): boolean {
    const { namespace, metricName, dimensions, threshold, comparisonOperator, statistic } = alarm;
    assert.equal(comparisonOperator, "GreaterThanOrEqualToThreshold", String(alarm["name"]));
    const wanted = Object.entries((dimensions ?? {}) as Record<string, string>);
    const values = metrics
        .filter((metric) => metric.namespace === namespace && metric.name === metricName)
        .filter(({ dimensions: given }) => Object.keys(given).length === wanted.length)
        .filter(({ dimensions: given }) => wanted.every(([key, value]) => given[key] === value))
        .map(({ value }) => value);
    if (values.length === 0) return false;
    const sum = values.reduce((total, value) => total + value, 0);
    return (statistic === "Maximum" ? Math.max(...values) : sum) >= Number(threshold);
}
