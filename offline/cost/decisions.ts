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
    /** GET and HEAD requests for stored evidence; both cost the same. */
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

/** What was seen of one decision: the runs that it took and the calls that they made. */
export interface DecisionTrace {
    /** `milliseconds`: billed time, as stated by whoever asks; a test machine is not Lambda. */
    runs: { memoryMegabytes: number; milliseconds: number; logBytes: number }[];
    /** `bytes`: size of the item that is written or read. */
    calls: { service: string; operation: string; bytes: number }[];
    /** Indexes that repeat every item: each costs as much to write as the table. */
    indexes: number;
}

/**
 * Amounts from a trace, on the dear side: every write also changes every index, every stored report and every message
 * asks KMS once, every run is traced.
 */
export function usageOfDecision({ runs, calls, indexes }: DecisionTrace): DecisionUsage {
    const sum = <Item>(items: readonly Item[], amount: (item: Item) => number): number =>
        items.reduce((total, item) => total + amount(item), 0);
    const of = (service: string, pattern: RegExp): DecisionTrace["calls"] =>
        calls.filter((call) => call.service === service && pattern.test(call.operation));
    const objectReads = of("s3", /^(Get|Head)Object$/).length;
    return {
        invocations: runs.length,
        gigabyteSeconds: sum(runs, (run) => (run.memoryMegabytes / 1024) * (run.milliseconds / 1000)),
        tableWriteUnits: sum(
            of("dynamodb", /^(Put|Update|Delete)Item$/),
            ({ bytes }) => writeUnits(bytes) * (1 + indexes),
        ),
        tableReadUnits: sum(of("dynamodb", /^(GetItem|Query)$/), ({ bytes }) => readUnits(bytes)),
        streamReads: 1,
        topicMessages: 1,
        eventDeliveries: 1,
        objectReads,
        keyRequests: of("s3", /^GetObject$/).length + 1,
        logBytes: sum(runs, ({ logBytes }) => logBytes),
        traces: runs.length,
    };
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
