import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { sbomReport, type SbomReport } from "./sbomReport";
import { sampleDigest, sampleDocument, sampleImage, type SampleDocument } from "./testing/cycloneDxDocument";

const now = new Date("2026-03-04T12:00:00Z");
const written = new Date("2026-03-04T11:59:00Z");

function judgeBytes(...chunks: Uint8Array[]): SbomReport {
    return sbomReport(chunks, { image: sampleImage, digest: sampleDigest, now });
}

/** The judgement of the sample with a change. */
function judge(change: (document: SampleDocument) => void = () => undefined): SbomReport {
    const document = sampleDocument(written);
    change(document);
    return judgeBytes(Buffer.from(JSON.stringify(document)));
}

function reasonsOf(change: (document: SampleDocument) => void): string[] {
    const { complete, incompleteReasons } = judge(change);
    assert.equal(complete, incompleteReasons.length === 0);
    return incompleteReasons;
}

describe("bill of materials", () => {
    it("of this image is complete, and its components are counted", () => {
        const bytes = Buffer.from(JSON.stringify(sampleDocument(written)));
        assert.deepEqual(judgeBytes(bytes), {
            version: 1,
            subject: { image: sampleImage, digest: sampleDigest },
            tool: { name: "syft", version: "1.44.0" },
            format: {
                name: "CycloneDX",
                specVersion: "1.6",
                serialNumber: "urn:uuid:2f6c7f3e-7f0d-4d0b-9a52-6f9b1f3f0c11",
            },
            createdAt: "2026-03-04T11:59:00.000Z",
            judgedAt: "2026-03-04T12:00:00.000Z",
            distribution: { name: "debian", version: "12" },
            components: { total: 4, byType: { application: 1, library: 1, "operating-system": 1, file: 1 } },
            raw: { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length },
            complete: true,
            incompleteReasons: [],
        } satisfies SbomReport);
    });

    it("is the same wherever the pieces end", () => {
        const bytes = Buffer.from(JSON.stringify(sampleDocument(written)));
        for (const size of [1, 13, 512]) {
            const pieces = [];
            for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
            assert.deepEqual(judgeBytes(...pieces), judgeBytes(bytes));
        }
    });

    const accepted: [string, (document: SampleDocument) => void][] = [
        ["the other versions of the format", (document) => void (document["specVersion"] = "1.7")],
        [
            "the list of tools of version 1.4",
            (document) => {
                document["specVersion"] = "1.4";
                document.metadata["tools"] = [{ vendor: "anchore", name: "syft", version: "0.60.0" }];
            },
        ],
        [
            "a syft that does not know its own version",
            (document) =>
                void (document.metadata["tools"] = {
                    components: [{ name: "syft", version: "[not provided]" }],
                }),
        ],
        [
            "a time with an offset",
            (document) => void (document.metadata["timestamp"] = "2026-03-04T12:59:00+01:00"),
        ],
        [
            "a rolling distribution without a version",
            (document) => void delete document.components[2]!["version"],
        ],
        [
            "long bom-refs that differ at their end",
            (document) =>
                document.components.forEach((each, at) => (each["bom-ref"] = `${"x".repeat(10_000)}${at}`)),
        ],
        [
            "components without a bom-ref",
            (document) => document.components.forEach((each) => delete each["bom-ref"]),
        ],
        [
            "labels of the image",
            (document) => void (document.metadata["properties"] = [{ name: "a", value: "b" }]),
        ],
        ["no dependencies", (document) => void delete document["dependencies"]],
        [
            "compositions that are complete",
            (document) => void (document["compositions"] = [{ aggregate: "complete" }]),
        ],
    ];
    for (const [what, change] of accepted)
        it(`accepts ${what}`, () => assert.deepEqual(reasonsOf(change), []));

    it("counts components inside of components", () => {
        const { components, complete } = judge((document) => {
            document.components[0]!["components"] = [
                { type: "library", name: "a", version: "1", components: [{ type: "file", name: "b" }] },
            ];
        });
        assert.equal(complete, true);
        assert.deepEqual(components, {
            total: 6,
            byType: { application: 1, library: 2, "operating-system": 1, file: 2 },
        });
    });

    const other = `sha256:${"6c".repeat(32)}`;
    const refused: [string, (document: SampleDocument) => void, RegExp][] = [
        [
            "another image's",
            (document) => void (document.metadata.component["version"] = other),
            new RegExp(
                `^it is of "registry.example.org/orders/candidate" "${other}", not ${sampleDigest}; give syft`,
            ),
        ],
        [
            "a tag's",
            (document) => void (document.metadata.component["version"] = "1.0.0"),
            /"1\.0\.0", not sha256:5b/,
        ],
        [
            "one without a digest",
            (document) => void delete document.metadata.component["version"],
            /without a digest, not/,
        ],
        [
            "a digest in upper case",
            (document) => void (document.metadata.component["version"] = sampleDigest.toUpperCase()),
            /"SHA256:5B.*, not sha256:5b/,
        ],
        [
            "a directory's",
            (document) => void (document.metadata.component["type"] = "file"),
            /^it is of a "file", not of a container image; give syft registry:/,
        ],
        [
            "one without a subject",
            (document) => void delete (document.metadata as Partial<SampleDocument["metadata"]>).component,
            /metadata\.component/,
        ],
        [
            "one without metadata",
            (document) => void delete (document as Partial<SampleDocument>).metadata,
            /\(metadata: /,
        ],
        [
            "SPDX",
            (document) => void (document["bomFormat"] = "SPDX"),
            /is not CycloneDX 1\.4 to 1\.7.*bomFormat/,
        ],
        ["an older format", (document) => void (document["specVersion"] = "1.3"), /specVersion/],
        ["a newer format", (document) => void (document["specVersion"] = "2.0"), /specVersion/],
        ["a format that is a number", (document) => void (document["specVersion"] = 1.6), /specVersion/],
        ["no serial number", (document) => void delete document["serialNumber"], /serialNumber/],
        [
            "a serial number that is none",
            (document) => void (document["serialNumber"] = "urn:uuid:1"),
            /serialNumber: must be urn:uuid/,
        ],
        ["a version that is text", (document) => void (document["version"] = "1"), /\(version: /],
        ["version 0", (document) => void (document["version"] = 0), /\(version: /],
        [
            "no tool",
            (document) => void (document.metadata["tools"] = { components: [] }),
            /does not say who wrote it/,
        ],
        ["no tools at all", (document) => void delete document.metadata["tools"], /metadata\.tools/],
        [
            "another tool",
            (document) =>
                void (document.metadata["tools"] = { components: [{ name: "cdxgen", version: "11" }] }),
            /^it was written by "cdxgen", not by syft alone/,
        ],
        [
            "a converter after syft",
            (document) => void (document.metadata["tools"] = [{ name: "syft" }, { name: "cyclonedx-cli" }]),
            /^it was written by "syft, cyclonedx-cli", not by syft alone/,
        ],
        ["no time", (document) => void delete document.metadata["timestamp"], /metadata\.timestamp/],
        [
            "a time that is none",
            (document) => void (document.metadata["timestamp"] = "today"),
            /does not say when .*"today"/,
        ],
        [
            "Go's zero time",
            (document) => void (document.metadata["timestamp"] = "0001-01-01T00:00:00Z"),
            /does not say when/,
        ],
        [
            "one of the day before yesterday",
            (document) => void (document.metadata["timestamp"] = "2026-03-03T11:59:59Z"),
            /written at 2026-03-03T11:59:59\.000Z, more than 24 hours ago/,
        ],
        [
            "one of the future",
            (document) => void (document.metadata["timestamp"] = "2026-03-04T12:05:01Z"),
            /dated in the future/,
        ],
        [
            "no components",
            (document) => void (document.components = []),
            /^it lists no component: whoever wrote it did not look/,
        ],
        [
            "components that are missing",
            (document) => void delete (document as Partial<SampleDocument>).components,
            /^it lists no component/,
        ],
        [
            "components that are null",
            (document) => void ((document as Record<string, unknown>)["components"] = null),
            /components: /,
        ],
        [
            "components that are an object",
            (document) => void ((document as Record<string, unknown>)["components"] = {}),
            /components: /,
        ],
        [
            "nothing but a distribution",
            (document) => void (document.components = [document.components[2]!]),
            /^it lists no package/,
        ],
        [
            "nothing but files and a distribution",
            (document) => void (document.components = document.components.slice(2)),
            /^it lists no package/,
        ],
        ["no distribution", (document) => void document.components.splice(2, 1), /^it names no distribution/],
        [
            "a distribution that syft does not know (name is empty)",
            (document) => void (document.components[2]!["name"] = ""),
            /^it names a distribution without a name/,
        ],
        [
            "two distributions",
            (document) => void document.components.push({ type: "operating-system", name: "alpine" }),
            /^it names 2 distributions/,
        ],
        [
            "a type it does not know",
            (document) => void (document.components[3]!["type"] = "image"),
            /^\/components\/3 has the type "image", which/,
        ],
        [
            "a type of another case",
            (document) => void (document.components[3]!["type"] = "File"),
            /has the type "File"/,
        ],
        [
            "a component without a type",
            (document) => void delete document.components[3]!["type"],
            /^\/components\/3 is no component \(type/,
        ],
        [
            "a component without a name",
            (document) => void delete document.components[0]!["name"],
            /^\/components\/0 is no component \(name/,
        ],
        [
            "an empty name",
            (document) => void (document.components[0]!["name"] = " "),
            /^\/components\/0 has no name/,
        ],
        [
            "a package without a version",
            (document) => void delete document.components[0]!["version"],
            /^\/components\/0 is a package without a version/,
        ],
        [
            "an empty version",
            (document) => void (document.components[1]!["version"] = ""),
            /^\/components\/1 is a package without/,
        ],
        [
            "a version that is a number",
            (document) => void (document.components[1]!["version"] = 24),
            /^\/components\/1 is no component \(version/,
        ],
        [
            "a component that is text",
            (document) => void document.components.push("libc6" as never),
            /^\/components\/4 is no component/,
        ],
        [
            "a component that is null",
            (document) => void document.components.push(null as never),
            /^\/components\/4 is no component/,
        ],
        [
            "the same bom-ref twice",
            (document) => void (document.components[3]!["bom-ref"] = document.components[1]!["bom-ref"]),
            /^\/components\/3 has a bom-ref that another component has/,
        ],
        [
            "the same long bom-ref twice",
            (document) => {
                document.components[1]!["bom-ref"] = "x".repeat(10_000);
                document.components[3]!["bom-ref"] = "x".repeat(10_000);
            },
            /^\/components\/3 has a bom-ref that another component has/,
        ],
        [
            "the image's bom-ref again",
            (document) => void (document.components[3]!["bom-ref"] = document.metadata.component["bom-ref"]),
            /^\/metadata\/component has a bom-ref that another/,
        ],
        [
            "a wrong component inside of another",
            (document) => void (document.components[0]!["components"] = [{ type: "library", name: "a" }]),
            /^\/components\/0\/components\/0 is a package without a version/,
        ],
        [
            "one that calls itself incomplete",
            (document) => void (document["compositions"] = [{ aggregate: "incomplete" }]),
            /calls itself "incomplete"/,
        ],
    ];
    for (const [what, change, message] of refused) {
        it(`refuses ${what}`, () => {
            const reasons = reasonsOf(change);
            assert.ok(
                reasons.some((reason) => message.test(reason)),
                reasons.join("\n") || "complete",
            );
            assert.ok(reasons.every((reason) => !reason.includes("\n")));
        });
    }

    it("says everything that is wrong, each kind once with its first place", () => {
        const reasons = reasonsOf((document) => {
            document.metadata.component["version"] = other;
            for (let count = 0; count < 1_000; count += 1)
                document.components.push({ type: "library", name: "x" });
        });
        assert.equal(reasons.length, 2);
        assert.equal(reasons[1], "/components/4 is a package without a version, and 999 more like it");
        const quoting = reasonsOf((document) => {
            for (let count = 0; count < 1_000; count += 1)
                document.components.push({ type: `x${count}`, name: "x" });
        });
        assert.equal(quoting.length, 20);
    });

    it("refuses nesting without end", () => {
        const reasons = reasonsOf((document) => {
            let inner: Record<string, unknown> = { type: "file", name: "x" };
            for (let depth = 0; depth < 40; depth += 1)
                inner = { type: "file", name: "x", components: [inner] };
            document.components.push(inner);
        });
        assert.match(reasons.join(), /is nested too deeply/);
    });

    it("does not depend on the order of components", () => {
        const document = sampleDocument(written);
        fc.assert(
            fc.property(fc.shuffledSubarray(document.components, { minLength: 4 }), (components) => {
                const { raw: _, ...report } = judge((changed) => void (changed.components = components));
                const { raw: __, ...expected } = judge();
                assert.deepEqual(report, expected);
            }),
            { numRuns: 50 },
        );
    });
});
