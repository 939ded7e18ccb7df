import assert from "node:assert/strict";
import {
    ApprovalMessageError,
    parseApprovalMessage,
    parseSnsEvent,
    requestOf,
    type WaitingApproval,
} from "./approvalMessage";
import type { ApprovalRequest } from "./approvalRequest";
import {
    approvalMessage,
    digestOf,
    exampleSettings,
    exampleSubject,
    snsApprovalEvent,
    uuidOf,
} from "./testing/genuineShapes";

const settings = exampleSettings();
const [orders, billing] = settings.applications;
const receivedAt = new Date("2026-11-21T12:00:01.500Z");
const subject = exampleSubject();

const request: ApprovalRequest = {
    pipeline: "portcullis-dev-orders-delivery",
    stage: "Approve",
    action: "GateApproval",
    token: uuidOf(2),
    expiresAt: "2026-11-21T14:00:00.000Z",
    receivedAt: "2026-11-21T12:00:01.500Z",
    decideBy: "2026-11-21T13:00:01.500Z",
    subject,
    problem: null,
};

function refusal(text: string): string {
    try {
        parseApprovalMessage(text, settings, receivedAt);
    } catch (error) {
        assert.ok(error instanceof ApprovalMessageError, String(error));
        assert.doesNotMatch(error.message, /[\p{Cc}\p{Zl}\p{Zp}]/u);
        return error.message;
    }
    assert.fail("it was read");
}

/** The message with other members in its `approval`. */
function changed(changes: Record<string, unknown>): string {
    const message = JSON.parse(approvalMessage()) as { approval: object };
    return JSON.stringify({ ...message, approval: { ...message.approval, ...changes } });
}

describe("SNS event", () => {
    it("gives the text of every record", () => {
        assert.deepEqual(parseSnsEvent(snsApprovalEvent(["one", "", "three"]), settings), {
            texts: ["one", "", "three"],
            errors: [],
        });
    });

    it("gives the good records beside those of others, each told", () => {
        const event = snsApprovalEvent(["a", "b", "c", "d", "e"]);
        const records = event.Records as unknown[];
        records[0] = { ...event.Records[0], EventSource: "aws:sqs" };
        records[1] = {
            ...event.Records[1],
            Sns: { ...event.Records[1]?.Sns, TopicArn: `${settings.topicArn}-2` },
        };
        records[3] = { ...event.Records[3], Sns: { ...event.Records[3]?.Sns, Message: { text: "d" } } };
        records[4] = null;
        const { texts, errors } = parseSnsEvent(event, settings);
        assert.deepEqual(texts, ["c"]);
        assert.deepEqual(
            errors.map(({ name, message }) => `${name}: ${message}`),
            [
                'ApprovalMessageError: record 1 of 5: comes from "aws:sqs", not from aws:sns',
                `ApprovalMessageError: record 2 of 5: comes from the topic "${settings.topicArn}-2", not from ` +
                    `${settings.topicArn}: remove that subscription`,
                "ApprovalMessageError: record 4 of 5: carries an object as its message",
                "ApprovalMessageError: record 5 of 5: comes from nothing, not from aws:sns",
            ],
        );
    });

    it("is refused when it has no records", () => {
        for (const event of [
            null,
            undefined,
            5,
            "x",
            [],
            {},
            { Records: [] },
            { Records: {} },
            { Records: "x" },
        ]) {
            assert.throws(() => parseSnsEvent(event, settings), {
                name: "ApprovalMessageError",
                message:
                    "the event has no records of SNS: see who invoked the function; only the approval topic may",
            });
        }
    });
});

