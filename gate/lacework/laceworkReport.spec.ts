import assert from "node:assert/strict";
import { gatePolicySchema } from "../policy/gatePolicy";
import { scanReportSchema, type ScanReport } from "../report/scanReport";
import { judge } from "../verdict/verdict";
import { laceworkReport } from "./laceworkReport";
import {
    sampleAnswer,
    sampleDigest,
    sampleGoodRow,
    sampleImage,
    sampleRow,
    toBytes,
} from "./testing/laceworkAnswer";

const now = new Date("2026-03-04T12:00:00Z");
const subject = { image: sampleImage, digest: sampleDigest, now };
const policy = gatePolicySchema.parse({
    version: 1,
    requiredScanners: { test: ["lacework"], scanStagingImage: ["lacework"] },
});
const otherDigest = `sha256:${"9".repeat(64)}`;

function outcomeOf(report: ScanReport): string {
    return judge({ policy, stage: "test", reports: [report], digest: sampleDigest, now }).outcome;
}

/** Reads, and demands on the way that the report has the written form and is never a pass when incomplete. */
function read(content: Uint8Array): ScanReport {
    const report = scanReportSchema.parse(laceworkReport([content], subject));
    assert.equal(report.complete, report.incompleteReasons.length === 0);
    if (!report.complete) assert.equal(outcomeOf(report), "incomplete");
    return report;
}

type Answer = ReturnType<typeof sampleAnswer>;
type Row = ReturnType<typeof sampleRow>;

/** An answer of one vulnerable row and one good one, changed. */
function readChanged(change: (answer: Answer, row: Row) => unknown): ScanReport {
    const answer = sampleAnswer([{}], now);
    const changed = change(answer, answer.data[0] as Row);
    return read(toBytes(changed === undefined ? answer : changed));
}

const severitiesOf = ({ findings }: ScanReport): string[] => findings.map(({ severity }) => severity);

