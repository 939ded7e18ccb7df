import assert from "node:assert/strict";
import { gatePolicySchema } from "../policy/gatePolicy";
import { scanReportSchema, type ScanReport } from "../report/scanReport";
import { judge } from "../verdict/verdict";
import { inspectorReport } from "./inspectorReport";
import { readCoverage } from "./listedAnswer";
import {
    sampleCoverage,
    sampleDigest,
    sampleEcrAnswer,
    sampleImage,
    sampleInspectorFinding,
    toBytes,
} from "./testing/inspectorAnswer";

const now = new Date("2026-03-04T12:00:00Z");
const policy = gatePolicySchema.parse({ version: 1, requiredScanners: { test: ["inspector"] } });

function outcomeOf(report: ScanReport): string {
    return judge({ policy, stage: "test", reports: [report], digest: sampleDigest, now }).outcome;
}

/** @param coverage what ListCoverage answered; null when it was not asked. */
function read(document: unknown, coverage: unknown = sampleCoverage(now)): ScanReport {
    const report = scanReportSchema.parse(
        inspectorReport(
            [toBytes(document)],
            { image: sampleImage, digest: sampleDigest, now },
            coverage === null ? null : readCoverage([toBytes(coverage)], sampleDigest),
        ),
    );
    if (!report.complete) assert.equal(outcomeOf(report), "incomplete");
    return report;
}

type Covered = ReturnType<typeof sampleCoverage>["coveredResources"][number];

function readWith(change: (resource: Covered) => unknown): ScanReport {
    const coverage = sampleCoverage(now);
    for (const resource of coverage.coveredResources) change(resource);
    return read({ findings: [] }, coverage);
}

const other = `sha256:${"9".repeat(64)}`;

