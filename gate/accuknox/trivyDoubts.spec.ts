import assert from "node:assert/strict";
import { counts, now, outcomeOf, read, readChanged, type SampleDocument } from "./testing/readReport";
import {
    sampleDigest,
    sampleProofs,
    sampleTarget,
    sampleTrivyDocument,
    storedManifest,
    toBytes,
} from "./testing/trivyDocument";
import { trivyReport } from "./trivyReport";

describe("doubts about a Trivy report", () => {
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
