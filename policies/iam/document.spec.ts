import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { unknown } from "../harness/reader";
import { conditionValues, readPolicyDocument } from "./document";

describe("policy documents", () => {
    it("come into one form from text or object, single values or lists", () => {
        const given = {
            Version: "2012-10-17",
            Statement: {
                Sid: "A",
                Effect: "Allow",
                Action: "s3:GetObject",
                NotResource: ["a"],
                Principal: "*",
                Condition: { Bool: { "aws:SecureTransport": true } },
            },
        };
        const expected = {
            kind: "known",
            statements: [
                {
                    sid: "A",
                    index: 0,
                    effect: "Allow",
                    actions: { values: ["s3:GetObject"], not: false },
                    resources: { values: ["a"], not: true },
                    principals: { byKind: { "*": ["*"] }, not: false },
                    conditions: { Bool: { "aws:SecureTransport": ["true"] } },
                },
            ],
        };
        deepEqual(readPolicyDocument(given), expected);
        deepEqual(readPolicyDocument(JSON.stringify(given)), expected);
    });

    it("are unknown as soon as anything in them is", () => {
        deepEqual(readPolicyDocument(unknown), { kind: "unknown" });
        deepEqual(
            readPolicyDocument({ Statement: [{ Effect: "Allow", Action: "a:b", Resource: unknown }] }),
            { kind: "unknown" },
        );
    });

    const malformed: [string, unknown][] = [
        ["no JSON", "{"],
        ["a list", []],
        ["no statement", {}],
        ["an empty statement list", { Statement: [] }],
        ["an unknown effect", { Statement: { Effect: "allow", Action: "a:b", Resource: "*" } }],
        ["no action", { Statement: { Effect: "Allow", Resource: "*" } }],
        [
            "both forms of the action",
            { Statement: { Effect: "Allow", Action: "a:b", NotAction: "c:d", Resource: "*" } },
        ],
        ["a misspelt field", { Statement: { Effect: "Allow", Actions: "a:b", Resource: "*" } }],
        ["an action that is an object", { Statement: { Effect: "Allow", Action: {}, Resource: "*" } }],
        [
            "a condition that is text",
            { Statement: { Effect: "Allow", Action: "a:b", Resource: "*", Condition: "x" } },
        ],
    ];
    for (const [title, value] of malformed) {
        it(`are malformed with ${title}`, () => {
            equal(readPolicyDocument(value).kind, "malformed");
        });
    }

    it("never throw", () => {
        fc.assert(fc.property(fc.oneof(fc.anything(), fc.json()), (value) => { readPolicyDocument(value); })); // prettier-ignore
    });

    it("a condition narrows only under an operator that always applies", () => {
        const key = "iam:PassedToService";
        deepEqual(conditionValues({ StringEquals: { "IAM:PassedToService": ["a"] } }, key), ["a"]);
        equal(conditionValues({ StringEqualsIfExists: { [key]: ["a"] } }, key), null);
        equal(conditionValues({ StringNotEquals: { [key]: ["a"] } }, key), null);
        equal(conditionValues({ "ForAllValues:StringEquals": { [key]: ["a"] } }, key), null);
        equal(conditionValues({ Null: { [key]: ["false"] } }, key), null);
    });
});
