import assert from "node:assert/strict";
import { counts, now, outcomeOf, read, readChanged } from "./testing/readReport";
import {
    sampleDigest,
    sampleImage,
    sampleModifiedFinding,
    sampleTarget,
    sampleTrivyDocument,
    sampleVulnerability,
    toBytes,
} from "./testing/trivyDocument";

describe("Trivy report", () => {
    it("takes over every finding with its place, fix and source", () => {
        const document = sampleTrivyDocument([{ fixedVersion: "2.36-9+deb12u3" }], now);
        document.Results?.push(
            sampleTarget("app/service", "gobinary", [
                sampleVulnerability({
                    id: "CVE-2024-24790",
                    severity: "CRITICAL",
                    package: "stdlib",
                    version: "v1.21.3",
                    type: "golang",
                    fixedVersion: "1.21.11, 1.22.4",
                }),
            ]),
            sampleTarget("Java", "jar", [
                sampleVulnerability({
                    id: "CVE-2022-42003",
                    package: "com.fasterxml.jackson.core:jackson-databind",
                    version: "2.13.4",
                    type: "maven",
                    path: "app/lib/jackson-databind-2.13.4.jar",
                    status: "will_not_fix",
                }),
            ]),
        );
        const content = toBytes(document);
        const report = read(content);
        assert.deepEqual(report, {
            version: 1,
            scanner: { name: "accuknox", version: "0.69.3" },
            subject: { image: sampleImage, digest: sampleDigest },
            startedAt: "2026-03-04T11:40:00.000Z",
            finishedAt: "2026-03-04T11:40:00.000Z",
            raw: { sha256: report.raw?.sha256, bytes: content.length },
            dataBuiltAt: "2026-03-04T00:00:00.000Z",
            complete: true,
            incompleteReasons: [],
            findings: [
                {
                    id: "CVE-2023-4911",
                    severity: "high",
                    package: { name: "libc6", version: "2.36-9+deb12u1", type: "deb" },
                    fixedIn: "2.36-9+deb12u3",
                    willNotFix: false,
                    url: "https://avd.aquasec.com/nvd/cve-2023-4911",
                    source: "/Results/0/Vulnerabilities/0",
                },
                {
                    id: "CVE-2024-24790",
                    severity: "critical",
                    package: { name: "stdlib", version: "v1.21.3", type: "golang", path: "app/service" },
                    fixedIn: "1.21.11, 1.22.4",
                    willNotFix: false,
                    url: "https://avd.aquasec.com/nvd/cve-2024-24790",
                    source: "/Results/1/Vulnerabilities/0",
                },
                {
                    id: "CVE-2022-42003",
                    severity: "high",
                    package: {
                        name: "com.fasterxml.jackson.core:jackson-databind",
                        version: "2.13.4",
                        type: "maven",
                        path: "app/lib/jackson-databind-2.13.4.jar",
                    },
                    fixedIn: null,
                    willNotFix: true,
                    url: "https://avd.aquasec.com/nvd/cve-2022-42003",
                    source: "/Results/2/Vulnerabilities/0",
                },
            ],
            refusals: [],
        });
    });

    it("is complete and passes for a clean image when everything about it is shown", () => {
        const report = read(toBytes(sampleTrivyDocument([], now)));
        assert.deepEqual([report.complete, report.findings, outcomeOf(report)], [true, [], "pass"]);
    });

    it("counts the same vulnerability under every target and package that has it", () => {
        const report = readChanged((document) => {
            const lodash = sampleVulnerability({ package: "lodash", severity: "CRITICAL", type: "npm" });
            document.Results?.push(
                sampleTarget("Node.js", "node-pkg", [lodash, lodash]),
                sampleTarget("app/package-lock.json", "npm", [lodash]),
            );
        });
        assert.deepEqual([report.complete, counts(report)], [true, { critical: 3, low: 1 }]);
    });

    it("counts what an ignore file, a policy or a VEX document has taken out, and only vulnerabilities", () => {
        const report = readChanged((document) => {
            document.Results?.push({
                ...sampleTarget("Node.js", "node-pkg", []),
                ExperimentalModifiedFindings: [
                    sampleModifiedFinding({ ID: "DS-0002", Severity: "HIGH" }, "misconfiguration"),
                    sampleModifiedFinding(sampleVulnerability({ severity: "CRITICAL" })),
                    sampleModifiedFinding({ RuleID: "aws-access-key-id", Severity: "CRITICAL" }, "secret"),
                    sampleModifiedFinding({ Name: "GPL-3.0", Severity: "HIGH" }, "license"),
                ],
            });
        });
        assert.deepEqual([report.complete, counts(report)], [true, { critical: 1, low: 1 }]);
        assert.equal(report.findings[1]?.source, "/Results/1/ExperimentalModifiedFindings/1");
        assert.equal(outcomeOf(report), "fail");
    });

    it("passes over misconfigurations, secrets and licences", () => {
        const report = readChanged((document) => {
            document.Results?.push(
                {
                    Target: "Dockerfile",
                    Class: "config",
                    Type: "dockerfile",
                    MisconfSummary: { Successes: 24, Failures: 1 },
                    Misconfigurations: [{ ID: "DS-0001", Severity: "CRITICAL", Status: "FAIL" }],
                },
                {
                    Target: "/app/.env",
                    Class: "secret",
                    Secrets: [{ RuleID: "private-key", Severity: "HIGH", StartLine: 1 }],
                },
                {
                    Target: "OS Packages",
                    Class: "license",
                    Licenses: [{ Severity: "HIGH", Name: "GPL-2.0-only", PkgName: "tar" }],
                },
            );
        });
        assert.deepEqual([report.complete, counts(report)], [true, { low: 1 }]);
    });

    for (const [text, severity] of [
        ["CRITICAL", "critical"],
        ["HIGH", "high"],
        ["MEDIUM", "medium"],
        ["LOW", "low"],
        ["UNKNOWN", "unknown"],
    ] as const) {
        it(`reads severity ${text} as ${severity}`, () => {
            const report = read(toBytes(sampleTrivyDocument([{ severity: text }], now)));
            assert.deepEqual([report.complete, counts(report)], [true, { [severity]: 1 }]);
        });
    }

    const strange = (what: string) => [
        "the Trivy report cannot be used: it has entries that Trivy does not write " +
            `(/Results/0/Vulnerabilities/0: ${what})`,
    ];

    for (const text of ["NEGLIGIBLE", "CRITICA", "critical", "constructor"]) {
        it(`counts severity ${text} as unknown and does not believe the report`, () => {
            const report = read(toBytes(sampleTrivyDocument([{ severity: text }], now)));
            assert.deepEqual(counts(report), { unknown: 1 });
            assert.deepEqual(report.incompleteReasons, strange(`its Severity is "${text}"`));
        });
    }

    for (const [status, what] of [
        ["unheard_of", 'its Status is "unheard_of"'],
        ["fixed", "its Status is fixed and there is no FixedVersion"],
        [undefined, "it has no Status"],
    ] as const) {
        it(`counts a finding without a fix of status ${status}, and does not believe the report`, () => {
            const document = sampleTrivyDocument([{}], now);
            const [result] = document.Results ?? [];
            const [finding] = result?.Vulnerabilities as { Status?: string }[];
            if (status === undefined) delete finding?.Status;
            else if (finding !== undefined) finding.Status = status;
            const report = read(toBytes(document));
            assert.deepEqual(counts(report), { high: 1 });
            assert.deepEqual(report.incompleteReasons, strange(what));
        });
    }

    for (const [severity, given, what] of [
        ["LOW", 4, 'its Severity is LOW, not what "nvd" has given it'],
        ["CRITICAL", 3, 'its Severity is CRITICAL, not what "nvd" has given it'],
        ["LOW", "1x", 'its Severity is LOW, not what "nvd" has given it'],
        ["LOW", 1, null],
        ["LOW", undefined, null],
    ] as const) {
        it(`compares severity ${severity} with ${given} of its source`, () => {
            const document = sampleTrivyDocument([{ severity }], now);
            const [result] = document.Results ?? [];
            const [finding] = result?.Vulnerabilities as { VendorSeverity?: unknown }[];
            if (finding !== undefined) finding.VendorSeverity = { nvd: given, redhat: 2 };
            const report = read(toBytes(document));
            assert.deepEqual(counts(report), { [severity.toLowerCase()]: 1 });
            assert.deepEqual(report.incompleteReasons, what === null ? [] : strange(what));
        });
    }

    it("does not believe that what has a fixed version will not be fixed", () => {
        const damaged = [{ fixedVersion: "1.2", status: "will_not_fix" }];
        const report = read(toBytes(sampleTrivyDocument(damaged, now)));
        assert.deepEqual(counts(report), { high: 1 });
        assert.deepEqual(
            report.incompleteReasons,
            strange("its Status is will_not_fix and there is a FixedVersion"),
        );
    });

    it("is incomplete when a vulnerability that was taken out calls itself something else", () => {
        const report = readChanged((document) => {
            const [result] = document.Results ?? [];
            const taken = sampleModifiedFinding(sampleVulnerability({ severity: "CRITICAL" }), "secret");
            if (result !== undefined) result["ExperimentalModifiedFindings"] = [taken];
        });
        assert.deepEqual(report.incompleteReasons, [
            "the Trivy report cannot be used: it has entries that Trivy does not write " +
                "(/Results/0/ExperimentalModifiedFindings/0: a vulnerability that calls itself a secret)",
        ]);
    });

    for (const [status, fixedVersion, fixedIn, willNotFix] of [
        ["fixed", "1.2", "1.2", false],
        ["affected", "", null, false],
        ["will_not_fix", "", null, true],
        ["fix_deferred", "", null, false],
        ["end_of_life", "", null, true],
        ["under_investigation", "", null, false],
        ["not_affected", "", null, false],
        ["unknown", "", null, false],
    ] as const) {
        it(`counts a finding of status ${status}`, () => {
            const report = read(toBytes(sampleTrivyDocument([{ status, fixedVersion }], now)));
            const [finding] = report.findings;
            assert.deepEqual(
                [report.complete, report.findings.length, finding?.fixedIn, finding?.willNotFix],
                [true, 1, fixedIn, willNotFix],
            );
        });
    }

    it("reads reports of before 0.68, which do not name their version, with that of the version file", () => {
        const report = readChanged((document) => {
            delete document.Trivy;
        });
        assert.deepEqual([report.complete, report.scanner.version], [true, "0.69.3"]);
    });

    it("lists the findings of a Trivy before 0.20, and is incomplete", () => {
        const report = read(
            toBytes([
                { Target: "orders (debian 10.4)", Type: "debian", Vulnerabilities: null },
                {
                    Vulnerabilities: [
                        { VulnerabilityID: "CVE-2020-1", PkgName: "lodash", Severity: "CRITICAL" },
                        { VulnerabilityID: "CVE-2020-2", PkgName: "minimist", Severity: "LOW" },
                    ],
                    Target: "app/package-lock.json",
                    Type: "npm",
                },
            ]),
        );
        assert.deepEqual(
            report.findings.map(({ id, severity, package: { type }, source }) => [
                id,
                severity,
                type,
                source,
            ]),
            [
                ["CVE-2020-1", "critical", "npm", "/1/Vulnerabilities/0"],
                ["CVE-2020-2", "low", "npm", "/1/Vulnerabilities/1"],
            ],
        );
        assert.equal(
            report.incompleteReasons[0],
            "the Trivy report cannot be used: it does not have Trivy's JSON format, schema 2, but is a list, " +
                "as Trivy before 0.20 wrote it; scan with the pinned Trivy",
        );
    });

    it("counts entries that cannot be read, and is incomplete", () => {
        const entries = [
            {},
            null,
            "CVE-2023-4911",
            { VulnerabilityID: "CVE-2023-4911", PkgName: 7, Severity: "CRITICAL" },
            sampleVulnerability({ status: "fixed" }),
        ];
        const report = readChanged((document) => {
            document.Results?.push({
                ...sampleTarget("Java", "jar", entries),
                ExperimentalModifiedFindings: [sampleModifiedFinding(sampleVulnerability(), "weakness"), 3],
            });
        });
        assert.deepEqual(
            [report.complete, counts(report)],
            [false, { critical: 1, high: 2, low: 1, unknown: 4 }],
        );
        assert.match(report.incompleteReasons.join("\n"), /entries that Trivy does not write .* and 5 more/);
    });

    it("is incomplete when a finding has run into another list", () => {
        const { PkgName: _, ...torn } = sampleVulnerability({ severity: "CRITICAL" });
        for (const list of ["Packages", "Misconfigurations", "Secrets", "Licenses", "CustomResources"]) {
            const report = readChanged((document) => {
                const target = sampleTarget("Java", "jar", []);
                document.Results?.push({ ...target, [list]: [{ Name: "a" }, { Name: "b", ...torn }] });
            });
            assert.deepEqual(report.incompleteReasons, [
                "the Trivy report cannot be used: it has entries that Trivy does not write " +
                    `(/Results/1/${list}/1: VulnerabilityID belongs to a vulnerability)`,
            ]);
        }
    });

    it("reads a hundred thousand findings, and is incomplete with more", () => {
        const document = sampleTrivyDocument([], now);
        const one = { VulnerabilityID: "CVE-2023-4911", PkgName: "a", Status: "affected", Severity: "LOW" };
        document.Results?.push(sampleTarget("Java", "jar", new Array(100_000).fill(one)));
        assert.deepEqual(
            [read(toBytes(document)).complete, counts(read(toBytes(document)))],
            [true, { low: 100_000 }],
        );
        document.Results?.push(sampleTarget("Node.js", "node-pkg", [one]));
        const report = read(toBytes(document));
        assert.deepEqual(report.incompleteReasons, [
            "the Trivy report cannot be used: it lists more than 100000 findings",
        ]);
        assert.equal(report.findings.length, 100_000);
    });
});
