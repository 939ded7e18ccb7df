import assert from "node:assert/strict";
import * as fc from "fast-check";
import { damage, randomNumbers } from "../report/testing/damage";
import { ApprovalMessageError, parseApprovalMessage, parseSnsEvent } from "./approvalMessage";
import type { ApprovalRequest, RequestKey } from "./approvalRequest";
import { parseCustomData } from "./customData";
import type { ScanNotice } from "./records";
import { parseScanEvent, ScanEventError } from "./scanEvent";
import { SettingsError } from "../settings/settingsFile";
import { readSettings } from "./settingsSchema";
import { parseStreamEvent, StreamRecordError } from "./streamRecord";
import {
    approvalMessage,
    digestOf,
    ecrScanEvent,
    exampleSettings,
    exampleSubject,
    inspectorScanEvent,
    snsApprovalEvent,
    streamEvent,
    uuidOf,
} from "./testing/genuineShapes";

const settings = exampleSettings();
const basic = exampleSettings({ scanType: "BASIC" });
const receivedAt = new Date("2026-11-21T12:00:00Z");
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const digestText = /^sha256:[0-9a-f]{64}$/;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The value at a path, own members only. */
function at(value: unknown, ...path: (string | number)[]): unknown {
    return path.reduce<unknown>(
        (found, key) =>
            typeof found === "object" && found !== null && Object.hasOwn(found, key)
                ? (found as Record<string | number, unknown>)[key]
                : undefined,
        value,
    );
}

/** What a reader gives; undefined when it refuses with its own error. */
function attempt<Result>(read: () => Result, own: new (...given: never[]) => Error): Result | undefined {
    try {
        return read();
    } catch (error) {
        assert.ok(error instanceof own, `${String(error)} ${(error as Error).stack}`);
        assert.ok(error.message.length < 2_000, error.message);
        return undefined;
    }
}

/** The notice says what the event says, about a repository of ours. */
function checkScan(event: unknown, given: typeof settings): "read" | "ignored" | "refused" {
    const answer = attempt(() => parseScanEvent(event, given), ScanEventError);
    if (answer === undefined) return "refused";
    if ("ignored" in answer) {
        assert.ok(answer.ignored.length < 1_000);
        return "ignored";
    }
    const { repository, digest, status, statusText, total, at: sent, eventId }: ScanNotice = answer;
    assert.equal(at(event, "detail", "image-digest"), digest);
    assert.match(digest, digestText);
    assert.equal(at(event, "account"), "123456789012");
    assert.equal(at(event, "region"), "eu-west-1");
    const isBasic = given === basic;
    assert.equal(at(event, "source"), isBasic ? "aws.ecr" : "aws.inspector2");
    const prefix = isBasic ? "" : "arn:aws:ecr:eu-west-1:123456789012:repository/";
    assert.equal(at(event, "detail", "repository-name"), `${prefix}${repository}`);
    assert.ok(given.applications.some((gate) => gate.repository === repository));
    assert.equal(at(event, "detail", "scan-status"), statusText);
    if (status === "ended") assert.equal(statusText, isBasic ? "COMPLETE" : "INITIAL_SCAN_COMPLETE");
    assert.ok(["ended", "failed", "other"].includes(status));
    assert.ok(total === null || (Number.isSafeInteger(total) && total >= 0));
    assert.match(sent, instant);
    assert.equal(at(event, "id"), eventId);
    return "read";
}

/** The request is of a gate of ours, and its subject is what the custom data says. */
function checkMessage(text: string): "read" | "without subject" | "refused" {
    const request: ApprovalRequest | undefined = attempt(
        () => parseApprovalMessage(text, settings, receivedAt),
        ApprovalMessageError,
    );
    if (request === undefined) return "refused";
    const approval = at(JSON.parse(text), "approval");
    const { pipeline, stage, action, token, subject, problem, expiresAt, decideBy } = request;
    const gate = settings.applications.find((each) => each.pipeline === pipeline);
    assert.deepEqual([stage, action], [gate?.stage, gate?.action]);
    assert.equal(at(approval, "pipelineName"), pipeline);
    assert.equal(at(approval, "token"), token);
    assert.match(token, uuid);
    assert.ok(instant.test(expiresAt) && instant.test(decideBy));
    assert.ok(Date.parse(decideBy) >= receivedAt.getTime());
    assert.ok(Date.parse(decideBy) <= Math.max(receivedAt.getTime(), Date.parse(expiresAt) - 600_000));
    assert.equal(subject === null, problem !== null);
    if (subject === null) return "without subject";
    const data: unknown = JSON.parse(String(at(approval, "customData")));
    assert.deepEqual({ ...(data as object) }, { ...subject });
    assert.equal(subject.application, gate?.name);
    assert.match(subject.digest, digestText);
    assert.ok(subject.image.endsWith(`@${subject.digest}`));
    assert.deepEqual(parseCustomData(JSON.stringify(subject)), subject);
    return "read";
}

