import assert from "node:assert/strict";
import fc from "fast-check";
import { findingOf } from "../report/testing/sampleFinding";
import { planRelease, planReport, digestsOf, type Approvals } from "./importPlan";
import { scanFindings, scanIdPrefix, type StoredScan } from "./scanFindings";
import type { SecurityFinding } from "./securityFinding";
import { archived, reactivated, storedField } from "./storedFinding";
import { digestOf, executionOf, imported, minute, origin, policyOf, scanOf } from "./testing/findingSamples";
import { refusalOf } from "./testing/importSchema";

const policy = policyOf();
const [first, second] = [findingOf(), findingOf({ id: "CVE-2021-3712" })];

/** Security Hub as far as it matters here: an update that is not later is ignored. */
class Hub {
    readonly findings = new Map<string, SecurityFinding>();

    take(findings: Iterable<SecurityFinding>): this {
        for (const finding of findings) {
            assert.equal(refusalOf(finding), null);
            const known = this.findings.get(finding.Id);
            if (known === undefined || finding.UpdatedAt > known.UpdatedAt)
                this.findings.set(finding.Id, finding);
        }
        return this;
    }

    with(prefix: string, state?: string): SecurityFinding[] {
        return [...this.findings.values()].filter(
            ({ Id, RecordState }) => Id.startsWith(prefix) && (state === undefined || RecordState === state),
        );
    }

    /** What the function does with a report. */
    report(scan: StoredScan, approvals: Approvals = new Map()) {
        const { application, digest } = scan;
        const plan = planReport({
            origin,
            scan,
            policy,
            own: this.with(scanIdPrefix(origin, application, digest, scan.report.scanner.name)),
            active: this.with(scanIdPrefix(origin, application), "ACTIVE"),
            approvals,
        });
        if (plan.kind === "import") {
            this.take(scanFindings(origin, scan, plan.findings, { policy, ...plan })).take(plan.archive);
        }
        return plan;
    }

    release(execution: string, at: Date, approvals: Approvals): void {
        const all = this.with(scanIdPrefix(origin, "orders"));
        const own = all.filter((finding) => storedField(finding, "execution") === execution);
        const active = all.filter(({ RecordState }) => RecordState === "ACTIVE");
        this.take(planRelease({ execution, at, own, active, approvals }));
    }

    /** `<digit of the digest> <vulnerability>` of what is active. */
    get active(): string[] {
        return this.with("", "ACTIVE")
            .map(
                (finding) =>
                    `${storedField(finding, "digest")?.at(-1)} ${storedField(finding, "vulnerability")}`,
            )
            .sort();
    }
}

const [a, b] = [digestOf("a"), digestOf("b")];
const approvedAt = (entries: Record<string, [minutes: number, execution: number]>): Approvals =>
    new Map(
        Object.entries(entries).map(([digest, [minutes, execution]]) => [
            digest,
            { decidedAt: minute(minutes), execution: executionOf(execution) },
        ]),
    );

