import assert from "node:assert/strict";
import fc from "fast-check";
import { exemptedRun, findingsRun } from "./fixtures/findingsRun";
import { hostileText } from "./fixtures/hostile";
import { StackBuilder, diagnostic, policyInfo } from "./fixtures/stackBuilder";
import type { RunResult } from "../model";
import { fingerprintOf, sarifOf } from "./sarif";

const repositoryUrn =
    "urn:pulumi:dev::portcullis::portcullis:application:Application$aws:ecr/repository:Repository::demo-candidate";
const roleUrn =
    "urn:pulumi:dev::portcullis::portcullis:application:Application$aws:iam/role:Role::demo-build";
const stackUrn = "urn:pulumi:dev::portcullis::pulumi:pulumi:Stack::portcullis-dev";

function rule(
    id: string,
    title: string,
    description: string,
    enabled: boolean,
    level: string,
    more: object,
): object {
    return {
        id,
        name: title,
        shortDescription: { text: title },
        fullDescription: { text: description },
        ...("helpUri" in more ? { helpUri: more.helpUri } : {}),
        defaultConfiguration: { enabled, level },
        properties: "properties" in more ? more.properties : {},
    };
}

function place(name: string, urn: string, type: string): object {
    return { logicalLocations: [{ name, fullyQualifiedName: urn, kind: "resource", properties: { type } }] };
}