describe("inspector report of ListFindings", () => {
    it("takes over every finding, and the time of the last scan from the coverage", () => {
        const report = read({
            findings: [sampleInspectorFinding(), sampleInspectorFinding({ severity: "LOW" })],
        });
        assert.deepEqual(
            [report.complete, report.startedAt, report.finishedAt, report.dataBuiltAt],
            [true, ...Array.from({ length: 3 }, () => "2026-03-04T11:00:00.000Z")],
        );
        assert.deepEqual(
            report.findings.map(({ severity, source }) => [severity, source]),
            [
                ["critical", "/findings/0"],
                ["low", "/findings/1"],
            ],
        );
    });

    it("passes a covered image without findings", () => {
        const report = read({ findings: [] });
        assert.deepEqual([report.complete, outcomeOf(report)], [true, "pass"]);
    });

    it("reads the image's digest in the newer form as well", () => {
        const finding = sampleInspectorFinding();
        for (const resource of finding.resources) {
            resource.details = { image: { imageDigest: sampleDigest } };
            resource.id = "";
        }
        assert.deepEqual([read({ findings: [finding] }).findings.length], [1]);
    });

    it("counts a finding in this image and another, and is not complete", () => {
        const finding = sampleInspectorFinding();
        finding.resources.push(...sampleInspectorFinding({ digest: other }).resources);
        const report = read({ findings: [finding] });
        assert.equal(report.findings.length, 1);
        assert.match(report.incompleteReasons.join(), /not about sha256:c3ab.* alone but about sha256:999/);
    });

    it("puts the pages of one answer together", () => {
        const pages = [
            { findings: [sampleInspectorFinding()], nextToken: "x" },
            { findings: [sampleInspectorFinding()] },
        ];
        const report = read(pages);
        assert.deepEqual(
            [report.complete, report.findings.map(({ source }) => source)],
            [true, ["/0/findings/0", "/1/findings/0"]],
        );
        assert.match(
            read([...pages].reverse()).incompleteReasons.join("; "),
            /itself the last|further findings/,
        );
    });

    const instance = {
        ...sampleInspectorFinding(),
        resources: [{ id: "i-0abc", details: { awsEc2Instance: {} } }],
    };
    for (const [name, document, coverage, reason, findings] of [
        ["no coverage", { findings: [] }, null, /--coverage FILE/, 0],
        ["a next token", { findings: [], nextToken: "x" }, undefined, /further findings/, 0],
        [
            "a finding of another image",
            { findings: [sampleInspectorFinding({ digest: other })] },
            undefined,
            /about sha256:999/,
            1,
        ],
        ["a finding of an instance", { findings: [instance] }, undefined, /about no image at all/, 1],
        [
            "findings of this image, another and an instance",
            {
                findings: [
                    sampleInspectorFinding({ digest: other }),
                    sampleInspectorFinding(),
                    instance,
                    { ...sampleInspectorFinding(), resources: [] },
                ],
            },
            undefined,
            /3 of 4 findings are not about sha256:c3ab/,
            2,
        ],
        [
            "another image, and this one only closed",
            {
                findings: [
                    sampleInspectorFinding({ digest: other }),
                    sampleInspectorFinding({ status: "CLOSED" }),
                ],
            },
            undefined,
            /1 of 2 findings are not about/,
            0,
        ],
        ["an entry that is no finding", { findings: [7] }, undefined, /1 of 1 findings are not written/, 1],
        ["a renamed list", { results: [] }, undefined, /no answer of ECR's/, 0],
        ["a list with company", { findings: [], metadata: {} }, undefined, /no answer of ECR's/, 0],
        [
            "answers of both services",
            [{ findings: [] }, sampleEcrAnswer("basic", [], now)],
            undefined,
            /no answer of ECR's/,
            0,
        ],
        [
            "no coverage of this image",
            { findings: [] },
            { coveredResources: [] },
            /does not cover sha256:c3ab/,
            0,
        ],
        [
            "coverage that goes on",
            { findings: [] },
            { ...sampleCoverage(now), nextToken: "x" },
            /coverage goes on/,
            0,
        ],
        [
            "something else for the coverage",
            { findings: [] },
            { findings: [] },
            /not an answer of Inspector's List/,
            0,
        ],
        [
            "coverage without a status",
            { findings: [] },
            { coveredResources: [{}] },
            /not an answer of Inspector's/,
            0,
        ],
    ] as const) {
        it(`is incomplete: ${name}`, () => {
            const report = read(document, coverage);
            assert.match(report.incompleteReasons.join("; "), reason);
            assert.equal(report.findings.length, findings);
        });
    }

    it("counts an entry that it cannot read with the severity that stands there", () => {
        const finding = { ...sampleInspectorFinding(), packageVulnerabilityDetails: "none", title: "T" };
        const report = read({ findings: [finding, { ...finding, severity: 7, title: "" }] });
        assert.deepEqual(
            report.findings.map(({ id, severity }) => [id, severity]),
            [
                ["T", "critical"],
                ["unreadable finding", "unknown"],
            ],
        );
        assert.match(report.incompleteReasons.join(), /2 of 2 findings are not written/);
    });

    it("needs coverage that is active and successful, with a time", () => {
        for (const [change, reason] of [
            [
                (each: Covered) => (each.scanStatus.statusCode = "INACTIVE"),
                /coverage of the image is INACTIVE SUCCESSFUL/,
            ],
            [(each: Covered) => (each.scanStatus.reason = "UNSUPPORTED_OS"), /is ACTIVE UNSUPPORTED_OS/],
            [(each: Covered) => (each.resourceType = "AWS_EC2_INSTANCE"), /does not cover/],
            [(each: Covered) => (each.lastScannedAt = undefined), /when it last scanned the image/],
        ] as const) {
            assert.match(readWith(change).incompleteReasons.join("; "), reason);
        }
        const old = readWith((each) => (each.lastScannedAt = "2026-02-01T00:00:00-07:00"));
        assert.deepEqual(
            [old.complete, old.finishedAt, outcomeOf(old)],
            [true, "2026-02-01T07:00:00.000Z", "incomplete"],
        );
    });

    it("refuses coverage that cannot be read", () => {
        assert.match(readCoverage([Buffer.from("{")], sampleDigest).problem ?? "", /cannot be read/);
    });
});
