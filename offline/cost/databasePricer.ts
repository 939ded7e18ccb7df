/** RDS instances. */
import { readPath, readProperty, textOf } from "../report/resourceIndex";
import { wholeNumber } from "./computePricers";
import type { Charges } from "./estimate";
import { postgresPrices, prices, usagePrices } from "./prices";
import type { Pricer } from "./pricers";

type Fixed = NonNullable<Charges["fixed"]>;

/** Instance class, storage and number of copies decide. Multi-AZ pays for a standby of the same size. */
export const databaseInstance: Pricer = (resource) => {
    const engine = readProperty(resource, "engine");
    const instanceClass = textOf(resource, "instanceClass");
    const multiZone = readProperty(resource, "multiAz");
    const storageType = readProperty(resource, "storageType");
    const size = wholeNumber(resource.inputs, "allocatedStorage");
    if (engine.kind !== "known" || engine.value !== "postgres") {
        return {
            unpriced: [
                `no price for RDS engine ${engine.kind === "known" ? String(engine.value) : "that is not known"}`,
            ],
        };
    }
    if (multiZone.kind === "unknown") {
        return { unpriced: ["no price for this database: multiAz is not known yet"] };
    }
    const copies = multiZone.kind === "known" && multiZone.value === true ? 2 : 1;
    const price = instanceClass === undefined ? undefined : postgresPrices[instanceClass];
    const fixed: Fixed = price ? [{ price, quantity: copies }] : [];
    const unpriced = price
        ? []
        : [`no price for RDS PostgreSQL ${instanceClass ?? "of an instance class that is not known"}`];
    // The provider's default is gp2.
    const kind =
        storageType.kind === "absent"
            ? "gp2"
            : storageType.kind === "known"
              ? storageType.value
              : "not known yet";
    const storagePrice =
        kind === "gp3" ? prices.databaseGp3 : kind === "gp2" ? prices.databaseGp2 : undefined;
    const iops = readProperty(resource, "iops");
    if (!storagePrice || typeof size !== "number" || iops.kind !== "absent") {
        unpriced.push(
            !storagePrice
                ? `no price for RDS storage of type ${String(kind)}`
                : typeof size !== "number"
                  ? `no price for RDS storage: allocatedStorage is ${size === "unknown" ? "not known yet" : "not set"}`
                  : "no price for provisioned RDS IOPS",
        );
    }
    if (storagePrice && typeof size === "number") {
        fixed.push({ price: storagePrice, quantity: size * copies });
    }
    const managed = readPath(resource.inputs, ["manageMasterUserPassword"]);
    if (managed.kind === "known" && managed.value === true) {
        fixed.push({ price: prices.secret, quantity: 1 });
    }
    const insights = textOf(resource, "databaseInsightsMode");
    const retention = wholeNumber(resource.inputs, "performanceInsightsRetentionPeriod");
    // Seven days of Performance Insights are free.
    if (
        insights === "advanced" ||
        retention === "unknown" ||
        (typeof retention === "number" && retention > 7)
    ) {
        unpriced.push("no price for Database Insights beyond seven days");
    }
    return { fixed, unpriced, usage: [{ item: "RDS backups", prices: [usagePrices.backupStorage] }] };
};
