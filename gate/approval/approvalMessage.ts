/** What CodePipeline says when an approval action begins to wait: an SNS message, or its state when it is asked. */
import type { ApprovalRequest, ApprovalSubject } from "./approvalRequest";
import type { ApplicationGate, ApprovalSettings } from "./approvalSettings";
import { CustomDataError, parseCustomData } from "./customData";
import { objectOf, parseForeignJson, shown, uuidPattern } from "./foreignJson";

/**
 * A message that is not a request of one of our gates, or cannot be read as one. One line: what, where, what to do. It
 * has to fail the invocation, so that the message ends in the queue.
 */
export class ApprovalMessageError extends Error {
    override name = "ApprovalMessageError";
}

/** What an SNS event carries. SNS sends one record in each event; more are read all the same. */
export interface SnsMessages {
    /** The messages of our topic, in their order. */
    texts: string[];
    /** One for each record that is none; to be thrown when the others are recorded. */
    errors: ApprovalMessageError[];
}

/**
 * Reads every record of the event by which SNS invokes a function.
 * @throws ApprovalMessageError when the event has no records.
 */
export function parseSnsEvent(event: unknown, { topicArn }: Pick<ApprovalSettings, "topicArn">): SnsMessages {
    const records = objectOf(event)?.Records;
    if (!Array.isArray(records) || records.length === 0) {
        throw new ApprovalMessageError(
            "the event has no records of SNS: see who invoked the function; only the approval topic may",
        );
    }
    const messages: SnsMessages = { texts: [], errors: [] };
    records.forEach((record: unknown, index) => {
        try {
            messages.texts.push(messageIn(record, topicArn));
        } catch (error) {
            if (!(error instanceof ApprovalMessageError)) throw error;
            messages.errors.push(
                new ApprovalMessageError(`record ${index + 1} of ${records.length}: ${error.message}`),
            );
        }
    });
    return messages;
}

function messageIn(record: unknown, topicArn: string): string {
    const { EventSource: source, Sns } = objectOf(record) ?? {};
    if (source !== "aws:sns") throw new ApprovalMessageError(`comes from ${shown(source)}, not from aws:sns`);
    const { TopicArn: topic, Message: message } = objectOf(Sns) ?? {};
    if (topic !== topicArn) {
        throw new ApprovalMessageError(
            `comes from the topic ${shown(topic)}, not from ${topicArn}: remove that subscription`,
        );
    }
    if (typeof message !== "string")
        throw new ApprovalMessageError(`carries ${shown(message)} as its message`);
    return message;
}

/** How CodePipeline writes the end of an approval, `2022-08-30T11:09Z`; seconds are understood as well. */
const expiry = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/;

/** Milliseconds since 1970; null for what is not a time of the calendar, such as 30 February. */
function timeOf(expires: unknown): number | null {
    if (typeof expires !== "string" || !expiry.test(expires)) return null;
    const time = Date.parse(expires);
    if (Number.isNaN(time)) return null;
    return new Date(time).toISOString().startsWith(expires.slice(0, 16)) ? time : null;
}

/**
 * Reads the message that CodePipeline publishes for an approval action ("JSON data format for manual approval
 * notifications", AWS CodePipeline user guide). A request whose custom data is unreadable, or is another
 * application's, has no subject and says why; one that has expired already is a request as well: what becomes of it is
 * decided where CodePipeline can be asked.
 * @throws ApprovalMessageError when it is not a request of a gate in the settings, with a token.
 */
