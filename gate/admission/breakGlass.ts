/** Overrides for an emergency: one digest of one application may run without an approval, for a day at most. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import * as z from "zod";
import { digestSchema } from "../report/scanReport";
import { parseStrictJson } from "../report/strictJson";
import { applicationName } from "../settings/settingsFile";
import { allowedClockSkewMinutes } from "../verdict/trust";

export type Item = Record<string, AttributeValue>;

/** How the range key of an override begins: `override#<issuedAt>#<id>`. */
export const overridePrefix = "override#";

/** Longest time that an override holds. */
export const mostHours = 24;

/** Fewest characters of a reason, white space at its ends not counted. */
export const shortestReason = 20;

const minute = 60_000;
const hour = 60 * minute;

const instant = z.iso.datetime();
const principal = z.string().min(1).max(2_048);

/** Who let what run, why, and until when. It is never changed but for being revoked. */
export const overrideSchema = z.strictObject({
    /** Tells two of the same moment apart: a UUID. */
    id: z.uuid(),
    application: applicationName,
    digest: digestSchema,
    reason: z
        .string()
        .max(1_000)
        .refine((text) => text.trim().length >= shortestReason, "must say why in 20 characters or more"),
    /** ARN of the caller, as AWS STS knew it. */
    who: principal,
    issuedAt: instant,
    /** From then on it holds no more. */
    until: instant,
    revoked: z.strictObject({ at: instant, by: principal }).optional(),
});

export type Override = z.infer<typeof overrideSchema>;

/** An override cannot be read: it opens nothing. One line with what and where. */
export class DamagedOverrideError extends Error {
    override name = "DamagedOverrideError";
}

/**
 * Why an override does not hold now, in one line; null when it does. Whatever cannot be computed, and whatever lasts
 * longer than a day, by its own dates or from now on, holds never.
 */
export function whyNotOpen({ issuedAt, until, revoked }: Override, now: Date): string | null {
    if (revoked !== undefined) return `was revoked at ${revoked.at} by ${revoked.by}`;
    const [issued, end, time] = [Date.parse(issuedAt), Date.parse(until), now.getTime()];
    if (!(issued <= time + allowedClockSkewMinutes * minute)) return `is dated in the future, ${issuedAt}`;
    if (!(end > issued && end <= issued + mostHours * hour && end <= time + mostHours * hour)) {
        return `lasts longer than ${mostHours} hours, from ${issuedAt} to ${until}`;
    }
    return time < end ? null : `ended at ${until}`;
}

/** The overrides of a digest and application that hold now, that which holds longest first. */
export function openOverrides(
    overrides: readonly Override[],
    { application, digest, now }: { application: string; digest: string; now: Date },
): Override[] {
    return overrides
        .filter((one) => one.application === application && one.digest === digest)
        .filter((one) => whyNotOpen(one, now) === null)
        .sort((a, b) => Date.parse(b.until) - Date.parse(a.until) || (a.id < b.id ? -1 : 1));
}

export function overrideItemKey({
    digest,
    issuedAt,
    id,
}: Pick<Override, "digest" | "issuedAt" | "id">): Item {
    return { digest: { S: digest }, record: { S: `${overridePrefix}${issuedAt}#${id}` } };
}

/** An override as it lies in the table: what people look for, and the whole of it as JSON. */
export function overrideItem(override: Override): Item {
    const { application, reason, who, until, revoked } = override;
    return {
        ...overrideItemKey(override),
        application: { S: application },
        reason: { S: reason },
        who: { S: who },
        until: { S: until },
        ...(revoked === undefined ? {} : { revokedBy: { S: revoked.by } }),
        document: { S: JSON.stringify(override) },
    };
}

/** @throws DamagedOverrideError */
export function readOverrideItem(item: Item, table: string): Override {
    const what = `the override ${item["record"]?.S} of ${item["digest"]?.S} in table ${table}`;
    let value: unknown;
    try {
        value = parseStrictJson(item["document"]?.S ?? "");
    } catch {
        throw new DamagedOverrideError(`${what} cannot be read: its document is not JSON; see who wrote it`);
    }
    const result = overrideSchema.safeParse(value);
    if (!result.success) {
        const [issue] = result.error.issues;
        const where = issue?.path.join(".") || "as a whole";
        throw new DamagedOverrideError(
            `${what} cannot be read: its document ${where}: ${issue?.message}; see who wrote it`,
        );
    }
    const expected = overrideItem(result.data);
    for (const name of new Set([...Object.keys(expected), ...Object.keys(item)])) {
        if (item[name]?.S !== expected[name]?.S) {
            throw new DamagedOverrideError(
                `${what} cannot be believed: its ${name} is not what its document says; see who wrote it`,
            );
        }
    }
    return result.data;
}
