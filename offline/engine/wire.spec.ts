import assert from "node:assert/strict";
import {
    assetSignature,
    containsUnknown,
    decode,
    encode,
    normalise,
    outputSignature,
    resourceReference,
    revealSecrets,
    secret,
    signatureKey,
    strings,
    toValue,
    unknownSentinel,
} from "./wire";
import type { Wire } from "./wire";

function output(fields: Record<string, Wire>): Wire {
    return { [signatureKey]: outputSignature, ...fields };
}

describe("wire values", () => {
    it("drops output wrappers and keeps what they mark", () => {
        assert.equal(normalise(output({ value: "x", dependencies: ["urn"] })), "x");
        assert.equal(normalise(output({})), unknownSentinel);
        assert.deepEqual(normalise(output({ value: "x", secret: true })), secret("x"));
        assert.deepEqual(normalise(output({ secret: true })), secret(unknownSentinel));
        assert.deepEqual(normalise([output({ value: { deep: output({ value: 1 }) } })]), [{ deep: 1 }]);
        assert.equal(normalise(output({ value: null })), null);
    });

    it("turns resource references into ids, or URNs for components", () => {
        assert.equal(normalise(resourceReference("urn:a", "vpc-1")), "vpc-1");
        assert.equal(normalise(resourceReference("urn:a", "")), unknownSentinel);
        const { id: _, ...component } = resourceReference("urn:a", "") as Record<string, Wire>;
        assert.equal(normalise(component), "urn:a");
    });

    it("leaves assets alone and shows them readable", () => {
        const asset = { [signatureKey]: assetSignature, path: "a.zip" };
        assert.deepEqual(normalise({ code: asset }), { code: asset });
        assert.deepEqual(toValue(asset), { $asset: { path: "a.zip" } });
    });

    it("reads secrets and unknowns into the model", () => {
        assert.deepEqual(
            toValue({ a: secret("x"), b: [unknownSentinel, 1, null], c: secret(unknownSentinel) }),
            {
                a: { $secret: "x" },
                b: [{ $unknown: true }, 1, null],
                c: { $secret: { $unknown: true } },
            },
        );
    });

    it("finds unknowns and texts behind secrets", () => {
        const value = { a: [secret({ b: unknownSentinel })], c: "text" };
        assert.equal(containsUnknown(value), true);
        assert.equal(containsUnknown(revealSecrets({ a: secret("x") })), false);
        assert.ok([...strings(value)].includes("text"));
    });

    it("survives the protocol buffer", () => {
        const value = { a: [1, "two", null, { b: true }], c: secret("x") };
        assert.deepEqual(decode(encode(value)), value);
        assert.deepEqual(decode(undefined), {});
    });
});
