import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { scannerNames, type Finding } from "../report/scanReport";
import { severities } from "../report/severity";
import { findingOf } from "../report/testing/sampleFinding";
import { findingsById, scanFindings, verdictOn } from "./scanFindings";
import { digestOf, executionOf, imported, minute, origin, policyOf, scanOf } from "./testing/findingSamples";
import { refusalOf } from "./testing/importSchema";

const waiver = {
    id: "CVE-2021-3711",
    package: "openssl",
    reason: "The function is not reachable from the network here.",
    owner: "payments-team",
    created: "2026-03-01",
    expires: "2026-03-10",
};

/** Texts as a hostile image can have them: long, empty, with control characters and halves of characters. */
const anyText = fc.oneof(
    fc.constantFrom(
        "",
        " ",
        "\n",
        "\uD800",
        "a\u0000b",
        "x".repeat(3_000),
        "😀".repeat(600),
        "é\u2028ü",
        "\\ud83d",
    ),
    fc.string({ unit: "binary", maxLength: 80 }),
    fc
        .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
        .map((units) => String.fromCharCode(...units)),
);
const anyFinding: fc.Arbitrary<Finding> = fc.record({
    id: anyText.map((text) => text || "CVE-2026-1"),
    severity: fc.constantFrom(...severities),
    package: fc.record(
        { name: anyText.map((text) => text || "p"), version: anyText, type: anyText, path: anyText },
        { requiredKeys: ["name", "version", "type"] },
    ),
    fixedIn: fc.option(anyText),
    willNotFix: fc.boolean(),
    url: fc.option(fc.oneof(anyText, fc.webUrl(), fc.constant("javascript:alert(1)"))),
    source: fc.constant("/matches/0"),
});

