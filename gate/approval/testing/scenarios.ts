/** What the explorer explores. An event of a scenario may also never happen, so each covers every set of its events. */
import type { ScanNotice } from "../records";
import {
    customDataOf,
    digests,
    minutesAfterStart,
    requestOfMessage,
    somebodyElse,
    subjectOf,
    uuid,
} from "./approvalSamples";
import { earlyEvent } from "./ending";
import { placeOf, type OutsideEvent, type Scenario } from "./world";

const orders = subjectOf();
const billing = subjectOf({ application: "billing", execution: uuid(901) });
const ordersPlace = placeOf(orders);
const billingPlace = placeOf(billing);

/** A scan event; one that fails is sent after the registry's scan, as is one that counts more than that lists. */
export function noticeOf(change: Partial<ScanNotice> = {}): ScanNotice {
    const failed = change.status === "failed";
    return {
        repository: "sample/orders/staging",
        digest: digests[0],
        status: "ended",
        statusText: failed ? "FAILED" : "INITIAL_SCAN_COMPLETE",
        total: failed ? null : 0,
        at: minutesAfterStart(failed ? -5 : -9).toISOString(),
        eventId: failed ? "event-failed" : "event-ended",
        ...change,
    };
}

const message: OutsideEvent = { kind: "message", token: 0 };
const secondMessage: OutsideEvent = { kind: "message", token: 1 };
const secondBegins: OutsideEvent = { kind: "begin", token: 1 };
const stopped: OutsideEvent = { kind: "stop", token: 0 };
const clean: OutsideEvent = { kind: "registry", place: ordersPlace, to: "clean" };
const bad: OutsideEvent = { kind: "registry", place: ordersPlace, to: "bad" };
const ended: OutsideEvent = { kind: "scan", notice: noticeOf() };
const early: OutsideEvent = {
    kind: "scan",
    notice: noticeOf({ eventId: earlyEvent, at: minutesAfterStart(-9.5).toISOString() }),
    early: true,
};
const endedAgain: OutsideEvent = { kind: "scan", notice: noticeOf({ eventId: "event-ended-again" }) };
const failed: OutsideEvent = { kind: "scan", notice: noticeOf({ status: "failed" }) };
const tick: OutsideEvent = { kind: "tick" };
const pause: OutsideEvent = { kind: "pause" };
const moment: OutsideEvent = { kind: "moment" };
const approvedByHand: OutsideEvent = { kind: "answer", token: 0, answer: "approved", by: somebodyElse };

/** One execution, one request, the registry has no scan yet, one crash. */
const base: Scenario = {
    name: "",
    executions: [{ subject: orders, customData: customDataOf(orders) }],
    tokens: [{ execution: 0, request: requestOfMessage() }],
    waiting: [0],
    registry: { [ordersPlace]: "pending" },
    events: [],
    faults: 1,
    faultKinds: "crash",
    minutes: 1,
};

function scenario(name: string, events: OutsideEvent[], change: Partial<Scenario> = {}): Scenario {
    return { ...base, name, events, ...change };
}

const later = subjectOf({ execution: uuid(902) });
const twoExecutions: Partial<Scenario> = {
    executions: [...base.executions, { subject: later, customData: customDataOf(later) }],
    tokens: [
        ...base.tokens,
        { execution: 1, request: requestOfMessage({ token: uuid(2), customData: customDataOf(later) }) },
    ],
};

const retried: Partial<Scenario> = {
    tokens: [...base.tokens, { execution: 0, request: requestOfMessage({ token: uuid(2) }) }],
};

const twoApplications: Partial<Scenario> = {
    executions: [...base.executions, { subject: billing, customData: customDataOf(billing) }],
    tokens: [
        ...base.tokens,
        {
            execution: 1,
            request: requestOfMessage({
                application: "billing",
                token: uuid(2),
                customData: customDataOf(billing),
            }),
        },
    ],
    waiting: [0, 1],
    registry: { [ordersPlace]: "pending", [billingPlace]: "pending" },
};

const foreign = subjectOf({ digest: digests[1] });
const scannedForeign: Partial<Scenario> = {
    tokens: [{ execution: 0, request: requestOfMessage({ customData: customDataOf(foreign) }) }],
    registry: { [ordersPlace]: "bad", [placeOf(foreign)]: "clean" },
    recordedTwice: true,
};

const scannedClean = { registry: { [ordersPlace]: "clean" } } as const;
const unreadable: Partial<Scenario> = {
    executions: [{ subject: orders, customData: "approve me" }],
    tokens: [{ execution: 0, request: requestOfMessage({ customData: "approve me" }) }],
};

