/** Digest and reference of the image that the sample is of. */
export const sampleDigest = `sha256:${"5b".repeat(32)}`;
export const sampleImage = `registry.example.org/orders/candidate@${sampleDigest}`;

/** A document of any shape, for specs that change it. */
export type SampleDocument = Record<string, unknown> & {
    metadata: Record<string, unknown> & { component: Record<string, unknown> };
    components: Record<string, unknown>[];
};

const properties = (type: string, path: string): unknown[] => [
    { name: "syft:package:type", value: type },
    { name: "syft:location:0:path", value: path },
];

/** What syft 1.44 writes about an image with two packages, a file and a distribution. */
export function sampleDocument(timestamp: Date): SampleDocument {
    return {
        $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        bomFormat: "CycloneDX",
        specVersion: "1.6",
        serialNumber: "urn:uuid:2f6c7f3e-7f0d-4d0b-9a52-6f9b1f3f0c11",
        version: 1,
        metadata: {
            timestamp: timestamp.toISOString().replace(/\.\d+Z$/, "Z"),
            tools: {
                components: [{ type: "application", author: "anchore", name: "syft", version: "1.44.0" }],
            },
            component: {
                "bom-ref": "9f1c2d3e4a5b6c7d",
                type: "container",
                name: "registry.example.org/orders/candidate",
                version: sampleDigest,
            },
        },
        components: [
            {
                "bom-ref":
                    "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12&package-id=1a2b3c4d5e6f7a8b",
                type: "library",
                publisher: "GNU Libc Maintainers <glibc@example.org>",
                name: "libc6",
                version: "2.36-9",
                purl: "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12",
                properties: properties("deb", "/var/lib/dpkg/status"),
            },
            {
                "bom-ref": "pkg:generic/node@24.1.0?package-id=2b3c4d5e6f7a8b9c",
                type: "application",
                name: "node",
                version: "24.1.0",
                properties: properties("binary", "/usr/local/bin/node"),
            },
            {
                "bom-ref": "os:debian@12",
                type: "operating-system",
                name: "debian",
                version: "12",
                description: "Debian GNU/Linux 12 (bookworm)",
                swid: { tagId: "debian", name: "debian", version: "12" },
            },
            {
                "bom-ref": "3c4d5e6f7a8b9c0d",
                type: "file",
                name: "/usr/local/bin/node",
                hashes: [{ alg: "SHA-256", content: "0".repeat(64) }],
            },
        ],
        dependencies: [
            {
                ref: "pkg:generic/node@24.1.0?package-id=2b3c4d5e6f7a8b9c",
                dependsOn: [
                    "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12&package-id=1a2b3c4d5e6f7a8b",
                ],
            },
        ],
    };
}