describe("approval message", () => {
    it("is a request of the application whose pipeline asks", () => {
        assert.deepEqual(parseApprovalMessage(approvalMessage(), settings, receivedAt), request);
    });

    it("is a request of another application", () => {
        const asked = exampleSubject({ application: "billing" });
        const text = approvalMessage({ gate: billing!, token: uuidOf(7), customData: JSON.stringify(asked) });
        assert.deepEqual(parseApprovalMessage(text, settings, receivedAt), {
            ...request,
            pipeline: "portcullis-dev-billing-delivery",
            token: uuidOf(7),
            subject: asked,
        });
    });

    it("may have members that are not known here", () => {
        const message = { ...(JSON.parse(changed({ newMember: 1 })) as object), another: [] };
        assert.deepEqual(parseApprovalMessage(JSON.stringify(message), settings, receivedAt), request);
    });

    it("is decided ten minutes before it expires when that comes first", () => {
        const expiring = (expires: string) => {
            const { expiresAt, decideBy } = parseApprovalMessage(
                approvalMessage({ expires }),
                settings,
                receivedAt,
            );
            return [expiresAt, decideBy];
        };
        assert.deepEqual(expiring("2026-11-21T13:11Z"), [
            "2026-11-21T13:11:00.000Z",
            "2026-11-21T13:00:01.500Z",
        ]);
        assert.deepEqual(expiring("2026-11-21T13:10Z"), [
            "2026-11-21T13:10:00.000Z",
            "2026-11-21T13:00:00.000Z",
        ]);
        assert.deepEqual(expiring("2026-11-21T12:30Z"), [
            "2026-11-21T12:30:00.000Z",
            "2026-11-21T12:20:00.000Z",
        ]);
        // Too late for that, or expired: at once, and recorded all the same.
        assert.deepEqual(expiring("2026-11-21T12:05Z"), [
            "2026-11-21T12:05:00.000Z",
            "2026-11-21T12:00:01.500Z",
        ]);
        assert.deepEqual(expiring("2026-11-21T11:00Z"), [
            "2026-11-21T11:00:00.000Z",
            "2026-11-21T12:00:01.500Z",
        ]);
    });

    it("may say its end with seconds", () => {
        const text = approvalMessage({ expires: "2026-11-21T14:00:30.250Z" });
        assert.equal(parseApprovalMessage(text, settings, receivedAt).expiresAt, "2026-11-21T14:00:30.250Z");
    });

    it("with custom data that cannot be read is a request without subject", () => {
        const data: [string | null | undefined, RegExp][] = [
            [null, /^the approval's custom data is missing; /],
            [undefined, /^the approval's custom data is missing; /],
            ["approve please\n", /^the approval's custom data "approve please\\n" cannot be read as JSON/],
            [JSON.stringify({ ...subject, digest: digestOf("b") }), /contradicts itself/],
            [
                JSON.stringify({ ...subject, digest: "#{Build.IMAGE_DIGEST}" }),
                /has the variable #\{Build\.IMAGE_DIGEST\} as digest/,
            ],
        ];
        for (const [customData, problem] of data) {
            const found = parseApprovalMessage(changed({ customData }), settings, receivedAt);
            assert.deepEqual({ ...found, problem: null }, { ...request, subject: null });
            assert.match(found.problem ?? "", problem);
        }
        const structured = parseApprovalMessage(changed({ customData: subject }), settings, receivedAt);
        assert.equal(structured.subject, null);
    });

    it("about another application than the pipeline releases is a request without subject", () => {
        const text = approvalMessage({ gate: billing! });
        assert.deepEqual(parseApprovalMessage(text, settings, receivedAt), {
            ...request,
            pipeline: "portcullis-dev-billing-delivery",
            subject: null,
            problem:
                "the approval's custom data is about the application orders, the pipeline " +
                "portcullis-dev-billing-delivery releases billing; restore the pipeline as this stack configures it",
        });
    });

    it("is refused when it is no message of CodePipeline about an approval", () => {
        assert.match(
            refusal("Hello from SNS!"),
            /^the message "Hello from SNS!" cannot be read as JSON \(.*\): see who/,
        );
        assert.match(refusal(""), /^the message "" cannot be read as JSON/);
        assert.match(refusal(`{"region":"eu-west-1",${approvalMessage().slice(1)}`), /"region" stands twice/);
        const longKey = JSON.stringify("k".repeat(5_000));
        assert.ok(refusal(`{${longKey}:1,${longKey}:2}`).length < 500);
        for (const text of ["null", "5", "[]", '"x"', "{}", '{"approval":null}', '{"approval":[]}']) {
            assert.equal(
                refusal(text),
                `the message ${JSON.stringify(text)} is not CodePipeline's about an approval: see who publishes to the ` +
                    "approval topic",
            );
        }
    });

    it("is refused when it is of another region", () => {
        assert.equal(
            refusal(approvalMessage({ region: "us-east-1" })),
            'the message is about the region "us-east-1", this gate works in eu-west-1',
        );
    });

    it("is refused when no gate of ours asks", () => {
        const near: Record<string, unknown>[] = [
            { pipelineName: "portcullis-dev-orders-delivery-2" },
            { pipelineName: "Portcullis-dev-orders-delivery" },
            { pipelineName: "__proto__" },
            { pipelineName: ["portcullis-dev-orders-delivery"] },
            { pipelineName: undefined },
            { stageName: "Publish" },
            { actionName: "HumanApproval" },
            { actionName: null },
        ];
        for (const changes of near) {
            assert.match(
                refusal(changed(changes)),
                /, which is no gate of this stack: take the approval topic out/,
            );
        }
        assert.equal(
            refusal(changed({ actionName: "HumanApproval" })),
            'the message is about pipeline "portcullis-dev-orders-delivery", stage "Approve", action "HumanApproval", ' +
                "which is no gate of this stack: take the approval topic out of that action",
        );
    });

    it("is refused without a token that could be answered", () => {
        // The second is AWS's own sample.
        const tokens = [
            undefined,
            "1a2b3c4d-573f-4ea7-a67E-XAMPLETOKEN",
            "",
            5,
            uuidOf(2).toUpperCase(),
            `${uuidOf(2)} `,
        ];
        for (const token of tokens)
            assert.match(refusal(changed({ token })), /which is not a UUID: it cannot be answered$/);
        assert.equal(
            refusal(changed({ token: "x".repeat(36) })),
            "the approval of portcullis-dev-orders-delivery/Approve/GateApproval has 36 characters as its token, " +
                "which is not a UUID: it cannot be answered",
        );
    });

    it("is refused without a time at which it expires", () => {
        for (const expires of [
            undefined,
            null,
            1_795_262_400,
            "",
            "soon",
            "2026-11-21",
            "2026-11-21T14:00",
            "2026-13-21T14:00Z",
            "2026-02-30T14:00Z",
            "2026-11-21T24:00Z",
            "2026-11-21T14:00+01:00",
            "21 Nov 2026 14:00Z",
        ]) {
            assert.match(
                refusal(changed({ expires })),
                / expires at .*, which is not a time$/,
                String(expires),
            );
        }
    });
});

describe("request made from what CodePipeline says", () => {
    const waiting: WaitingApproval = {
        token: uuidOf(2),
        execution: uuidOf(1),
        customData: JSON.stringify(subject),
        expiresAt: "2026-11-21T14:00:00Z",
    };

    it("is that of the message", () => {
        assert.deepEqual(requestOf(settings, orders!, waiting, receivedAt), request);
    });

    it("expires ten minutes after it has to be decided when CodePipeline does not say when", () => {
        const expected = { ...request, expiresAt: "2026-11-21T13:10:01.500Z" };
        assert.deepEqual(requestOf(settings, orders!, { ...waiting, expiresAt: null }, receivedAt), expected);
        assert.deepEqual(
            requestOf(settings, orders!, { ...waiting, expiresAt: "soon" }, receivedAt),
            expected,
        );
    });

    it("has no subject when the custom data is another execution's, another application's, or not told", () => {
        const [other, foreign, none] = [
            { ...waiting, execution: uuidOf(9) },
            { ...waiting, customData: JSON.stringify(exampleSubject({ application: "billing" })) },
            { ...waiting, customData: null },
        ].map((each) => requestOf(settings, orders!, each, receivedAt));
        assert.deepEqual(other, {
            ...request,
            subject: null,
            problem:
                `the approval's custom data is about the execution ${uuidOf(1)}, the action waits in ${uuidOf(9)}; ` +
                "release a new execution of the pipeline as this stack configures it",
        });
        assert.equal(foreign?.subject, null);
        assert.match(
            foreign?.problem ?? "",
            /is about the application billing, the pipeline .* releases orders/,
        );
        assert.equal(none?.subject, null);
        assert.match(none?.problem ?? "", /^the approval's custom data is missing/);
    });
});
