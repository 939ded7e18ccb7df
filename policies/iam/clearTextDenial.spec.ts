import { equal, ok } from "node:assert/strict";
import { clearTextDenial, deniesClearText } from "./clearTextDenial";
import { readPolicyDocument } from "./document";

const denial = clearTextDenial("sns:Publish", "*");

function denies(statement: Record<string, unknown>, action = "sns:Publish"): boolean {
    const document = readPolicyDocument({ Statement: [statement] });
    if (document.kind !== "known") throw new Error(document.kind);
    return deniesClearText(document.statements, action);
}

describe("a Deny of clear text", () => {
    it("covers its action, by pattern and without case too", () => {
        ok(denies(denial));
        ok(denies({ ...denial, Action: "SNS:*" }));
        ok(denies({ ...denial, Action: undefined, NotAction: "sns:GetTopicAttributes" }));
        ok(denies({ ...denial, Principal: { AWS: "*" } }));
        ok(denies({ ...denial, Condition: { BoolIfExists: { "AWS:SecureTransport": false } } }));
    });

    for (const [title, change] of Object.entries({
        "is an Allow": { Effect: "Allow" },
        "covers another action": { Action: "sns:Subscribe" },
        "leaves the action out": { Action: undefined, NotAction: "sns:Publish" },
        "is for one role": { Principal: { AWS: "arn:aws:iam::123456789012:role/worker" } },
        "is for a service": { Principal: { Service: "*" } },
        "leaves principals out": { Principal: undefined, NotPrincipal: { AWS: "*" } },
        "refuses TLS instead": { Condition: { Bool: { "aws:SecureTransport": "true" } } },
        "depends on something else too": {
            Condition: { Bool: { "aws:SecureTransport": "false", "aws:ViaAWSService": "false" } },
        },
        "asks in another way": { Condition: { Null: { "aws:SecureTransport": "false" } } },
    }))
        it(`is none when it ${title}`, () => equal(denies({ ...denial, ...change }), false));
});