describe("lacework report", () => {
    it("takes over every vulnerable row with its place, fix and source", () => {
        const content = toBytes(
            sampleAnswer(
                [
                    {},
                    { vulnId: "CVE-2022-0001", severity: "Info", package: "tar", fix: "", path: "" },
                    { vulnId: "CVE-2022-0001", severity: "Info", package: "tar", fix: "", layer: "b" },
                ],
                now,
            ),
        );
        const report = read(content);
        assert.deepEqual(
            { ...report, raw: report.raw?.bytes },
            {
                version: 1,
                scanner: { name: "lacework", version: "10.0.155" },
                subject: { image: sampleImage, digest: sampleDigest },
                startedAt: "2026-03-04T10:59:52.000Z",
                finishedAt: "2026-03-04T11:00:00.000Z",
                dataBuiltAt: "2026-03-04T06:00:00.000Z",
                raw: content.length,
                complete: true,
                incompleteReasons: [],
                findings: [
                    {
                        id: "CVE-2021-3711",
                        severity: "critical",
                        package: {
                            name: "openssl",
                            version: "1.1.1k-1",
                            type: "dpkg",
                            path: "var/lib/dpkg/status",
                        },
                        fixedIn: "1.1.1k-2",
                        willNotFix: false,
                        url: null,
                        source: "/data/0",
                    },
                    {
                        id: "CVE-2022-0001",
                        severity: "negligible",
                        package: { name: "tar", version: "1.1.1k-1", type: "dpkg" },
                        fixedIn: null,
                        willNotFix: false,
                        url: null,
                        source: "/data/1",
                    },
                    {
                        id: "CVE-2022-0001",
                        severity: "negligible",
                        package: {
                            name: "tar",
                            version: "1.1.1k-1",
                            type: "dpkg",
                            path: "var/lib/dpkg/status",
                        },
                        fixedIn: null,
                        willNotFix: false,
                        url: null,
                        source: "/data/2",
                    },
                ],
                refusals: [],
            },
        );
        assert.equal(outcomeOf(report), "fail");
    });

    it("is complete and empty when every package was looked at and is good", () => {
        const report = read(toBytes(sampleAnswer([], now, 3)));
        assert.deepEqual([report.complete, report.findings, outcomeOf(report)], [true, [], "pass"]);
    });

    it("puts the pages of one answer together", () => {
        const answers = [sampleAnswer([{}, {}], now, 0), sampleAnswer([{ severity: "Low" }], now, 1)];
        for (const { paging } of answers) paging.totalRows = 4;
        const [first] = answers;
        if (first === undefined) assert.fail();
        first.paging.urls.nextPage = "https://example.lacework.net/api/v2/Vulnerabilities/Containers/abc";
        const report = read(toBytes({ pages: answers }));
        assert.deepEqual(
            [report.complete, report.findings.map(({ source }) => source)],
            [true, ["/pages/0/data/0", "/pages/0/data/1", "/pages/1/data/0"]],
        );
        const reversed = read(toBytes({ pages: [...answers].reverse() }));
        assert.deepEqual(reversed.incompleteReasons, [
            "page 1 of Lacework's answer calls itself the last",
            "Lacework's answer has a further page that is not here (nextPage)",
        ]);
    });

    for (const [text, severity] of [
        ["Critical", "critical"],
        ["high", "high"],
        ["MEDIUM", "medium"],
        ["Low", "low"],
        ["Info", "negligible"],
        ["Unknown", "unknown"],
    ] as const) {
        it(`reads severity "${text}" as ${severity}`, () => {
            const report = read(toBytes(sampleAnswer([{ severity: text }], now)));
            assert.deepEqual([report.complete, severitiesOf(report)], [true, [severity]]);
        });
    }

    for (const text of ["", "Severe", "Critica", "constructor"]) {
        it(`counts severity "${text}" as unknown and does not believe the answer`, () => {
            const report = read(toBytes(sampleAnswer([{ severity: text }], now)));
            assert.deepEqual(severitiesOf(report), ["unknown"]);
            assert.deepEqual(report.incompleteReasons, [
                `the gate does not know the severity "${text}" of Lacework; it counts as unknown`,
            ]);
        });
    }

    it("counts what an exception of Lacework has set aside", () => {
        const report = read(toBytes(sampleAnswer([{ status: "EXCEPTION" }], now)));
        assert.deepEqual([report.complete, severitiesOf(report)], [true, ["critical"]]);
        const named = readChanged((_, { evalCtx }) => {
            evalCtx.exception_props = [{ exception_guid: "VULN_1", exception_reason: "Accepted Risk" }];
        });
        assert.deepEqual([named.complete, severitiesOf(named)], [true, ["critical"]]);
    });

    it("counts the list that the CLI prints, and does not call it complete", () => {
        const report = read(toBytes([sampleRow({}, now), sampleRow({ severity: "High" }, now)]));
        assert.deepEqual(
            report.findings.map(({ severity, source }) => [severity, source]),
            [
                ["critical", "/0"],
                ["high", "/1"],
            ],
        );
        assert.match(report.incompleteReasons.join(), /^this is the list that lacework .* prints/);
    });

    it("reads what the CLI prints where Lacework gave nothing", () => {
        const answer = sampleAnswer([{}], now, 0);
        const { evalCtx } = answer.data[0] as Row;
        evalCtx.cve_batch_info = null;
        evalCtx.scan_request_props.scan_start_time = 0;
        const report = read(toBytes(answer));
        assert.deepEqual(
            [report.complete, report.startedAt, report.dataBuiltAt],
            [true, "2026-03-04T11:00:00.000Z", "2026-03-04T06:00:00.000Z"],
        );
    });

    it("is as old as its oldest row and its oldest data", () => {
        const report = read(toBytes(sampleAnswer([{}, { evaluatedAgo: 30, dataAgo: 300 }, {}], now)));
        assert.deepEqual(
            [report.complete, report.finishedAt, report.dataBuiltAt],
            [true, "2026-03-03T06:00:00.000Z", "2026-02-20T00:00:00.000Z"],
        );
        assert.equal(outcomeOf(report), "incomplete");
    });

    it("does not say how old the data is when one row does not", () => {
        const report = readChanged((_, { evalCtx }) => {
            evalCtx.vuln_created_time = "";
            evalCtx.cve_batch_info = [];
        });
        assert.deepEqual([report.dataBuiltAt, outcomeOf(report)], [null, "incomplete"]);
    });
});

