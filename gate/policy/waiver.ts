import * as z from "zod";
import type { RankedSeverity } from "../report/severity";
import { rankedSeverities } from "./rankedSeverities";

const dayInMilliseconds = 86_400_000;

/** Fewest characters of a waiver's reason, white space at its ends not counted. */
const shortestReason = 20;

/** Fewest different letters and digits of a reason. "xxxx…", "n/a n/a …" and "todo todo …" have less, sentences more. */
const fewestDifferentLetters = 8;

/** White space, and what cannot be seen: it makes no text longer. */
const invisible = /[\p{Z}\p{C}\s]+/gu;

const whatReasonMustSay = `must say in ${shortestReason} characters or more why the finding is accepted`;

const whoOwns = "must name who answers for the waiver, in 200 characters or less";

function isFiller(reason: string): boolean {
    const visible = reason.replace(invisible, " ").trim();
    const letters = new Set(visible.toLowerCase().match(/[\p{L}\p{N}]/gu));
    return [...visible].length < shortestReason || letters.size < fewestDifferentLetters;
}

const date = z.iso.date("must be a date of the calendar, written YYYY-MM-DD");

/**
 * Visible characters only: no white space, control or formatting character. And no `*`, which somebody could take for
 * a wildcard. Ranges instead of \p{…}, which editors that check the JSON schema may read otherwise.
 */
const nameWithoutDoubt =
    /^[!-)+-~\u00a1-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u2fff\u3001-\ufefe\uff01-\uffff]+$/;

/** A name that is compared with another one character by character. */
function exactName(what: string) {
    const allowed = `must be ${what}, in full, without white space and without *`;
    return z.string(allowed).max(500, allowed).regex(nameWithoutDoubt, allowed);
}

/**
 * One vulnerability that is accepted for a while.
 *
 * Names are compared character by character, upper and lower case included. Dates are days of UTC: a waiver holds
 * from the first moment of `created` to the last moment of `expires`.
 */
export const waiverSchema = z
    .strictObject({
        id: exactName("the vulnerability's id as the scanner writes it, such as CVE-2021-3711").describe(
            "Vulnerability id as the scanner writes it, upper and lower case included.",
        ),
        package: exactName("a package's name as the scanner writes it")
            .optional()
            .describe("Only in the package of this name; in every package unless given."),
        applications: z
            .array(exactName("an application's name"))
            .min(1, "must name at least one application; leave it out for all")
            .refine((names) => new Set(names).size === names.length, {
                error: "must not name an application twice",
                when: ({ value }) => Array.isArray(value),
            })
            .optional()
            .describe("Only for these applications; for all unless given."),
        reason: z
            .string(whatReasonMustSay)
            .min(shortestReason, whatReasonMustSay)
            .max(2_000)
            .refine((reason) => reason.length < shortestReason || !isFiller(reason), whatReasonMustSay)
            .describe("Why it is accepted, in 20 characters or more."),
        owner: z
            .string(whoOwns)
            .max(200, whoOwns)
            .refine((owner) => /[\p{L}\p{N}]/u.test(owner), whoOwns)
            .describe("Who answers for it."),
        created: date.describe("First day (UTC) on which it holds, YYYY-MM-DD."),
        expires: date.describe("Last day (UTC) on which it holds, YYYY-MM-DD. After it every verdict fails."),
    })
    .superRefine(
        ({ created, expires }, { addIssue }) => {
            const days = lifetimeInDays({ created, expires });
            if (days <= 0) {
                const message = `must be after created, ${created}`;
                addIssue({ code: "custom", path: ["expires"], message });
            }
        },
        { when: ({ value }) => isObject(value) },
    );

export type Waiver = z.infer<typeof waiverSchema>;

