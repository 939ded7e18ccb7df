import assert from "node:assert/strict";
import fc from "fast-check";
import { severities } from "../report/severity";
import { toSeverity } from "./inspectorFinding";
import { inspectorReport } from "./inspectorReport";
import { sampleDigest, sampleEcrAnswer, sampleImage, toBytes } from "./testing/inspectorAnswer";

const now = new Date("2026-03-04T12:00:00Z");
const names = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNTRIAGED", "UNDEFINED"];
const list = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 30 });
const mode = fc.constantFrom("basic" as const, "enhanced" as const);

function read(answer: unknown) {
    return inspectorReport([toBytes(answer)], { image: sampleImage, digest: sampleDigest, now });
}

describe("inspector report, whatever is found", () => {
    it("has exactly the findings that ECR counts, in any order", () => {
        fc.assert(
            fc.property(mode, list, (kind, found) => {
                for (const order of [found, [...found].reverse()]) {
                    const report = read(
                        sampleEcrAnswer(
                            kind,
                            order.map((severity) => ({ severity })),
                            now,
                        ),
                    );
                    assert.equal(report.complete, true);
                    for (const severity of severities) {
                        assert.equal(
                            report.findings.filter((each) => each.severity === severity).length,
                            found.filter((name) => toSeverity(name) === severity).length,
                        );
                    }
                }
            }),
            { numRuns: 200 },
        );
    });

    it("is not complete when any finding is lost, or has another severity than ECR counts", () => {
        fc.assert(
            fc.property(mode, list, fc.nat(), (kind, found, number) => {
                const at = number % found.length;
                const counts = sampleEcrAnswer(
                    kind,
                    found.map((severity) => ({ severity })),
                    now,
                ).imageScanFindings;
                const lost = found.filter((_, index) => index !== at);
                const raised = found.map((name, index) => (index === at ? otherThan(name) : name));
                for (const changed of [lost, raised]) {
                    const answer = sampleEcrAnswer(
                        kind,
                        changed.map((severity) => ({ severity })),
                        now,
                    );
                    answer.imageScanFindings["findingSeverityCounts"] = counts["findingSeverityCounts"];
                    const report = read(answer);
                    assert.deepEqual([report.complete, report.findings.length], [false, changed.length]);
                }
            }),
            { numRuns: 200 },
        );
    });
});

function otherThan(name: string): string {
    return names.find((each) => toSeverity(each) !== toSeverity(name)) ?? assert.fail();
}
