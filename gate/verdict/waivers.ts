import type { GatePolicy } from "../policy/gatePolicy";
import { concerns, covers, lifetimeInDays, standingOf, type Waiver } from "../policy/waiver";
import type { RankedFinding } from "./findings";
import type { Reason, ReasonKind } from "./reason";

/** A waiver without package that covers more packages than this is noted: one source package seldom makes more. */
export const mostPackagesOfOneWaiver = 10;

/** The waivers of a policy as they stand for one application at one time. */
export interface StandingWaivers {
    /** Those that hold, by vulnerability id, most specific first. */
    active: ReadonlyMap<string, readonly Waiver[]>;
    /** What is wrong with others, or could not be applied. */
    reasons: readonly Reason[];
}

/** What the waivers say about one finding. */
export interface Excuse {
    /** The waiver by which the finding does not count; null when it counts. */
    waiver: Waiver | null;
    /** Waivers for it that live too long to be applied to its severity. */
    tooLong: readonly Waiver[];
    /** All that are for it, applied or not. */
    matching: readonly Waiver[];
}

const nothing: Excuse = { waiver: null, tooLong: [], matching: [] };

/**
 * Which waivers hold. One that has expired, or does not hold yet, is a reason to fail by itself, whether or not
 * anything is found that it is for: it says that somebody relies on something that is not so.
 */
export function waiversAt(policy: GatePolicy, application: string | undefined, now: Date): StandingWaivers {
    const active = new Map<string, Waiver[]>();
    const reasons: Reason[] = [];
    let elsewhere = 0;
    for (const waiver of policy.waivers) {
        if (!concerns(waiver, application)) {
            elsewhere += 1;
            continue;
        }
        const standing = standingOf(waiver, now);
        if (standing === "active") {
            active.set(waiver.id, [...(active.get(waiver.id) ?? []), waiver].sort(bySpecificity));
            continue;
        }
        reasons.push(
            standing === "expired"
                ? aboutWaiver(
                      "waiverExpired",
                      waiver,
                      `expired at the end of ${waiver.expires} (UTC); mend the finding and remove the waiver, or renew it`,
                  )
                : aboutWaiver(
                      "waiverNotYetValid",
                      waiver,
                      `is dated in the future, it holds from ${waiver.created} (UTC); remove it until then`,
                  ),
        );
    }
    if (application === undefined && elsewhere > 0) {
        const what =
            elsewhere === 1
                ? "waiver that names applications excuses"
                : "waivers that name applications excuse";
        const message = `${elsewhere} ${what} nothing here, because it is not known whose image this is (--application)`;
        reasons.push({ kind: "note", scanner: null, message });
    }
    return { active, reasons };
}

/**
 * The waiver that is shown for a finding is the one that says most about it. Two that say as much are never for the
 * same finding: a policy in which they overlap is not valid.
 */
function bySpecificity(a: Waiver, b: Waiver): number {
    const rank = ({ package: name, applications }: Waiver): number =>
        (name === undefined ? 2 : 0) + (applications === undefined ? 1 : 0);
    return rank(a) - rank(b);
}

/** Whether a finding is waived. Its severity before `unfixedCountsAs` decides how long a waiver may live. */
export function excuseFor(
    { finding, effective }: RankedFinding,
    { active }: StandingWaivers,
    policy: GatePolicy,
): Excuse {
    const matching = active.get(finding.id)?.filter((waiver) => covers(waiver, finding)) ?? [];
    if (matching.length === 0) return nothing;
    const fits = (waiver: Waiver): boolean => lifetimeInDays(waiver) <= policy.maximumWaiverDays[effective];
    return {
        waiver: matching.find(fits) ?? null,
        tooLong: matching.filter((waiver) => !fits(waiver)),
        matching,
    };
}

/** By waiver, the names of the packages that a scanner found its vulnerability in. */
export type WaiverMatches = ReadonlyMap<Waiver, ReadonlySet<string>>;

/**
 * Notes on waivers that hold and are not what they should be.
 * @param matches of every required scanner; null for one whose report could not be used.
 */
export function notesOnWaivers(
    { active }: StandingWaivers,
    matches: readonly (WaiverMatches | null)[],
): Reason[] {
    return [...active.values()].flat().flatMap((waiver) => {
        const packages = new Set(matches.flatMap((each) => [...(each?.get(waiver) ?? [])]));
        const notes: Reason[] = [];
        // Whether anything is there that it is for is only known when every required scanner has spoken.
        if (packages.size === 0 && matches.every((each) => each !== null)) {
            notes.push(aboutWaiver("waiverUnused", waiver, "is for nothing that was found; remove it"));
        }
        if (waiver.package === undefined && waiver.applications === undefined) {
            notes.push(
                aboutWaiver(
                    "waiverBroad",
                    waiver,
                    "is for every package of every application; name what it is for",
                ),
            );
        } else if (packages.size > mostPackagesOfOneWaiver) {
            const names = [...packages].sort().slice(0, 3).join(", ");
            notes.push(
                aboutWaiver(
                    "waiverBroad",
                    waiver,
                    `covers ${packages.size} packages (${names}, …); name the one it is for`,
                ),
            );
        }
        return notes;
    });
}

/** A reason about one waiver; `what` completes the sentence that begins with what it is for. */
export function aboutWaiver(kind: ReasonKind, waiver: Waiver, what: string): Reason {
    return {
        kind,
        scanner: null,
        message: `the waiver of ${nameOfWaiver(waiver)} ${what}`,
        waiver: describeWaiver(waiver),
    };
}

/** `CVE-2021-3711 in openssl for orders, billing (owner payments-team)` */
function nameOfWaiver({ id, package: name, applications, owner }: Waiver): string {
    const where = name === undefined ? "" : ` in ${name}`;
    const whose = applications === undefined ? "" : ` for ${applications.toSorted().join(", ")}`;
    return `${id}${where}${whose} (owner ${owner})`;
}

export function describeWaiver({
    id,
    package: name,
    applications,
    owner,
    expires,
}: Waiver): Reason["waiver"] {
    return { id, package: name ?? null, applications: applications?.toSorted() ?? null, owner, expires };
}
