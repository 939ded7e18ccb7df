import assert from "node:assert/strict";
import { gatePolicySchema } from "../policy/gatePolicy";
import { scanReportSchema, type ScanReport } from "../report/scanReport";
import { judge } from "../verdict/verdict";
import { inspectorReport } from "./inspectorReport";
import {
    sampleDigest,
    sampleEcrAnswer,
    sampleImage,
    sampleInspectorFinding,
    toBytes,
} from "./testing/inspectorAnswer";

const now = new Date("2026-03-04T12:00:00Z");
const subject = { image: sampleImage, digest: sampleDigest, now };
const policy = gatePolicySchema.parse({ version: 1, requiredScanners: { test: ["inspector"] } });
const otherDigest = `sha256:${"9".repeat(64)}`;

function outcomeOf(report: ScanReport): string {
    return judge({ policy, stage: "test", reports: [report], digest: sampleDigest, now }).outcome;
}

/** Reads, and demands on the way that the report has the written form and is never a pass when incomplete. */
function read(content: Uint8Array): ScanReport {
    const report = scanReportSchema.parse(inspectorReport([content], subject));
    assert.equal(report.complete, report.incompleteReasons.length === 0);
    if (!report.complete) assert.equal(outcomeOf(report), "incomplete");
    return report;
}

type Answer = ReturnType<typeof sampleEcrAnswer>;

function readChanged(mode: "basic" | "enhanced", change: (answer: Answer) => unknown): ScanReport {
    const answer = sampleEcrAnswer(mode, [{}, { severity: "LOW" }], now);
    const changed = change(answer);
    return read(toBytes(changed === undefined ? answer : changed));
}

const statuses: [string, RegExp][] = [
    ["IN_PROGRESS", /IN_PROGRESS.*raise --timeout/],
    ["PENDING", /PENDING.*raise --timeout/],
    ["FAILED", /FAILED \(UnsupportedImageError\): .*another scanner/],
    ["UNSUPPORTED_IMAGE", /UNSUPPORTED_IMAGE.*another base image/],
    ["SCAN_ELIGIBILITY_EXPIRED", /SCAN_ELIGIBILITY_EXPIRED.*push the image again/],
    ["FINDINGS_UNAVAILABLE", /FINDINGS_UNAVAILABLE.*start a scan/],
    ["LIMIT_EXCEEDED", /LIMIT_EXCEEDED.*Service Quotas/],
    ["IMAGE_ARCHIVED", /IMAGE_ARCHIVED.*restore the image/],
    ["complete", /does not know this status/],
    ["", /does not know this status/],
];

