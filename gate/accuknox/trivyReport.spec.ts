import assert from "node:assert/strict";
import { gatePolicySchema } from "../policy/gatePolicy";
import { scanReportSchema, type ScanReport } from "../report/scanReport";
import { severities, type Severity } from "../report/severity";
import { judge, type Outcome } from "../verdict/verdict";
import {
    sampleDigest,
    sampleImage,
    sampleModifiedFinding,
    sampleProofs,
    sampleSubject,
    sampleTarget,
    sampleTrivyDocument,
    sampleVulnerability,
    storedManifest,
    toBytes,
} from "./testing/trivyDocument";
import { trivyReport, type TrivyProofs } from "./trivyReport";

const now = new Date("2026-03-04T12:00:00Z");
const subject = sampleSubject(now);
const policy = gatePolicySchema.parse({ version: 1, requiredScanners: { test: ["accuknox"] } });

type SampleDocument = ReturnType<typeof sampleTrivyDocument>;

function outcomeOf(report: ScanReport): Outcome {
    return judge({ policy, stage: "test", reports: [report], digest: sampleDigest, now }).outcome;
}

/** Reads, and demands on the way that the report has the written form and that an incomplete one is no verdict. */
function read(content: Uint8Array, proofs: Partial<TrivyProofs> = {}): ScanReport {
    const report = scanReportSchema.parse(
        trivyReport([content], subject, { ...sampleProofs(now), ...proofs }),
    );
    assert.equal(report.complete, report.incompleteReasons.length === 0);
    if (!report.complete) assert.equal(outcomeOf(report), "incomplete");
    return report;
}

function readChanged(change: (document: SampleDocument) => unknown): ScanReport {
    const document = sampleTrivyDocument([{ severity: "LOW" }], now);
    const changed = change(document);
    return read(toBytes(changed === undefined ? document : changed));
}