describe("findings of a scan report", () => {
    it("are Security Hub's, about the image by digest, with what the gate policy says", () => {
        const finding = findingOf({
            package: { name: "openssl", version: "1.1.1k", type: "deb", path: "/var/lib/dpkg/status" },
            url: "https://security-tracker.debian.org/tracker/CVE-2021-3711",
        });
        const key = createHash("sha256")
            .update('["CVE-2021-3711","openssl","1.1.1k","deb","/var/lib/dpkg/status"]')
            .digest("hex");
        const image = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/portcullis-dev-orders-candidate@${digestOf("a")}`;
        const [made, ...others] = imported(scanOf({ findings: [finding] }));
        assert.deepEqual(others, []);
        const { "portcullis/policy": policy, ...fields } = made?.ProductFields ?? {};
        assert.match(policy ?? "", /^[0-9a-f]{64}$/);
        assert.deepEqual(
            { ...made, ProductFields: fields },
            {
                SchemaVersion: "2018-10-08",
                Id: `portcullis-dev/scan/orders/${digestOf("a")}/grype/${key}`,
                ProductArn: "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default",
                ProductName: "Portcullis",
                GeneratorId: "portcullis/scan/grype",
                AwsAccountId: "123456789012",
                CreatedAt: "2026-03-04T12:00:00.000Z",
                UpdatedAt: "2026-03-04T12:00:00.000Z",
                Title: "CVE-2021-3711 in openssl 1.1.1k of orders",
                Description:
                    "grype 0.116.0 found CVE-2021-3711 (critical) in openssl 1.1.1k (deb, /var/lib/dpkg/status) of the " +
                    `image ${image} of orders. Fixed in 1.1.1l.`,
                Remediation: {
                    Recommendation: {
                        Text: "Update openssl to 1.1.1l, then release the application again.",
                        Url: "https://security-tracker.debian.org/tracker/CVE-2021-3711",
                    },
                },
                ProductFields: {
                    "portcullis/stack": "portcullis-dev",
                    "portcullis/application": "orders",
                    "portcullis/digest": digestOf("a"),
                    "portcullis/image": image,
                    "portcullis/scanner": "grype",
                    "portcullis/scannerVersion": "0.116.0",
                    "portcullis/stage": "test",
                    "portcullis/execution": executionOf(1),
                    "portcullis/evidence": `s3://evidence/orders/sha256-${"a".repeat(64)}/grype/${executionOf(1)}/test/report.json`,
                    "portcullis/scannedAt": "2026-03-04T12:00:00.000Z",
                    "portcullis/verdict": "fail",
                    "portcullis/required": "true",
                    "portcullis/complete": "true",
                    "portcullis/vulnerability": "CVE-2021-3711",
                    "portcullis/package": "openssl",
                    "portcullis/packageVersion": "1.1.1k",
                    "portcullis/packageType": "deb",
                    "portcullis/packagePath": "/var/lib/dpkg/status",
                    "portcullis/fixedIn": "1.1.1l",
                    "portcullis/countedAs": "critical",
                },
                Resources: [
                    {
                        Type: "AwsEcrContainerImage",
                        Id: `arn:aws:ecr:eu-west-1:123456789012:repository/portcullis-dev-orders-candidate/${digestOf("a")}`,
                        Partition: "aws",
                        Region: "eu-west-1",
                        Details: {
                            AwsEcrContainerImage: {
                                RegistryId: "123456789012",
                                RepositoryName: "portcullis-dev-orders-candidate",
                                ImageDigest: digestOf("a"),
                            },
                        },
                    },
                ],
                Vulnerabilities: [
                    {
                        Id: "CVE-2021-3711",
                        VulnerablePackages: [
                            {
                                Name: "openssl",
                                Version: "1.1.1k",
                                PackageManager: "deb",
                                FilePath: "/var/lib/dpkg/status",
                                FixedInVersion: "1.1.1l",
                                Remediation: "Update openssl to 1.1.1l, then release the application again.",
                            },
                        ],
                        Vendor: { Name: "grype", VendorSeverity: "critical" },
                        ReferenceUrls: ["https://security-tracker.debian.org/tracker/CVE-2021-3711"],
                        FixAvailable: "YES",
                    },
                ],
                RecordState: "ACTIVE",
                FindingProviderFields: {
                    Severity: { Label: "CRITICAL", Original: "critical" },
                    Types: ["Software and Configuration Checks/Vulnerabilities/CVE"],
                },
            },
        );
    });

    it("have the severity of the scanner, and what the policy counts unknown ones as", () => {
        const labelsOf = (policy = policyOf()) =>
            severities.map((severity) => {
                const [made] = imported(scanOf({ findings: [findingOf({ severity })] }), policy);
                const { Label, Original } = made?.FindingProviderFields.Severity ?? {};
                return `${Original} ${Label}`;
            });
        assert.deepEqual(labelsOf(), [
            "critical CRITICAL",
            "high HIGH",
            "medium MEDIUM",
            "low LOW",
            "negligible INFORMATIONAL",
            "unknown HIGH",
        ]);
        assert.equal(labelsOf(policyOf({ unknownCountsAs: "low" })).at(-1), "unknown LOW");
        // What a finding without a fix counts as is the gate's affair; how bad it is remains what it is.
        const unfixed = scanOf({ findings: [findingOf({ fixedIn: null })] });
        const [made] = imported(unfixed, policyOf({ unfixedCountsAs: "low" }));
        assert.equal(made?.FindingProviderFields.Severity.Label, "CRITICAL");
        assert.equal(made.ProductFields["portcullis/countedAs"], "low");
    });

    it("say whether there is a fix and what to do without one", () => {
        const without = (change: Partial<Finding>) => {
            const [made] = imported(
                scanOf({ findings: [findingOf({ id: "GHSA-896r-f27r-55mw", ...change })] }),
            );
            const [{ FixAvailable, VulnerablePackages } = { FixAvailable: "", VulnerablePackages: [] }] =
                made?.Vulnerabilities ?? [];
            const { Types } = made?.FindingProviderFields ?? {};
            return [
                made?.Remediation.Recommendation.Text,
                FixAvailable,
                VulnerablePackages[0]?.FixedInVersion,
                Types,
            ];
        };
        const types = ["Software and Configuration Checks/Vulnerabilities"];
        assert.deepEqual(without({ fixedIn: null }), [
            "No fix is known: replace or remove openssl.",
            "NO",
            undefined,
            types,
        ]);
        assert.deepEqual(without({ willNotFix: true }), [
            "The distributor will not fix it: replace or remove openssl.",
            "NO",
            undefined,
            types,
        ]);
    });

    it("say which waiver excuses them, and what the report alone is judged as", () => {
        const scan = scanOf({ findings: [findingOf()] });
        const waived = policyOf({ waivers: [waiver] });
        const [made] = imported(scan, waived);
        const fields = Object.entries(made?.ProductFields ?? {}).filter(([name]) =>
            /waiver|verdict/.test(name),
        );
        assert.deepEqual(Object.fromEntries(fields), {
            "portcullis/verdict": "pass",
            "portcullis/waiver": "CVE-2021-3711",
            "portcullis/waiverOwner": "payments-team",
            "portcullis/waiverExpires": "2026-03-10",
            "portcullis/waiverReason": waiver.reason,
        });
        assert.match(
            made?.Description ?? "",
            /Waived by payments-team to the end of 2026-03-10: The function is not/,
        );
        assert.equal(verdictOn(scan, policyOf()), "fail");
        assert.equal(verdictOn(scanOf({ findings: [findingOf({ severity: "low" })] }), policyOf()), "pass");
        assert.equal(verdictOn(scanOf({ complete: false }), policyOf()), "incomplete");
        // Of a scanner that decides nothing as well.
        const advisory = scanOf({ scanner: "lacework", findings: [findingOf()] });
        assert.equal(verdictOn(advisory, policyOf()), "fail");
        assert.equal(imported(advisory)[0]?.ProductFields["portcullis/required"], "false");
    });

    it("are the same in another run and another order, and one where the report repeats itself", () => {
        const findings = [
            findingOf({ severity: "low" }),
            findingOf({ source: "/matches/1" }),
            findingOf({ id: "CVE-2021-3712", source: "/matches/2" }),
            findingOf({ severity: "low", source: "/matches/3" }),
        ];
        const first = imported(scanOf({ findings }));
        assert.equal(first.length, 2);
        assert.deepEqual(
            first.map(({ FindingProviderFields: { Severity } }) => Severity.Label),
            ["CRITICAL", "CRITICAL"],
        );
        const turned = imported(scanOf({ findings: findings.toReversed() }));
        assert.deepEqual(
            new Map(turned.map((made) => [made.Id, made])),
            new Map(first.map((made) => [made.Id, made])),
        );
        const again = imported(
            scanOf({ findings, execution: executionOf(2), stage: "scanStagingImage", at: 30 }),
        );
        assert.deepEqual(
            again.map(({ Id }) => Id),
            first.map(({ Id }) => Id),
        );
        const apart = [
            scanOf({ findings, digest: digestOf("b") }),
            scanOf({ findings, application: "billing" }),
            scanOf({ findings, scanner: "anchore" }),
        ];
        for (const other of apart) {
            const ids = new Set(imported(other).map(({ Id }) => Id));
            assert.ok(first.every(({ Id }) => !ids.has(Id)));
        }
    });

    it("keep the day on which they were imported first", () => {
        const policy = policyOf();
        const scan = scanOf({ findings: [findingOf(), findingOf({ id: "CVE-2021-3712" })], at: 60 });
        const findings = findingsById(origin, scan, policy);
        const [known = ""] = findings.keys();
        const made = [
            ...scanFindings(origin, scan, findings, { policy, createdAt: new Map([[known, minute(5)]]) }),
        ];
        assert.deepEqual(
            made.map(({ CreatedAt, UpdatedAt }) => [CreatedAt, UpdatedAt]),
            [
                [minute(5).toISOString(), minute(60).toISOString()],
                [minute(60).toISOString(), minute(60).toISOString()],
            ],
        );
    });

    it("are always what Security Hub takes, whatever an image calls its packages", () => {
        fc.assert(
            fc.property(
                fc.array(anyFinding, { maxLength: 8 }),
                fc.constantFrom(...scannerNames),
                (findings, scanner) => {
                    const all = imported(scanOf({ findings, scanner }));
                    for (const made of all) assert.equal(refusalOf(made), null);
                    assert.equal(new Set(all.map(({ Id }) => Id)).size, all.length);
                    // Nothing lost: each finding of the report is one of them, or one that is called the same.
                    const kinds = new Set(
                        findings.map(({ id, package: { name, version, type, path = "" } }) =>
                            JSON.stringify([id, name, version, type, path]),
                        ),
                    );
                    assert.equal(all.length, kinds.size);
                },
            ),
            { numRuns: 300 },
        );
    });
});
