/** Judges that are wrong about waivers, each in one way that a real mistake would be. */
import { rankedSeverities, type GatePolicy } from "../../policy/gatePolicy";
import { lifetimeInDays, standingOf, type Waiver } from "../../policy/waiver";
import { severities } from "../../report/severity";
import { reasonEffects } from "../reason";
import { judge, type Verdict } from "../verdict";
import { changingReports, type BrokenJudge } from "./brokenJudges";
import { longLives, type SampleRequest } from "./verdictSamples";

const dayInMilliseconds = 86_400_000;

function dateFrom(now: Date, days: number): string {
    return new Date(now.getTime() + days * dayInMilliseconds).toISOString().slice(0, 10);
}

function changingPolicy(
    request: SampleRequest,
    change: (policy: GatePolicy) => Partial<GatePolicy>,
): Verdict {
    return judge({ ...request, policy: { ...request.policy, ...change(request.policy) } });
}

function changingWaivers(
    request: SampleRequest,
    change: (waiver: Waiver) => Partial<Waiver> | null,
): Verdict {
    return changingPolicy(request, ({ waivers }) => ({
        waivers: waivers.flatMap((waiver) => {
            const changed = change(waiver);
            return changed === null ? [] : [{ ...waiver, ...changed }];
        }),
    }));
}

/** The verdict with some reasons left out, and the outcome that is left then. */
function withoutReasons(
    verdict: Verdict,
    isLeftOut: (reason: Verdict["reasons"][number]) => boolean,
): Verdict {
    const reasons = verdict.reasons.filter((reason) => !isLeftOut(reason));
    const effects = reasons.map(({ kind }) => reasonEffects[kind]);
    const outcome = effects.includes("incomplete")
        ? "incomplete"
        : effects.includes("fail")
          ? "fail"
          : "pass";
    return { ...verdict, reasons, outcome };
}

