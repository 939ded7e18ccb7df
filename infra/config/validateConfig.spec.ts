import assert from "node:assert/strict";
import { ConfigError } from "./problems";
import { accepted, applications, problems, raw } from "./testing/settings";
import { keysAt, validateConfig } from "./validateConfig";

/** Looks like a certificate, but is cut off. */
const cutOff = `-----BEGIN CERTIFICATE-----
MIIBhTCCASugAwIBAgIUZ0T0i0f1n2JfB0n2m0XxY0Yk3dEwCgYIKoZIzj0EAwIw
-----END CERTIFICATE-----`;

describe("configuration", () => {
    it("fills in every default", () => {
        assert.deepEqual(accepted({}), {
            network: {
                cidrBlock: "10.20.0.0/16",
                zones: 2,
                natGateways: "single",
                interfaceEndpoints: false,
                flowLogRetentionDays: 30,
                peerCidrBlocks: [],
            },
            anchore: {
                image: "docker.io/anchore/anchore-engine:v1.1.0",
                instanceType: "t3a.medium",
                instances: { minimum: 1, desired: 1, maximum: 2 },
                database: {
                    instanceClass: "db.t4g.micro",
                    storageGb: 20,
                    multiZone: false,
                    backupDays: 7,
                    engineVersion: "15",
                },
                analyzers: 0,
                logRetentionDays: 30,
            },
            gatePolicy: {
                version: 1,
                limits: {
                    critical: 0,
                    high: 0,
                    medium: "unlimited",
                    low: "unlimited",
                    negligible: "unlimited",
                },
                unknownCountsAs: "high",
                requiredScanners: { test: ["grype"], scanStagingImage: ["grype"] },
                unfixedCountsAs: "own",
                waivers: [],
                maximumWaiverDays: { critical: 14, high: 30, medium: 90, low: 180, negligible: 365 },
                maximumReportAgeHours: 24,
                maximumDataAgeHours: 120,
            },
            scanners: [
                { name: "anchore", mode: "advisory", stages: ["test"] },
                { name: "grype", mode: "required", stages: ["test", "scanStagingImage"] },
            ],
            verify: {
                lint: { threshold: "warning", trustedRegistries: [], ignored: [] },
                secrets: { tool: "gitleaks", extraRules: [], allowed: [] },
            },
            tools: {},
            applications: [
                {
                    name: "demo",
                    source: { type: "codecommit", branch: "main" },
                    dockerfile: "Dockerfile",
                    buildContext: ".",
                    review: { pullRequests: true },
                    delivery: {},
                },
            ],
            approval: { scanTimeoutMinutes: 60, timeoutMinutes: 120, alarmEmails: [] },
            admission: { breakGlassPrincipals: [] },
            securityHub: { mode: "off" },
            notifications: { emails: [] },
            evidence: { retentionDays: 365, lockMode: "GOVERNANCE" },
            registryScanning: { mode: "manage", type: "ENHANCED", inspector: "manage" },
            protection: "protected",
            tags: {},
        });
    });

    it("ignores other namespaces", () => {
        assert.deepEqual(problems({ "aws:region": "eu-central-1", "other:network": "{" }), []);
    });

    it("lists every problem of a thoroughly broken configuration in one report", () => {
        const broken = {
            network: {
                zones: "2",
                natGateways: "perzone",
                peerCidrBlocks: ["10.20.128.0/17"],
                nateGateways: 1,
            },
            applications: [
                { name: "demo", source: { type: "codecommit" } },
                { name: "demo", source: { type: "connection", repository: "my-org/demo" } },
            ],
            anchor: {},
            approval: "{",
        };
        assert.throws(
            () => validateConfig(raw(broken), "portcullis", "dev"),
            new ConfigError([
                {
                    path: "anchor",
                    value: "{}",
                    allowed:
                        "is not a setting; known: network, anchore, gatePolicy, scanners, verify, tools, applications, " +
                        "approval, admission, securityHub, notifications, " +
                        'evidence, registryScanning, protection, tags; did you mean "anchore"?',
                },
                {
                    path: "approval",
                    value: "{",
                    allowed: "must be an object or a list, and is not valid JSON",
                },
                { path: "network.zones", value: "2", allowed: "must be a number" },
                {
                    path: "network.natGateways",
                    value: "perzone",
                    allowed: 'must be one of single, perZone; did you mean "perZone"?',
                },
                {
                    path: "network.nateGateways",
                    value: 1,
                    allowed:
                        "is not a setting; known here: cidrBlock, flowLogRetentionDays, interfaceEndpoints, " +
                        'natGateways, peerCidrBlocks, zones; did you mean "natGateways"?',
                },
                {
                    path: "applications[1].source.connectionArn",
                    value: undefined,
                    allowed: "is required for a connection",
                },
                {
                    path: "network.peerCidrBlocks[0]",
                    value: "10.20.128.0/17",
                    allowed: "must not overlap network.cidrBlock (10.20.0.0/16)",
                    involves: ["network.cidrBlock"],
                },
                {
                    path: "applications[1].name",
                    value: "demo",
                    allowed: "must be unique: applications[0] has this name",
                },
            ]),
        );
    });

    it("prints path, value and what is allowed", () => {
        const error = new ConfigError([
            { path: "tags.b", value: "x".repeat(200), allowed: "must be short" },
            { path: "network.zones", value: undefined, allowed: "is required" },
        ]);
        assert.equal(
            error.message,
            "The stack configuration has 2 problems; nothing was created.\n" +
                "  - portcullis:network.zones = not set: is required\n" +
                `  - portcullis:tags.b = "${"x".repeat(76)}…: must be short`,
        );
    });

    it("never prints what was written where the name of a secret's parameter should stand", () => {
        const secret = "the-token-itself";
        const accuknox = { name: "accuknox", mode: "advisory", tokenParameter: secret, token: secret };
        for (const scanners of [[accuknox], accuknox, { accuknox }]) {
            assert.throws(
                () => validateConfig(raw({ applications, scanners }), "portcullis", "dev"),
                (error: Error) => error instanceof ConfigError && !error.message.includes(secret),
            );
        }
        const [problem] = new ConfigError([
            { path: "scanners[0].tokenParameter", value: secret, allowed: "must be a name" },
        ]).message
            .split("\n")
            .slice(1);
        assert.equal(problem, "  - portcullis:scanners[0].tokenParameter = (not shown): must be a name");
    });

    it("refuses a certificate without its name and its authority", () => {
        const certificateArn = "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b";
        const together =
            "anchore.certificateArn and anchore.certificateAuthority must be set together: the scan steps trust the " +
            "given authority and no other";
        assert.deepEqual(problems({ anchore: { certificateArn } }), [
            `anchore.certificateAuthority: ${together}`,
            "anchore.hostName: is required with anchore.certificateArn: the name that the certificate was issued for",
        ]);
    });

    it("refuses a certificate that cannot be read", () => {
        const [problem, ...rest] = problems({ anchore: { certificateAuthority: cutOff } });
        assert.match(problem ?? "", /^anchore\.certificateAuthority: must be a certificate in PEM \(/);
        assert.deepEqual(rest, []);
    });

    it("refuses a project that AWS would refuse as a name", () => {
        const [problem, ...rest] = problems({}, "aws-gate");
        assert.match(problem ?? "", /^\(project and stack name\): .*which AWS reserves: rename the project/);
        assert.deepEqual(rest, []);
        assert.deepEqual(problems({}, "portcullis", "a-stack-with-quite-a-long-name-of-its-own"), []);
    });

    it("does not draw conclusions from values that are wrong by themselves", () => {
        assert.deepEqual(problems({ anchore: { instances: { minimum: 3, desired: "five", maximum: 4 } } }), [
            "anchore.instances.desired: must be a number",
        ]);
        assert.deepEqual(problems({ network: { cidrBlock: "x", peerCidrBlocks: ["10.20.0.0/16"] } }), [
            "network.cidrBlock: must be an IPv4 network such as 10.20.0.0/16",
        ]);
        assert.deepEqual(problems({ scanners: [{ name: "clair", mode: "required" }] }), [
            "scanners[0].name: must be one of anchore, grype, accuknox, lacework, inspector",
        ]);
    });

    it("accepts a connection, several applications and a required Anchore with a feed", () => {
        const connectionArn =
            "arn:aws:codeconnections:eu-central-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef";
        const config = accepted({
            applications: [
                ...applications,
                { name: "shop", source: { type: "connection", connectionArn, repository: "my-org/shop" } },
            ],
            anchore: { feedListingUrl: "https://feed.example.com/listing.json" },
            scanners: [
                { name: "anchore", mode: "required" },
                { name: "grype", mode: "required" },
            ],
            gatePolicy: {
                version: 1,
                requiredScanners: { test: ["grype", "anchore"], scanStagingImage: ["grype"] },
            },
        });
        assert.deepEqual(config.applications[1]?.source, {
            type: "connection",
            connectionArn,
            repository: "my-org/shop",
            branch: "main",
        });
    });

    it("knows the keys of every level", () => {
        assert.deepEqual(keysAt(["anchore", "instances"]), ["desired", "maximum", "minimum"]);
        assert.deepEqual(keysAt(["applications", 0]), [
            "buildContext",
            "delivery",
            "dockerfile",
            "mergeInto",
            "name",
            "review",
            "source",
        ]);
        assert.deepEqual(keysAt(["applications", 3, "source"]), [
            "branch",
            "connectionArn",
            "repository",
            "type",
        ]);
        assert.deepEqual(keysAt(["network", "zones"]), []);
    });
});
