import assert from "node:assert/strict";
import {
    sampleTrivyDocument,
    sampleProofs,
    sampleSubject,
    sampleVersion,
    toBytes,
} from "./testing/trivyDocument";
import { trivyReport } from "./trivyReport";
import { readTrivyVersion } from "./trivyVersion";

const now = new Date("2026-03-04T12:00:00Z");

describe("Trivy version file", () => {
    it("says which version it is, when the data was built and when it was fetched", () => {
        assert.deepEqual(readTrivyVersion(toBytes(sampleVersion(now))), {
            version: "0.69.3",
            dataBuiltAt: "2026-03-04T00:00:00.000Z",
            dataDownloadedAt: "2026-03-04T11:00:00.000Z",
            problems: [],
        });
    });

    it("knows no time of a download when the database came another way", () => {
        const version = sampleVersion(now);
        const data = { ...version.VulnerabilityDB, DownloadedAt: "0001-01-01T00:00:00Z" };
        const { dataDownloadedAt, problems } = readTrivyVersion(
            toBytes({ ...version, VulnerabilityDB: data }),
        );
        assert.deepEqual([dataDownloadedAt, problems], [null, []]);
    });

    for (const [name, version] of [
        ["dev", "dev"],
        ["with a v", "v0.74.0"],
        ["0.55.0", "0.55.0"],
        ["1.0.0", "1.0.0"],
    ] as const) {
        it(`takes version ${name}`, () =>
            assert.deepEqual(
                readTrivyVersion(toBytes({ ...sampleVersion(now), Version: version })).problems,
                [],
            ));
    }

    const version = sampleVersion(now);
    const unusable: [string, Uint8Array, RegExp][] = [
        ["nothing", Buffer.alloc(0), /is not JSON/],
        ["text", Buffer.from("Version: 0.69.3\nVulnerability DB:\n"), /is not JSON/],
        ["null", Buffer.from("null"), /is not Trivy's/],
        ["{}", Buffer.from("{}"), /is not Trivy's \(Version/],
        ["a byte order mark", Buffer.from(`\uFEFF${JSON.stringify(version)}`), /is not JSON/],
        [
            "two databases",
            Buffer.from(JSON.stringify(version).replace("{", '{"VulnerabilityDB":{},')),
            /is not JSON/,
        ],
        ["no database", toBytes({ ...version, VulnerabilityDB: undefined }), /had no vulnerability database/],
        [
            "a database without time",
            toBytes({ ...version, VulnerabilityDB: { Version: 2 } }),
            /VulnerabilityDB.UpdatedAt/,
        ],
        [
            "a database of no time",
            toBytes({
                ...version,
                VulnerabilityDB: { ...version.VulnerabilityDB, UpdatedAt: "0001-01-01T00:00:00Z" },
            }),
            /does not say when its vulnerability database was built/,
        ],
        ["an old Trivy", toBytes({ ...version, Version: "0.54.1" }), /Trivy 0.54.1 is too old/],
    ];
    for (const [name, content, reason] of unusable) {
        it(`is no proof: ${name}`, () => {
            assert.match(readTrivyVersion(content).problems.join("\n"), reason);
            const report = trivyReport([toBytes(sampleTrivyDocument([], now))], sampleSubject(now), {
                ...sampleProofs(now),
                version: content,
            });
            assert.equal(report.complete, false);
            assert.match(report.incompleteReasons.join("\n"), reason);
        });
    }

    for (const [name, changed, reason] of [
        ["of another Trivy", { Version: "0.74.0" }, /scanned by Trivy 0.69.3, the version file is of 0.74.0/],
        [
            "of a database that came after the scan",
            { VulnerabilityDB: { ...version.VulnerabilityDB, DownloadedAt: "2026-03-04T11:45:00Z" } },
            /was fetched at 2026-03-04T11:45:00.000Z, after the scan/,
        ],
    ] as const) {
        it(`is no proof: ${name}`, () => {
            const report = trivyReport([toBytes(sampleTrivyDocument([], now))], sampleSubject(now), {
                ...sampleProofs(now),
                version: toBytes({ ...version, ...changed }),
            });
            assert.equal(report.complete, false);
            assert.match(report.incompleteReasons.join("\n"), reason);
        });
    }
});
