import assert from "node:assert/strict";
import { reservedApplicationNames } from "./crossRules";
import { problems, type Settings } from "./testing/settings";

describe("configuration, refusals", () => {
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
            `applications[0].name: must not be one of the stack's own names: ${reservedApplicationNames.join(", ")}`,
        ],
        [
            "Dockerfile outside the repository",
            { applications: [{ name: "demo", source: { type: "codecommit" }, dockerfile: "../Dockerfile" }] },
            "applications[0].dockerfile: the Dockerfile must stay inside the repository: no leading slash, no ..",
        ],
        [
            "required Anchore without data",
            {
                scanners: [
                    { name: "anchore", mode: "required" },
                    { name: "grype", mode: "required", stages: ["scanStagingImage"] },
                ],
                gatePolicy: {
                    version: 1,
                    requiredScanners: { test: ["anchore"], scanStagingImage: ["grype"] },
                },
            },
            "scanners[0].mode: must be advisory until anchore.feedListingUrl is set: without vulnerability data " +
                "Anchore's answer is always incomplete",
        ],
        [
            "policy and scanners that disagree",
            {
                scanners: [{ name: "grype", mode: "required" }],
                gatePolicy: { version: 1, requiredScanners: { test: ["grype", "lacework"] } },
            },
            "gatePolicy.requiredScanners.test: must name the scanners whose mode is required in stage test: grype",
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
            "a waiver for an application that does not exist",
            {
                gatePolicy: {
                    version: 1,
                    waivers: [
                        {
                            id: "CVE-2026-1234",
                            applications: ["dmeo"],
                            reason: "not reachable, the parser is never called",
                            owner: "team-shop",
                            created: "2026-11-01",
                            expires: "2026-11-14",
                        },
                    ],
                },
            },
            "gatePolicy.waivers[0].applications[0]: must be one of this stack's applications: demo; did you " +
                'mean "demo"?',
        ],
        [
            "unlimited critical findings",
            { gatePolicy: { version: 1, limits: { critical: "unlimited" } } },
            "gatePolicy.limits.critical: must be a whole number of findings from 0 to 1000000",
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
                "is repeated after the approvals and would find the reports too old",
        ],
        [
            "approvals that together outlive their reports",
            { approval: { timeoutMinutes: 241, human: { emails: ["me@example.com"] } } },
            "approval.human.timeoutMinutes: approval.timeoutMinutes and approval.human.timeoutMinutes are 1441 together " +
                "and must not be above 1440, which is gatePolicy.maximumReportAgeHours: the verdict is repeated after " +
                "the approvals and would find the reports too old",
        ],
        [
            "a gate that CodePipeline gives up before it has rejected",
            { approval: { scanTimeoutMinutes: 91 } },
            "approval.timeoutMinutes: must be at least 121, which is approval.scanTimeoutMinutes and 30 minutes in which " +
                "the gate rejects a release whose scan has not come",
        ],
        [
            "a gate that hardly waits",
            { approval: { scanTimeoutMinutes: 4 } },
            "approval.scanTimeoutMinutes: must be at least 5",
        ],
        [
            "people where they stood before the gate decided",
            { approval: { emails: ["me@example.com"] } },
            "approval.emails: has moved to approval.human.emails: people approve after the gate now; leave it out if the " +
                "gate alone is to decide",
        ],
        [
            "a human approval of nobody",
            { approval: { human: { emails: [] } } },
            "approval.human.emails: must name at least one person: nobody would know that an approval waits",
        ],
        [
            "not an address of a person",
            { approval: { human: { emails: ["me"] } } },
            "approval.human.emails[0]: must be an e-mail address",
        ],
        [
            "not an address for alarms",
            { approval: { alarmEmails: ["me"] } },
            "approval.alarmEmails[0]: must be an e-mail address",
        ],
        [
            "a person twice",
            { approval: { human: { emails: ["me@example.com", "Me@example.com"] } } },
            "approval.human.emails[1]: must be unique",
        ],
        [
            "an address for alarms twice",
            { approval: { alarmEmails: ["me@example.com", "Me@example.com"] } },
            "approval.alarmEmails[1]: must be unique",
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
});
