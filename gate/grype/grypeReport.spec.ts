import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gatePolicySchema } from "../policy/gatePolicy";
import { scanReportSchema, type ScanReport } from "../report/scanReport";
import { severities } from "../report/severity";
import { hostileDocuments, withEntries } from "../report/testing/largeReport";
import { judge } from "../verdict/verdict";
import { grypeReport } from "./grypeReport";
import {
    largeGrypeReport,
    sampleDigest,
    sampleGrypeDocument,
    sampleImage,
    sampleMatch,
    toBytes,
} from "./testing/grypeDocument";

const now = new Date("2026-03-04T12:00:00Z");
const subject = { image: sampleImage, digest: sampleDigest, now };
const policy = gatePolicySchema.parse({ version: 1 });

type SampleDocument = ReturnType<typeof sampleGrypeDocument>;

/** Reads, and demands on the way that the report always has the written form and is never a pass when incomplete. */
function read(content: Uint8Array): ScanReport {
    const report = scanReportSchema.parse(grypeReport([content], subject));
    assert.equal(report.complete, report.incompleteReasons.length === 0);
    const { outcome } = judge({ policy, stage: "test", reports: [report], digest: sampleDigest, now });
    if (!report.complete) assert.equal(outcome, "incomplete");
    return report;
}

function readChanged(change: (document: SampleDocument) => unknown): ScanReport {
    const document = sampleGrypeDocument([{}], now);
    const changed = change(document);
    return read(toBytes(changed === undefined ? document : changed));
}