describe("SARIF", () => {
    it("is exactly this for one finding of each kind", () => {
        assert.deepEqual(sarifOf(findingsRun()), {
            $schema:
                "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            version: "2.1.0",
            runs: [
                {
                    tool: {
                        driver: {
                            name: "portcullis",
                            version: "0.1.0",
                            rules: [
                                rule(
                                    "ECR-01",
                                    "Repositories scan on push",
                                    "An image that is never scanned is never refused.",
                                    true,
                                    "error",
                                    {
                                        helpUri:
                                            "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html",
                                        properties: {
                                            severity: "critical",
                                            enforcement: "mandatory",
                                            "security-severity": "9.5",
                                            tags: ["security", "FSBP ECR.1"],
                                        },
                                    },
                                ),
                                rule("ECR-02", "Tags are immutable", "What ECR-02 demands.", true, "error", {
                                    properties: {
                                        severity: "high",
                                        enforcement: "mandatory",
                                        "security-severity": "8.0",
                                        tags: ["security"],
                                    },
                                }),
                                rule(
                                    "ECS-02",
                                    "Images are pinned",
                                    "What ECS-02 demands.",
                                    false,
                                    "warning",
                                    {
                                        properties: {
                                            severity: "high",
                                            enforcement: "disabled",
                                            "security-severity": "8.0",
                                            tags: ["security"],
                                        },
                                    },
                                ),
                                rule("IAM-01", "Roles are narrow", "What IAM-01 demands.", true, "warning", {
                                    properties: {
                                        severity: "medium",
                                        enforcement: "advisory",
                                        "security-severity": "5.5",
                                        tags: ["security"],
                                    },
                                }),
                                rule(
                                    "PIPE-01",
                                    "There is an approval",
                                    "What PIPE-01 demands.",
                                    true,
                                    "error",
                                    {
                                        properties: {
                                            severity: "high",
                                            enforcement: "mandatory",
                                            "security-severity": "8.0",
                                            tags: ["security"],
                                        },
                                    },
                                ),
                            ],
                        },
                    },
                    automationDetails: { id: "portcullis/dev/preview" },
                    invocations: [
                        {
                            executionSuccessful: true,
                            toolExecutionNotifications: [
                                { level: "warning", message: { text: "The image is not pinned by digest." } },
                            ],
                        },
                    ],
                    columnKind: "utf16CodeUnits",
                    results: [
                        {
                            ruleId: "ECR-01",
                            ruleIndex: 0,
                            kind: "fail",
                            level: "error",
                            message: {
                                text: "scanOnPush is false.\nFix: Set imageScanningConfiguration.scanOnPush to true.",
                            },
                            locations: [
                                {
                                    physicalLocation: {
                                        artifactLocation: {
                                            uri: "infra/repositories/repositories.ts",
                                            uriBaseId: "%SRCROOT%",
                                        },
                                        region: { startLine: 40 },
                                    },
                                    ...place(
                                        "demo-candidate",
                                        repositoryUrn,
                                        "aws:ecr/repository:Repository",
                                    ),
                                },
                            ],
                            partialFingerprints: {
                                "portcullisFinding/v1":
                                    "f8670c11313ad7b9a325229a59598fd52f77b8f70576746967c79eead860fd3a",
                            },
                            properties: { severity: "critical", enforcement: "mandatory" },
                        },
                        {
                            ruleId: "PIPE-01",
                            ruleIndex: 4,
                            kind: "fail",
                            level: "error",
                            message: {
                                text: "No pipeline has an approval.\nFix: Add an action of category Approval.",
                            },
                            locations: [place("portcullis-dev", stackUrn, "pulumi:pulumi:Stack")],
                            partialFingerprints: {
                                "portcullisFinding/v1":
                                    "5f0a60bcfeb2566988d16993f4280927adf6a43c5395fe7c022b8a4c3b4605f1",
                            },
                            properties: { severity: "high", enforcement: "mandatory" },
                        },
                        {
                            ruleId: "ECR-02",
                            ruleIndex: 1,
                            kind: "open",
                            level: "none",
                            message: { text: "The tag mutability is not known." },
                            locations: [
                                {
                                    physicalLocation: {
                                        artifactLocation: {
                                            uri: "infra/repositories/repositories.ts",
                                            uriBaseId: "%SRCROOT%",
                                        },
                                        region: { startLine: 40 },
                                    },
                                    ...place(
                                        "demo-candidate",
                                        repositoryUrn,
                                        "aws:ecr/repository:Repository",
                                    ),
                                },
                            ],
                            partialFingerprints: {
                                "portcullisFinding/v1":
                                    "9ebb30edb63a5807a8f4fe94771b6c6a9a85c2f63452303cee10e77a78803e22",
                            },
                            properties: { severity: "high", enforcement: "advisory" },
                        },
                        {
                            ruleId: "IAM-01",
                            ruleIndex: 3,
                            kind: "fail",
                            level: "warning",
                            message: { text: "Statement 0 allows <any> action & resource." },
                            locations: [place("demo-build", roleUrn, "aws:iam/role:Role")],
                            partialFingerprints: {
                                "portcullisFinding/v1":
                                    "ebc7c267e2f059bd36e10818db5899346d29efe7fb768778680bf62b8b92eff5",
                            },
                            properties: { severity: "medium", enforcement: "advisory" },
                        },
                    ],
                    properties: { notice: "offline simulation, not AWS" },
                },
            ],
        });
    });

    it("has absolute help addresses and distinct tags only, as the schema demands", () => {
        const run = new StackBuilder().run({
            policy: {
                pack: { name: "portcullis", version: "0.1.0" },
                policies: [
                    policyInfo("A-01", {
                        url: "docs/policies.md#a-01",
                        references: ["FSBP ELB.1", "security", "FSBP ELB.1"],
                    }),
                    policyInfo("A-02", { url: "https://example.com/a b" }),
                    policyInfo("A-03"),
                ],
                diagnostics: [],
                notApplicable: 0,
            },
        });
        const { runs } = sarifOf(run) as {
            runs: { tool: { driver: { rules: Record<string, unknown>[] } } }[];
        };
        const rules = runs[0]?.tool.driver.rules ?? [];
        assert.deepEqual(
            rules.map(({ helpUri, help }) => [helpUri, help]),
            [
                [undefined, { text: "See docs/policies.md#a-01" }],
                ["https://example.com/a%20b", undefined],
                [undefined, undefined],
            ],
        );
        assert.deepEqual((rules[0]?.["properties"] as { tags: string[] }).tags, ["security", "FSBP ELB.1"]);
    });

    it("keeps a fingerprint when lines move, and tells different findings apart", () => {
        const run = findingsRun();
        const moved = findingsRun();
        moved.resources.forEach((resource) => {
            if (resource.source) {
                resource.source.line = 99;
            }
        });
        const prints = (sarif: unknown): unknown[] =>
            (sarif as { runs: { results: { partialFingerprints: unknown }[] }[] }).runs.flatMap(
                ({ results }) => results.map(({ partialFingerprints }) => partialFingerprints),
            );
        assert.deepEqual(prints(sarifOf(run)), prints(sarifOf(moved)));
        fc.assert(
            fc.property(hostileText, hostileText, hostileText, hostileText, (policy, urn, message, other) => {
                fc.pre(message !== other);
                const print = fingerprintOf({ policy, urn, message });
                assert.match(print, /^[0-9a-f]{64}$/);
                assert.notEqual(print, fingerprintOf({ policy, urn, message: other }));
                assert.equal(print, fingerprintOf({ policy, urn, message }));
            }),
        );
    });

    it("says in the invocation that nothing was judged, and never names a path outside the project", () => {
        const stack = new StackBuilder();
        const outside = ["/elsewhere/index.ts", "../index.ts", "node_modules/@pulumi/awsx/index.js"];
        outside.forEach((file, line) => stack.add("aws:kms/key:Key", `k${line}`, { source: { file, line } }));
        const policy = {
            pack: { name: "portcullis", version: "0.1.0" },
            policies: [policyInfo("KMS-01")],
            diagnostics: stack.resources.map(({ urn }) => diagnostic("KMS-01", urn)),
            notApplicable: 0,
        };
        const text = JSON.stringify(sarifOf(stack.run({ policy, program: { exitCode: 1 } })));
        assert.ok(text.includes('"executionSuccessful":false'));
        assert.ok(text.includes("the program ended with exit code 1"));
        assert.ok(!text.includes("physicalLocation"));
    });

    it("shows a path below the project relative to it, with URI escapes", () => {
        const stack = new StackBuilder();
        const key = stack.add("aws:kms/key:Key", "k", {
            source: { file: "/home/ci/my project/infra/a#b.ts", line: 3 },
        });
        const policy = {
            pack: { name: "portcullis", version: "0.1.0" },
            policies: [policyInfo("KMS-01")],
            diagnostics: [diagnostic("KMS-01", key.urn)],
            notApplicable: 0,
        };
        const text = JSON.stringify(
            sarifOf(stack.run({ policy }), { projectDirectory: "/home/ci/my project" }),
        );
        assert.ok(text.includes('"uri":"infra/a%23b.ts"'), text);
    });

    it("carries exempted violations as accepted suppressions, named as without them", () => {
        const run = exemptedRun();
        const resultsOf = (of: RunResult): Record<string, unknown>[] =>
            (sarifOf(of) as { runs: [{ results: Record<string, unknown>[] }] }).runs[0].results;
        const [first, ...others] = resultsOf(run).filter(({ ruleId }) => ruleId === "KMS-01");
        assert.deepEqual(others, []);
        assert.deepEqual(
            [first?.["kind"], first?.["level"], first?.["message"], first?.["suppressions"]],
            [
                "fail",
                "warning",
                { text: "Rotation is off.\nFix: Set enableKeyRotation." },
                [
                    {
                        kind: "external",
                        status: "accepted",
                        justification:
                            "exempted by EX-7 until 2026-12-01 (1 day left): key is being replaced, see SEC-12",
                    },
                ],
            ],
        );
        assert.deepEqual(first?.["properties"], {
            severity: "high",
            enforcement: "advisory",
            exemption: {
                id: "EX-7",
                until: "2026-12-01",
                daysLeft: 1,
                reason: "key is being replaced, see SEC-12",
            },
        });
        const bare = exemptedRun();
        bare.policy?.diagnostics.forEach((each) => delete each.exempted);
        assert.deepEqual(
            resultsOf(bare).map(({ partialFingerprints }) => partialFingerprints),
            resultsOf(run).map(({ partialFingerprints }) => partialFingerprints),
        );
        assert.equal(resultsOf(bare).filter((each) => "suppressions" in each).length, 0);
    });
});
