/** Requests to judge, made at random: what the properties of the verdict are tried on. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { gatePolicySchema, rankedSeverities, type GatePolicy } from "../../policy/gatePolicy";
import { scanStages } from "../../policy/scanStage";
import { waiversSchema, type Waiver } from "../../policy/waiver";
import { scannerNames, type Finding, type ScannerName, type ScanReport } from "../../report/scanReport";
import { severities } from "../../report/severity";
import type { judge, JudgeRequest, Outcome, Verdict } from "../verdict";

export type Judge = typeof judge;

/** What must be true of any judge; a random seed is used, and printed when it fails, unless one is given. */
export type VerdictProperty = (judgeOne: Judge, seed?: number) => void;

/** A request whose reports are typed, so that properties can change them. */
export type SampleRequest = Omit<JudgeRequest, "reports"> & { reports: ScanReport[] };

export const now = new Date("2026-03-04T12:00:00Z");
export const digest = `sha256:${"a".repeat(64)}`;
export const hour = 3_600_000;
const day = 24 * hour;

/** How bad an outcome is. No loss of knowledge and no further finding may ever move a verdict to the left. */
const badness: Record<Outcome, number> = { pass: 0, fail: 1, incomplete: 2 };

export function assertNotBetter(judgeOne: Judge, before: JudgeRequest, after: JudgeRequest): void {
    const [was, is] = [judgeOne(before).outcome, judgeOne(after).outcome];
    assert.ok(badness[is] >= badness[was], `${was} became ${is}`);
}

export function atHoursAgo(hours: number): string {
    return new Date(now.getTime() - hours * hour).toISOString();
}

/** A date so many days before the present one; negative for days after it. */
export function dateDaysAgo(days: number): string {
    return new Date(now.getTime() - days * day).toISOString().slice(0, 10);
}

const ids = ["CVE-2021-3711", "CVE-2022-0778", "GHSA-896r-f27r-55mw"] as const;
const packages = ["openssl", "json-schema"] as const;

export const finding: fc.Arbitrary<Finding> = fc.record({
    id: fc.constantFrom(...ids),
    severity: fc.constantFrom(...severities),
    package: fc.record({
        name: fc.constantFrom(...packages),
        version: fc.constantFrom("1.0", "2.0"),
        type: fc.constant("deb"),
        path: fc.constantFrom("/a", "/b"),
    }),
    fixedIn: fc.constantFrom(null, "3.0", "4.0"),
    willNotFix: fc.boolean(),
    url: fc.constant(null),
    source: fc.constant("/matches/0"),
});

export function waiverOf(change: Partial<Waiver> = {}): Waiver {
    return {
        id: ids[0],
        reason: "The function is not reachable from outside.",
        owner: "payments-team",
        created: dateDaysAgo(1),
        expires: dateDaysAgo(-5),
        ...change,
    };
}

/** A waiver that holds now. */
const waiver: fc.Arbitrary<Waiver> = fc
    .record(
        {
            id: fc.constantFrom(...ids),
            package: fc.constantFrom(...packages),
            applications: fc.subarray(["orders", "billing"], { minLength: 1 }),
            created: fc.nat(40).map(dateDaysAgo),
            expires: fc.nat(40).map((days) => dateDaysAgo(-1 - days)),
        },
        { requiredKeys: ["id", "created", "expires"] },
    )
    .map((parts) => waiverOf(parts));

/** Leaves out those that overlap an earlier one, which a policy must not have. */
export function withoutOverlap(waivers: readonly Waiver[]): Waiver[] {
    return waivers.reduce<Waiver[]>(
        (kept, one) => (waiversSchema.safeParse([...kept, one]).success ? [...kept, one] : kept),
        [],
    );
}

/** A waiver of any length is valid for any finding. */
export const longLives = { critical: 365, high: 365, medium: 365, low: 365, negligible: 365 };

const lives = fc
    .array(fc.nat(90), { minLength: 5, maxLength: 5 })
    .map((days) => days.sort((a, b) => a - b))
    .map(([critical = 0, high = 0, medium = 0, low = 0]) => ({
        critical,
        high,
        medium,
        low,
        negligible: 100,
    }));

const limit = fc.oneof(fc.nat(4), fc.constant("unlimited" as const));
const scanners = fc.shuffledSubarray([...scannerNames], { minLength: 1, maxLength: 3 });