/** Keys are those of the records. */
function checkStream(event: unknown): "read" | "refused" {
    const records = attempt(() => parseStreamEvent(event), StreamRecordError);
    for (const record of records ?? []) {
        if ("error" in record) continue;
        const { digest, execution, token }: RequestKey = record.key;
        const sources = (at(event, "Records") as unknown[]).filter(
            (one) => at(one, "dynamodb", "SequenceNumber") === record.sequenceNumber,
        );
        assert.ok(
            sources.some(
                (one) =>
                    at(one, "dynamodb", "Keys", "digest", "S") === digest &&
                    at(one, "dynamodb", "Keys", "record", "S") === `request#${execution}#${token}`,
            ),
        );
    }
    return records === undefined ? "refused" : "read";
}

function checkSns(event: unknown): "read" | "refused" {
    const messages = attempt(() => parseSnsEvent(event, settings), ApprovalMessageError);
    if (messages === undefined) return "refused";
    const records = at(event, "Records") as unknown[];
    assert.equal(messages.texts.length + messages.errors.length, records.length);
    const ours = records.filter(
        (one) =>
            at(one, "EventSource") === "aws:sns" &&
            at(one, "Sns", "TopicArn") === settings.topicArn &&
            typeof at(one, "Sns", "Message") === "string",
    );
    assert.deepEqual(
        messages.texts,
        ours.map((one) => at(one, "Sns", "Message")),
    );
    return "read";
}

/** Values that have no business there. */
const strange: unknown[] = [
    null,
    true,
    0,
    -1,
    1.5,
    1e300,
    "",
    " ",
    "x".repeat(100_000),
    "#{Build.IMAGE_DIGEST}",
    [],
    {},
    [[[]]],
    { S: "x" },
    "__proto__",
    digestOf("b"),
    uuidOf(9),
    "portcullis-dev-billing-staging",
    "arn:aws:ecr:eu-west-1:123456789012:repository/portcullis-dev-billing-staging",
    "arn:aws:ecr:eu-west-1:111122223333:repository/portcullis-dev-orders-staging",
    "111122223333",
    "aws.ecr",
    "ECR Image Scan",
    "FAILED",
];

/** A copy in which one member, anywhere, is replaced, lost, renamed, put into a list or exchanged with another. */
function mutate(value: unknown, random: () => number): unknown {
    const copy: unknown = structuredClone(value);
    const holders: Record<string, unknown>[] = [];
    const visit = (part: unknown): void => {
        if (typeof part !== "object" || part === null) return;
        if (Object.keys(part).length > 0) holders.push(part as Record<string, unknown>);
        Object.values(part).forEach(visit);
    };
    visit(copy);
    if (holders.length === 0) return copy;
    const pick = <Item>(list: readonly Item[]): Item => list[Math.floor(random() * list.length)] as Item;
    const holder = pick(holders);
    const key = pick(Object.keys(holder));
    switch (Math.floor(random() * 6)) {
        case 0:
            delete holder[key];
            break;
        case 1:
            holder[key] = [holder[key]];
            break;
        case 2:
            holder[`${key}2`] = holder[key];
            delete holder[key];
            break;
        case 3: {
            const other = pick(Object.keys(holder));
            [holder[key], holder[other]] = [holder[other], holder[key]];
            break;
        }
        default:
            holder[key] = pick(strange);
    }
    // What a list has lost becomes null, as in JSON.
    return JSON.parse(JSON.stringify(copy));
}

/** Runs a check on mutations of an event, some of them twice mutated, and counts what became of them. */
function tally(rounds: number, event: unknown, check: (mutated: unknown) => string): Record<string, number> {
    const random = randomNumbers(20_261_121);
    const counts: Record<string, number> = {};
    for (let round = 0; round < rounds; round += 1) {
        const once = mutate(event, random);
        const became = check(random() < 0.3 ? mutate(once, random) : once);
        counts[became] = (counts[became] ?? 0) + 1;
    }
    return counts;
}

