import assert from "node:assert/strict";
import fc from "fast-check";
import manifest from "./tools.json";
import {
    configuredToolSchema,
    fileOf,
    mirrored,
    mirrorSchema,
    readToolManifest,
    toolNames,
    toolOf,
    versionsIn,
} from "./toolManifest";
import { withdrawalOf } from "./withdrawn";

type Manifest = Record<string, Record<string, unknown>>;

/** The real manifest with changes in one tool. */
function changed(name: string, change: Record<string, unknown>): Manifest {
    const copy = structuredClone(manifest) as Manifest;
    copy[name] = { ...copy[name], ...change };
    return copy;
}

describe("tool manifest", () => {
    it("pins the tools of the build steps for linux/amd64", () => {
        assert.deepEqual(
            [...readToolManifest().values()].map(({ name, version, file, member }) => [
                name,
                version,
                file,
                member,
            ]),
            [
                ["hadolint", "2.15.1", "hadolint-linux-x86_64", null],
                ["gitleaks", "8.30.1", "gitleaks_8.30.1_linux_x64.tar.gz", "gitleaks"],
                ["trufflehog", "3.96.0", "trufflehog_3.96.0_linux_amd64.tar.gz", "trufflehog"],
                ["grype", "0.116.1", "grype_0.116.1_linux_amd64.tar.gz", "grype"],
                ["syft", "1.44.0", "syft_1.44.0_linux_amd64.tar.gz", "syft"],
                ["trivy", "0.72.0", "trivy_0.72.0_Linux-64bit.tar.gz", "trivy"],
                ["cosign", "3.0.6", "cosign-linux-amd64", null],
            ],
        );
        for (const name of toolNames) {
            const { platform, sources, licence } = toolOf(name);
            assert.equal(platform, "linux/amd64");
            assert.ok(sources.length >= 2);
            assert.match(licence, /^[A-Za-z0-9.-]+$/);
        }
    });

    const wrong: [string, Manifest, RegExp][] = [
        [
            "a range of versions",
            changed("grype", { version: "^0.116.1" }),
            /grype\.version: must be an exact version/,
        ],
        ["no exact version", changed("grype", { version: "latest" }), /grype\.version/],
        [
            "the address of another version",
            changed("grype", { version: "0.116.2" }),
            /grype\.url: must be the address of version 0\.116\.2/,
        ],
        [
            "an address whose version only ends like it",
            changed("trivy", { url: toolOf("trivy").url.replaceAll("0.72.0", "10.72.0") }),
            /trivy\.url: must be the address of version 0\.72\.0/,
        ],
        [
            "a version that only begins the address's",
            changed("grype", { version: "0.116.11" }),
            /grype\.url: must be the address of version 0\.116\.11/,
        ],
        [
            "http",
            changed("syft", { url: toolOf("syft").url.replace("https", "http") }),
            /syft\.url: must be an https/,
        ],
        [
            "another host",
            changed("syft", { url: toolOf("syft").url.replace("github.com", "github.example") }),
            /GitHub release/,
        ],
        ["an address with a query", changed("syft", { url: `${toolOf("syft").url}?a=.tar.gz` }), /syft\.url/],
        ["a short sum", changed("trivy", { sha256: "ab12" }), /trivy\.sha256: must be 64 lower-case/],
        [
            "a sum in upper case",
            changed("trivy", { sha256: toolOf("trivy").sha256.toUpperCase() }),
            /trivy\.sha256/,
        ],
        [
            "one source of the sum",
            changed("gitleaks", { sources: ["a"] }),
            /gitleaks\.sources: must name two/,
        ],
        [
            "the same source twice",
            changed("gitleaks", { sources: ["a", "a"] }),
            /must not name a source twice/,
        ],
        [
            "a tar.gz without a member",
            changed("grype", { member: undefined }),
            /grype\.member: must be given/,
        ],
        [
            "a member of a binary",
            changed("hadolint", { member: "hadolint" }),
            /hadolint\.member: must be given/,
        ],
        [
            "a member out of the archive",
            changed("grype", { member: "../grype" }),
            /grype\.member: must be the path/,
        ],
        ["an absolute member", changed("grype", { member: "/grype" }), /grype\.member: must be the path/],
        [
            "a kind that the file is not",
            changed("hadolint", { kind: "tar.gz", member: "x" }),
            /hadolint\.kind/,
        ],
        ["another platform", changed("grype", { platform: "linux/arm64" }), /grype\.platform/],
        [
            "a word it does not know",
            changed("grype", { insecure: true }),
            /grype: Unrecognized key: "insecure"/,
        ],
        [
            "one sum for two tools",
            changed("grype", { sha256: toolOf("syft").sha256 }),
            /two tools have the same checksum/,
        ],
        ["a tool it does not know", { ...changed("grype", {}), crane: {} }, /Unrecognized key: "crane"/],
        ["a missing tool", { ...changed("grype", {}), trivy: undefined as never }, /trivy/],
    ];
    for (const [what, given, message] of wrong) {
        it(`refuses ${what}`, () =>
            assert.throws(
                () => readToolManifest(JSON.parse(JSON.stringify(given))),
                (error: Error) =>
                    error.message.startsWith("gate/tools/tools.json: ") && message.test(error.message),
            ));
    }

    it("refuses the malicious releases of Trivy, by the advisory's id", () => {
        for (const version of ["0.69.4", "0.69.5", "0.69.6"]) {
            const url = toolOf("trivy").url.replaceAll("0.72.0", version);
            assert.throws(
                () => readToolManifest(changed("trivy", { version, url })),
                /trivy\.version: trivy 0\.69\.\d was malicious \(GHSA-69fq-xp46-6x23, CVE-2026-33634\): take 0\.70\.0 or later/,
            );
        }
        for (const version of ["0.69.3", "0.70.0", "0.69.40"])
            assert.equal(withdrawalOf("trivy", version), null);
        assert.equal(withdrawalOf("grype", "0.69.4"), null);
    });
});

