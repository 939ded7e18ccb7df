import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gatePolicySchema } from "../policy/gatePolicy";
import { scanReportSchema, type ScanReport } from "../report/scanReport";
import { judge } from "../verdict/verdict";
import { grypeReport } from "./grypeReport";
import {
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
        ["", "unknown"],
        ["Severe", "unknown"],
        ["constructor", "unknown"],
    ] as const) {
        it(`reads severity "${text}" as ${severity}`, () => {
            const report = read(toBytes(sampleGrypeDocument([{ severity: text }], now)));
            assert.deepEqual([report.complete, report.findings[0]?.severity], [true, severity]);
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
});
