import assert from "node:assert/strict";
import { planInstall, type InstallRequest } from "./install";
import { ToolError } from "./toolError";
import { toolOf } from "./toolManifest";

describe("plan of an installation", () => {
    const { url, sha256 } = toolOf("grype");
    const plan = (change: Partial<InstallRequest>) =>
        planInstall({ tool: "grype", url, sha256, member: undefined, ...change });

    it("is the manifest's artefact, from the project or from a mirror", () => {
        const fromProject = plan({});
        assert.deepEqual(
            [fromProject.version, fromProject.member, fromProject.address.kind],
            ["0.116.1", "grype", "http"],
        );
        assert.deepEqual(
            plan({ url: "s3://tools/p/grype/0.116.1/grype_0.116.1_linux_amd64.tar.gz" }).address,
            {
                kind: "s3",
                bucket: "tools",
                key: "p/grype/0.116.1/grype_0.116.1_linux_amd64.tar.gz",
            },
        );
    });

    it("takes another version with its own sum, and tools that the manifest does not have", () => {
        const own = "c".repeat(64);
        assert.equal(plan({ url: url.replaceAll("0.116.1", "0.117.0"), sha256: own }).version, "0.117.0");
        const vendor = { tool: "lacework", url: "https://example.org/lacework-linux.tgz", sha256: own };
        assert.deepEqual([plan(vendor).version, plan(vendor).member], [null, "lacework"]);
        assert.equal(plan({ ...vendor, member: "bin/lacework" }).member, "bin/lacework");
        const plain = { ...vendor, url: "https://example.org/lacework" };
        assert.equal(plan(plain).member, null);
        assert.equal(plan({ ...plain, member: "lacework" }).member, null);
    });

    const refused: [string, Partial<InstallRequest>, RegExp][] = [
        [
            "another sum than the manifest's",
            { sha256: "c".repeat(64) },
            /has sha256 0122df.* in the tool manifest, but ccc/,
        ],
        [
            "another sum from a mirror",
            { url: "s3://tools/grype/0.116.1/grype", sha256: "c".repeat(64) },
            /in the tool manifest/,
        ],
        [
            "another tool's sum",
            { sha256: toolOf("syft").sha256 },
            /grype: this is the sha256 of syft 1\.44\.0/,
        ],
        [
            "an address without a version",
            { url: "https://example.org/latest/grype.tar.gz" },
            /names no version; use/,
        ],
        [
            "a sum in upper case",
            { sha256: sha256.toUpperCase() },
            /"0122DF.*" is not a sha256 of 64 lower-case/,
        ],
        ["a short sum", { sha256: sha256.slice(1) }, /is not a sha256/],
        ["no sum", { sha256: "" }, /is not a sha256/],
        ["a sum with a line end", { sha256: `${sha256}\n` }, /is not a sha256/],
        ["a tool name that is a path", { tool: "../grype" }, /"\.\.\/grype" is not the name of a tool/],
        ["a tool name with a folder", { tool: "a/b" }, /is not the name of a tool/],
        ["a hidden tool name", { tool: ".grype" }, /is not the name of a tool/],
        ["http", { url: "http://example.org/v0.116.1/grype" }, /is neither https:\/\/ nor s3/],
        ["a file", { url: "file:///v0.116.1/grype" }, /is neither https:\/\/ nor s3/],
        ["an FTP server", { url: "ftp://example.org/v0.116.1/grype" }, /is neither https/],
        ["no address", { url: "grype_0.116.1" }, /is not an address/],
        [
            "a login in the address",
            { url: "https://me:word@example.org/v0.116.1/grype" },
            /addresses carry no login/,
        ],
        ["a bucket without a key", { url: "s3://tools" }, /is not s3:\/\/BUCKET\/KEY/],
        ["a key with ..", { url: "s3://tools/../0.116.1/grype" }, /is not s3:\/\/BUCKET\/KEY/],
        [
            "a zip",
            { url: "https://example.org/grype_0.116.1.zip", sha256: "c".repeat(64), tool: "other" },
            /archive that is not unpacked/,
        ],
        [
            "a member of a program",
            { url: "https://example.org/x", sha256: "c".repeat(64), tool: "other", member: "x" },
            /is no tar\.gz/,
        ],
    ];
    for (const [what, change, message] of refused) {
        it(`refuses ${what}`, () =>
            assert.throws(
                () => plan(change),
                (error) =>
                    error instanceof ToolError && error.kind === "refused" && message.test(error.message),
            ));
    }

    it("refuses a malicious version from anywhere, whatever the sum", () => {
        for (const address of [
            "https://github.com/aquasecurity/trivy/releases/download/v0.69.4/trivy_0.69.4_Linux-64bit.tar.gz",
            "s3://tools/trivy/0.69.5/trivy_Linux-64bit.tar.gz",
            "https://example.org/0.72.0/trivy_0.69.6_Linux-64bit.tar.gz",
        ])
            assert.throws(
                () => plan({ tool: "trivy", url: address, sha256: toolOf("trivy").sha256 }),
                /malicious \(GHSA-69fq-xp46-6x23/,
            );
    });

    it("does not show the login that it refuses", () =>
        assert.throws(
            () => plan({ url: "https://me:word@example.org/v0.116.1/grype" }),
            (error: Error) => !error.message.includes("word"),
        ));
});