export function parseApprovalMessage(
    text: string,
    settings: ApprovalSettings,
    receivedAt: Date,
): ApprovalRequest {
    let message: unknown;
    try {
        message = parseForeignJson(text);
    } catch (error) {
        throw new ApprovalMessageError(
            `the message ${(error as Error).message}: see who publishes to the approval topic`,
            { cause: error },
        );
    }
    const { region, approval } = objectOf(message) ?? {};
    const request = objectOf(approval);
    if (request === null) {
        throw new ApprovalMessageError(
            `the message ${shown(text)} is not CodePipeline's about an approval: see who publishes to the approval topic`,
        );
    }
    if (region !== settings.account.region) {
        throw new ApprovalMessageError(
            `the message is about the region ${shown(region)}, this gate works in ${settings.account.region}`,
        );
    }
    const { pipelineName, stageName, actionName, token, expires, customData } = request;
    const gate = settings.applications.find(
        ({ pipeline, stage, action }) =>
            pipeline === pipelineName && stage === stageName && action === actionName,
    );
    if (gate === undefined) {
        throw new ApprovalMessageError(
            `the message is about pipeline ${shown(pipelineName)}, stage ${shown(stageName)}, action ` +
                `${shown(actionName)}, which is no gate of this stack: take the approval topic out of that action`,
        );
    }
    const where = `the approval of ${gate.pipeline}/${gate.stage}/${gate.action}`;
    if (typeof token !== "string" || !uuidPattern.test(token)) {
        // Not as it stands: whatever else it looks like, it may be a token all the same, and those are kept out of logs.
        const said = typeof token === "string" ? `${token.length} characters` : shown(token);
        throw new ApprovalMessageError(
            `${where} has ${said} as its token, which is not a UUID: it cannot be answered`,
        );
    }
    const end = timeOf(expires);
    if (end === null) {
        throw new ApprovalMessageError(`${where} expires at ${shown(expires)}, which is not a time`);
    }
    return recordable(settings, gate, { token, end, customData, execution: null, receivedAt });
}

/** What CodePipeline says about an action that waits now. */
export interface WaitingApproval {
    token: string;
    /** The execution in which it waits. */
    execution: string;
    /** Null when CodePipeline does not say. */
    customData: string | null;
    /** ISO 8601; null when CodePipeline does not say. */
    expiresAt: string | null;
}

/**
 * The same request as its message would have been, made from what CodePipeline says: for an action that waits and
 * whose message never came. Where CodePipeline does not say when the approval expires, it is taken to do so ten
 * minutes after it has to be decided.
 * @param now when this was seen first.
 */
export function requestOf(
    settings: ApprovalSettings,
    gate: ApplicationGate,
    { token, execution, customData, expiresAt }: WaitingApproval,
    now: Date,
): ApprovalRequest {
    const told = expiresAt === null ? Number.NaN : Date.parse(expiresAt);
    const end = Number.isNaN(told) ? now.getTime() + settings.scanTimeoutMinutes * minute + margin : told;
    return recordable(settings, gate, { token, end, customData, execution, receivedAt: now });
}

const minute = 60_000;

/** Time between our last moment for a decision and CodePipeline's own: two runs of the watchdog, every five minutes. */
const margin = 10 * minute;

function recordable(
    settings: ApprovalSettings,
    gate: ApplicationGate,
    found: {
        token: string;
        /** Milliseconds since 1970. */
        end: number;
        customData: unknown;
        /** Null when it is not known beside the custom data. */
        execution: string | null;
        receivedAt: Date;
    },
): ApprovalRequest {
    const received = found.receivedAt.getTime();
    const decideBy = Math.max(
        received,
        Math.min(received + settings.scanTimeoutMinutes * minute, found.end - margin),
    );
    return {
        pipeline: gate.pipeline,
        stage: gate.stage,
        action: gate.action,
        token: found.token,
        expiresAt: new Date(found.end).toISOString(),
        receivedAt: found.receivedAt.toISOString(),
        decideBy: new Date(decideBy).toISOString(),
        ...subjectIn(found.customData, gate, found.execution),
    };
}

function subjectIn(
    customData: unknown,
    gate: ApplicationGate,
    execution: string | null,
): Pick<ApprovalRequest, "subject" | "problem"> {
    let subject: ApprovalSubject;
    try {
        subject = parseCustomData(customData);
    } catch (error) {
        if (!(error instanceof CustomDataError)) throw error;
        return { subject: null, problem: error.message };
    }
    if (subject.application !== gate.name) {
        const problem =
            `the approval's custom data is about the application ${subject.application}, the pipeline ` +
            `${gate.pipeline} releases ${gate.name}; restore the pipeline as this stack configures it`;
        return { subject: null, problem };
    }
    if (execution !== null && subject.execution !== execution) {
        const problem =
            `the approval's custom data is about the execution ${subject.execution}, the action waits in ` +
            `${execution}; release a new execution of the pipeline as this stack configures it`;
        return { subject: null, problem };
    }
    return { subject, problem: null };
}
