import assert from "node:assert/strict";
import fc from "fast-check";
import type { Severity } from "../report/severity";
import { counts, now, outcomeOf, read } from "./testing/readReport";
import {
    sampleModifiedFinding,
    sampleTarget,
    sampleTrivyDocument,
    sampleVulnerability,
    toBytes,
    type SampleVulnerability,
} from "./testing/trivyDocument";

/** What each severity of Trivy counts as. */
const severities: Record<string, Severity> = {
    CRITICAL: "critical",
    HIGH: "high",
    MEDIUM: "medium",
    LOW: "low",
    UNKNOWN: "unknown",
};

const vulnerability: fc.Arbitrary<SampleVulnerability> = fc.record({
    id: fc.constantFrom("CVE-2023-4911", "CVE-2024-24790", "GHSA-2p57-rm9w-gvfp"),
    severity: fc.constantFrom(...Object.keys(severities)),
    package: fc.constantFrom("libc6", "lodash"),
    fixedVersion: fc.constantFrom("", "1.2.3"),
});

/** The lists of one target: what is in force, and what has been taken out. */
const target = fc.record({
    found: fc.array(vulnerability, { maxLength: 4 }),
    ignored: fc.array(vulnerability, { maxLength: 2 }),
});

type Target = typeof target extends fc.Arbitrary<infer T> ? T : never;

function documentOf(ofDistribution: SampleVulnerability[], targets: Target[]): Uint8Array {
    const document = sampleTrivyDocument(ofDistribution, now);
    for (const [at, { found, ignored }] of targets.entries()) {
        const result = sampleTarget(`app/${at}`, "gobinary", found.map(sampleVulnerability));
        if (ignored.length > 0) {
            result["ExperimentalModifiedFindings"] = ignored.map((each) =>
                sampleModifiedFinding(sampleVulnerability(each)),
            );
        }
        document.Results?.push(result);
    }
    return toBytes(document);
}

describe("any Trivy report", () => {
    const found = fc.array(vulnerability, { maxLength: 4 });
    const targets = fc.array(target, { maxLength: 4 });

    it("gives every entry of every target once", () => {
        fc.assert(
            fc.property(found, targets, (ofDistribution, others) => {
                const all = [
                    ...ofDistribution,
                    ...others.flatMap((each) => [...each.found, ...each.ignored]),
                ];
                const expected: Partial<Record<Severity, number>> = {};
                for (const { severity = "" } of all) {
                    const counted = severities[severity] ?? assert.fail();
                    expected[counted] = (expected[counted] ?? 0) + 1;
                }
                const report = read(documentOf(ofDistribution, others));
                assert.deepEqual([report.complete, counts(report)], [true, expected]);
                assert.equal(new Set(report.findings.map(({ source }) => source)).size, all.length);
            }),
        );
    });

    it("never becomes better by a further finding, wherever it is", () => {
        const worse = { pass: ["pass", "fail"], fail: ["fail"], incomplete: ["incomplete"] };
        fc.assert(
            fc.property(found, targets, target, vulnerability, (ofDistribution, others, more, one) => {
                const before = outcomeOf(read(documentOf(ofDistribution, others)));
                for (const content of [
                    documentOf([...ofDistribution, one], others),
                    documentOf(ofDistribution, [...others, more]),
                ]) {
                    assert.ok(worse[before].includes(outcomeOf(read(content))));
                }
            }),
        );
    });

    it("says the same in whatever pieces it is read and however it is indented", () => {
        fc.assert(
            fc.property(found, targets, fc.nat(3), (ofDistribution, others, indent) => {
                const content = documentOf(ofDistribution, others);
                const { raw: _, ...report } = read(content);
                const indented = JSON.stringify(JSON.parse(Buffer.from(content).toString()), null, indent);
                const { raw: _raw, ...again } = read(Buffer.from(indented));
                assert.deepEqual(again, report);
            }),
        );
    });
});
