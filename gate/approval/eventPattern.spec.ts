import assert from "node:assert/strict";
import * as fc from "fast-check";
import { longestEventPattern, scanEventPatterns } from "./eventPattern";
import { ecrScanEvent, exampleAccount, exampleSettings, inspectorScanEvent } from "./testing/genuineShapes";
import { matchesEventPattern } from "./testing/eventPatternMatcher";
import { parseScanEvent } from "./scanEvent";

const account = exampleAccount;
const orders = "portcullis-dev-orders-staging";
const billing = "portcullis-dev-billing-staging";

function matchesAny(patterns: readonly string[], event: object): boolean {
    return patterns.some((pattern) => matchesEventPattern(pattern, event));
}

describe("event patterns of scans", () => {
    it("pin source, detail type, account, region and, for enhanced scanning, the repositories' ARNs", () => {
        assert.deepEqual(
            scanEventPatterns({ scanType: "ENHANCED", account, repositories: [orders, billing] }),
            [
                '{"source":["aws.inspector2"],"detail-type":["Inspector2 Scan"],"account":["123456789012"],' +
                    '"region":["eu-west-1"],"detail":{"repository-name":[' +
                    '"arn:aws:ecr:eu-west-1:123456789012:repository/portcullis-dev-billing-staging",' +
                    '"arn:aws:ecr:eu-west-1:123456789012:repository/portcullis-dev-orders-staging"]}}',
            ],
        );
    });

    it("have plain names for basic scanning", () => {
        assert.deepEqual(scanEventPatterns({ scanType: "BASIC", account, repositories: [orders, orders] }), [
            '{"source":["aws.ecr"],"detail-type":["ECR Image Scan"],"account":["123456789012"],' +
                '"region":["eu-west-1"],"detail":{"repository-name":["portcullis-dev-orders-staging"]}}',
        ]);
    });

    it("name the partition of the account", () => {
        const china = { partition: "aws-cn", region: "cn-north-1", accountId: "123456789012" };
        const [pattern = ""] = scanEventPatterns({
            scanType: "ENHANCED",
            account: china,
            repositories: [orders],
        });
        assert.match(
            pattern,
            /"arn:aws-cn:ecr:cn-north-1:123456789012:repository\/portcullis-dev-orders-staging"/,
        );
    });

    it("are not made for no repository: without names every repository would match", () => {
        assert.throws(() => scanEventPatterns({ scanType: "BASIC", account, repositories: [] }), {
            message: "scan events need at least one repository to be about",
        });
    });

    it("are as many as the quota asks for, and each repository stands in exactly one, whatever the order", () => {
        const name = fc.stringMatching(/^[a-z0-9]{2,20}(-[a-z0-9]{1,20}){0,10}$/);
        fc.assert(
            fc.property(
                fc.uniqueArray(name, { minLength: 1, maxLength: 60 }),
                fc.constantFrom("ENHANCED" as const, "BASIC" as const),
                fc.infiniteStream(fc.nat()),
                (repositories, scanType, order) => {
                    const patterns = scanEventPatterns({ scanType, account, repositories });
                    assert.ok(patterns.every((pattern) => pattern.length <= longestEventPattern));
                    const shuffled = repositories
                        .map((each) => ({ each, key: order.next().value as number }))
                        .sort((a, b) => a.key - b.key)
                        .map(({ each }) => each);
                    assert.deepEqual(
                        scanEventPatterns({ scanType, account, repositories: shuffled }),
                        patterns,
                    );
                    const event = scanType === "ENHANCED" ? inspectorScanEvent : ecrScanEvent;
                    for (const repository of repositories) {
                        const hits = patterns.filter((pattern) =>
                            matchesEventPattern(pattern, event({ repository })),
                        );
                        assert.equal(hits.length, 1, repository);
                    }
                },
            ),
            { numRuns: 60 },
        );
    });

    it("use the quota to its last character", () => {
        const lengthsWith = (last: number) => {
            const repositories = [..."abcdefg"].map((letter) => letter.repeat(250)).concat("h".repeat(last));
            return scanEventPatterns({ scanType: "BASIC", account, repositories }).map(
                ({ length }) => length,
            );
        };
        const [shortest = 0, ...rest] = lengthsWith(1);
        assert.deepEqual(rest, []);
        const room = 2_048 - shortest;
        assert.deepEqual(lengthsWith(1 + room), [2_048]);
        assert.equal(lengthsWith(2 + room).length, 2);
    });

    it("fifty repositories with the longest names that the stack gives fit as well", () => {
        const repositories = Array.from({ length: 50 }, (_, index) => `${"x".repeat(253)}-${index + 10}`);
        const patterns = scanEventPatterns({ scanType: "ENHANCED", account, repositories });
        assert.ok(patterns.every((pattern) => pattern.length <= 2_048));
        assert.equal(patterns.length, 9);
    });
});