/** All waivers; two of one vulnerability, package and application would contradict each other. */
export const waiversSchema = z.array(waiverSchema).superRefine(
    (waivers, { addIssue }) => {
        const seen = new Map<string, { index: number; applications: readonly string[] | undefined }[]>();
        for (const [index, waiver] of waivers.entries()) {
            if (!hasScope(waiver)) continue;
            const { id, package: name, applications } = waiver;
            const key = JSON.stringify([id, name ?? null]);
            const same = seen.get(key) ?? [];
            const earlier = same.find((other) => overlap(other.applications, applications));
            if (earlier !== undefined) {
                const message = `must not overlap waivers.${earlier.index}, which is for the same id, package and application`;
                addIssue({ code: "custom", path: [index], message });
            }
            seen.set(key, [...same, { index, applications }]);
        }
    },
    { when: ({ value }) => Array.isArray(value) },
);

/** Whether what a waiver is about can be compared although something else in it, or beside it, is wrong. */
function hasScope(waiver: unknown): boolean {
    const { id, package: name, applications } = (waiver ?? {}) as Partial<Record<string, unknown>>;
    const isList = Array.isArray(applications);
    return (
        typeof id === "string" &&
        (name === undefined || typeof name === "string") &&
        (applications === undefined || isList)
    );
}

/** For rules between values: zod would skip them as soon as any single value is wrong, and so hide problems. */
export function isObject(value: unknown): value is object {
    return value !== null && typeof value === "object";
}

/** Applications that are not named are all. */
function overlap(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
    return a === undefined || b === undefined || a.some((name) => b.includes(name));
}

const days = z
    .int("must be a whole number of days")
    .min(0, "must be 0 days or more")
    .max(3_650, "must be 3650 days (ten years) or less");

/**
 * By severity, the most days from a waiver's `created` to its `expires`; 0 means that no finding of that severity
 * can be waived. A milder severity must not have less: otherwise raising a finding's severity could make its waiver
 * valid. The defaults are the times in which our policy wants such a finding to be looked at again.
 */
export const maximumWaiverDaysSchema = z
    .strictObject({
        critical: days.default(14),
        high: days.default(30),
        medium: days.default(90),
        low: days.default(180),
        negligible: days.default(365),
    })
    .superRefine(
        (given, { addIssue }) => {
            rankedSeverities.forEach((severity, index) => {
                const worse = rankedSeverities[index - 1];
                if (worse === undefined || !(given[severity] < given[worse])) return;
                const message = `must not be below ${given[worse]}, the days for ${worse}: a worse finding must not be waived for longer`;
                addIssue({ code: "custom", path: [severity], message });
            });
        },
        { when: ({ value }) => isObject(value) },
    );

/** Days from one date to the other, negative when it lies before; NaN when one of them is no date. */
export function lifetimeInDays({ created, expires }: Pick<Waiver, "created" | "expires">): number {
    return (startOf(expires) - startOf(created)) / dayInMilliseconds;
}

function startOf(day: string): number {
    return Date.parse(`${day}T00:00:00Z`);
}

/** Whether a waiver holds. Only `active` excuses anything. */
export type WaiverStanding = "active" | "expired" | "notYetValid";

/**
 * Whether a waiver holds at a time: from the first moment of `created` to the last moment of `expires`, UTC. What
 * cannot be computed is expired.
 */
export function standingOf({ created, expires }: Waiver, now: Date): WaiverStanding {
    const time = now.getTime();
    if (!(time < startOf(expires) + dayInMilliseconds)) return "expired";
    return time >= startOf(created) ? "active" : "notYetValid";
}

/** Whole days until a waiver ends, the present one included: 1 on the day it expires, 0 or less after it. */
export function daysLeft({ expires }: Waiver, now: Date): number {
    return Math.ceil((startOf(expires) + dayInMilliseconds - now.getTime()) / dayInMilliseconds);
}

/** Whether a waiver speaks about an application at all; one that names applications does not speak about an unnamed one. */
export function concerns({ applications }: Waiver, application: string | undefined): boolean {
    return applications === undefined || (application !== undefined && applications.includes(application));
}

/** Whether a waiver is for a vulnerability in a package. */
export function covers(
    { id, package: name }: Waiver,
    finding: { id: string; package: { name: string } },
): boolean {
    return id === finding.id && (name === undefined || name === finding.package.name);
}

/** By severity, days. */
export type WaiverDays = Record<RankedSeverity, number>;