const changes: [string, (answer: Answer, row: Row) => unknown, RegExp, number][] = [
    ["{}", () => ({}), /not what Lacework answers/, 0],
    ["null", () => null, /not what Lacework answers/, 0],
    ["a number", () => 7, /not what Lacework answers/, 0],
    ["[]", () => [], /nothing about sha256:2b7e/, 0],
    ["no rows", () => sampleAnswer([], now, 0), /nothing about sha256:2b7e/, 0],
    ["the answer to a request", () => ({ requestId: "5f0c", status: "scanning" }), /not what Lacework/, 0],
    ["an error of the API", () => ({ message: "Unauthorized" }), /not what Lacework answers/, 0],
    ["a report of grype", () => ({ matches: [], descriptor: { name: "grype" } }), /not what Lacework/, 0],
    ["a list of something else", () => [{ DescriptorId: "DL3006" }], /1 of 1 rows are not rows/, 1],
    ["no paging", ({ data }) => ({ data }), /not what Lacework answers/, 1],
    [
        "a further page",
        ({ paging }) => void (paging.urls.nextPage = "https://example.lacework.net/api/v2/next"),
        /a further page/,
        1,
    ],
    ["more rows than here", ({ paging }) => void (paging.totalRows = 6419), /6419 rows in all, and 2/, 1],
    ["a lost row", ({ data }) => void data.pop(), /says 2 rows and has 1; .*/, 1],
    ["no list of addresses", ({ paging }) => void Object.assign(paging, { urls: 7 }), /not what Lacework/, 1],
    [
        "another image",
        (_, row) => void (row.evalCtx.image_info.digest = otherDigest),
        /1 of 2 rows are about/,
        0,
    ],
    [
        "only other images",
        () => sampleAnswer([{ digest: otherDigest }], now, 0),
        /about other images.*nothing about sha256:2b7e/,
        1,
    ],
    ["a partial scan", (_, row) => void (row.evalCtx.image_info.status = "Partial"), /status Partial/, 1],
    [
        "an unsupported image",
        (_, { evalCtx: { image_info: info } }) =>
            void Object.assign(info, { status: "Unsupported", error_msg: ["no package manager"] }),
        /image_info.status Unsupported: no package manager/,
        1,
    ],
    ["a scan with an error", (_, row) => void (row.evalCtx.image_info.status = ""), /image_info.status/, 1],
    ["an unknown row status", (_, row) => void (row.status = "FIXED"), /row status "FIXED"/, 1],
    ["no row status", (_, row) => void Object.assign(row, { status: undefined }), /1 of 2 rows are not/, 1],
    ["no severity", (_, row) => void Object.assign(row, { severity: undefined }), /rows are not rows/, 1],
    ["no id", (_, row) => void Object.assign(row, { vulnId: "" }), /rows are not rows/, 1],
    ["no package", (_, row) => void Object.assign(row, { featureKey: undefined }), /rows are not rows/, 1],
    ["two evaluations", (_, row) => void (row.evalGuid = "77"), /of 2 evaluations/, 1],
    ["no time", (_, row) => void (row.startTime = "0001-01-01T00:00:00Z"), /when 1 rows were evaluated/, 1],
    ["pages without any", () => ({ pages: [] }), /not what Lacework answers/, 0],
    [
        "rows outside of the answer's own list",
        (answer) => ({ ...answer, pages: [sampleAnswer([{}], now)] }),
        /2 rows in all, and 4 of them/,
        2,
    ],
];