describe("grype report", () => {
    it("takes over every finding with its place, fix and source", () => {
        const content = toBytes(
            sampleGrypeDocument(
                [
                    {},
                    {
                        id: "GHSA-2p57-rm9w-gvfp",
                        severity: "High",
                        package: "ip",
                        version: "2.0.1",
                        type: "npm",
                        path: "/app/ip/package.json",
                        fixVersions: [],
                    },
                    {
                        id: "CVE-2005-2541",
                        severity: "Negligible",
                        fixVersions: ["9"],
                        fixState: "wont-fix",
                    },
                ],
                now,
            ),
        );
        const report = read(content);
        assert.deepEqual(report, {
            version: 1,
            scanner: { name: "grype", version: "0.115.0" },
            subject: { image: sampleImage, digest: sampleDigest },
            startedAt: "2026-03-04T11:00:00.000Z",
            finishedAt: "2026-03-04T11:00:00.000Z",
            dataBuiltAt: "2026-03-04T00:00:00.000Z",
            raw: { sha256: createHash("sha256").update(content).digest("hex"), bytes: content.length },
            complete: true,
            incompleteReasons: [],
            findings: [
                {
                    id: "CVE-2021-3711",
                    severity: "critical",
                    package: {
                        name: "openssl",
                        version: "1.1.1k-1",
                        type: "deb",
                        path: "/var/lib/dpkg/status",
                    },
                    fixedIn: "1.1.1k-1+deb11u1",
                    willNotFix: false,
                    url: "https://security-tracker.debian.org/tracker/CVE-2021-3711",
                    source: "/matches/0",
                },
                {
                    id: "GHSA-2p57-rm9w-gvfp",
                    severity: "high",
                    package: { name: "ip", version: "2.0.1", type: "npm", path: "/app/ip/package.json" },
                    fixedIn: null,
                    willNotFix: false,
                    url: "https://security-tracker.debian.org/tracker/GHSA-2p57-rm9w-gvfp",
                    source: "/matches/1",
                },
                {
                    id: "CVE-2005-2541",
                    severity: "negligible",
                    package: {
                        name: "openssl",
                        version: "1.1.1k-1",
                        type: "deb",
                        path: "/var/lib/dpkg/status",
                    },
                    fixedIn: null,
                    willNotFix: true,
                    url: "https://security-tracker.debian.org/tracker/CVE-2005-2541",
                    source: "/matches/2",
                },
            ],
            refusals: [],
        });
    });

    it("is complete and empty for a clean image of a known distribution", () => {
        const report = read(toBytes(sampleGrypeDocument([], now)));
        assert.deepEqual([report.complete, report.findings], [true, []]);
    });

    it("counts what an ignore rule has hidden", () => {
        const report = readChanged((document) => ({
            ...document,
            matches: [],
            ignoredMatches: [{ ...sampleMatch(), appliedIgnoreRules: [{ vulnerability: "CVE-2021-3711" }] }],
        }));
        assert.deepEqual(
            report.findings.map(({ id, source }) => [id, source]),
            [["CVE-2021-3711", "/ignoredMatches/0"]],
        );
        assert.equal(
            judge({ policy, stage: "test", reports: [report], digest: sampleDigest, now }).outcome,
            "fail",
        );
    });

    it("reads the database status of schema 5 as well", () => {
        const report = readChanged((document) => {
            document.descriptor.db = {
                built: "2026-03-03T01:02:03Z",
                schemaVersion: 5,
                location: "/db/5",
                error: null,
            };
        });
        assert.deepEqual([report.complete, report.dataBuiltAt], [true, "2026-03-03T01:02:03.000Z"]);
    });

    for (const [text, severity] of [
        ["Critical", "critical"],
        ["HIGH", "high"],
        ["Medium", "medium"],
        ["low", "low"],
        ["Negligible", "negligible"],
        ["Unknown", "unknown"],
    ] as const) {
        it(`reads severity "${text}" as ${severity}`, () => {
            const report = read(toBytes(sampleGrypeDocument([{ severity: text }], now)));
            assert.deepEqual([report.complete, report.findings[0]?.severity], [true, severity]);
        });
    }

    for (const text of ["", "Severe", "Critica", "constructor"]) {
        it(`counts severity "${text}" as unknown and does not believe the report`, () => {
            const report = read(toBytes(sampleGrypeDocument([{ severity: text }], now)));
            assert.deepEqual(
                report.findings.map(({ severity, package: { path } }) => [severity, path]),
                [["unknown", "/var/lib/dpkg/status"]],
            );
            assert.deepEqual(report.incompleteReasons, [
                "1 of the matches in the grype report do not have grype's JSON format " +
                    `(matches.0.vulnerability.severity: "${text}" is none of grype's severities)`,
            ]);
        });
    }

    for (const [state, fixedIn] of [
        ["fixed", "a version that grype does not name"],
        ["fixef", "a version that grype does not name"],
        ["not-fixed", null],
        ["unknown", null],
        ["wont-fix", null],
        ["", null],
    ] as const) {
        it(`takes state "${state}" without a version for ${fixedIn === null ? "no fix" : "a fix"}`, () => {
            const document = sampleGrypeDocument([{ fixVersions: [], fixState: state }], now);
            assert.deepEqual(
                read(toBytes(document)).findings.map((finding) => finding.fixedIn),
                [fixedIn],
            );
        });
    }

    const digestOfIndex = `sha256:${"7".repeat(64)}`;
    const changes: [string, (document: SampleDocument) => unknown, RegExp][] = [
        ["{}", () => ({}), /format \(matches: .*and 1 more\)/],
        ["null", () => null, /format \(document: /],
        ["a list", () => [], /format \(document: /],
        ["matches absent", ({ matches: _, ...rest }) => rest, /matches: /],
        ["matches null", (document) => ({ ...document, matches: null }), /matches: /],
        ["matches an object", (document) => ({ ...document, matches: {} }), /matches: /],
        ["a key that is not known", (document) => ({ ...document, ignoredMatchez: [] }), /ignoredMatchez/],
        [
            "a match without severity",
            (document) => {
                delete (document.matches[0]?.vulnerability as { severity?: string }).severity;
            },
            /matches\.0\.vulnerability\.severity/,
        ],
        [
            "a match without package",
            (document) => {
                delete document.matches[0]?.artifact;
            },
            /matches\.0\.artifact/,
        ],
        [
            "a match without id",
            (document) => {
                (document.matches[0]?.vulnerability as { id: string }).id = "";
            },
            /matches\.0\.vulnerability\.id/,
        ],
        [
            "a directory scan",
            (document) => {
                document.source.type = "directory";
            },
            /source\.type: must be image/,
        ],
        [
            "another digest",
            (document) => {
                document.source.target.manifestDigest = digestOfIndex;
                document.source.target.repoDigests = [];
            },
            /grype scanned sha256:777.*, not sha256:5d3/,
        ],
        [
            "repoDigests null and another digest",
            (document) => {
                document.source.target.manifestDigest = digestOfIndex;
                document.source.target.repoDigests = null;
            },
            /grype scanned sha256:777/,
        ],
        [
            "one platform of an index",
            (document) => {
                document.source.target.manifestDigest = digestOfIndex;
            },
            /several platforms/,
        ],
        [
            "no distribution",
            (document) => {
                document.distro.name = "";
            },
            /recognised no distribution/,
        ],
        [
            "a distribution without data",
            (document) => {
                document.distro.name = "busybox";
            },
            /no vulnerability data for the distribution busybox/,
        ],
        [
            "a distribution named like a property",
            (document) => {
                document.distro.name = "constructor";
            },
            /no vulnerability data for the distribution constructor/,
        ],
        [
            "a database without the distribution",
            (document) => {
                document.distro.name = "alpine";
            },
            /provider alpine absent/,
        ],
        [
            "packages that were not matched",
            (document) => ({
                ...document,
                alertsByPackage: [
                    {
                        package: {},
                        alerts: [
                            { type: "distro-eol", message: "Package is from end-of-life distro: debian 8" },
                        ],
                    },
                ],
            }),
            /end-of-life distro: debian 8/,
        ],
        [
            "no database",
            (document) => {
                delete (document.descriptor as { db?: unknown }).db;
            },
            /descriptor\.db/,
        ],
        [
            "a database without date",
            (document) => {
                document.descriptor.db = { status: { built: "", valid: true }, providers: { debian: {} } };
            },
            /does not say when its database was built/,
        ],
        [
            "a database that is not valid",
            (document) => {
                document.descriptor.db = {
                    status: { built: "2026-03-04T00:00:00Z", valid: false },
                    providers: { debian: {} },
                };
            },
            /not valid/,
        ],
        [
            "a database error",
            (document) => {
                document.descriptor.db = { built: "2026-03-04T00:00:00Z", error: "checksum" };
            },
            /not valid/,
        ],
        [
            "no scan time",
            (document) => {
                document.descriptor.timestamp = "";
            },
            /does not say when it scanned/,
        ],
        [
            "excluded paths",
            (document) => {
                document.descriptor.configuration.exclude = ["/app"];
            },
            /not to look at \/app/,
        ],
        [
            "a distribution given by hand",
            (document) => {
                document.descriptor.configuration.distro = "debian:12";
            },
            /told that the distribution is debian:12/,
        ],
        [
            "archives that were not looked into",
            (document) => {
                document.descriptor.configuration.search["indexed-archives"] = false;
            },
            /told not to look into archives/,
        ],
        [
            "a distribution of unknown version",
            (document) => {
                document.distro.version = "";
            },
            /does not know which version of debian/,
        ],
        [
            "another tool",
            (document) => {
                document.descriptor.name = "syft";
            },
            /descriptor\.name/,
        ],
    ];
    for (const [name, change, reason] of changes) {
        it(`is incomplete with ${name}`, () => {
            const report = readChanged(change);
            assert.equal(report.complete, false);
            assert.match(report.incompleteReasons.join("\n"), reason);
        });
    }

    it("is incomplete for everything that is not its JSON", () => {
        const good = toBytes(sampleGrypeDocument([{}], now));
        const text = Buffer.from(good).toString();
        const cases: [Uint8Array, RegExp][] = [
            [new Uint8Array(), /wrote nothing/],
            [Buffer.from(" \n"), /not JSON/],
            [good.subarray(0, good.length - 1), /cut off/],
            [good.subarray(0, good.length / 2), /cut off/],
            [Buffer.concat([good, good]), /not JSON/],
            [Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), good]), /byte order mark/],
            [Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]), /not UTF-8/],
            [Buffer.from(text.replace("SM2", "S\u00ffM"), "latin1"), /not UTF-8/],
            [Buffer.from(text.replace(/^\{/, '{"matches":[],')), /"matches" stands twice/],
            [Buffer.from("[".repeat(200_000)), /nested deeper than 256, at byte 256/],
        ];
        for (const [content, reason] of cases) assert.match(read(content).incompleteReasons.join(), reason);
        assert.equal(read(good).complete, true);
    });

    it("is incomplete cut off at any byte", () => {
        const good = toBytes(sampleGrypeDocument([{}], now));
        for (let length = 0; length < good.length; length += 1) {
            assert.equal(read(good.subarray(0, length)).complete, false, `${length} bytes`);
        }
    });

    it("lists every finding of a document that it cannot believe", () => {
        // As grype 0.7 wrote it: other keys, no database, no configuration.
        const old = (id: string, severity: string) => ({
            vulnerability: { id, severity, links: [], fixedInVersion: "1.2" },
            matchDetails: { matcher: "dpkg-matcher" },
            artifact: { name: "openssl", version: "1.1.1", type: "deb", locations: [{ path: "/a" }] },
        });
        const report = read(
            toBytes({
                matches: [
                    old("CVE-1", "High"),
                    old("CVE-2", "Negligible"),
                    { ...sampleMatch({ id: "CVE-3" }), artifact: null },
                    { vulnerability: { id: 5 } },
                    null,
                    "CVE-6",
                    sampleMatch({ id: "CVE-7", severity: "Low" }),
                ],
                ignoredMatches: [
                    { ...sampleMatch({ id: "CVE-8" }), vulnerability: { id: "CVE-8", fix: {} } },
                ],
                source: { type: "image", target: { userInput: "debian" } },
                distro: { name: "debian", version: "10", idLike: "" },
                descriptor: { name: "grype", version: "0.7.0" },
            }),
        );
        assert.deepEqual(
            report.findings.map(({ id, severity, package: { name }, source }) => [
                id,
                severity,
                name,
                source,
            ]),
            [
                ["CVE-1", "high", "openssl", "/matches/0"],
                ["CVE-2", "negligible", "openssl", "/matches/1"],
                ["CVE-3", "critical", "unidentified", "/matches/2"],
                ["unidentified", "unknown", "unidentified", "/matches/3"],
                ["unidentified", "unknown", "unidentified", "/matches/4"],
                ["unidentified", "unknown", "unidentified", "/matches/5"],
                ["CVE-7", "low", "openssl", "/matches/6"],
                ["CVE-8", "unknown", "openssl", "/ignoredMatches/0"],
            ],
        );
        assert.equal(report.scanner.version, "0.7.0");
        assert.equal(report.complete, false);
        assert.match(
            report.incompleteReasons[0] ?? "",
            /^7 of the matches .*\(matches\.0\.vulnerability\.fix: .* and 4 more\)$/,
        );
        assert.match(
            report.incompleteReasons[1] ?? "",
            /^the grype report does not have grype's JSON format \(source\.target/,
        );
    });

    it("needs no version number: a grype that was built from its sources does not know its own", () => {
        const report = readChanged((document) => {
            document.descriptor.version = "[not provided]";
        });
        assert.deepEqual([report.complete, report.scanner.version], [true, "[not provided]"]);
    });

    it("does not care in which order the keys are, nor how the text is indented", () => {
        const { matches, ...rest } = sampleGrypeDocument([{}, { id: "CVE-2" }], now);
        const [one, two] = [
            { ...rest, matches },
            { matches, ...rest },
        ].map((document) => {
            const { raw: _, ...report } = read(Buffer.from(JSON.stringify(document, null, 4)));
            return report;
        });
        assert.deepEqual(one, two);
        assert.equal(one?.findings.length, 2);
    });

    it("lists each of thousands of findings, and none twice", () => {
        const chunks = withEntries(largeGrypeReport(now), 3_000);
        const report = scanReportSchema.parse(grypeReport(chunks(), subject));
        assert.deepEqual([report.complete, report.findings.length], [true, 3_000]);
        assert.deepEqual(
            report.findings.map(({ source }) => source),
            Array.from({ length: 3_000 }, (_, at) => `/matches/${at}`),
        );
        for (const severity of severities)
            assert.equal(report.findings.filter((finding) => finding.severity === severity).length, 500);
    });

    it("gives up on more findings, and on more text, than can be held", () => {
        const { head, tail } = largeGrypeReport(now);
        const long = "n".repeat(1_000_000);
        for (const [entry, count, reason] of [
            ["0", 100_001, /more than 100000 elements/],
            [
                JSON.stringify({
                    ...sampleMatch(),
                    artifact: { name: long, version: "", type: "", locations: null },
                }),
                80,
                /more than 67108864 characters of findings/,
            ],
        ] as const) {
            const report = grypeReport(withEntries({ head, entry: () => entry, tail }, count)(), subject);
            assert.deepEqual([report.complete, report.findings], [false, []]);
            assert.match(report.incompleteReasons.join(), reason);
        }
    });

    for (const [name, document] of Object.entries(hostileDocuments(largeGrypeReport(now), 3_000_000))) {
        it(`never passes ${name}`, () => {
            const report = scanReportSchema.parse(grypeReport(document(), subject));
            assert.equal(report.complete, false);
            const { outcome } = judge({
                policy,
                stage: "test",
                reports: [report],
                digest: sampleDigest,
                now,
            });
            assert.equal(outcome, "incomplete");
        });
    }
});
