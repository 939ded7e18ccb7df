import assert from "node:assert/strict";
import { gatePolicySchema } from "../policy/gatePolicy";
import { scanReportSchema, type ScanReport } from "../report/scanReport";
import { judge } from "../verdict/verdict";
import { inspectorReport } from "./inspectorReport";
import {
    sampleDigest,
    sampleEcrAnswer,
    sampleImage,
    sampleInspectorFinding,
    toBytes,
} from "./testing/inspectorAnswer";

const now = new Date("2026-03-04T12:00:00Z");
const subject = { image: sampleImage, digest: sampleDigest, now };
const policy = gatePolicySchema.parse({ version: 1, requiredScanners: { test: ["inspector"] } });

function outcomeOf(report: ScanReport): string {
    return judge({ policy, stage: "test", reports: [report], digest: sampleDigest, now }).outcome;
}

/** Reads, and demands on the way that the report has the written form and is never a pass when incomplete. */
function read(content: Uint8Array): ScanReport {
    const report = scanReportSchema.parse(inspectorReport([content], subject));
    assert.equal(report.complete, report.incompleteReasons.length === 0);
    if (!report.complete) assert.equal(outcomeOf(report), "incomplete");
    return report;
}

type Answer = ReturnType<typeof sampleEcrAnswer>;

function readChanged(mode: "basic" | "enhanced", change: (answer: Answer) => unknown): ScanReport {
    const answer = sampleEcrAnswer(mode, [{}, { severity: "LOW" }], now);
    const changed = change(answer);
    return read(toBytes(changed === undefined ? answer : changed));
}

const severitiesOf = ({ findings }: ScanReport): string[] => findings.map(({ severity }) => severity);

