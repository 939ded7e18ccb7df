/**
 * From captured resources to the monthly floor: what the stack costs at list price while nobody uses it. Pure; the
 * order of the resources does not matter. What cannot be priced is listed with the reason, never counted as zero.
 */
import type { CapturedResource } from "../model";
import { ResourceIndex, byCodeUnit } from "../report/resourceIndex";
import { isFreeType } from "./freeTypes";
import type { Price, UsagePrice } from "./prices";
import { hoursPerMonth, priceDate, priceRegion } from "./prices";
import { pricers } from "./pricers";

export interface CostLine {
    item: string;
    /** Billable units: gateways, gigabytes, keys. For hourly prices the hours are not included. */
    quantity: number;
    unit: Price["unit"];
    unitPriceUsd: number;
    /** Whole cents, rounded half up; lines add up exactly to the total. */
    amountCents: number;
    /** The multiplication as people write it, e.g. `2 × 730 h × $0.045 = $65.70`. */
    arithmetic: string;
    certainty: Price["certainty"];
    /** URNs of the resources behind the line, sorted. */
    resources: string[];
}

export interface UsageLine {
    /** What is used, by resource type, e.g. `CodePipeline V2`. */
    item: string;
    prices: UsagePrice[];
    resources: string[];
}

export interface UnpricedLine {
    urn: string;
    type: string;
    name: string;
    /** One sentence: what has no price or could not be known. */
    reason: string;
}

export interface CostEstimate {
    priceDate: string;
    region: string;
    hoursPerMonth: number;
    /** Most expensive first. */
    lines: CostLine[];
    totalCents: number;
    /** Paid by use: not in the floor. */
    usage: UsageLine[];
    /** Not in the floor although it may cost something. Sorted by URN. */
    unpriced: UnpricedLine[];
    /** How many resources are of a type that is known to be free. */
    freeResources: number;
}

/** What one resource adds to the bill. */
export interface Charges {
    fixed?: { price: Price; quantity: number }[];
    usage?: { item: string; prices: UsagePrice[] }[];
    unpriced?: string[];
}

const unitSymbols: Record<Price["unit"], string> = {
    hour: "h",
    month: "month",
    "GB-month": "GB",
    "IOPS-month": "IOPS",
    "MBps-month": "MB/s",
};

/** Dollars as a list price is written: at least two decimals, no trailing zeros beyond. */
export function formatUnitPrice(usd: number): string {
    const exact = usd.toFixed(10).replace(/0+$/, "");
    const decimals = exact.length - exact.indexOf(".") - 1;
    return `$${decimals < 2 ? usd.toFixed(2) : exact}`;
}

/** Whole cents as dollars, e.g. `9876` → `$98.76`. */
export function formatCents(cents: number): string {
    return `$${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
}

/** Cents, half up. Works in millionths of a dollar so that 730 × 0.0225 is exactly 16.425 and rounds to 16.43. */
function amountCents(price: Price, quantity: number): number {
    const hours = price.unit === "hour" ? hoursPerMonth : 1;
    return Math.round((Math.round(price.usd * 1e6) * quantity * hours) / 1e4);
}

function arithmeticOf(price: Price, quantity: number, cents: number): string {
    const factor =
        price.unit === "hour"
            ? `${quantity} × ${hoursPerMonth} h`
            : price.unit === "month"
              ? `${quantity}`
              : `${quantity} ${unitSymbols[price.unit]}`;
    return `${factor} × ${formatUnitPrice(price.usd)} = ${formatCents(cents)}`;
}

function chargesOf(resource: CapturedResource, index: ResourceIndex): Charges | "free" {
    if (!resource.custom) {
        return resource.remote && index.childrenOf(resource.urn).length === 0
            ? { unpriced: [`no price for ${resource.type}: the component was not expanded into resources`] }
            : "free";
    }
    const pricer = pricers[resource.type];
    if (pricer) {
        return pricer(resource, index);
    }
    return isFreeType(resource.type)
        ? "free"
        : { unpriced: [`no price for ${resource.type}: the type is not in the price table`] };
}

/** Groups by price (or usage item), sums, and keeps which resources are behind each line. */
export function estimateMonthlyFloor(resources: readonly CapturedResource[]): CostEstimate {
    const index = new ResourceIndex(resources);
    const fixed = new Map<string, { price: Price; quantity: number; resources: Set<string> }>();
    const usage = new Map<string, UsageLine>();
    const unpriced: UnpricedLine[] = [];
    let freeResources = 0;
    for (const resource of index.resources) {
        const charges = chargesOf(resource, index);
        if (charges === "free") {
            freeResources += resource.custom ? 1 : 0;
            continue;
        }
        for (const { price, quantity } of charges.fixed ?? []) {
            if (quantity > 0) {
                const line = fixed.get(price.item) ?? { price, quantity: 0, resources: new Set<string>() };
                line.quantity += quantity;
                line.resources.add(resource.urn);
                fixed.set(price.item, line);
            }
        }
        for (const { item, prices } of charges.usage ?? []) {
            const line = usage.get(item) ?? { item, prices: [], resources: [] };
            line.prices.push(...prices.filter((each) => !line.prices.includes(each)));
            line.resources.push(resource.urn);
            usage.set(item, line);
        }
        for (const reason of charges.unpriced ?? []) {
            unpriced.push({ urn: resource.urn, type: resource.type, name: resource.name, reason });
        }
    }
    const lines = [...fixed.values()].map(({ price, quantity, resources: behind }): CostLine => {
        const cents = amountCents(price, quantity);
        return {
            item: price.item,
            quantity,
            unit: price.unit,
            unitPriceUsd: price.usd,
            amountCents: cents,
            arithmetic: arithmeticOf(price, quantity, cents),
            certainty: price.certainty,
            resources: [...behind].sort(byCodeUnit),
        };
    });
    lines.sort((a, b) => b.amountCents - a.amountCents || byCodeUnit(a.item, b.item));
    return {
        priceDate,
        region: priceRegion,
        hoursPerMonth,
        lines,
        totalCents: lines.reduce((sum, line) => sum + line.amountCents, 0),
        usage: [...usage.values()].sort((a, b) => byCodeUnit(a.item, b.item)),
        unpriced,
        freeResources,
    };
}