describe("mutations of genuine events", () => {
    it("of scans are read as they are, ignored or refused", () => {
        for (const [event, given] of [
            [inspectorScanEvent(), settings],
            [ecrScanEvent(), basic],
        ] as const) {
            const {
                read = 0,
                ignored = 0,
                refused = 0,
            } = tally(4_000, event, (one) => checkScan(one, given));
            assert.equal(read + ignored + refused, 4_000);
            assert.ok(Math.min(read, ignored, refused) > 150, `${read} ${ignored} ${refused}`);
        }
    });

    it("of messages are requests of what they say, or refused", () => {
        const message: unknown = JSON.parse(approvalMessage());
        const counts = tally(3_000, message, (one) => checkMessage(JSON.stringify(one)));
        const data = tally(3_000, exampleSubject(), (one) => {
            const became = checkMessage(approvalMessage({ customData: JSON.stringify(one) }));
            // One of the strange values is the id of an execution.
            const { execution } = exampleSubject();
            if (became === "read") assert.deepEqual({ ...(one as object), execution }, exampleSubject());
            return became;
        });
        assert.ok((counts.read ?? 0) > 300 && (counts.refused ?? 0) > 300, JSON.stringify(counts));
        assert.equal(data.refused, undefined);
        assert.ok((data["without subject"] ?? 0) > 2_500, JSON.stringify(data));
    });

    it("of the event around them give every record, as text or as an error", () => {
        const counts = tally(1_000, snsApprovalEvent(["one", "two"]), checkSns);
        assert.ok((counts.read ?? 0) > 500, JSON.stringify(counts));
    });

    it("of the stream name the requests of their records", () => {
        const key = { digest: digestOf("a"), execution: uuidOf(1), token: uuidOf(2) };
        const counts = tally(
            3_000,
            streamEvent([{ key }, { key: { ...key, token: uuidOf(3) } }]),
            checkStream,
        );
        assert.ok((counts.read ?? 0) > 500, JSON.stringify(counts));
    });

    it("of settings are refused, or mean what they say", () => {
        const counts = tally(600, settings, (one) => {
            const text = JSON.stringify(one);
            const read = attempt(() => readSettings(text), SettingsError);
            if (read === undefined) return "refused";
            assert.deepEqual(JSON.parse(JSON.stringify(read)), JSON.parse(text));
            assert.deepEqual(readSettings(JSON.stringify(read)), read);
            return "read";
        });
        assert.ok((counts.refused ?? 0) > 400, JSON.stringify(counts));
    });

    it("byte by byte never make one digest of another", () => {
        const random = randomNumbers(5);
        const texts = [JSON.stringify(inspectorScanEvent()), approvalMessage()].map((text) =>
            Buffer.from(text),
        );
        for (let round = 0; round < 8_000; round += 1) {
            const text = Buffer.from(damage(texts[round % 2] as Buffer, random)).toString();
            if (round % 2 === 1) {
                checkMessage(text);
                continue;
            }
            let event: unknown;
            try {
                event = JSON.parse(text);
            } catch {
                continue;
            }
            checkScan(event, settings);
        }
    });
});

describe("anything else", () => {
    const anything = fc.oneof(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(...strange));

    it("is no scan event, message, stream or settings", () => {
        fc.assert(
            fc.property(anything, (value) => {
                checkScan(value, settings);
                checkScan({ ...inspectorScanEvent(), detail: value }, settings);
                assert.equal(checkMessage(JSON.stringify(value)), "refused");
                checkSns(value);
                checkSns({ Records: [value] });
                checkStream(value);
                checkStream({ Records: [value] });
                assert.equal(
                    attempt(() => readSettings(JSON.stringify(value)), SettingsError),
                    undefined,
                );
            }),
            { numRuns: 400, seed: 20_261_121 },
        );
    });

    it("is refused when it is deep or long", () => {
        const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
        const long = JSON.stringify("x".repeat(1_000_000));
        for (const text of [
            deep,
            long,
            "[".repeat(500_000),
            `{"a":${deep}}`,
            "\\".repeat(500_000),
            `"${"\\u0000".repeat(100_000)}"`,
        ]) {
            assert.equal(checkMessage(text), "refused");
            assert.equal(checkMessage(approvalMessage({ customData: text })), "without subject");
        }
    });
});