describe("inspector report of DescribeImageScanFindings", () => {
    it("takes over the findings of basic scanning", () => {
        const content = toBytes(sampleEcrAnswer("basic", [{}], now));
        const report = read(content);
        assert.deepEqual(
            { ...report, raw: report.raw?.bytes },
            {
                version: 1,
                scanner: { name: "inspector", version: "" },
                subject: { image: sampleImage, digest: sampleDigest },
                startedAt: "2026-03-04T11:00:00.000Z",
                finishedAt: "2026-03-04T11:00:00.000Z",
                dataBuiltAt: "2026-03-04T05:00:00.000Z",
                raw: content.length,
                complete: true,
                incompleteReasons: [],
                findings: [
                    {
                        id: "CVE-2019-5188",
                        severity: "critical",
                        package: { name: "e2fsprogs", version: "1.44.1-1ubuntu1.1", type: "OS" },
                        fixedIn: "a version that ECR basic scanning does not name",
                        willNotFix: false,
                        url: "http://people.ubuntu.com/~ubuntu-security/cve/CVE-2019-5188",
                        source: "/imageScanFindings/findings/0",
                    },
                ],
                refusals: [],
            },
        );
        assert.equal(outcomeOf(report), "fail");
    });

    it("counts a finding in two packages once and names both", () => {
        const report = read(
            toBytes(
                sampleEcrAnswer(
                    "enhanced",
                    [
                        {
                            packages: [
                                { name: "openssl" },
                                { name: "libssl3t64", fixedInVersion: "NotAvailable" },
                                { name: "openssl", version: "1.1.1", release: "" },
                            ],
                        },
                        {
                            id: "CVE-2",
                            packages: [{ name: "tar", fixedInVersion: "NotAvailable" }],
                            fixAvailable: "NO",
                        },
                        { id: "CVE-3", packages: [{ name: "tar", fixedInVersion: "" }] },
                    ],
                    now,
                ),
            ),
        );
        assert.equal(report.complete, true);
        assert.deepEqual(
            report.findings.map(({ id, package: { name, version, type }, fixedIn, source }) => [
                ...[id, name, version, type, fixedIn, source],
            ]),
            [
                [
                    ...["CVE-2024-6119", "openssl, libssl3t64", "3.0.13-0ubuntu3.2, 1.1.1", "OS"],
                    ...["0:3.0.13-0ubuntu3.4", "/imageScanFindings/enhancedFindings/0"],
                ],
                ["CVE-2", "tar", "3.0.13-0ubuntu3.2", "OS", null, "/imageScanFindings/enhancedFindings/1"],
                [
                    ...["CVE-3", "tar", "3.0.13-0ubuntu3.2", "OS"],
                    ...["a version that Inspector does not name", "/imageScanFindings/enhancedFindings/2"],
                ],
            ],
        );
    });

    it("counts findings in code and of the network with what they have", () => {
        const answer = sampleEcrAnswer("enhanced", [{ severity: "HIGH" }, { severity: "HIGH" }], now);
        const { packageVulnerabilityDetails: _, ...bare } = sampleInspectorFinding({ severity: "HIGH" });
        answer.imageScanFindings["enhancedFindings"] = [
            {
                ...bare,
                type: "CODE_VULNERABILITY",
                title: "CWE-798 - Hardcoded credentials",
                codeVulnerabilityDetails: {
                    detectorId: "python/hardcoded-credentials@v1.0",
                    filePath: { fileName: "app.py", filePath: "src/app.py", startLine: 3, endLine: 3 },
                },
            },
            { ...bare, type: "NETWORK_REACHABILITY", title: "Port 22 is reachable", fixAvailable: "NO" },
        ];
        const report = read(toBytes(answer));
        assert.equal(report.complete, true);
        assert.deepEqual(
            report.findings.map(({ id, severity, package: about }) => [id, severity, about]),
            [
                [
                    "python/hardcoded-credentials@v1.0",
                    "high",
                    {
                        name: "CWE-798 - Hardcoded credentials",
                        version: "",
                        type: "CODE_VULNERABILITY",
                        path: "src/app.py",
                    },
                ],
                [
                    "Port 22 is reachable",
                    "high",
                    { name: "Port 22 is reachable", version: "", type: "NETWORK_REACHABILITY" },
                ],
            ],
        );
    });

    for (const mode of ["basic", "enhanced"] as const) {
        it(`is complete and empty for a clean image (${mode})`, () => {
            const answer = sampleEcrAnswer(mode, [], now);
            const report = read(toBytes(answer));
            assert.deepEqual([report.complete, report.findings, outcomeOf(report)], [true, [], "pass"]);
        });

        for (const [text, severity] of [
            ["CRITICAL", "critical"],
            ["HIGH", "high"],
            ["MEDIUM", "medium"],
            ["LOW", "low"],
            ["INFORMATIONAL", "negligible"],
            ["UNDEFINED", "unknown"],
            ["UNTRIAGED", "unknown"],
        ] as const) {
            it(`reads severity "${text}" as ${severity} (${mode})`, () => {
                const report = read(toBytes(sampleEcrAnswer(mode, [{ severity: text }], now)));
                assert.deepEqual([report.complete, severitiesOf(report)], [true, [severity]]);
            });
        }

        for (const text of ["", "SEVERE", "CRITICA", "critical"]) {
            it(`counts severity "${text}" as unknown and does not believe the answer (${mode})`, () => {
                const report = read(toBytes(sampleEcrAnswer(mode, [{ severity: text }], now)));
                assert.deepEqual(severitiesOf(report), ["unknown"]);
                assert.deepEqual(report.incompleteReasons, [
                    `the gate does not know the severity "${text}" of Inspector and ECR; it counts as unknown`,
                ]);
            });
        }
    }

    it("takes UNTRIAGED and UNDEFINED for the same when it compares the counts", () => {
        const answer = sampleEcrAnswer("enhanced", [{ severity: "UNTRIAGED" }, {}], now);
        answer.imageScanFindings["findingSeverityCounts"] = { UNDEFINED: 1, CRITICAL: 1, LOW: 0 };
        assert.equal(read(toBytes(answer)).complete, true);
    });

    for (const [status, counted] of [
        ["ACTIVE", 1],
        ["SUPPRESSED", 1],
        ["CLOSED", 0],
        ["REOPENED", 1],
    ] as const) {
        it(`counts ${counted} finding that is ${status}`, () => {
            const answer = sampleEcrAnswer("enhanced", [{ status }], now);
            answer.imageScanFindings["findingSeverityCounts"] = { CRITICAL: counted };
            const report = read(toBytes(answer));
            assert.deepEqual([report.complete, report.findings.length], [true, counted]);
        });
    }

    it("does not believe a finding that has run into a part of another", () => {
        for (const key of ["findingArn", "severity", "packageVulnerabilityDetails"]) {
            for (const part of ["vulnerablePackages", "resources"] as const) {
                const answer = sampleEcrAnswer("enhanced", [{ severity: "LOW" }], now);
                const [finding] = answer.imageScanFindings["enhancedFindings"] as Record<string, unknown>[];
                const { packageVulnerabilityDetails: details } = finding as {
                    packageVulnerabilityDetails: Record<string, unknown>;
                };
                const owner = part === "resources" ? finding : details;
                const [first] = owner?.[part] as Record<string, unknown>[];
                if (first !== undefined) first[key] = "CRITICAL";
                const report = read(toBytes(answer));
                assert.equal(report.findings.length, 1);
                assert.match(
                    report.incompleteReasons.join(),
                    new RegExp(`${part}\\.0\\.${key}: belongs to a`),
                );
            }
        }
    });

    it("does not believe that a finding which ECR counts is closed", () => {
        const report = read(toBytes(sampleEcrAnswer("enhanced", [{ status: "CLOSED" }], now)));
        assert.deepEqual(report.incompleteReasons, [
            "ECR counts 1 findings that are critical, and 0 are listed; ask again",
        ]);
    });

    it("believes a count without the suppressed findings, but not one without active ones", () => {
        const answer = sampleEcrAnswer("enhanced", [{ status: "SUPPRESSED" }, {}], now);
        answer.imageScanFindings["findingSeverityCounts"] = { CRITICAL: 1 };
        const report = read(toBytes(answer));
        assert.deepEqual([report.complete, report.findings.length], [true, 2]);
        answer.imageScanFindings["findingSeverityCounts"] = {};
        assert.match(read(toBytes(answer)).incompleteReasons.join(), /counts 0 findings that are critical/);
    });

    it("puts the pages of one answer together", () => {
        const pages = [[{}], [{ severity: "LOW" }]].map((findings) => ({
            ...sampleEcrAnswer("enhanced", findings, now),
            nextToken: undefined as string | undefined,
        }));
        for (const page of pages) page.imageScanFindings["findingSeverityCounts"] = { CRITICAL: 1, LOW: 1 };
        const [first] = pages;
        if (first === undefined) assert.fail();
        first.nextToken = "dG9rZW4";
        const report = read(toBytes(pages));
        assert.deepEqual(
            [report.complete, report.findings.map(({ source }) => source)],
            [true, ["/0/imageScanFindings/enhancedFindings/0", "/1/imageScanFindings/enhancedFindings/0"]],
        );
        assert.match(read(toBytes([...pages].reverse())).incompleteReasons.join(), /calls itself the last/);
        assert.match(
            read(toBytes([first])).incompleteReasons.join(),
            /counts 1 findings that are low, and 0/,
        );
    });

    it("takes data that is newer than the scan for as old as the scan", () => {
        const report = readChanged("enhanced", ({ imageScanFindings }) => {
            imageScanFindings["vulnerabilitySourceUpdatedAt"] = "2026-03-04T11:30:00+00:00";
        });
        assert.deepEqual([report.complete, report.dataBuiltAt], [true, "2026-03-04T11:00:00.000Z"]);
    });

    it("is as old as the last scan, also while Inspector watches the image", () => {
        const report = readChanged("enhanced", ({ imageScanFindings }) => {
            imageScanFindings["imageScanCompletedAt"] = "2025-11-04T11:30:00.123000+01:00";
        });
        assert.deepEqual([report.complete, report.finishedAt], [true, "2025-11-04T10:30:00.123Z"]);
        assert.equal(outcomeOf(report), "incomplete");
    });
});
