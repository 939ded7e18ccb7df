/**
 * What approval decisions cost by use, from the price table. Pure. Free tiers are left out, so small accounts pay less;
 * what a stack costs while nothing is decided is the floor (`estimate.ts`).
 */
import { formatUnitPrice } from "./estimate";
import type { Certainty, UsagePrice } from "./prices";
import { usagePrices } from "./prices";

/** What one decision uses, from the announced approval to the recorded answer. */
export interface DecisionUsage {
    /** Runs of functions. */
    invocations: number;
    /** Billed time × memory of all runs, on arm64. */
    gigabyteSeconds: number;
    /** DynamoDB write request units (1 KB each), of the table and of its indexes. */
    tableWriteUnits: number;
    /** DynamoDB read request units (4 KB each, strongly consistent). */
    tableReadUnits: number;
    /** Reads of the stream by Lambda: free, shown so that nobody looks for them. */
    streamReads: number;
    /** Messages that CodePipeline publishes to SNS. Their delivery to Lambda is free. */
    topicMessages: number;
    /** Events that AWS services put on the default bus and EventBridge hands to the function: free. */
    eventDeliveries: number;
    /** GET requests for stored evidence. */
    objectReads: number;
    /** Requests to KMS: the table's key, the bucket's key, the topic's key. */
    keyRequests: number;
    /** Log lines of all runs, in bytes. */
    logBytes: number;
    /** Traces that X-Ray records. */
    traces: number;
}

export interface DecisionCostLine {
    item: string;
    /** Of all decisions together. */
    quantity: number;
    amountUsd: number;
    /** The multiplication, e.g. `2000 × $0.20 per million Lambda requests`. */
    arithmetic: string;
    /** Null where AWS asks nothing. */
    certainty: Certainty | null;
}

export interface DecisionCost {
    count: number;
    lines: DecisionCostLine[];
    totalUsd: number;
}

/** Write request units of an item: one for each started KB (DynamoDB developer guide, on-demand capacity). */
export function writeUnits(bytes: number): number {
    return Math.max(1, Math.ceil(bytes / 1024));
}

/** Read request units of an item: one for each started 4 KB, half as many for an eventually consistent read. */
export function readUnits(bytes: number, consistent = true): number {
    return Math.max(1, Math.ceil(bytes / 4096)) * (consistent ? 1 : 0.5);
}

const bytesPerGigabyte = 1024 ** 3;

/** Amounts are exact to a billionth of a dollar, so that sums do not show how a machine adds. */
function rounded(usd: number): number {
    return Math.round(usd * 1e9) / 1e9;
}

/**
 * The cost of a number of decisions at list price.
 * @throws RangeError for a count or an amount that is negative or no number
 */
export function costOfDecisions(count: number, usage: DecisionUsage): DecisionCost {
    for (const [name, amount] of Object.entries({ count, ...usage })) {
        if (!Number.isFinite(amount) || amount < 0) {
            throw new RangeError(`${name} is ${amount}: amounts are numbers from 0 on`);
        }
    }
    const paid = (item: string, each: number, price: UsagePrice): DecisionCostLine => {
        const quantity = each * count;
        return {
            item,
            quantity,
            amountUsd: rounded((quantity * price.usd) / price.units),
            arithmetic: `${Number(quantity.toPrecision(6))} × ${formatUnitPrice(price.usd)} per ${price.per}`,
            certainty: price.certainty,
        };
    };
    const free = (item: string, each: number, why: string): DecisionCostLine => ({
        item,
        quantity: each * count,
        amountUsd: 0,
        arithmetic: why,
        certainty: null,
    });
    const lines = [
        paid("Lambda requests", usage.invocations, usagePrices.functionRequests),
        paid("Lambda compute", usage.gigabyteSeconds, usagePrices.functionSecondsArm),
        paid("DynamoDB writes", usage.tableWriteUnits, usagePrices.tableWrites),
        paid("DynamoDB reads", usage.tableReadUnits, usagePrices.tableReads),
        paid("SNS messages", usage.topicMessages, usagePrices.topicMessages),
        paid("S3 reads", usage.objectReads, usagePrices.objectReads),
        paid("KMS requests", usage.keyRequests, usagePrices.keyRequests),
        paid("Logs taken in", usage.logBytes / bytesPerGigabyte, usagePrices.logIngestion),
        paid("X-Ray traces", usage.traces, usagePrices.traces),
        free("DynamoDB stream reads", usage.streamReads, "free when Lambda reads the stream"),
        free("EventBridge deliveries", usage.eventDeliveries, "events of AWS services are free"),
    ];
    return { count, lines, totalUsd: rounded(lines.reduce((sum, line) => sum + line.amountUsd, 0)) };
}