describe("events that are nearly ours", () => {
    const kinds = {
        ENHANCED: { event: inspectorScanEvent, source: "aws.inspector2" },
        BASIC: { event: ecrScanEvent, source: "aws.ecr" },
    } as const;

    for (const scanType of ["ENHANCED", "BASIC"] as const) {
        const { event } = kinds[scanType];
        const patterns = scanEventPatterns({ scanType, account, repositories: [orders, billing] });
        const settings = exampleSettings({ scanType });
        const other = { ...account, accountId: "111122223333" };

        it(`${scanType}: events of our repositories match, whatever the status, and are read`, () => {
            for (const repository of [orders, billing]) {
                for (const status of ["INITIAL_SCAN_COMPLETE", "COMPLETE", "FAILED", "NEW_WORD"]) {
                    const genuine = event({ repository, status });
                    assert.ok(matchesAny(patterns, genuine));
                    const notice = parseScanEvent(genuine, settings);
                    assert.ok(!("ignored" in notice));
                    assert.equal(notice.repository, repository);
                }
            }
        });

        const misses: [string, object][] = [
            ["another account", event({ account: other })],
            ["another account in the envelope only", { ...event(), account: "111122223333" }],
            ["another region", event({ account: { ...account, region: "eu-west-2" } })],
            ["another region in the envelope only", { ...event(), region: "eu-west-2" }],
            ["another repository", event({ repository: "shop" })],
            ["our name as a prefix", event({ repository: `${orders}-2` })],
            ["our name as a suffix", event({ repository: `team/${orders}` })],
            ["our name as a part", event({ repository: `team/${orders}/old` })],
            ["our name in upper case", event({ repository: orders.toUpperCase() })],
            ["our candidate repository", event({ repository: "portcullis-dev-orders-candidate" })],
            ["our production repository", event({ repository: "portcullis-dev-orders-production" })],
            ["the other service", scanType === "ENHANCED" ? ecrScanEvent() : inspectorScanEvent()],
            ["a custom source of the same shape", { ...event(), source: "my.scanner" }],
            ["a source that begins alike", { ...event(), source: `${kinds[scanType].source}.test` }],
            ["a finding", { ...event(), "detail-type": "Inspector2 Finding" }],
            ["a push", { ...event(), "detail-type": "ECR Image Action" }],
            ["a change of scanning", { ...event(), "detail-type": "ECR Scan Resource Change" }],
            ["nothing about a repository", { ...event(), detail: {} }],
            ["the repository in the resources only", { ...event(), detail: { "scan-status": "COMPLETE" } }],
            [
                "the name in the other service's form",
                {
                    ...event(),
                    detail: {
                        ...event().detail,
                        "repository-name":
                            scanType === "ENHANCED"
                                ? orders
                                : `arn:aws:ecr:eu-west-1:123456789012:repository/${orders}`,
                    },
                },
            ],
        ];
        for (const [what, near] of misses) {
            it(`${scanType}: does not match ${what}`, () => assert.equal(matchesAny(patterns, near), false));
        }

        it(`${scanType}: does not match what Inspector says about an instance`, () => {
            assert.equal(
                matchesAny(patterns, {
                    version: "0",
                    id: "5d8f3c1e-7a4b-4d6e-9f20-000000000001",
                    "detail-type": "Inspector2 Coverage",
                    source: "aws.inspector2",
                    account: "123456789012",
                    time: "2026-11-21T12:00:00Z",
                    region: "eu-west-1",
                    resources: ["i-0123456789abcdef0"],
                    detail: { scanStatus: { reason: "UNMANAGED_EC2_INSTANCE", statusCodeValue: "INACTIVE" } },
                }),
                false,
            );
        });
    }
});