type Change = (answer: Answer) => unknown;
const changes: [string, Change, RegExp, number][] = [
    ["{}", () => ({}), /no answer of ECR's/, 0],
    ["[]", () => [], /no answer of ECR's/, 0],
    ["null", () => null, /no answer of ECR's/, 0],
    ["an empty page among others", (answer) => [answer, {}], /no answer of ECR's/, 2],
    ["a report of grype", () => ({ matches: [], descriptor: { name: "grype" } }), /no answer of ECR's/, 0],
    [
        "another digest",
        ({ imageId }) => void (imageId["imageDigest"] = otherDigest),
        /is about sha256:999/,
        2,
    ],
    ["a tag only", ({ imageId }) => void delete imageId["imageDigest"], /does not say which digest/, 2],
    [
        "findings of another image",
        ({ imageScanFindings: lists }) =>
            void (lists["enhancedFindings"] = [{}, { digest: otherDigest, severity: "LOW" }].map((each) =>
                sampleInspectorFinding(each),
            )),
        /1 of 2 findings are not about sha256:c3ab.* but about sha256:999/,
        2,
    ],
    [
        "several repositories",
        (answer) => [
            { ...answer, nextToken: "x" },
            { ...answer, repositoryName: "orders/staging" },
        ],
        /several repositories \(orders\/candidate, orders\/staging\)/,
        4,
    ],
    ["a next token", (answer) => ({ ...answer, nextToken: "x" }), /further findings that are not here/, 2],
    [
        "a token of the CLI",
        (answer) => ({ ...answer, NextToken: "x" }),
        /further findings that are not here/,
        2,
    ],
    [
        "a lost finding",
        ({ imageScanFindings: lists }) => void (lists["enhancedFindings"] as unknown[]).pop(),
        /low, and 0/,
        1,
    ],
    [
        "a finding that is not counted",
        ({ imageScanFindings: lists }) => void (lists["findingSeverityCounts"] = { LOW: 1 }),
        /counts 0 findings that are critical, and 1 are listed/,
        2,
    ],
    [
        "a count of a severity that nobody knows",
        ({ imageScanFindings: lists }) =>
            void (lists["findingSeverityCounts"] = { CRITICAL: 1, LOW: 1, TOTAL: 2 }),
        /counts 2 findings that are unknown, and 0/,
        2,
    ],
    [
        "no counts",
        ({ imageScanFindings: lists }) => void delete lists["findingSeverityCounts"],
        /how many findings/,
        2,
    ],
    [
        "a negative count",
        ({ imageScanFindings: lists }) => void (lists["findingSeverityCounts"] = { CRITICAL: -1 }),
        /no answer of ECR's/,
        2,
    ],
    [
        "no time",
        ({ imageScanFindings: lists }) => void delete lists["imageScanCompletedAt"],
        /when the scan was/,
        2,
    ],
    [
        "another time on the second page",
        (answer) => [
            { ...answer, nextToken: "x" },
            {
                ...answer,
                imageScanFindings: { ...answer.imageScanFindings, imageScanCompletedAt: 1772600000 },
            },
        ],
        /scanned again while the answer was read/,
        4,
    ],
    [
        "no findings at all",
        (answer) => ({ ...answer, imageScanFindings: undefined }),
        /has no list of findings/,
        0,
    ],
    // What an AWS CLI that does not know enhanced scanning prints (aws/aws-cli issue 6759).
    [
        "an old CLI's view of ACTIVE",
        (answer) => ({ ...answer, imageScanFindings: { findings: [] } }),
        /no list of Inspector/,
        0,
    ],
    [
        "an entry that is no finding",
        ({ imageScanFindings: lists }) => void (lists["enhancedFindings"] as unknown[]).push({ title: "?" }),
        /1 of 3 findings are not written.*enhancedFindings\/2: severity/,
        3,
    ],
    [
        "both kinds of findings",
        ({ imageScanFindings: lists }) => void (lists["findings"] = [{ name: "CVE-1", severity: "LOW" }]),
        /mixes findings/,
        3,
    ],
];

describe("inspector report that proves nothing", () => {
    for (const [status, reason] of statuses) {
        it(`is incomplete: status "${status}"`, () => {
            for (const mode of ["basic", "enhanced"] as const) {
                const report = readChanged(mode, (answer) => {
                    answer.imageScanStatus = {
                        status,
                        description: status === "FAILED" ? "UnsupportedImageError" : "",
                    };
                });
                assert.match(report.incompleteReasons.join("; "), reason);
                assert.equal(report.findings.length, 2);
            }
        });
    }

    for (const [name, change, reason, findings] of changes) {
        it(`is incomplete: ${name}`, () => {
            const report = readChanged("enhanced", change);
            assert.match(report.incompleteReasons.join("; "), reason);
            assert.equal(report.findings.length, findings);
        });
    }

    it("does not say how old the data is when ECR does not", () => {
        const report = readChanged("basic", ({ imageScanFindings: lists }) => {
            delete lists["vulnerabilitySourceUpdatedAt"];
        });
        assert.deepEqual([report.dataBuiltAt, outcomeOf(report)], [null, "incomplete"]);
    });

    const clean = JSON.stringify(sampleEcrAnswer("basic", [], now));
    for (const [name, content] of [
        ["nothing", new Uint8Array(0)],
        ["an error of the AWS CLI", Buffer.from("An error occurred (ScanNotFoundException)\n")],
        ["UTF-16", Buffer.from(clean, "utf16le")],
        ["a byte order mark", Buffer.from(`\ufeff${clean}`)],
        ["latin1", Buffer.from(clean.replace("successfully", "é"), "latin1")],
        ["two documents", Buffer.from(clean + clean)],
    ] as const) {
        it(`is incomplete: ${name}`, () => {
            const report = read(content);
            assert.match(
                report.incompleteReasons.join(),
                /^the answer of Inspector or ECR cannot be read \(/,
            );
            assert.deepEqual([report.findings, report.raw], [[], null]);
        });
    }

    it("never passes when cut off anywhere", () => {
        const content = Buffer.from(clean);
        for (let length = 0; length < content.length; length += 1) {
            assert.equal(outcomeOf(read(content.subarray(0, length))), "incomplete", `${length} bytes`);
        }
        assert.equal(outcomeOf(read(content)), "pass");
    });
});
