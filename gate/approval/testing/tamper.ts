/** The real protocol with some of its steps changed on their way to the world. */
import type { ApprovalStep, Protocol } from "../effects";
import * as real from "../protocol";
import type { ProtocolUnderTest } from "./explorer";

/** What becomes of a step: another one, an answer without a step, or another answer. Undefined leaves it as it is. */
export interface Change {
    step?: ApprovalStep;
    /** Not carried out; this is the answer. */
    instead?: { answer: unknown };
    after?: (answer: unknown) => unknown;
}

export type Tamper = (step: ApprovalStep) => Change | undefined;

/** `begin` is called for each invocation, so that what it remembers is its own. */
export function tampered(begin: () => Tamper): ProtocolUnderTest {
    const change = (protocol: Protocol<unknown>): Protocol<unknown> => altered(protocol, begin());
    return {
        recordRequest: (request) => change(real.recordRequest(request)),
        handleScanNotice: (context, notice) => change(real.handleScanNotice(context, notice)),
        decideRequest: (context, key) => change(real.decideRequest(context, key)),
        sweep: (context) => change(real.sweep(context)),
    };
}

export function* altered(protocol: Protocol<unknown>, tamper: Tamper): Protocol<unknown> {
    let next = protocol.next();
    while (!next.done) {
        const change = tamper(next.value);
        let answer: unknown;
        try {
            answer = change?.instead === undefined ? yield change?.step ?? next.value : change.instead.answer;
        } catch (error) {
            next = protocol.throw(error);
            continue;
        }
        next = protocol.next(change?.after === undefined ? answer : change.after(answer));
    }
    return next.value;
}
