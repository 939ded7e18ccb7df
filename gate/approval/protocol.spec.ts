import assert from "node:assert/strict";
import { requestKey, type ApprovalRequest } from "./approvalRequest";
import type { ApprovalFact, ApprovalStep, Protocol } from "./effects";
import { decideRequest, handleScanNotice, recordRequest, sweep, UndecidedError } from "./protocol";
import type { RequestRecord } from "./records";
import {
    contextOf,
    customDataOf,
    minutesAfterStart,
    ourSession,
    requestOfMessage,
    somebodyElse,
    subjectOf,
    uuid,
} from "./testing/approvalSamples";
import { noticeOf, scenarioFor } from "./testing/scenarios";
import {
    beginningOf,
    memoryOf,
    placeOf,
    requestsIn,
    setToken,
    stateOfToken,
    type Scenario,
    type TokenState,
    type World,
} from "./testing/world";
import { carryOut } from "./testing/worldEffects";

/** One world after the other: pieces of the protocol run in it from beginning to end, one after the other. */
class Story {
    readonly memory;
    world: World;
    readonly facts: ApprovalFact[] = [];
    readonly puts: { token: string; answer: string }[] = [];
    /** What fails, instead of being carried out or after it. */
    failing: { effect: ApprovalStep["effect"]; done: boolean; left: number } | null = null;
    /** What happens just before the first such step. */
    before: { effect: ApprovalStep["effect"]; happens: () => void } | null = null;

    constructor(scenario: Scenario) {
        this.memory = memoryOf(scenario);
        this.world = beginningOf(this.memory);
    }

    run<T>(protocol: Protocol<T>): T {
        let next = protocol.next();
        while (!next.done) {
            const step: ApprovalStep = next.value;
            if (this.before?.effect === step.effect) {
                const { happens } = this.before;
                this.before = null;
                happens();
            }
            const failing =
                this.failing?.effect === step.effect && this.failing.left > 0 ? this.failing : null;
            if (failing !== null) failing.left -= 1;
            const { world, answer } = carryOut(this.world, this.memory, -1, step);
            const isDone = failing === null || failing.done;
            if (isDone) this.world = world;
            if (step.effect === "report") this.facts.push(step.input.fact);
            if (isDone && step.effect === "putApprovalResult" && answer.value === "accepted")
                this.puts.push({ token: step.input.token, answer: step.input.answer });
            next =
                failing === null
                    ? protocol.next(answer.value)
                    : protocol.throw(new Error("ThrottlingException: Rate exceeded"));
        }
        return next.value;
    }

    get records(): RequestRecord[] {
        return requestsIn(this.world, this.memory);
    }

    get only(): RequestRecord {
        const [record, ...others] = this.records;
        assert.deepEqual(others, []);
        return record ?? assert.fail("there is no record");
    }

    record(request: ApprovalRequest): string {
        return this.run(recordRequest(request));
    }

    decide(request: ApprovalRequest, owner = "one"): string {
        return this.run(decideRequest(contextOf(owner), requestKey(request)));
    }

    token(token: number, state: TokenState): void {
        this.world = setToken(this.world, this.memory, token, state);
    }

    stateOf(token: number): TokenState {
        return stateOfToken(this.world, this.memory, token);
    }

    minutes(minutes: number): void {
        this.world = { ...this.world, minutes };
    }
}

const request = requestOfMessage();
const clean = (change: Partial<Scenario> = {}): Story => new Story(scenarioFor("clean", [], change));
const pending = (change: Partial<Scenario> = {}): Story => new Story(scenarioFor("pending", [], change));

