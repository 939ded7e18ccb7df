import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ApprovalSettings } from "../gate/approval/approvalSettings";
import { limitEnvironment } from "../gate/approval/settingsSchema";
import {
    approvalMessage,
    digestOf,
    exampleSettings,
    inspectorScanEvent,
    snsApprovalEvent,
    streamEvent,
    uuidOf,
} from "../gate/approval/testing/genuineShapes";
import { approvalFunctionNames, bundleFunction, functionNames, type FunctionName } from "./bundle";
import { JsonService } from "./effects/testing/jsonService";

/** 350 KB, the small ones of 1,000 bytes. */
const largestBundle = 350_000;

/** Node 24, which Lambda runs functions on, whatever runs the specs. */
const node = join(require.resolve("node/package.json"), "..", "bin", "node");

describe("bundles of the functions", () => {
    let folder: string;
    before(() => {
        folder = mkdtempSync(join(tmpdir(), "bundles-"));
    });
    after(() => rmSync(folder, { recursive: true }));

    for (const name of functionNames) {
        it(`of ${name}: at most 350 KB, no path of this machine, nothing that compiles code`, () => {
            const { code, sha256 } = bundleFunction(name);
            assert.match(sha256, /^[0-9a-f]{64}$/);
            assert.ok(code.length <= largestBundle, `${code.length} bytes`);
            const text = Buffer.from(code).toString("utf8");
            for (const foreign of [process.cwd(), tmpdir(), "node_modules", "sourceMappingURL"]) {
                assert.ok(!text.includes(foreign), foreign);
            }
            assert.doesNotMatch(text, /\beval\b|\bnew Function\b|[=(,]Function[(;,)]/);
        });
    }

    it("are the same in another checkout", () => {
        const root = join(__dirname, "..");
        for (const part of ["gate", "lambdas", "package.json"])
            cpSync(join(root, part), join(folder, part), { recursive: true });
        symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
        const script = join(folder, "lambdas", "bundling", "bundleFunctions.mjs");
        const entries = { recorder: "lambdas/recorder/handler.ts" };
        const output = execFileSync(process.execPath, [script, JSON.stringify(entries)], {
            cwd: tmpdir(),
            maxBuffer: 10_000_000,
        });
        const { recorder } = JSON.parse(output.toString("utf8")) as { recorder: string };
        assert.ok(Buffer.from(recorder, "base64").equals(bundleFunction("recorder").code));
    });

    it("fail when a rule about a library no longer fits anything", () => {
        const script = join(__dirname, "bundling", "bundleFunctions.mjs");
        const entries = JSON.stringify({ tokenMask: "lambdas/effects/tokenMask.ts" });
        assert.throws(
            () => execFileSync(process.execPath, [script, entries], { stdio: "pipe" }),
            /no module fits .*json-schema-processors/,
        );
    });
});

/** What came of one event. */
interface Outcome {
    result?: unknown;
    error?: { name: string; message: string };
}

const settings = exampleSettings();
const credentials = { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "example" };

/** Stands in for Lambda: calls the handler once for each event and prints what came of it. */
const runtime = `
const { handler } = require("./index.cjs");
const context = {
    awsRequestId: "${uuidOf(800)}",
    invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:portcullis-dev-approval:live",
    functionName: "portcullis-dev-approval",
    functionVersion: "7",
    memoryLimitInMB: "512",
    getRemainingTimeInMillis: () => Number(process.env.REMAINING_MILLISECONDS ?? 60_000),
};
(async () => {
    const outcomes = [];
    for (const event of JSON.parse(process.argv[1])) {
        try {
            outcomes.push({ result: (await handler(event, context)) ?? null });
        } catch ({ name, message }) {
            outcomes.push({ error: { name, message } });
        }
    }
    console.log(JSON.stringify({ outcomes }));
    process.exit(0);
})();
`;

describe("the bundled functions", () => {
    let service: JsonService;
    let folder: string;
    beforeEach(async () => {
        service = await JsonService.start();
        folder = mkdtempSync(join(tmpdir(), "function-"));
    });
    afterEach(async () => {
        rmSync(folder, { recursive: true });
        await service.stop();
    });

    /** Runs a function on events, as Lambda would; `log` is what it wrote, line by line. */
    async function run(
        name: FunctionName,
        events: unknown[],
        given: {
            settings?: ApprovalSettings | string | null;
            environment?: Record<string, string>;
            /** Runs before the function is loaded. */
            prelude?: string;
        } = {},
    ): Promise<{ outcomes: Outcome[]; log: Record<string, unknown>[]; text: string }> {
        const { settings: stated = settings, environment = {}, prelude = "" } = given;
        writeFileSync(join(folder, "index.cjs"), bundleFunction(name).code);
        if (stated !== null) {
            const text = typeof stated === "string" ? stated : JSON.stringify(stated);
            writeFileSync(join(folder, "settings.json"), text);
        }
        const { stdout, stderr } = await promisify(execFile)(
            node,
            ["-e", prelude + runtime, JSON.stringify(events)],
            {
                cwd: folder,
                maxBuffer: 10_000_000,
                env: {
                    AWS_REGION: "eu-west-1",
                    POWERTOOLS_SERVICE_NAME: "portcullis-dev-approval",
                    AWS_ENDPOINT_URL: service.url,
                    ...credentials,
                    ...limitEnvironment(settings.policy),
                    ...environment,
                },
            },
        );
        // Warnings and errors go to the other stream; Lambda reads both.
        const lines = `${stdout}${stderr}`.split("\n").filter((line) => line !== "");
        const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
        const { outcomes } = entries.find((entry) => "outcomes" in entry) as { outcomes: Outcome[] };
        return { outcomes, log: entries.filter((entry) => !("outcomes" in entry)), text: stdout + stderr };
    }

    const factsIn = (log: Record<string, unknown>[]): unknown[] =>
        log.flatMap(({ fact }) => (fact === undefined ? [] : [fact]));

    for (const name of approvalFunctionNames) {
        it(`${name} fails every invocation while its limits are not those of its policy`, async () => {
            const environment = { CRITICAL_LIMIT: "1", LOW_LIMIT: "" };
            const { outcomes, log } = await run(name, [{}, {}], { environment });
            assert.equal(outcomes.length, 2);
            for (const { error } of outcomes) {
                assert.equal(error?.name, "SettingsError");
                assert.match(error?.message ?? "", /CRITICAL_LIMIT is "1" and .*says 0; LOW_LIMIT is ""/);
            }
            assert.deepEqual(
                log.map(({ level, message }) => [level, message]),
                Array(2).fill(["ERROR", "the invocation failed"]),
            );
            assert.deepEqual(service.requests, []);
        });
    }

    it("fail every invocation with everything that is wrong with their settings", async () => {
        const none = await run("recorder", [{}], { settings: null });
        assert.match(none.outcomes[0]?.error?.message ?? "", /ENOENT.*settings\.json/);
        const wrong = { ...settings, scanType: "SOMETIMES", table: "?" } as unknown as ApprovalSettings;
        const { outcomes } = await run("recorder", [{}, {}], { settings: wrong });
        assert.equal(outcomes.length, 2);
        for (const { error } of outcomes) {
            assert.match(error?.message ?? "", /scanType.*table must be the name of a table/);
        }
    });

    describe("recorder", () => {
        it("records a request through throttling, and tells it without its token", async () => {
            service.replies = {
                GetItem: [{ error: "ThrottlingException" }, { body: {} }],
                PutItem: [
                    { error: "ProvisionedThroughputExceededException" },
                    { error: "x", status: 500 },
                    { body: {} },
                ],
            };
            const { outcomes, log, text } = await run("recorder", [snsApprovalEvent()]);
            assert.deepEqual(outcomes, [{ result: null }]);
            assert.deepEqual(service.operations, ["GetItem", "GetItem", "PutItem", "PutItem", "PutItem"]);
            const { Item: item } = service.requests.at(-1)?.input as { Item: Record<string, { S: string }> };
            const { request } = JSON.parse(item["document"]?.S ?? "");
            assert.equal(item["record"]?.S, `request#${request.subject.execution}#${request.token}`);
            assert.deepEqual(factsIn(log), ["RequestRecorded"]);
            assert.equal(log[0]?.["function_request_id"], uuidOf(800));
            const metric = log.find((line) => "_aws" in line);
            assert.deepEqual(
                [metric?.["RequestRecorded"], metric?.["service"]],
                [1, "portcullis-dev-approval"],
            );
            assert.ok(!text.includes(request.token));
        });

        it("says that its time is up before Lambda ends it", async () => {
            service.replies = { GetItem: [{ silent: true }] };
            const environment = { REMAINING_MILLISECONDS: "2500" };
            const { outcomes, log } = await run("recorder", [snsApprovalEvent()], { environment });
            assert.match(outcomes[0]?.error?.message ?? "", /AbortError.*the function's time was up/);
            assert.equal(log.at(-1)?.["message"], "the invocation failed");
        });

        it("knows a conditional failure for what it is: somebody else was first", async () => {
            service.replies = {
                GetItem: [{ body: {} }],
                PutItem: [{ error: "ConditionalCheckFailedException" }],
            };
            const { outcomes } = await run("recorder", [snsApprovalEvent()]);
            // Three times, as the protocol has it; the SDK repeats none of them.
            assert.match(outcomes[0]?.error?.message ?? "", /could not be written; it is tried again/);
            assert.deepEqual(service.operations, Array(3).fill(["GetItem", "PutItem"]).flat());
        });

        it("loses no message because of another, and names all that are bad", async () => {
            service.replies = { GetItem: [{ body: {} }], PutItem: [{ body: {} }] };
            const event = snsApprovalEvent(["no JSON", approvalMessage(), "{}"]);
            event.Records[2]!.Sns.TopicArn = "arn:aws:sns:eu-west-1:123456789012:other";
            const { outcomes, log } = await run("recorder", [event]);
            assert.deepEqual(factsIn(log), ["RequestRecorded"]);
            const { name, message } = outcomes[0]?.error ?? { name: "", message: "" };
            assert.equal(name, "ApprovalMessageError");
            assert.match(message, /^2 parts of the event failed: record 3 of 3: comes from the topic/);
            assert.match(message, /; the message "no JSON" cannot be read as JSON/);
        });

        it("refuses what is not from SNS", async () => {
            const { outcomes } = await run("recorder", [{}, { Records: [] }, null]);
            for (const { error } of outcomes) assert.match(error?.message ?? "", /no records of SNS/);
            assert.deepEqual(service.requests, []);
        });
    });

    describe("scan-event", () => {
        const keys = [1, 2].map((number) => ({
            digest: digestOf("a"),
            execution: uuidOf(number),
            token: uuidOf(70 + number),
        }));

        it("reports the records of a batch that failed, and decides the others", async () => {
            // The first cannot be read; the second is no longer there.
            service.replies = { GetItem: [{ error: "ValidationException" }, { body: {} }] };
            const event = streamEvent(keys.map((key) => ({ key })));
            const { outcomes, log, text } = await run("scan-event", [event]);
            const [first] = event.Records;
            assert.deepEqual(outcomes, [
                { result: { batchItemFailures: [{ itemIdentifier: first?.dynamodb.SequenceNumber }] } },
            ]);
            assert.deepEqual(service.operations, ["GetItem", "GetItem"]);
            const [entry] = log.filter(({ level }) => level === "ERROR");
            assert.match(
                String(entry?.["reason"]),
                /^ServiceError: DynamoDB GetItem of record request#\S+…0071 of/,
            );
            assert.ok(!text.includes(keys[0]!.token));
        });

        it("refuses an event that is neither of the stream nor of EventBridge", async () => {
            const { outcomes } = await run("scan-event", [{}, null, { source: "aws.inspector2" }, "text"]);
            for (const { error } of outcomes) {
                assert.match(error?.message ?? "", /neither of the table's stream nor of EventBridge/);
            }
            const [notOurs] = (await run("scan-event", [snsApprovalEvent()])).outcomes;
            assert.notEqual(notOurs?.result, null, "an event of SNS was taken");
            assert.deepEqual(service.requests, []);
        });

        it("leaves scans of others alone, and says so", async () => {
            const { outcomes, log } = await run("scan-event", [
                inspectorScanEvent({ repository: "other/repository" }),
            ]);
            assert.deepEqual(outcomes, [{ result: null }]);
            assert.deepEqual(factsIn(log), ["ScanIgnored"]);
            assert.deepEqual(service.requests, []);
        });

        it("records a scan of ours and looks for requests that wait for it", async () => {
            service.replies = {
                GetItem: [{ body: {} }],
                PutItem: [{ body: {} }],
                Query: [{ body: { Items: [] } }],
            };
            const { outcomes, log } = await run("scan-event", [inspectorScanEvent()]);
            assert.deepEqual(outcomes, [{ result: null }]);
            assert.deepEqual(factsIn(log), ["ScanRecorded"]);
            assert.deepEqual(service.operations, ["GetItem", "PutItem", "Query"]);
        });
    });

    describe("watchdog", () => {
        it("does everything that it can before it tells of a record that cannot be read", async () => {
            const damaged = { digest: { S: digestOf("a") }, record: { S: `request#one#${uuidOf(7)}` } };
            service.replies = {
                Query: [{ body: { Items: [damaged] } }],
                GetPipelineState: [{ error: "PipelineNotFoundException" }],
            };
            const { outcomes, log } = await run("watchdog", [{}]);
            assert.deepEqual(service.operations, ["Query", "GetPipelineState", "GetPipelineState"]);
            assert.match(
                outcomes[0]?.error?.message ?? "",
                /^record request#one#…0007 of sha256:a+ .* is damaged/,
            );
            assert.deepEqual(
                log
                    .filter(({ message }) => message === "sweep")
                    .map(({ woken, recovered }) => [woken, recovered]),
                [[0, 0]],
            );
        });

        it("cannot answer: there is no such call in its code", () => {
            for (const name of ["recorder", "watchdog"] as const) {
                assert.ok(!Buffer.from(bundleFunction(name).code).includes("PutApprovalResult"), name);
            }
            assert.ok(Buffer.from(bundleFunction("scan-event").code).includes("PutApprovalResult"));
        });
    });

    for (const [partition, region, suffix] of [
        ["aws", "eu-west-1", "amazonaws.com"],
        ["aws-cn", "cn-north-1", "amazonaws.com.cn"],
        ["aws-us-gov", "us-gov-west-1", "amazonaws.com"],
    ] as const) {
        it(`ask the services of ${region} in ${partition}`, async () => {
            const account = { partition, region, accountId: "123456789012" };
            const topicArn = settings.topicArn
                .replace("arn:aws:", `arn:${partition}:`)
                .replace("eu-west-1", region);
            const prelude = `
                require("node:https").request = ({ hostname, host }) => {
                    console.log(JSON.stringify({ asked: hostname ?? host }));
                    throw Object.assign(new Error("not sent"), { name: "NotSent" });
                };`;
            const { log } = await run("watchdog", [{}], {
                settings: { ...settings, account, topicArn },
                environment: { AWS_REGION: region, AWS_ENDPOINT_URL: "" },
                prelude,
            });
            const asked = new Set(log.flatMap(({ asked }) => (asked === undefined ? [] : [asked])));
            assert.deepEqual([...asked], [`dynamodb.${region}.${suffix}`]);
        });
    }
});