describe("what a report changes in Security Hub", () => {
    it("archives what a newer complete report of the same scanner no longer has", () => {
        const hub = new Hub();
        hub.report(scanOf({ findings: [first, second] }));
        assert.deepEqual(hub.active, ["a CVE-2021-3711", "a CVE-2021-3712"]);
        hub.report(scanOf({ findings: [second], at: 10, stage: "scanStagingImage" }));
        assert.deepEqual(hub.active, ["a CVE-2021-3712"]);
        const [gone] = hub.with("", "ARCHIVED");
        assert.equal(gone && storedField(gone, "archived"), "gone");
        assert.equal(gone?.UpdatedAt, minute(10).toISOString());
        assert.equal(gone?.CreatedAt, minute(0).toISOString());
    });

    it("archives nothing for a report that is not complete, or of another scanner", () => {
        const hub = new Hub();
        hub.report(scanOf({ findings: [first] }));
        hub.report(scanOf({ at: 10, complete: false }));
        hub.report(scanOf({ at: 11, scanner: "anchore" }));
        assert.deepEqual(hub.active, ["a CVE-2021-3711"]);
    });

    it("is nothing for an older report after a newer one, and the same again for a repeated one", () => {
        const hub = new Hub();
        const [old, newer] = [scanOf({ findings: [first, second] }), scanOf({ findings: [second], at: 10 })];
        hub.report(old);
        hub.report(newer);
        const before = structuredClone(hub.findings);
        assert.equal(hub.report(old).kind, "outdated");
        hub.report(newer);
        assert.deepEqual(hub.findings, before);
    });

    it("archives what older digests have, but for the newest that was approved", () => {
        const hub = new Hub();
        hub.report(scanOf({ digest: a, findings: [first] }));
        hub.report(scanOf({ digest: b, findings: [first], at: 60, execution: executionOf(2) }));
        assert.deepEqual(hub.active, ["b CVE-2021-3711"]);
        const [over] = hub.with("", "ARCHIVED");
        assert.equal(over && storedField(over, "archived"), "superseded");

        const kept = new Hub();
        kept.report(scanOf({ digest: a, findings: [first] }));
        const approvals = new Map([...approvedAt({ [a]: [30, 1] }), [b, null] as const]);
        kept.report(scanOf({ digest: b, findings: [first], at: 60, execution: executionOf(2) }), approvals);
        assert.deepEqual(kept.active, ["a CVE-2021-3711", "b CVE-2021-3711"]);
    });

    it("leaves a digest alone whose staging image was scanned while the next one was tested", () => {
        const hub = new Hub();
        hub.report(scanOf({ digest: a, findings: [first], at: 60, stage: "scanStagingImage" }));
        hub.report(scanOf({ digest: b, findings: [second], at: 60, execution: executionOf(2) }));
        assert.deepEqual(hub.active, ["a CVE-2021-3711", "b CVE-2021-3712"]);
        // And its own report supersedes nothing.
        hub.report(scanOf({ digest: a, findings: [first], at: 62, stage: "scanStagingImage" }));
        assert.deepEqual(hub.active, ["a CVE-2021-3711", "b CVE-2021-3712"]);
    });

    it("imports no report of a digest that was superseded before it came, unless it is the newest approved", () => {
        const late = scanOf({ digest: a, findings: [first] });
        const hub = new Hub();
        hub.report(scanOf({ digest: b, findings: [second], at: 60, execution: executionOf(2) }));
        const plan = hub.report(late);
        assert.match(plan.kind === "outdated" ? plan.why : "", /was tested later/);
        assert.deepEqual(hub.active, ["b CVE-2021-3712"]);
        hub.report(late, approvedAt({ [a]: [90, 1] }));
        assert.deepEqual(hub.active, ["a CVE-2021-3711", "b CVE-2021-3712"]);
    });

    it("is the same in the end, however late and often the events come", () => {
        const vulnerabilities = [first, second, findingOf({ id: "CVE-2021-3713" })];
        const some = fc.subarray(vulnerabilities);
        const scans = fc
            .tuple(some, some, some)
            .map((each) =>
                each.map((findings, at) => scanOf({ findings, at: at * 10, execution: executionOf(at) })),
            );
        const order = fc.array(fc.nat(2), { minLength: 3, maxLength: 9 });
        fc.assert(
            fc.property(scans, order, (reports, events) => {
                const hub = new Hub();
                const newest = reports[2];
                assert(newest);
                // Something of the newest was imported, so that Security Hub knows of it.
                fc.pre(newest.report.findings.length > 0);
                for (const at of [...events, 2]) hub.report(reports[at] ?? newest);
                for (const at of events) hub.report(reports[at] ?? newest);
                assert.deepEqual(hub.active, newest.report.findings.map(({ id }) => `a ${id}`).sort());
            }),
            { numRuns: 200 },
        );
    });

    it("fails where a finding of ours no longer says what it is about", () => {
        const [finding] = imported(scanOf({ findings: [first] }));
        assert(finding);
        const { "portcullis/digest": _digest, ...fields } = finding.ProductFields;
        assert.throws(() => digestsOf([{ ...finding, ProductFields: fields }]), /has no field digest/);
    });
});

describe("what a release changes in Security Hub", () => {
    it("brings back a digest that was superseded while it waited, and ends those that were approved before", () => {
        const hub = new Hub();
        hub.report(scanOf({ digest: digestOf("0"), findings: [first], at: -60, execution: executionOf(7) }));
        const before = approvedAt({ [digestOf("0")]: [-30, 7] });
        hub.report(scanOf({ digest: a, findings: [first] }), before);
        hub.report(scanOf({ digest: b, findings: [second], at: 10, execution: executionOf(2) }), before);
        assert.deepEqual(hub.active, ["0 CVE-2021-3711", "b CVE-2021-3712"]);
        const approvals = new Map([...before, ...approvedAt({ [a]: [20, 1] })]);
        hub.release(executionOf(1), minute(25), approvals);
        assert.deepEqual(hub.active, ["a CVE-2021-3711", "b CVE-2021-3712"]);
        const after = structuredClone(hub.findings);
        hub.release(executionOf(1), minute(25), approvals);
        assert.deepEqual(hub.findings, after);
    });

    it("ends those that were approved before an image without findings", () => {
        const hub = new Hub();
        hub.report(scanOf({ digest: a, findings: [first] }));
        hub.release(executionOf(2), minute(60), approvedAt({ [a]: [10, 1] }));
        assert.deepEqual(hub.active, []);
    });

    it("ends nothing that was approved later, and brings nothing back that is not the newest", () => {
        const hub = new Hub();
        hub.report(scanOf({ digest: a, findings: [first] }));
        hub.report(scanOf({ digest: b, findings: [second], at: 10, execution: executionOf(2) }));
        hub.release(executionOf(1), minute(90), approvedAt({ [a]: [20, 1], [b]: [30, 2] }));
        assert.deepEqual(hub.active, ["b CVE-2021-3712"]);
    });
});

describe("an archived finding", () => {
    it("is later than it was, says why, and can come back", () => {
        const [finding] = imported(scanOf({ findings: [first] }));
        assert(finding);
        const over = archived(finding, "gone", minute(-5));
        assert.deepEqual(
            [over.RecordState, over.UpdatedAt, storedField(over, "archived")],
            ["ARCHIVED", "2026-03-04T12:00:00.001Z", "gone"],
        );
        const back = reactivated(over, minute(5));
        assert.deepEqual(back, { ...finding, UpdatedAt: minute(5).toISOString() });
    });
});