export const brokenWaiverJudges: Record<string, BrokenJudge> = {
    "knows no waivers": (request) => changingPolicy(request, () => ({ waivers: [] })),
    "does not look at when a waiver expires": (request) =>
        changingWaivers(request, (waiver) =>
            standingOf(waiver, request.now) === "expired"
                ? { created: dateFrom(request.now, 0), expires: dateFrom(request.now, 1) }
                : {},
        ),
    "drops expired waivers without a word": (request) =>
        changingWaivers(request, (waiver) => (standingOf(waiver, request.now) === "expired" ? null : {})),
    "lets an expired waiver fail only when it is needed": (request) => {
        const verdict = judge(request);
        const found = new Set(request.reports.flatMap(({ findings }) => findings?.map(({ id }) => id) ?? []));
        return withoutReasons(
            verdict,
            ({ kind, waiver }) => kind === "waiverExpired" && !found.has(waiver?.id ?? ""),
        );
    },
    "fails for an expired waiver and still applies it": (request) => {
        const expired = judge(request).reasons.filter(({ kind }) => kind === "waiverExpired");
        const verdict = changingWaivers(request, (waiver) =>
            standingOf(waiver, request.now) === "expired"
                ? { created: dateFrom(request.now, 0), expires: dateFrom(request.now, 1) }
                : {},
        );
        return withoutReasons({ ...verdict, reasons: [...verdict.reasons, ...expired] }, () => false);
    },
    "notes an expired waiver instead of failing": (request) => {
        const verdict = judge(request);
        const reasons = verdict.reasons.map((reason) =>
            reason.kind === "waiverExpired" ? { ...reason, kind: "note" as const } : reason,
        );
        return withoutReasons({ ...verdict, reasons }, () => false);
    },
    "takes an expired waiver for a doubt": (request) => {
        const verdict = judge(request);
        const isExpired = verdict.reasons.some(({ kind }) => kind === "waiverExpired");
        return isExpired ? { ...verdict, outcome: "incomplete" } : verdict;
    },
    "lets an expired waiver outrank what is incomplete": (request) => {
        const verdict = judge(request);
        const isExpired = verdict.reasons.some(({ kind }) => kind === "waiverExpired");
        return isExpired ? { ...verdict, outcome: "fail" } : verdict;
    },
    "ends a waiver at the beginning of its last day": (request) =>
        changingWaivers(request, ({ expires }) => ({ expires: dateFrom(new Date(expires), -1) })),
    "ends a waiver a day late": (request) =>
        changingWaivers(request, ({ expires }) => ({ expires: dateFrom(new Date(expires), 1) })),
    "applies waivers of the future": (request) =>
        changingWaivers(request, (waiver) =>
            standingOf(waiver, request.now) === "notYetValid" ? { created: dateFrom(request.now, 0) } : {},
        ),
    "drops waivers of the future without a word": (request) =>
        changingWaivers(request, (waiver) => (standingOf(waiver, request.now) === "notYetValid" ? null : {})),
    "begins a waiver at noon": (request) =>
        request.now.getUTCHours() < 12
            ? changingWaivers(request, ({ created }) => ({
                  created: created === dateFrom(request.now, 0) ? dateFrom(request.now, 1) : created,
              }))
            : judge(request),
    "does not look at how long a waiver lives": (request) =>
        changingPolicy(request, () => ({ maximumWaiverDays: longLives })),
    "allows a waiver one day more": (request) =>
        changingPolicy(request, ({ maximumWaiverDays: days }) => ({
            maximumWaiverDays: {
                critical: days.critical + 1,
                high: days.high + 1,
                medium: days.medium + 1,
                low: days.low + 1,
                negligible: days.negligible + 1,
            },
        })),
    "allows every waiver what it allows for negligible": (request) =>
        changingPolicy(request, ({ maximumWaiverDays: { negligible: most } }) => ({
            maximumWaiverDays: { critical: most, high: most, medium: most, low: most, negligible: most },
        })),
    "allows every waiver only what it allows for critical": (request) =>
        changingPolicy(request, ({ maximumWaiverDays: { critical: least } }) => ({
            maximumWaiverDays: { critical: least, high: least, medium: least, low: least, negligible: least },
        })),
    "measures a waiver's life from now": (request) =>
        changingWaivers(request, (waiver) =>
            standingOf(waiver, request.now) === "active" ? { created: dateFrom(request.now, 0) } : {},
        ),
    "applies no waiver to a finding when any of its waivers lives too long": (request) => {
        const most = request.policy.maximumWaiverDays.critical;
        const long = new Set(
            request.policy.waivers.filter((waiver) => lifetimeInDays(waiver) > most).map(({ id }) => id),
        );
        return changingWaivers(request, ({ id }) => (long.has(id) ? null : {}));
    },
    "fails for a waiver that lives too long for a finding": (request) => {
        const verdict = judge(request);
        const isTooLong = verdict.reasons.some(({ kind }) => kind === "waiverTooLong");
        return isTooLong && verdict.outcome === "pass" ? { ...verdict, outcome: "fail" } : verdict;
    },
    "compares ids without case": (request) => {
        const known = request.reports.flatMap(({ findings }) => findings?.map(({ id }) => id) ?? []);
        return changingWaivers(request, ({ id }) => ({
            id: known.find((each) => each.toLowerCase() === id.toLowerCase()) ?? id,
        }));
    },
    "compares the beginning of ids": (request) => {
        const known = request.reports.flatMap(({ findings }) => findings?.map(({ id }) => id) ?? []);
        return changingWaivers(request, ({ id }) => ({
            id: known.find((each) => each.startsWith(id)) ?? id,
        }));
    },
    "does not look at the package": (request) => changingWaivers(request, () => ({ package: undefined })),
    "compares the beginning of package names": (request) => {
        const known = request.reports.flatMap(
            ({ findings }) => findings?.map((each) => each.package.name) ?? [],
        );
        return changingWaivers(request, ({ package: name }) => ({
            package: known.find((each) => name !== undefined && each.startsWith(name)) ?? name,
        }));
    },
    "does not look at the applications": (request) =>
        changingWaivers(request, () => ({ applications: undefined })),
    "applies every waiver when the application is not known": (request) =>
        request.application === undefined
            ? changingWaivers(request, () => ({ applications: undefined }))
            : judge(request),
    "applies only the first application of a waiver": (request) =>
        changingWaivers(request, ({ applications }) => ({ applications: applications?.slice(0, 1) })),
    "looks at the waivers of all applications for what has expired": (request) =>
        changingWaivers(request, (waiver) =>
            standingOf(waiver, request.now) === "expired" ? { applications: undefined } : {},
        ),
    "uses only the first waiver of an id": (request) =>
        changingPolicy(request, ({ waivers }) => ({
            waivers: waivers.filter((waiver, at) => at === waivers.findIndex(({ id }) => id === waiver.id)),
        })),
    "waives one finding for each waiver": (request) => {
        const known = new Set<string>();
        return changingReports(request, ({ findings }) => ({
            findings: findings?.map((each) => {
                const key = `${each.id} ${each.package.name}`;
                if (!known.has(key)) {
                    known.add(key);
                    return each;
                }
                return { ...each, id: each.id.replace("-", "_") };
            }),
        }));
    },
    "waives a scanner's own refusals too": (request) => {
        const waived = new Set(request.policy.waivers.map(({ id }) => id));
        return changingReports(request, ({ refusals }) => ({
            refusals: refusals.filter(({ rule }) => !waived.has(rule)),
        }));
    },
    "takes a report whose findings are all waived for complete": (request) => {
        const waived = new Set(request.policy.waivers.map(({ id }) => id));
        return changingReports(request, ({ findings, complete, incompleteReasons }) =>
            findings?.every(({ id }) => waived.has(id)) === true
                ? { complete: true, incompleteReasons: [] }
                : { complete, incompleteReasons },
        );
    },
    "waives what a waiver in another package is for, if it is milder": (request) =>
        changingWaivers(request, (waiver) => {
            const worst = request.reports
                .flatMap(({ findings }) => findings?.filter(({ id }) => id === waiver.id) ?? [])
                .map(({ severity }) => severities.indexOf(severity));
            return Math.min(...worst) > 1 ? { package: undefined } : {};
        }),
    "does not list what is waived": (request) => {
        const verdict = judge(request);
        return { ...verdict, reasons: verdict.reasons.filter(({ kind }) => kind !== "waived") };
    },
    "counts what is waived as well": (request) => {
        const verdict = judge(request);
        const scanners = verdict.scanners.map((scanner) => {
            const { counts, waived } = scanner;
            if (counts === null || waived === null) return scanner;
            const both = { ...counts };
            for (const severity of rankedSeverities) both[severity] += waived[severity];
            return { ...scanner, counts: both };
        });
        return { ...verdict, scanners };
    },
    "forgets to count what is waived": (request) => {
        const verdict = judge(request);
        const none = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0 };
        return { ...verdict, scanners: verdict.scanners.map((scanner) => ({ ...scanner, waived: none })) };
    },
    "says nothing about unused waivers": (request) =>
        withoutReasons(judge(request), ({ kind }) => kind === "waiverUnused"),
    "calls waivers unused by what advisory scanners found": (request) => {
        const required = request.policy.requiredScanners[request.stage];
        const found = request.reports
            .filter(({ scanner }) => !required.includes(scanner?.name))
            .flatMap(({ findings }) => findings?.map(({ id }) => id) ?? []);
        return withoutReasons(
            judge(request),
            ({ kind, waiver }) => kind === "waiverUnused" && found.includes(waiver?.id ?? ""),
        );
    },
    "lists waivers in the order of the policy": (request) => {
        const verdict = judge(request);
        const place = ({ waiver }: Verdict["reasons"][number]): number =>
            request.policy.waivers.findIndex(({ id }) => id === waiver?.id);
        return { ...verdict, reasons: verdict.reasons.toSorted((a, b) => place(a) - place(b)) };
    },
};
