import assert from "node:assert/strict";
import { ConfigError } from "./problems";
import type { StackConfig } from "./schema";
import { keysAt, validateConfig } from "./validateConfig";

type Settings = Record<string, unknown>;

const applications = [{ name: "demo", source: { type: "codecommit" } }];

/** As the Pulumi engine hands settings over: text; objects and lists as JSON. */
function raw(settings: Settings): Record<string, string> {
    const entries = Object.entries(settings).map(([name, value]): [string, string] => [
        name.includes(":") ? name : `portcullis:${name}`,
        typeof value === "string" ? value : JSON.stringify(value),
    ]);
    return Object.fromEntries(entries);
}

function accepted(settings: Settings): StackConfig {
    return validateConfig(raw({ applications, ...settings }), "portcullis", "dev");
}

/** Problems as `path: allowed`, in the order of the report. */
function problems(settings: Settings, project = "portcullis", stack = "dev"): string[] {
    try {
        validateConfig(raw({ applications, ...settings }), project, stack);
    } catch (error) {
        assert.ok(error instanceof ConfigError);
        return error.problems.map(({ path, allowed }) => `${path}: ${allowed}`).sort();
    }
    return [];
}

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
                requiredScanners: ["grype"],
                maximumReportAgeHours: 24,
                maximumDataAgeHours: 120,
            },
            scanners: [
                { name: "anchore", mode: "advisory" },
                { name: "grype", mode: "required" },
            ],
            applications: [
                {
                    name: "demo",
                    source: { type: "codecommit", branch: "main" },
                    dockerfile: "Dockerfile",
                    buildContext: ".",
                },
            ],
            approval: { timeoutMinutes: 1200, emails: [] },
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
                        "is not a setting; known: network, anchore, gatePolicy, scanners, applications, approval, " +
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

    /** One wrong value, and exactly what is said about it. */
    const single: [string, Settings, string][] = [
        ["no application", { applications: [] }, "applications: must name at least one application"],
        ["network not an object", { network: [] }, "network: must be an object"],
        ["fractional zones", { network: { zones: 2.5 } }, "network.zones: must be a whole number"],
        ["one zone", { network: { zones: 1 } }, "network.zones: must be at least 2"],
        ["five zones", { network: { zones: 5 } }, "network.zones: must be at most 4"],
        [
            "bits behind the prefix",
            { network: { cidrBlock: "10.20.1.0/16" } },
            "network.cidrBlock: has bits set behind the prefix; the network is 10.20.0.0/16",
        ],
        [
            "a VPC too small for its zones",
            { network: { cidrBlock: "10.20.0.0/21" } },
            "network.cidrBlock: must be from /16 to /20: every zone needs a public and a private subnet, with room " +
                "for more tiers",
        ],
        [
            "a public network",
            { network: { cidrBlock: "8.8.0.0/16" } },
            "network.cidrBlock: must lie in one of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10",
        ],
        [
            "Docker's bridge",
            { network: { cidrBlock: "172.17.0.0/16" } },
            "network.cidrBlock: must not overlap 172.17.0.0/16, which Docker uses on the instances",
        ],
        [
            "more instances wanted than allowed",
            { anchore: { instances: { desired: 3 } } },
            "anchore.instances.desired: must not be above anchore.instances.maximum (2)",
        ],
        [
            "more instances at least than wanted",
            { anchore: { instances: { minimum: 2 } } },
            "anchore.instances.minimum: must not be above anchore.instances.desired (1)",
        ],
        [
            "an Arm instance",
            { anchore: { instanceType: "t4g.medium" } },
            "anchore.instanceType: must be an x86_64 type: Anchore Engine is published for x86_64 only",
        ],
        [
            "an instance without memory",
            { anchore: { instanceType: "t3a.small" } },
            "anchore.instanceType: must have 4 GB of memory or more (medium and above): the five services reserve 3 GB",
        ],
        [
            "image without registry",
            { anchore: { image: "anchore/anchore-engine:v1.1.0" } },
            "anchore.image: must be registry/repository:tag or registry/repository:tag@sha256:<64 hex digits>",
        ],
        [
            "image without tag",
            { anchore: { image: "docker.io/anchore/anchore-engine" } },
            "anchore.image: must name a tag or a digest",
        ],
        [
            "image latest",
            { anchore: { image: "docker.io/anchore/anchore-engine:latest" } },
            "anchore.image: must not be latest: name a version, better a digest",
        ],
        [
            "feed over http",
            { anchore: { feedListingUrl: "http://feed.example.com/listing.json" } },
            "anchore.feedListingUrl: must be an https:// URL",
        ],
        [
            "version as a number",
            { anchore: { database: { engineVersion: 15 } } },
            "anchore.database.engineVersion: must be a string; put it in quotes",
        ],
        [
            "retention that CloudWatch Logs does not know",
            { anchore: { logRetentionDays: 31 } },
            "anchore.logRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, " +
                "1096, 1827, 2192, 2557, 2922, 3288, 3653",
        ],
        [
            "malformed connection",
            {
                applications: [
                    {
                        name: "demo",
                        source: {
                            type: "connection",
                            connectionArn: "arn:aws:codeconnections",
                            repository: "a/b",
                        },
                    },
                ],
            },
            "applications[0].source.connectionArn: must be the ARN of a connection: " +
                "arn:aws:codeconnections:<region>:<account>:connection/<uuid>",
        ],
        [
            "unknown source",
            { applications: [{ name: "demo", source: { type: "github" } }] },
            "applications[0].source.type: must be one of codecommit, connection",
        ],
        [
            "application name AWS would refuse",
            { applications: [{ name: "Demo_1", source: { type: "codecommit" } }] },
            "applications[0].name: must be lower-case letters, digits and single hyphens, and begin with a letter",
        ],
        [
            "application name of the stack's own",
            { applications: [{ name: "anchore", source: { type: "codecommit" } }] },
            "applications[0].name: must not be one of the stack's own names: anchore, approval, artifacts, evidence, " +
                "gate, network, pipeline, registry",
        ],
        [
            "Dockerfile outside the repository",
            { applications: [{ name: "demo", source: { type: "codecommit" }, dockerfile: "../Dockerfile" }] },
            "applications[0].dockerfile: the Dockerfile must stay inside the repository: no leading slash, no ..",
        ],
        [
            "required Anchore without data",
            {
                scanners: [{ name: "anchore", mode: "required" }],
                gatePolicy: { version: 1, requiredScanners: ["anchore"] },
            },
            "scanners[0].mode: must be advisory until anchore.feedListingUrl is set: without vulnerability data " +
                "Anchore's answer is always incomplete",
        ],
        [
            "policy and scanners that disagree",
            { scanners: [{ name: "grype", mode: "advisory" }] },
            "gatePolicy.requiredScanners: must name the scanners whose mode is required: there is none",
        ],
        [
            "a scanner twice",
            {
                scanners: [
                    { name: "grype", mode: "required" },
                    { name: "grype", mode: "required" },
                ],
            },
            "scanners[1].name: must be unique: this scanner is listed before",
        ],
        [
            "unlimited critical findings",
            { gatePolicy: { version: 1, limits: { critical: "unlimited" } } },
            "gatePolicy.limits.critical: must be a whole number of findings",
        ],
        [
            "unknown key deep down",
            { gatePolicy: { version: 1, limits: { hihg: 0 } } },
            "gatePolicy.limits.hihg: is not a setting; known here: critical, high, low, medium, negligible; did you " +
                'mean "high"?',
        ],
        [
            "an approval that outlives its reports",
            { approval: { timeoutMinutes: 1441 } },
            "approval.timeoutMinutes: must not be above 1440, which is gatePolicy.maximumReportAgeHours: the verdict " +
                "is repeated after the approval and would find the reports too old",
        ],
        ["not an address", { approval: { emails: ["me"] } }, "approval.emails[0]: must be an e-mail address"],
        [
            "an address twice",
            { approval: { emails: ["me@example.com", "Me@example.com"] } },
            "approval.emails[1]: must be unique",
        ],
        [
            "evidence that could never be deleted in a deletable stack",
            { protection: "deletable", evidence: { lockMode: "COMPLIANCE" } },
            "evidence.lockMode: must be GOVERNANCE while protection is deletable: nobody, not even the account's root " +
                "user, could delete the bucket before evidence.retentionDays are over",
        ],
        [
            "protection misspelt",
            { protection: "protectd" },
            'protection: must be one of deletable, protected; did you mean "protected"?',
        ],
        ["reserved tag", { tags: { "aws:x": "1" } }, "tags.aws:x: its name must not begin with aws:"],
        [
            "tag of the stack's own",
            { tags: { Name: "x" } },
            "tags.Name: its name must not be one of the stack's own: Project, Stack, ManagedBy, Name, tier, gate:role",
        ],
        ["tag not text", { tags: { cost: 3 } }, "tags.cost: must be a string; put it in quotes"],
        [
            "not a certificate",
            {
                anchore: {
                    certificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b",
                    hostName: "anchore.example.com",
                    certificateAuthority: "public",
                },
            },
            "anchore.certificateAuthority: must be a certificate in PEM, from -----BEGIN CERTIFICATE----- on",
        ],
    ];
    for (const [title, settings, expected] of single) {
        it(`refuses ${title}`, () => assert.deepEqual(problems(settings), [expected]));
    }

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
            "scanners[0].name: must be one of anchore, grype",
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
            gatePolicy: { version: 1, requiredScanners: ["grype", "anchore"] },
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
        assert.deepEqual(keysAt(["applications", 0]), ["buildContext", "dockerfile", "name", "source"]);
        assert.deepEqual(keysAt(["applications", 3, "source"]), [
            "branch",
            "connectionArn",
            "repository",
            "type",
        ]);
        assert.deepEqual(keysAt(["network", "zones"]), []);
    });
});
