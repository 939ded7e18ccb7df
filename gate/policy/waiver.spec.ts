import assert from "node:assert/strict";
import { gatePolicySchema } from "./gatePolicy";
import { concerns, covers, daysLeft, lifetimeInDays, standingOf, waiverSchema, type Waiver } from "./waiver";

const waiver: Waiver = {
    id: "CVE-2021-3711",
    reason: "The function is not reachable from outside.",
    owner: "payments-team",
    created: "2026-03-01",
    expires: "2026-03-10",
};

/** Paths of what is wrong with a waiver. */
function problemsOf(change: Record<string, unknown>): string[] {
    const { error } = waiverSchema.safeParse({ ...waiver, ...change });
    return [...new Set((error?.issues ?? []).map(({ path }) => path.join(".")))];
}

describe("waiver", () => {
    it("needs what a reader must know", () => {
        assert.deepEqual(problemsOf({}), []);
        assert.deepEqual(problemsOf({ package: "openssl", applications: ["orders", "billing"] }), []);
        for (const key of ["id", "reason", "owner", "created", "expires"])
            assert.deepEqual(problemsOf({ [key]: undefined }), [key]);
    });

    for (const [what, change, path] of [
        ["an empty id", { id: "" }, "id"],
        ["an id with white space", { id: "CVE-2021-3711 " }, "id"],
        ["an id with an invisible character", { id: "CVE-2021-3711\u200b" }, "id"],
        ["an id with a control character", { id: "CVE-2021-3711\u001b[2K" }, "id"],
        ["a wildcard", { id: "CVE-2021-*" }, "id"],
        ["a wildcard for packages", { package: "*" }, "package"],
        ["no application", { applications: [] }, "applications"],
        ["an application twice", { applications: ["orders", "orders"] }, "applications"],
        ["a reason of 19 characters", { reason: "abcdefghij klmnopqr" }, "reason"],
        ["a reason with blanks at its ends", { reason: "  abcdefghij klmnopqr  " }, "reason"],
        ["a reason with blanks within", { reason: "abcdefgh             i" }, "reason"],
        ["a reason of invisible characters", { reason: `see\u200b${"\u200b".repeat(30)}` }, "reason"],
        ["a reason that repeats one letter", { reason: "x".repeat(40) }, "reason"],
        ["a reason that says todo", { reason: "todo todo todo todo todo" }, "reason"],
        ["a reason of dots", { reason: ". . . . . . . . . . . . . . . ." }, "reason"],
        ["a blank owner", { owner: "   " }, "owner"],
        ["an owner without a letter", { owner: "---" }, "owner"],
        ["a day that does not exist", { created: "2026-02-30", expires: "2026-03-10" }, "created"],
        ["the 29th of February of another year", { expires: "2027-02-29" }, "expires"],
        ["a month that does not exist", { expires: "2026-13-01" }, "expires"],
        ["a time", { expires: "2026-03-10T00:00:00Z" }, "expires"],
        ["a short date", { expires: "2026-3-10" }, "expires"],
        ["an American date", { expires: "03/10/2026" }, "expires"],
        ["the day on which it was created", { expires: "2026-03-01" }, "expires"],
        ["a day before it was created", { expires: "2026-02-28" }, "expires"],
        ["another key", { until: "2026-03-10" }, ""],
    ] as const) {
        it(`refuses ${what}`, () => assert.deepEqual(problemsOf(change), [path]));
    }

    it("accepts a reason of 20 characters and the 29th of February of a leap year", () => {
        assert.deepEqual(problemsOf({ reason: "abcdefghij klmnopqrs" }), []);
        assert.deepEqual(problemsOf({ created: "2028-02-28", expires: "2028-02-29" }), []);
    });

    it("holds from the first moment of created to the last of expires, UTC", () => {
        const at = (time: string): [string, number] => [
            standingOf(waiver, new Date(time)),
            daysLeft(waiver, new Date(time)),
        ];
        assert.deepEqual(at("2026-02-28T23:59:59.999Z"), ["notYetValid", 11]);
        assert.deepEqual(at("2026-03-01T00:00:00.000Z"), ["active", 10]);
        assert.deepEqual(at("2026-03-10T00:00:00.000Z"), ["active", 1]);
        assert.deepEqual(at("2026-03-10T23:59:59.999Z"), ["active", 1]);
        assert.deepEqual(at("2026-03-11T00:00:00.000Z"), ["expired", 0]);
        assert.equal(standingOf(waiver, new Date(Number.NaN)), "expired");
        assert.equal(lifetimeInDays(waiver), 9);
    });

    it("is about exactly its id, package and applications", () => {
        const found = { id: "CVE-2021-3711", package: { name: "openssl" } };
        assert.equal(covers(waiver, found), true);
        assert.equal(covers({ ...waiver, package: "openssl" }, found), true);
        assert.equal(covers({ ...waiver, package: "OpenSSL" }, found), false);
        assert.equal(covers({ ...waiver, id: "cve-2021-3711" }, found), false);
        assert.equal(concerns(waiver, undefined), true);
        assert.equal(concerns({ ...waiver, applications: ["orders"] }, "orders"), true);
        assert.equal(concerns({ ...waiver, applications: ["orders"] }, "order"), false);
        assert.equal(concerns({ ...waiver, applications: ["orders"] }, undefined), false);
    });

    it("must not overlap another one", () => {
        const overlaps = (a: Partial<Waiver>, b: Partial<Waiver>): boolean =>
            !gatePolicySchema.safeParse({
                version: 1,
                waivers: [
                    { ...waiver, ...a },
                    { ...waiver, ...b },
                ],
            }).success;
        assert.equal(overlaps({}, {}), true);
        assert.equal(overlaps({}, { expires: "2026-03-12", owner: "platform" }), true);
        assert.equal(overlaps({}, { applications: ["orders"] }), true);
        assert.equal(overlaps({ applications: ["a", "b"] }, { applications: ["b", "c"] }), true);
        assert.equal(overlaps({ applications: ["a"] }, { applications: ["b"] }), false);
        assert.equal(overlaps({}, { package: "openssl" }), false);
        assert.equal(overlaps({ package: "openssl" }, { package: "openssl" }), true);
        assert.equal(overlaps({}, { id: "CVE-2021-3712" }), false);
    });

    it("must not live longer than any finding may be waived", () => {
        const lives = (expires: string, negligible: number): boolean =>
            gatePolicySchema.safeParse({
                version: 1,
                waivers: [{ ...waiver, expires }],
                maximumWaiverDays: { critical: 1, high: 2, medium: 3, low: 4, negligible },
            }).success;
        assert.equal(lives("2026-03-10", 9), true);
        assert.equal(lives("2026-03-11", 9), false);
    });
});
