/** The pattern matcher, against what EventBridge's documentation says of each operator. */
import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { unknown } from "../harness/reader";
import { anyText, anyValue, patternMatches, type KnownEvent } from "./eventPattern";

const event: KnownEvent = {
    source: "aws.inspector2",
    "detail-type": "Inspector2 Scan",
    detail: { "repository-name": "demo/staging", counts: anyValue, note: anyText },
};
const kindOf = (pattern: unknown): string => patternMatches(pattern, event).kind;

describe("event patterns", () => {
    const cases: [pattern: unknown, kind: string][] = [
        [{}, "yes"],
        [{ source: ["aws.inspector2"] }, "yes"],
        [{ source: ["aws.ecr", "aws.inspector2"] }, "yes"],
        [{ source: ["aws.ecr"] }, "no"],
        [{ source: ["AWS.inspector2"] }, "no"],
        [{ source: [] }, "no"],
        [{ source: [{ prefix: "aws." }] }, "yes"],
        [{ source: [{ prefix: "custom." }] }, "no"],
        [{ source: [{ prefix: { "equals-ignore-case": "AWS.INS" } }] }, "yes"],
        [{ source: [{ suffix: "inspector2" }] }, "yes"],
        [{ source: [{ "equals-ignore-case": "AWS.Inspector2" }] }, "yes"],
        [{ source: [{ wildcard: "aws.*2" }] }, "yes"],
        [{ source: [{ wildcard: "aws.*3" }] }, "no"],
        [{ source: [{ "anything-but": "aws.ecr" }] }, "yes"],
        [{ source: [{ "anything-but": ["aws.ecr", "aws.inspector2"] }] }, "no"],
        [{ source: [{ "anything-but": { prefix: "aws." } }] }, "no"],
        [{ source: [{ "anything-but": { suffix: [".ecr", ".s3"] } }] }, "yes"],
        [{ source: [{ exists: true }] }, "yes"],
        [{ source: [{ exists: false }] }, "no"],
        [{ missing: [{ exists: false }] }, "yes"],
        [{ missing: ["x"] }, "no"],
        [{ missing: { deeper: ["x"] } }, "no"],
        [{ missing: { deeper: [{ exists: false }] } }, "yes"],
        [{ source: [{ numeric: ["=", 0] }] }, "no"],
        [{ detail: { "repository-name": ["demo/staging"] } }, "yes"],
        [{ detail: { "repository-name": ["demo/production"] } }, "no"],
        [{ detail: { counts: { CRITICAL: [{ numeric: ["=", 0] }] } } }, "maybe"],
        [{ detail: { counts: [{ exists: true }] } }, "yes"],
        [{ detail: { note: ["x"] } }, "maybe"],
        [{ detail: { note: { inner: ["x"] } } }, "no"],
        [{ detail: ["x"] }, "no"],
        [{ $or: [{ source: ["aws.ecr"] }, { source: ["aws.inspector2"] }] }, "yes"],
        [{ $or: [{ source: ["aws.ecr"] }, { source: ["aws.s3"] }] }, "no"],
        [{ source: ["aws.ecr"], detail: unknown }, "no"],
        [{ source: ["aws.inspector2"], detail: unknown }, "unknown"],
        [{ source: unknown }, "unknown"],
        [{ source: [unknown, "aws.inspector2"] }, "yes"],
        [{ source: [unknown, "aws.ecr"] }, "unknown"],
        [unknown, "unknown"],
        [{ source: "aws.inspector2" }, "malformed"],
        ["source", "malformed"],
    ];
    for (const [pattern, kind] of cases) {
        it(`${JSON.stringify(pattern)}: ${kind}`, () => {
            equal(kindOf(pattern), kind);
        });
    }

    it("says which field refuses the event", () => {
        deepEqual(patternMatches({ detail: { "repository-name": ["x"] } }, event), {
            kind: "no",
            field: "detail.repository-name",
        });
    });

    it("never matches less when a list gets another value, and never more when a field is added", () => {
        const rank = ["no", "malformed", "unknown", "maybe", "yes"];
        const value = fc.constantFrom("aws.ecr", "aws.inspector2", unknown, { prefix: "aws." });
        const list = fc.array(value, { maxLength: 3 });
        fc.assert(
            fc.property(list, value, list, (source, more, type) => {
                const narrow = rank.indexOf(kindOf({ source }));
                equal(rank.indexOf(kindOf({ source: [...source, more] })) >= narrow, true);
                equal(rank.indexOf(kindOf({ source, "detail-type": type })) <= narrow, true);
            }),
        );
    });
});