export const policy: fc.Arbitrary<GatePolicy> = fc
    .record({
        limits: fc.record({ critical: fc.nat(3), high: limit, medium: limit, low: limit, negligible: limit }),
        unknownCountsAs: fc.constantFrom(...rankedSeverities),
        unfixedCountsAs: fc.constantFrom("own" as const, ...rankedSeverities),
        requiredScanners: fc.record({ test: scanners, scanStagingImage: scanners }),
        waivers: fc.array(waiver, { maxLength: 4 }).map(withoutOverlap),
        maximumWaiverDays: lives,
    })
    .map((input) => gatePolicySchema.parse({ version: 1, ...input }));

export function reportOf(name: ScannerName, findings: Finding[]): ScanReport {
    return {
        version: 1,
        scanner: { name, version: "1" },
        subject: { image: `example.org/app@${digest}`, digest },
        startedAt: atHoursAgo(2),
        finishedAt: atHoursAgo(1),
        raw: null,
        dataBuiltAt: atHoursAgo(30),
        complete: true,
        incompleteReasons: [],
        findings,
        refusals: [],
    };
}

/** Good reports of every scanner; what is wrong with them is added by the single properties. */
export const reports = fc
    .tuple(
        ...scannerNames.map((name) =>
            fc.array(finding, { maxLength: 6 }).map((found) => reportOf(name, found)),
        ),
    )
    .map((list): ScanReport[] => list);

/** A request whose waivers all hold and whose reports can all be believed. */
export const request: fc.Arbitrary<SampleRequest> = fc
    .record({
        policy,
        reports,
        stage: fc.constantFrom(...scanStages),
        application: fc.constantFrom("orders", "billing", undefined),
    })
    .map((parts) => ({ ...parts, digest, now }));

export const anyNumber = fc.nat(1_000);

export type Change = (report: ScanReport) => ScanReport | ScanReport[];

/** The one report of a required scanner, chosen by `pick`, replaced; the others stay. */
export function withChanged(
    { reports: list, ...rest }: SampleRequest,
    pick: number,
    change: Change,
): SampleRequest {
    const required = list.filter(({ scanner }) =>
        rest.policy.requiredScanners[rest.stage].includes(scanner.name),
    );
    const chosen = required[pick % required.length];
    return { ...rest, reports: list.flatMap((report) => (report === chosen ? change(report) : [report])) };
}

/** The request with part of its policy replaced. */
export function withPolicy(base: SampleRequest, change: Partial<GatePolicy>): SampleRequest {
    return { ...base, policy: { ...base.policy, ...change } };
}

/** The request with the waiver that `pick` chooses replaced; as it is when there is none. */
export function withWaiver(
    base: SampleRequest,
    pick: number,
    change: (waiver: Waiver) => Waiver[],
): SampleRequest {
    const { waivers } = base.policy;
    const chosen = pick % Math.max(waivers.length, 1);
    return withPolicy(base, {
        waivers: waivers.flatMap((waiver, at) => (at === chosen ? change(waiver) : [waiver])),
    });
}

export const withoutWaivers = (base: SampleRequest): SampleRequest => withPolicy(base, { waivers: [] });

/** One finding, none allowed, one waiver; every scanner sees the same. */
export function oneFinding(base: SampleRequest, one: Finding, waiver: Partial<Waiver>): SampleRequest {
    return {
        ...withPolicy(base, {
            limits: { critical: 0, high: 0, medium: 0, low: 0, negligible: 0 },
            maximumWaiverDays: longLives,
            waivers: [waiverOf({ id: one.id, ...waiver })],
        }),
        reports: base.reports.map(({ scanner }) => reportOf(scanner.name, [one])),
    };
}

export const kindsOf = ({ reasons }: Verdict): string[] => reasons.map(({ kind }) => kind);

/**
 * Tries a property. With a seed given the first failure is enough, and half as many runs are, because they always find
 * the same; without, the smallest failure is looked for.
 */
export function demand<T>(seed: number | undefined, property: fc.IProperty<T>, numRuns = 100): void {
    fc.assert(
        property,
        seed === undefined ? { numRuns } : { numRuns: Math.ceil(numRuns / 2), seed, endOnFailure: true },
    );
}