function counts({ findings }: ScanReport): Partial<Record<Severity, number>> {
    const numbers = severities.map(
        (severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const,
    );
    return Object.fromEntries(numbers.filter(([, number]) => number > 0));
}

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
        ["NEGLIGIBLE", "unknown"],
        ["critical", "unknown"],
        ["constructor", "unknown"],
    ] as const) {
        it(`reads severity ${text} as ${severity}`, () => {
            const report = read(toBytes(sampleTrivyDocument([{ severity: text }], now)));
            assert.deepEqual([report.complete, counts(report)], [true, { [severity]: 1 }]);
        });
    }

    for (const [status, fixedVersion, fixedIn, willNotFix] of [
        ["fixed", "1.2", "1.2", false],
        ["affected", "", null, false],
        ["will_not_fix", "", null, true],
        ["fix_deferred", "", null, false],
        ["end_of_life", "", null, true],
        ["under_investigation", "", null, false],
        ["not_affected", "", null, false],
        ["unheard_of", "", null, false],
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

    const os = (document: SampleDocument) => document.Metadata["OS"] as Record<string, unknown>;
    const result = (document: SampleDocument) => document.Results?.[0] ?? assert.fail();
    const otherDigest = `sha256:${"7".repeat(64)}`;
    /** Changes after which the report is not complete but its one finding still counts. */
    const doubtful: [string, (document: SampleDocument) => unknown, RegExp][] = [
        ["schema 1 numbered", (document) => ({ ...document, SchemaVersion: 1 }), /SchemaVersion: must be 2/],
        ["no schema", ({ SchemaVersion: _, ...document }) => document, /SchemaVersion: must be 2/],
        [
            "a file system",
            (document) => ({ ...document, ArtifactType: "filesystem" }),
            /scanned a filesystem/,
        ],
        ["a repository", (document) => ({ ...document, ArtifactType: "repository" }), /scanned a repository/],
        ["an unknown key", (document) => ({ ...document, Notes: [] }), /Unrecognized key: "Notes"/],
        ["no time", (document) => ({ ...document, CreatedAt: "0001-01-01T00:00:00Z" }), /when it scanned/],
        [
            "a server",
            (document) => void (document.Trivy = { Version: "0.69.3", Server: { Version: "0.69.3" } }),
            /Trivy server/,
        ],
        ["no metadata", ({ Metadata: _, ...document }) => document, /no distribution/],
        ["no distribution", (document) => void delete document.Metadata["OS"], /recognised no distribution/],
        [
            "distribution none",
            (document) => void (os(document)["Family"] = "none"),
            /recognised no distribution/,
        ],
        [
            "distribution fedora",
            (document) => void (os(document)["Family"] = "fedora"),
            /no vulnerability data/,
        ],
        [
            "distribution coreos",
            (document) => void (os(document)["Family"] = "coreos"),
            /no vulnerability data/,
        ],
        ["no release", (document) => void (os(document)["Name"] = ""), /which release of debian/],
        [
            "a release to come",
            (document) => void (os(document)["Name"] = "forky/sid"),
            /which release of debian .*\("forky\/sid"\)/,
        ],
        [
            "packages of third parties",
            (document) =>
                void result(document).Packages?.push(
                    ...["gpg-pubkey", "docker-ce", "b", "c", "d"].map((Name) => ({
                        Name,
                        Repository: { Class: "third-party" },
                    })),
                ),
            /no advisories for 4 packages of third parties \(docker-ce; b; c and 1 more\)/,
        ],
        ["end of life", (document) => void (os(document)["EOSL"] = true), /past its end of life/],
        ["a supplier", (document) => void (os(document)["Supplier"] = "rapidfort"), /rapidfort supplies/],
        ["a strange fact of the distribution", (document) => void (os(document)["EOSI"] = true), /"EOSI"/],
        [
            "another distribution in the packages",
            (document) => void (result(document).Type = "alpine"),
            /are of alpine, the image is debian/,
        ],
        [
            "only packages of languages",
            (document) => void (result(document).Class = "lang-pkgs"),
            /has 0 results for packages of the distribution/,
        ],
        [
            "two distributions",
            (document) => void document.Results?.push({ Target: "b", Class: "os-pkgs", Type: "debian" }),
            /has 2 results/,
        ],
        ["no packages listed", (document) => void delete result(document).Packages, /lists no package/],
        [
            "an empty list of packages",
            (document) => void (result(document).Packages = []),
            /lists no package/,
        ],
        ["a new class", (document) => void (result(document).Class = "firmware"), /Results.0.Class/],
        ["no class", (document) => void delete result(document).Class, /Results.0.Class/],
        [
            "a list that is none",
            (document) =>
                void document.Results?.push({ ...sampleTarget("a", "jar", []), Vulnerabilities: null }),
            /Results.1.Vulnerabilities/,
        ],
        [
            "a new list",
            (document) => void document.Results?.push({ ...sampleTarget("a", "jar", []), Weaknesses: [] }),
            /Weaknesses/,
        ],
        [
            "another digest",
            (document) => void (document.Metadata["RepoDigests"] = [`registry.example.org/a@${otherDigest}`]),
            new RegExp(`is about ${otherDigest}, not only ${sampleDigest}`),
        ],
        [
            "a tar file",
            (document) => {
                document.ArtifactName = "image.tar";
                delete document.Metadata["RepoDigests"];
                delete document.Metadata["Reference"];
            },
            /scanned image.tar, which names no digest/,
        ],
        [
            "a digest that only the command line names",
            (document) => void delete document.Metadata["RepoDigests"],
            /did not scan sha256:[0-9a-f]+ in a registry/,
        ],
        [
            "another configuration",
            (document) => void (document.Metadata["ImageID"] = otherDigest),
            /image with configuration sha256:7+, that of/,
        ],
        ["no configuration", (document) => void delete document.Metadata["ImageID"], /configuration unknown/],
    ];
    for (const [name, change, reason] of doubtful) {
        it(`is incomplete and keeps its findings: ${name}`, () => {
            const report = readChanged(change);
            assert.match(report.incompleteReasons.join("\n"), reason);
            assert.deepEqual([report.complete, counts(report)], [false, { low: 1 }]);
        });
    }

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
        const one = { VulnerabilityID: "CVE-2023-4911", PkgName: "a", Severity: "LOW" };
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

    const emptyHanded: [string, unknown][] = [
        ["Results null", { ...sampleTrivyDocument([], now), Results: null }],
        ["Results empty", { ...sampleTrivyDocument([], now), Results: [] }],
        ["Results an object", { ...sampleTrivyDocument([], now), Results: {} }],
        ["no Results", { ...sampleTrivyDocument([], now), Results: undefined }],
        ["{}", {}],
        ["null", null],
        ["a list (schema 1)", [{ Target: "alpine", Type: "alpine", Vulnerabilities: null }]],
        ["a grype report", { matches: [], source: {}, distro: {}, descriptor: {} }],
        ["a CycloneDX document", { bomFormat: "CycloneDX", specVersion: "1.6", components: [] }],
        ["a SARIF document", { version: "2.1.0", runs: [] }],
    ];
    for (const [name, document] of emptyHanded) {
        it(`is incomplete: ${name}`, () => {
            const report = read(toBytes(document));
            assert.match(report.incompleteReasons[0] ?? "", /does not have Trivy's JSON format/);
            assert.deepEqual([report.complete, report.findings], [false, []]);
        });
    }

    const text = JSON.stringify(sampleTrivyDocument([], now));
    for (const [name, content, reason] of [
        ["nothing", Buffer.alloc(0), /^Trivy wrote nothing/],
        ["white space", Buffer.from(" \n"), /not JSON, or cut off/],
        ["UTF-16", Buffer.from(text, "utf16le"), /not UTF-8|not JSON/],
        ["a byte order mark", Buffer.from(`\uFEFF${text}`), /not UTF-8|not JSON|byte order mark/],
        ["latin 1", Buffer.from(text.replace("debian", "d\u00e9bian"), "latin1"), /not UTF-8/],
        ["two documents", Buffer.from(text + text), /not JSON/],
        ["a list twice", Buffer.from(text.replace(/\}$/, ',"Results":[]}')), /not JSON/],
        ["an error text", Buffer.from("FATAL image scan error"), /not JSON/],
    ] as const) {
        it(`cannot be used: ${name}`, () => {
            const report = read(content);
            assert.match(report.incompleteReasons.join("\n"), reason);
            assert.deepEqual([report.complete, report.findings, report.raw], [false, [], null]);
        });
    }

    it("never passes when it is cut off, wherever that is", () => {
        const whole = toBytes(sampleTrivyDocument([], now));
        assert.equal(outcomeOf(read(whole)), "pass");
        for (let length = 0; length < whole.length; length += 1) {
            assert.equal(read(whole.subarray(0, length)).complete, false, `the first ${length} bytes`);
        }
    });

    describe("manifest", () => {
        const clean = toBytes(sampleTrivyDocument([], now));

        it("must be there", () => {
            const report = read(clean, { manifest: { missing: "the registry does not answer" } });
            assert.deepEqual(report.incompleteReasons, ["the registry does not answer"]);
        });

        it("must be that of the digest", () => {
            const other = storedManifest({ mediaType: "application/vnd.oci.image.manifest.v1+json" });
            assert.deepEqual(read(clean, { manifest: other }).incompleteReasons, [
                `the registry's manifest is not that of ${sampleDigest}`,
            ]);
        });

        it("must not be an index, of which Trivy scans one platform and names the whole", () => {
            const mediaType = "application/vnd.oci.image.index.v1+json";
            const size = 500;
            const manifest = storedManifest({
                mediaType,
                schemaVersion: 2,
                manifests: [{ mediaType: "a", digest: otherDigest, size }],
            });
            const indexed = Buffer.from(clean).toString().replaceAll(sampleDigest, manifest.digest);
            const { digest } = manifest;
            const report = trivyReport(
                [Buffer.from(indexed)],
                { image: `registry.example.org/orders/candidate@${digest}`, digest, now },
                { ...sampleProofs(now), manifest },
            );
            assert.deepEqual(report.incompleteReasons, [
                `${digest} is an image of several platforms and Trivy looked at one of them; ` +
                    "build and scan one platform",
            ]);
        });
    });
});
