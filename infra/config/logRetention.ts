import { z } from "zod";

/** Months, quarters and years that CloudWatch Logs accepts as retention (`PutRetentionPolicy`), in days. */
export const logRetentionDays = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** A retention that CloudWatch Logs accepts. */
export const retention = z.literal([...logRetentionDays]);

/**
 * Days for which logs of builds and of the approval gate are kept. Evidence and decisions are kept elsewhere; logs are
 * for finding out why something failed.
 */
export const deliveryLogDays = { deletable: 30, protected: 365 } as const;