describe("the approval protocol", () => {
    it("approves a digest that was scanned long before, at once, and writes down everything", () => {
        const story = clean();
        assert.equal(story.record(request), "recorded");
        assert.equal(story.decide(request), "approved");
        const { revision, status, claim, wakeAt, decision, closed } = story.only;
        assert.deepEqual(
            [revision, status, claim, wakeAt, closed],
            [4, "approved", undefined, undefined, undefined],
        );
        assert.deepEqual(story.stateOf(0), {
            kind: "answered",
            answer: "approved",
            by: ourSession,
            summary: decision?.summary,
        });
        assert.deepEqual(story.facts, ["RequestRecorded", "Approved"]);
        assert.equal(story.decide(request), "settled");
        assert.equal(story.puts.length, 1);
    });

    it("records a message once, whatever its time, and throws when another one contradicts it", () => {
        const story = pending();
        story.record(request);
        assert.equal(story.record({ ...request, receivedAt: "2026-03-04T12:00:09.000Z" }), "repeated");
        assert.equal(story.only.request.receivedAt, request.receivedAt);
        assert.deepEqual(story.facts, ["RequestRecorded", "RequestRepeated"]);
        const other = { ...request, subject: subjectOf({ commit: "d".repeat(40) }) };
        assert.throws(
            () => story.record(other),
            /^UndecidedError: two messages about request .* differ in subject/,
        );
    });

    it("waits for the scan, and decides when its event comes", () => {
        const story = pending();
        story.record(request);
        assert.equal(story.decide(request), "waiting");
        assert.deepEqual([story.only.claim, story.only.status], [undefined, "waiting"]);
        story.world = { ...story.world, registry: ["clean"] };
        story.run(handleScanNotice(contextOf("two"), noticeOf()));
        assert.equal(story.only.status, "approved");
        assert.deepEqual(story.facts, ["RequestRecorded", "Waiting", "ScanRecorded", "Approved"]);
        story.run(handleScanNotice(contextOf("three"), noticeOf()));
        assert.equal(story.puts.length, 1);
    });

    it("decides when the event comes before the message", () => {
        const story = clean();
        story.run(handleScanNotice(contextOf("one"), noticeOf()));
        assert.deepEqual(story.records, []);
        story.record(request);
        assert.equal(story.decide(request), "approved");
    });

    it("keeps the newest word about a scan, of one time the worse, and nothing of other statuses", () => {
        const story = pending();
        const status = (): unknown => story.world.scans.map(([, id]) => story.memory.scans.value(id).eventId);
        const hear = (change: Parameters<typeof noticeOf>[0]): void =>
            story.run(handleScanNotice(contextOf("one"), noticeOf(change)));
        hear({ status: "other", eventId: "e0" });
        assert.deepEqual(status(), []);
        hear({ eventId: "e1" });
        hear({ eventId: "e2", at: minutesAfterStart(-20).toISOString(), status: "failed" });
        assert.deepEqual(status(), ["e1"]);
        hear({ eventId: "e3", at: noticeOf().at, status: "failed" });
        hear({ eventId: "e4" });
        assert.deepEqual(status(), ["e3"]);
    });

    it("rejects a scan that failed, by its event alone", () => {
        const story = pending();
        story.record(request);
        story.run(handleScanNotice(contextOf("one"), noticeOf({ status: "failed" })));
        assert.equal(story.only.status, "rejected");
        assert.match(story.only.decision?.reasons[0] ?? "", /says that the scan of .* ended as FAILED/);
    });

    it("answers each try of a stage by its own token", () => {
        const story = clean();
        story.record(request);
        story.token(0, { kind: "gone" });
        story.token(1, { kind: "waiting" });
        const second = requestOfMessage({ token: uuid(2) });
        story.record(second);
        assert.equal(story.decide(request), "closed");
        assert.equal(story.decide(second), "approved");
        assert.deepEqual(story.puts, [{ token: uuid(2), answer: "approved" }]);
        const [first] = story.records;
        assert.deepEqual(first?.closed, {
            at: "2026-03-04T12:01:00.000Z",
            reason: `the action waits for another request (execution ${uuid(900)})`,
            answer: null,
            by: null,
        });
        assert.deepEqual(story.facts.slice(2), ["RequestGone", "Approved"]);
    });

    it("does not take its answer to a later try for one to an earlier", () => {
        const story = clean();
        story.record(request);
        story.token(0, { kind: "gone" });
        story.token(1, { kind: "waiting" });
        const second = requestOfMessage({ token: uuid(2) });
        story.record(second);
        story.decide(second);
        assert.equal(story.decide(request), "closed");
        assert.equal(story.records[0]?.closed?.reason, "the action was answered for another request of it");
        assert.ok(!story.facts.includes("AnsweredByOthers"));
    });

    for (const answer of ["approved", "rejected"] as const) {
        it(`closes what somebody else ${answer}, with an alarm`, () => {
            const story = clean();
            story.record(request);
            story.token(0, { kind: "answered", answer, by: somebodyElse, summary: "by hand" });
            assert.equal(story.decide(request), "closed");
            assert.deepEqual(story.only.closed, {
                at: "2026-03-04T12:01:00.000Z",
                reason: `${answer} by ${somebodyElse}: by hand`,
                answer,
                by: somebodyElse,
            });
            assert.deepEqual(story.facts, ["RequestRecorded", "AnsweredByOthers"]);
            assert.deepEqual(story.puts, []);
        });
    }

    it("closes what somebody else answers between its question and its answer", () => {
        const story = clean();
        story.record(request);
        story.before = {
            effect: "putApprovalResult",
            happens: () =>
                story.token(0, { kind: "answered", answer: "rejected", by: somebodyElse, summary: "no" }),
        };
        assert.equal(story.decide(request), "closed");
        assert.equal(story.only.closed?.answer, "rejected");
        assert.deepEqual(story.facts, ["RequestRecorded", "AnsweredByOthers"]);
    });

    it("closes an action that does not wait any more", () => {
        const story = clean();
        story.record(request);
        story.token(0, { kind: "gone" });
        assert.equal(story.decide(request), "closed");
        assert.deepEqual(story.facts, ["RequestRecorded", "RequestGone"]);
    });

    for (const effect of ["approvalState", "askRegistry", "loadScans", "readScan", "readRequest"] as const) {
        it(`throws when ${effect} is throttled, lets go, and decides when it is called again`, () => {
            const story = clean();
            story.record(request);
            story.failing = { effect, done: false, left: 1 };
            assert.throws(() => story.decide(request), /Rate exceeded/);
            assert.deepEqual([story.only.status, story.only.claim], ["waiting", undefined]);
            assert.equal(story.decide(request, "two"), "approved");
        });
    }

    for (const done of [true, false]) {
        it(`keeps the claim when the answer's fate is unknown (it was ${done ? "" : "not "}given)`, () => {
            const story = clean();
            story.record(request);
            story.failing = { effect: "putApprovalResult", done, left: 1 };
            assert.throws(() => story.decide(request), /Rate exceeded/);
            assert.equal(story.only.claim?.owner, "one");
            assert.equal(story.decide(request, "one"), "held");
            story.minutes(3);
            assert.equal(story.decide(request, "two"), "approved");
            assert.equal(
                story.only.decision?.decidedAt,
                done ? "2026-03-04T12:01:00.000Z" : "2026-03-04T12:03:00.000Z",
            );
            assert.equal(story.stateOf(0).summary, story.only.decision?.summary);
        });
    }

    it("knows its own answer by the role, whatever the session of it is called", () => {
        for (const [by, status] of [
            [ourSession.replace(/[^/]+$/, "i-0123456789abcdef0"), "approved"],
            [ourSession.replace("/sample-", "/other-"), "closed"],
        ] as const) {
            const story = clean();
            story.record(request);
            story.failing = { effect: "putApprovalResult", done: true, left: 1 };
            assert.throws(() => story.decide(request), /Rate exceeded/);
            story.token(0, { ...story.stateOf(0), by });
            story.minutes(3);
            assert.equal(story.decide(request, "two"), status);
        }
    });

    it("writes an accepted answer down, also when news have come and the stage has begun anew", () => {
        const story = clean({
            tokens: [
                { execution: 0, request },
                { execution: 0, request: requestOfMessage({ token: uuid(2) }) },
            ],
        });
        story.record(request);
        const stageBeginsAnew = {
            effect: "writeRequest",
            happens: () => story.token(1, { kind: "waiting" }),
        } as const;
        story.before = {
            effect: "putApprovalResult",
            happens: () => {
                story.run(handleScanNotice(contextOf("two"), noticeOf()));
                story.before = stageBeginsAnew;
            },
        };
        assert.equal(story.decide(request), "approved");
        assert.deepEqual(
            [story.only.status, story.only.wakeAt, story.only.claim],
            ["approved", undefined, undefined],
        );
        assert.deepEqual(story.puts, [{ token: uuid(1), answer: "approved" }]);
        assert.deepEqual(story.facts.slice(-1), ["Approved"]);
    });

    it("leaves a held request alone, and wakes its holder when it has news", () => {
        const story = clean();
        story.record(request);
        story.before = {
            effect: "approvalState",
            happens: () => {
                assert.equal(story.decide(request, "two"), "held");
                assert.equal(story.only.wakeAt, undefined);
                story.run(handleScanNotice(contextOf("three"), noticeOf({ status: "failed" })));
                assert.equal(story.only.wakeAt, "2026-03-04T12:01:00.000Z");
            },
        };
        assert.equal(story.decide(request, "one"), "rejected");
        assert.deepEqual(story.puts, [{ token: uuid(1), answer: "rejected" }]);
    });

    it("rejects at the last moment also what it cannot read about", () => {
        const story = clean({ minutes: 60 });
        story.record(request);
        story.failing = { effect: "askRegistry", done: false, left: 1 };
        assert.equal(story.decide(request), "rejected");
        assert.deepEqual(story.only.decision?.reasons, [
            "what the image is judged by could not be read (Error: ThrottlingException: Rate exceeded)",
            "the request had to be decided before 2026-03-04T13:00:00.000Z; find out why it was not, then retry the stage",
        ]);
    });

    it("rejects a request that cannot be read, with an alarm", () => {
        const unreadable = requestOfMessage({ customData: "approve me" });
        const story = new Story({
            ...scenarioFor("pending", []),
            executions: [{ subject: subjectOf(), customData: "approve me" }],
            tokens: [{ execution: 0, request: unreadable }],
        });
        story.record(unreadable);
        assert.equal(story.decide(unreadable), "rejected");
        assert.deepEqual(story.facts, ["RequestRecorded", "RequestUnreadable", "Rejected"]);
        assert.match(story.only.decision?.reasons[0] ?? "", /^the approval's custom data /);
    });

    it("rejects a message that names another digest than CodePipeline does", () => {
        const { tokens, ...rest } = scenarioFor("foreign", []);
        const story = new Story({ ...rest, tokens });
        const foreign = tokens[0]?.request ?? assert.fail();
        story.record(foreign);
        assert.equal(story.decide(foreign), "rejected");
        assert.deepEqual(story.only.decision?.reasons, [
            "the approval's message and CodePipeline disagree about digest, image; " +
                "find out who publishes to the approval topic, then release a new execution",
        ]);
    });

    it("judges one digest of two applications by the staging repository of each", () => {
        const billing = subjectOf({ application: "billing", execution: uuid(901) });
        const second = requestOfMessage({
            application: "billing",
            token: uuid(2),
            customData: customDataOf(billing),
        });
        const base = scenarioFor("clean", []);
        const story = new Story({
            ...base,
            executions: [...base.executions, { subject: billing, customData: customDataOf(billing) }],
            tokens: [...base.tokens.slice(0, 1), { execution: 1, request: second }],
            waiting: [0, 1],
            registry: { [placeOf(subjectOf())]: "clean", [placeOf(billing)]: "bad" },
        });
        story.record(request);
        story.record(second);
        story.run(handleScanNotice(contextOf("one"), noticeOf()));
        assert.deepEqual(story.puts, [{ token: uuid(1), answer: "approved" }]);
        story.run(handleScanNotice(contextOf("two"), noticeOf({ repository: "sample/billing/staging" })));
        assert.deepEqual(story.puts.slice(1), [{ token: uuid(2), answer: "rejected" }]);
    });

    it("throws when CodePipeline refuses and says that it waits", () => {
        const story = clean();
        story.record(request);
        const protocol = decideRequest(contextOf("one"), requestKey(request));
        const refusing = (function* (): Protocol<unknown> {
            let next = protocol.next();
            while (!next.done) {
                const step: ApprovalStep = next.value;
                next = protocol.next(step.effect === "putApprovalResult" ? "refused" : yield step);
            }
            return next.value;
        })();
        assert.throws(() => story.run(refusing), UndecidedError);
        assert.equal(story.only.status, "waiting");
    });
});

describe("the watchdog", () => {
    it("wakes what waits and what nobody holds any more, and leaves alone who works", () => {
        const story = clean();
        story.record(request);
        assert.deepEqual(story.run(sweep(contextOf("dog"))), { woken: 1, recovered: 0 });
        assert.equal(story.only.wakeAt, "2026-03-04T12:01:00.000Z");
        story.failing = { effect: "putApprovalResult", done: false, left: 1 };
        assert.throws(() => story.decide(request));
        story.minutes(2);
        assert.deepEqual(story.run(sweep(contextOf("dog"))), { woken: 0, recovered: 0 });
        story.minutes(2.5);
        assert.deepEqual(story.run(sweep(contextOf("dog"))), { woken: 1, recovered: 0 });
        assert.deepEqual(story.puts, []);
    });

    it("records a waiting approval whose message never came", () => {
        const story = clean();
        assert.deepEqual(story.run(sweep(contextOf("dog"))), { woken: 0, recovered: 1 });
        assert.deepEqual(story.only.request.subject, subjectOf());
        assert.deepEqual(story.facts, ["RequestRecorded", "RequestRecovered"]);
        assert.equal(story.decide(request), "approved");
    });

    it("opens again what was closed before CodePipeline showed it as waiting", () => {
        const story = clean();
        story.record(request);
        story.token(0, { kind: "gone" });
        story.decide(request);
        story.token(0, { kind: "waiting" });
        assert.deepEqual(story.run(sweep(contextOf("dog"))), { woken: 0, recovered: 1 });
        assert.deepEqual([story.only.status, story.only.closed], ["waiting", undefined]);
        assert.equal(story.decide(request), "approved");
    });

    it("throws when an action waits that it can find out nothing about, after all else", () => {
        const base = scenarioFor("clean", []);
        const story = new Story({ ...base, executions: [{ subject: subjectOf(), customData: null }] });
        assert.throws(() => story.run(sweep(contextOf("dog"))), /CodePipeline does not say what for/);
        assert.deepEqual(story.records, []);
    });

    it("tells when a request is still open a quarter of an hour after its last moment", () => {
        const story = pending();
        story.record(request);
        story.minutes(74.9);
        story.run(sweep(contextOf("dog")));
        story.minutes(75);
        story.run(sweep(contextOf("dog")));
        assert.deepEqual(story.facts, ["RequestRecorded", "RequestOverdue"]);
    });
});