describe("tool of the configuration", () => {
    const lacework = {
        version: "2.6.1",
        url: "https://downloads.example.org/lacework/v2.6.1/lacework-cli-linux-amd64.tar.gz",
        sha256: "a".repeat(64),
    };
    const problems = (name: string, given: unknown): string[] =>
        configuredToolSchema(name)
            .safeParse(given)
            .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];

    it("is version, address and sum, of https or of S3, with the program's path in an archive if it is another", () => {
        for (const given of [
            lacework,
            { ...lacework, url: "s3://tools/lacework/2.6.1/lacework-cli-linux-amd64.tar.gz" },
            { ...lacework, member: "bin/lacework" },
        ])
            assert.deepEqual(configuredToolSchema("lacework").parse(given), given);
    });

    it("lists everything that is missing: there is no default for a sum", () => {
        assert.deepEqual(
            problems("lacework", {}).map((problem) => problem.split(":")[0]),
            ["version", "url", "sha256"],
        );
        assert.equal(problems("lacework", undefined).length, 1);
    });

    it("refuses other addresses, other versions' addresses and sums that are none", () => {
        for (const url of [
            "http://downloads.example.org/2.6.1/x",
            "ftp://x/2.6.1",
            "file:///2.6.1",
            "s3://tools",
            "x",
        ])
            assert.deepEqual(problems("lacework", { ...lacework, url }), [
                "url: must be an https:// or s3://bucket/key address",
            ]);
        assert.deepEqual(problems("lacework", { ...lacework, version: "2.6.2" }), [
            "url: must be the address of lacework 2.6.2: the version has to stand in it",
        ]);
        for (const sha256 of ["A".repeat(64), "a".repeat(63), `${"a".repeat(64)}\n`])
            assert.deepEqual(problems("lacework", { ...lacework, sha256 }), [
                "sha256: must be 64 lower-case hexadecimal digits",
            ]);
    });

    it("refuses a withdrawn version, also one that only the address names", () => {
        const url = "https://mirror.example.org/trivy/0.69.4/trivy_0.69.4_Linux-64bit.tar.gz";
        const trivy = { version: "0.69.4", url, sha256: "b".repeat(64) };
        assert.match(
            problems("trivy", trivy).join(),
            /^version: trivy 0\.69\.4 was malicious \(GHSA-69fq-xp46-6x23/,
        );
        assert.match(problems("trivy", { ...trivy, version: "0.70.0" }).join(), /GHSA-69fq-xp46-6x23/);
    });
});

describe("mirror", () => {
    it("holds each artefact under tool, version and file name", () => {
        assert.equal(
            mirrored(toolOf("grype"), "s3://tools-123456789012/portcullis"),
            "s3://tools-123456789012/portcullis/grype/0.116.1/grype_0.116.1_linux_amd64.tar.gz",
        );
        assert.equal(
            mirrored(toolOf("hadolint"), "s3://tools"),
            "s3://tools/hadolint/2.15.1/hadolint-linux-x86_64",
        );
    });

    it("is a bucket with or without a prefix", () => {
        for (const good of ["s3://tools", "s3://my.tools-1/a/b_c.d", "s3://tools/.a", "s3://tools/a..b"])
            assert.equal(mirrorSchema.safeParse(good).success, true, good);
        for (const bad of [
            "tools",
            "s3://",
            "s3://T",
            "s3://tools/",
            "s3://tools//a",
            "s3://tools/../a",
            "s3://tools/.",
            "https://tools",
            "s3://tools/a b",
            "s3://tools/a\n",
        ]) {
            assert.equal(mirrorSchema.safeParse(bad).success, false, bad);
            assert.throws(() => mirrored(toolOf("grype"), bad), /must be s3:\/\/bucket/);
        }
    });
});

describe("versions in an address", () => {
    const cases: [string, string[]][] = [
        [toolOf("trivy").url, ["0.72.0"]],
        [toolOf("hadolint").url, ["2.15.1"]],
        ["s3://b/grype/0.116.1/grype_0.116.1_linux_amd64.tar.gz", ["0.116.1"]],
        ["https://h/v1.2.3/x_1.2.4", ["1.2.3", "1.2.4"]],
        ["https://h/v0.69%2E4/x", ["0.69.4"]],
        ["https://h/v1.2.3/%x", ["1.2.3"]],
        ["https://127.0.0.1/x", []],
        ["https://h/latest/x", []],
        ["https://h/v1.2/x", []],
        ["https://h/1.2.3.4/x", []],
    ];
    for (const [url, versions] of cases)
        it(`${url}: ${versions.join(" and ") || "none"}`, () =>
            assert.deepEqual([...versionsIn(url)], versions));

    it("are found wherever they stand", () => {
        const number = fc.nat(999);
        fc.assert(
            fc.property(number, number, number, fc.constantFrom("v", "", "_", "tool-"), (a, b, c, before) => {
                const version = `${a}.${b}.${c}`;
                assert.deepEqual([...versionsIn(`https://h/${before}${version}/x.tar.gz`)], [version]);
            }),
        );
    });

    it("fileOf is what stands after the last slash", () =>
        assert.equal(fileOf("https://h/a/b.tar.gz"), "b.tar.gz"));
});
