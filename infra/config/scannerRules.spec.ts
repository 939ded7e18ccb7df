import assert from "node:assert/strict";
import { accepted, problems, type Settings } from "./testing/settings";

const accuknox = {
    name: "accuknox",
    mode: "advisory",
    tenantId: "1234",
    label: "portcullis",
    tokenParameter: "/portcullis/accuknox/token",
};
const cli = {
    version: "2.5.0",
    url: "https://github.com/lacework/go-sdk/releases/download/v2.5.0/lacework-cli-linux-amd64.tar.gz",
    sha256: "0".repeat(64),
};
const lacework = {
    name: "lacework",
    mode: "advisory",
    account: "example",
    apiKeyParameter: "/portcullis/lacework/key",
    apiSecretParameter: "/portcullis/lacework/secret",
    cli,
};
const grype = { name: "grype", mode: "required" };

/** Grype, which the policy requires, and whatever is to be tried. */
const beside = (...scanners: unknown[]): Settings => ({ scanners: [grype, ...scanners] });

describe("configuration of the scanners", () => {
    it("gives each scanner its own settings and defaults", () => {
        const { scanners } = accepted(
            beside({ name: "anchore", mode: "advisory" }, accuknox, lacework, {
                name: "inspector",
                mode: "advisory",
                stages: ["scanStagingImage"],
            }),
        );
        const both = ["test", "scanStagingImage"];
        assert.deepEqual(scanners, [
            { ...grype, stages: both },
            { name: "anchore", mode: "advisory", stages: ["test"] },
            { ...accuknox, stages: both, consoleUrl: "https://cspm.accuknox.com" },
            { ...lacework, stages: both, cli: { ...cli, member: "lacework" } },
            { name: "inspector", mode: "advisory", stages: ["scanStagingImage"] },
        ]);
    });

    it("accepts every scanner required in both stages when the policy says so", () => {
        const names = ["anchore", "grype", "accuknox", "lacework", "inspector"];
        const stages = ["test", "scanStagingImage"];
        const config = accepted({
            anchore: { feedListingUrl: "https://feed.example.com/listing.json" },
            scanners: [
                { name: "anchore", mode: "required", stages },
                grype,
                { ...accuknox, mode: "required" },
                { ...lacework, mode: "required" },
                { name: "inspector", mode: "required" },
            ],
            gatePolicy: { version: 1, requiredScanners: { test: names, scanStagingImage: names } },
        });
        assert.equal(config.scanners.length, 5);
    });

    const refused: [string, Settings, string[]][] = [
        [
            "a stage that nobody scans",
            { scanners: [{ ...grype, stages: ["test"] }] },
            [
                "scanners: must have a scanner whose stages include scanStagingImage: an image that nobody scans is not judged",
            ],
        ],
        [
            "a scanner that the policy requires where it is advisory, in each stage by itself",
            { scanners: [{ ...grype, mode: "advisory" }] },
            [
                "gatePolicy.requiredScanners.scanStagingImage: must name the scanners whose mode is required in stage " +
                    "scanStagingImage: there is none",
                "gatePolicy.requiredScanners.test: must name the scanners whose mode is required in stage test: there is none",
            ],
        ],
        [
            "a scanner required in a stage in which it does not scan",
            {
                ...beside({ name: "inspector", mode: "required", stages: ["scanStagingImage"] }),
                gatePolicy: {
                    version: 1,
                    requiredScanners: {
                        test: ["grype", "inspector"],
                        scanStagingImage: ["grype", "inspector"],
                    },
                },
            },
            [
                "gatePolicy.requiredScanners.test: must name the scanners whose mode is required in stage test: grype",
            ],
        ],
        [
            "a stage that does not exist, and one twice",
            beside(
                { name: "inspector", mode: "advisory", stages: ["publish"] },
                { ...accuknox, stages: ["test", "test"] },
            ),
            [
                "scanners[1].stages[0]: must be one of test, scanStagingImage",
                "scanners[2].stages: must not name a stage twice",
            ],
        ],
        [
            "no stage",
            beside({ name: "inspector", mode: "advisory", stages: [] }),
            ["scanners[1].stages: must name at least one stage"],
        ],
        [
            "settings of another scanner",
            beside({ name: "inspector", mode: "advisory", tenantId: "1" }),
            ["scanners[1].tenantId: is not a setting; known here: mode, name, stages"],
        ],
        [
            "AccuKnox without its settings, all of them at once",
            beside({ name: "accuknox", mode: "advisory" }),
            [
                "scanners[1].label: is required, a string",
                "scanners[1].tenantId: is required, a string",
                "scanners[1].tokenParameter: is required, a string",
            ],
        ],
        [
            "a token instead of the name of its parameter, a console without TLS, words that a shell would read",
            beside({ ...accuknox, tokenParameter: "eyJhbGciOi", consoleUrl: "http://a.b", label: "$(id)" }),
            [
                "scanners[1].consoleUrl: must be the console's address alone: https:// and its host",
                "scanners[1].label: must be letters, digits and . _ @ + -, a letter or digit first",
                "scanners[1].tokenParameter: must be the name of a parameter: /, letters, digits, . _ -, not below /aws or /ssm",
            ],
        ],
        [
            "Lacework without a checksum of its command-line tool",
            beside({ ...lacework, cli: { version: cli.version, url: cli.url } }),
            [
                "scanners[1].cli.sha256: is required: Lacework's checksum cannot be confirmed in two places; give that of the " +
                    "file you have checked (sha256sum)",
            ],
        ],
        [
            "Lacework's tool at an address of another version",
            beside({ ...lacework, cli: { ...cli, version: "2.4.0" } }),
            ["scanners[1].cli.url: must be the address of lacework 2.4.0: the version has to stand in it"],
        ],
        [
            "Lacework's whole address as its account",
            beside({ ...lacework, account: "example.lacework.net" }),
            ["scanners[1].account: must be the part before .lacework.net in the address of the console"],
        ],
        [
            "a tool in a bucket while there is no mirror",
            beside({ ...lacework, cli: { ...cli, url: "s3://tools/lacework-2.5.0.tar.gz" } }),
            ["scanners[1].cli.url: must be an https:// address while tools.mirror is not set"],
        ],
        [
            "a tool in another bucket than the mirror",
            {
                tools: { mirror: "s3://tools/pinned" },
                ...beside({ ...lacework, cli: { ...cli, url: "s3://tools/lacework-2.5.0.tar.gz" } }),
            },
            [
                "scanners[1].cli.url: must be an https:// address or lie below tools.mirror (s3://tools/pinned)",
            ],
        ],
        [
            "a mirror that is no bucket",
            { tools: { mirror: "https://tools.example.com" } },
            ["tools.mirror: must be s3://bucket or s3://bucket/prefix without a slash at the end"],
        ],
    ];
    for (const [what, settings, expected] of refused) {
        it(`refuses ${what}`, () => assert.deepEqual(problems(settings), expected));
    }

    it("takes a tool from the mirror", () => {
        const url = "s3://tools/pinned/lacework/2.5.0/lacework.tar.gz";
        const config = accepted({
            tools: { mirror: "s3://tools/pinned" },
            ...beside({ ...lacework, cli: { ...cli, url } }),
        });
        assert.equal(config.tools.mirror, "s3://tools/pinned");
    });
});