/** Explored with every run of the suite. */
export const scenarios: Scenario[] = [
    scenario("either order", [message, message, clean, ended, approvedByHand, stopped]),
    scenario("scan events twice", [message, clean, ended, endedAgain], { faults: 0 }),
    scenario("an event before the registry knows", [message, early, clean, ended], { faults: 0 }),
    scenario("the scan fails", [message, message, clean, failed, approvedByHand, stopped]),
    scenario("the scan is found bad", [message, message, clean, bad, ended, stopped]),
    scenario("two executions", [message, secondBegins, secondMessage, clean, ended, stopped], twoExecutions),
    scenario("the stage is retried", [message, stopped, secondBegins, secondMessage, clean, ended], retried),
    scenario(
        "two applications with one digest",
        [message, secondMessage, clean, { kind: "registry", place: billingPlace, to: "bad" }, ended],
        twoApplications,
    ),
    scenario("the last moment", [message, clean, ended, moment, stopped], { minutes: 59.5 }),
    scenario("scanned long ago", [message, tick, pause, approvedByHand, stopped], scannedClean),
    scenario("unreadable custom data", [message, message, tick, pause], unreadable),
    scenario("a message about another digest", [message, tick, pause, approvedByHand], scannedForeign),
    scenario("evidence with a finding", [message, message, clean, ended, stopped], { refused: [digests[0]] }),
    scenario("errors of services, lost answers", [message, clean, ended], { faultKinds: "any" }),
    scenario("errors while the watchdog runs", [message, tick], { faultKinds: "any", ...scannedClean }),
    scenario("crash after crash", [message, pause], { faults: 4, ...scannedClean }),
    scenario("errors when it is late", [message, pause], {
        faultKinds: "any",
        faults: 2,
        minutes: 60,
        ...scannedClean,
    }),
];

/** Larger ones, with a crash. */
const large: Scenario[] = [
    scenario("either order, each twice", [message, message, clean, ended, endedAgain]),
    scenario("the watchdog, claims that run out", [message, clean, ended, tick, pause]),
    scenario("the scan is found bad, or fails", [message, clean, bad, ended, failed]),
    scenario("the last moment, the watchdog", [message, clean, ended, moment, tick], { minutes: 59.5 }),
    scenario("errors while the watchdog runs", [message, clean, tick, pause], { faultKinds: "any" }),
];

const named = {
    message,
    secondMessage,
    secondBegins,
    stopped,
    clean,
    bad,
    ended,
    endedAgain,
    early,
    failed,
    tick,
    pause,
    moment,
    approvedByHand,
} satisfies Record<string, OutsideEvent>;

const worlds = {
    pending: {},
    clean: { ...scannedClean, ...retried },
    twoExecutions: { ...scannedClean, ...twoExecutions },
    foreign: scannedForeign,
} satisfies Record<string, Partial<Scenario>>;

/** A small one, by name of its world and events; no faults unless given. */
export function scenarioFor(
    world: keyof typeof worlds,
    events: (keyof typeof named)[],
    change: Partial<Scenario> = {},
): Scenario {
    const list = events.map((name) => named[name]);
    return scenario(`${world}: ${events.join(", ")}`, list, { ...worlds[world], faults: 0, ...change });
}

/** Two applications, three executions, five requests, and more events than can be explored in every order. */
export const busyWorld: Scenario = (() => {
    const runs = [orders, later, billing, subjectOf({ application: "billing", execution: uuid(903) })];
    const requestFor = (run: number, token: number) =>
        requestOfMessage({
            application: runs[run]?.application ?? "",
            token: uuid(token),
            customData: customDataOf(runs[run] ?? orders),
        });
    const placed = [0, 0, 1, 2, 3].map((run, at) => ({ execution: run, request: requestFor(run, at + 1) }));
    const tokens = [0, 1, 2, 3, 4];
    const billingEnded: OutsideEvent = {
        kind: "scan",
        notice: noticeOf({ repository: "sample/billing/staging", eventId: "event-billing" }),
    };
    return {
        ...base,
        name: "two applications, four executions, five requests",
        executions: runs.map((subject) => ({ subject, customData: customDataOf(subject) })),
        tokens: placed,
        waiting: [0, 3],
        registry: { [ordersPlace]: "pending", [billingPlace]: "pending" },
        events: [
            ...tokens.map((token): OutsideEvent => ({ kind: "message", token })),
            ...tokens.map((token): OutsideEvent => ({ kind: "message", token })),
            ...[1, 2, 4].map((token): OutsideEvent => ({ kind: "begin", token })),
            stopped,
            { kind: "stop", token: 3 },
            { kind: "answer", token: 2, answer: "approved", by: somebodyElse },
            clean,
            bad,
            { kind: "registry", place: billingPlace, to: "clean" },
            ended,
            failed,
            billingEnded,
            tick,
            tick,
            pause,
            pause,
        ],
        faults: 3,
        faultKinds: "any",
    };
})();

/** Eight events about one request, of which the deep exploration takes every six. */
const alphabet = [message, message, clean, ended, approvedByHand, stopped, tick, pause];

/**
 * The larger scenarios, and every set of six of eight events about one request. Those are without a crash: with one
 * they are more worlds than can be kept.
 */
export function deepScenarios(): Scenario[] {
    const found: Scenario[] = [...large];
    for (let bits = 0; bits < 1 << alphabet.length; bits++) {
        const events = alphabet.filter((_, at) => (bits & (1 << at)) !== 0);
        if (events.length !== 6) continue;
        found.push(
            scenario(`six events: ${events.map(({ kind }) => kind).join(", ")}`, events, { faults: 0 }),
        );
    }
    return found;
}
