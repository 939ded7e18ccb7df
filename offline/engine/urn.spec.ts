import assert from "node:assert/strict";
import { seconds } from "./registration";
import { createUrn, nameOf, qualifiedTypeOf, typeOf } from "./urn";

const context = { project: "demo", stack: "dev" };

describe("URNs", () => {
    const stack = createUrn(context, "", "pulumi:pulumi:Stack", "demo-dev");
    it("leave the stack out of the type chain", () => {
        assert.equal(stack, "urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev");
        assert.equal(createUrn(context, stack, "a:b:C", "one"), "urn:pulumi:dev::demo::a:b:C::one");
    });
    it("name every other ancestor", () => {
        const one = createUrn(context, stack, "a:b:C", "one");
        const two = createUrn(context, one, "a:b:D", "two");
        const three = createUrn(context, two, "aws:s3/bucket:Bucket", "three");
        assert.equal(three, "urn:pulumi:dev::demo::a:b:C$a:b:D$aws:s3/bucket:Bucket::three");
        assert.equal(qualifiedTypeOf(three), "a:b:C$a:b:D$aws:s3/bucket:Bucket");
        assert.equal(typeOf(three), "aws:s3/bucket:Bucket");
    });
    it("keep a name that holds the separator", () => {
        assert.equal(nameOf(createUrn(context, stack, "a:b:C", "x::y")), "x::y");
    });
    it("are not any text", () => {
        assert.throws(() => qualifiedTypeOf("arn:aws:s3:::x"), /is not a Pulumi URN/);
    });
});

describe("durations", () => {
    it("are read as Go writes them", () => {
        assert.deepEqual(["1h30m", "90s", "1.5m", "250ms", ""].map(seconds), [5400, 90, 90, 0.25, 0]);
    });
});