describe("lacework report that proves nothing", () => {
    for (const [name, change, reason, findings] of changes) {
        it(`is incomplete: ${name}`, () => {
            const report = readChanged(change);
            assert.match(report.incompleteReasons.join("; "), reason);
            assert.equal(report.findings.length, findings);
        });
    }

    for (const [name, content] of [
        ["nothing", new Uint8Array(0)],
        ["white space", Buffer.from("  \n")],
        ["the CLI's error", Buffer.from("ERROR unable to fetch assessment results\n")],
        ["UTF-16", Buffer.from(JSON.stringify(sampleAnswer([], now)), "utf16le")],
        ["a byte order mark", Buffer.from(`\ufeff${JSON.stringify(sampleAnswer([], now))}`)],
        ["latin1", Buffer.from(JSON.stringify(sampleAnswer([{ package: "é" }], now)), "latin1")],
        ["two documents", Buffer.from(JSON.stringify(sampleAnswer([], now)).repeat(2))],
        ["a key twice", Buffer.from('{"data":[],"data":[],"paging":{"rows":0,"totalRows":0}}')],
    ] as const) {
        it(`is incomplete: ${name}`, () => {
            const report = read(content);
            assert.match(report.incompleteReasons.join(), /^Lacework's answer cannot be read \(/);
            assert.deepEqual([report.findings, report.raw], [[], null]);
        });
    }

    it("counts a row that it cannot read with the severity and the id that stand there", () => {
        const unreadable = (row: object): unknown => ({ ...row, featureKey: null });
        const row = sampleRow({ severity: "Medium" }, now);
        const report = readChanged((answer) => ({
            ...answer,
            data: [unreadable(row), unreadable({ ...row, severity: 7, vulnId: "" }), 7],
        }));
        assert.deepEqual(
            report.findings.map(({ id, severity }) => [id, severity]),
            [
                [row.vulnId, "medium"],
                ["unreadable row", "unknown"],
                ["unreadable row", "unknown"],
            ],
        );
    });

    it("lists of several images this one's rows, and of other images all but the good ones", () => {
        const other = (row: object): unknown => ({
            ...row,
            evalCtx: {
                ...sampleRow({}, now).evalCtx,
                image_info: { digest: otherDigest, status: "Success" },
            },
        });
        const low = other(sampleRow({ severity: "Low" }, now));
        const nameless = other({ ...sampleRow({ severity: "High" }, now), vulnId: "" });
        const good = other(sampleGoodRow(now));
        for (const [data, severities] of [
            [[low, sampleRow({}, now), nameless], ["critical"]],
            [
                [low, good, nameless],
                ["low", "high"],
            ],
            [[low, sampleGoodRow(now)], []],
        ] as const) {
            const report = readChanged((answer) => ({ ...answer, data }));
            assert.deepEqual(severitiesOf(report), severities);
            assert.match(report.incompleteReasons.join(), /rows are about other images/);
        }
    });

    it("never passes when cut off anywhere", () => {
        const content = toBytes(sampleAnswer([], now));
        for (let length = 0; length < content.length; length += 1) {
            assert.equal(outcomeOf(read(content.subarray(0, length))), "incomplete", `${length} bytes`);
        }
        assert.equal(outcomeOf(read(content)), "pass");
    });

    it("lists at most 100,000 findings and says how many are missing", () => {
        const { evalCtx, ...rest } = sampleRow({}, now);
        const { image_info, vuln_created_time } = evalCtx;
        const row = JSON.stringify({
            ...rest,
            evalCtx: {
                image_info: { digest: image_info.digest, status: image_info.status },
                vuln_created_time,
            },
        });
        function* many(): Iterable<Uint8Array> {
            yield Buffer.from('{"paging":{"rows":100002,"totalRows":100002,"urls":{}},"data":[');
            for (let at = 0; at < 100_001; at += 1) yield Buffer.from(`${row},`);
            yield Buffer.from(`${JSON.stringify(sampleGoodRow(now))}]}`);
        }
        const report = laceworkReport(many(), subject);
        assert.deepEqual(
            [report.findings.length, report.incompleteReasons],
            [100_000, ["there are more than 100000 findings; 1 are not listed"]],
        );
    });
});
