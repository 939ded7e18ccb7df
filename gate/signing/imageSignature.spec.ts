import assert from "node:assert/strict";
import { createHash, createPublicKey, generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import type { ToolEnd } from "../verify/toolProcess";
import type { Cosign } from "./cosign";
import { signatureOf, signOnce, type SignatureState } from "./imageSignature";
import { problemWithClaims } from "./signatureClaims";

const repository = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sample-orders-production";
const subject = { repository, digest: `sha256:${"a".repeat(64)}`, application: "orders" };
const other = `sha256:${"b".repeat(64)}`;

const ended = (code: number | null, stdout = "", stderr = ""): ToolEnd => ({
    code,
    stdout: Buffer.from(stdout),
    stderr,
    problem: code === null ? "took more than 300 seconds" : null,
});

const pemOf = (namedCurve: string): string =>
    generateKeyPairSync("ec", { namedCurve }).publicKey.export({ format: "pem", type: "spki" }).toString();
const pem = pemOf("P-256");
const fingerprint = createHash("sha256")
    .update(createPublicKey(pem).export({ format: "der", type: "spki" }))
    .digest("hex");

function claim(change: { repository?: string; digest?: string; application?: unknown; type?: string } = {}) {
    const said = { ...subject, type: "cosign container image signature", ...change };
    return {
        critical: {
            identity: { "docker-reference": said.repository },
            image: { "docker-manifest-digest": said.digest },
            type: said.type,
        },
        optional: { application: said.application },
    };
}
const claims = (...all: unknown[]): string => `\n${JSON.stringify(all)}\n`;

/** A cosign that answers so, one verification after the other, and what it was asked. */
function cosignOf(
    verifications: ToolEnd[],
    { publicKey = ended(0, pem), sign = ended(0) }: { publicKey?: ToolEnd; sign?: ToolEnd } = {},
): { cosign: Cosign; calls: string[] } {
    const calls: string[] = [];
    return {
        calls,
        cosign: {
            publicKey: async () => publicKey,
            verify: async (image, key, annotations) => {
                calls.push(`verify ${image} ${JSON.stringify(annotations)}`);
                assert.equal(key, pem);
                return verifications.shift() ?? assert.fail("asked once too often");
            },
            sign: async (image, annotations) => {
                calls.push(`sign ${image} ${JSON.stringify(annotations)}`);
                return sign;
            },
        },
    };
}

const stateOf = (verification: ToolEnd, publicKey?: ToolEnd): Promise<SignatureState> =>
    signatureOf(cosignOf([verification], publicKey === undefined ? {} : { publicKey }).cosign, subject);

describe("the signature of an image", () => {
    it("is there when this key signed exactly that", async () => {
        assert.deepEqual(await stateOf(ended(0, claims(claim()))), { kind: "signed", key: fingerprint });
        assert.equal((await stateOf(ended(0, claims(claim(), claim())))).kind, "signed");
    });

    it("is not there, or is somebody else's", async () => {
        assert.deepEqual(await stateOf(ended(10, "", "Error: no signatures found\n")), {
            kind: "unsigned",
            why: "nobody has signed it; publish it through the pipeline",
        });
        assert.deepEqual(await stateOf(ended(12, "", "Error: no matching signatures: wrong\n")), {
            kind: "refused",
            why:
                `its signature is not one of key ${fingerprint.slice(0, 12)} for orders (cosign exited 12: Error: no ` +
                "matching signatures: wrong); see who pushed it",
        });
    });

    it("is not known when key, registry or cosign fail", async () => {
        for (const end of [ended(1, "", "Error: 403\n"), ended(11), ended(13), ended(2), ended(null)]) {
            const state = await stateOf(end);
            assert.equal(state.kind, "unknown");
        }
        const good = ended(0, claims(claim()));
        const noKey = await stateOf(good, ended(1, "", "Error: AccessDeniedException\n"));
        assert.deepEqual(noKey, {
            kind: "unknown",
            why:
                "the public key cannot be had (cosign exited 1: Error: AccessDeniedException); the role needs " +
                "kms:GetPublicKey and kms:DescribeKey on it",
        });
        for (const text of ["", "no key", pemOf("P-384"), pem.replace("MFk", "MFl")]) {
            assert.deepEqual(await stateOf(good, ended(0, text)), {
                kind: "unknown",
                why: "the key that cosign gives is no public key of the curve P-256",
            });
        }
    });

    it("is never believed of a cosign that shows something else than it was asked for", async () => {
        const lies: Record<string, string> = {
            nothing: "",
            "an empty list": claims(),
            "no list": JSON.stringify(claim()),
            "another digest": claims(claim({ digest: other })),
            "another repository": claims(claim({ repository: `${repository}-other` })),
            "another application": claims(claim({ application: "billing" })),
            "no application": claims(claim({ application: undefined })),
            "another kind of signature": claims(claim({ type: "atomic container signature" })),
            "one good and one bad": claims(claim(), claim({ digest: other })),
            "half of it": claims(claim()).slice(0, 40),
            "a key twice": claims(claim()).replace('"type"', '"type":"x","type"'),
        };
        for (const [what, text] of Object.entries(lies)) {
            const state = await stateOf(ended(0, text));
            assert.equal(state.kind, "unknown", what);
        }
    });

    it("is believed for no other text at all", () => {
        const good = JSON.stringify([claim()]);
        assert.equal(problemWithClaims(good, subject), null);
        const place = fc.nat(good.length - 1);
        fc.assert(
            fc.property(place, fc.string({ minLength: 1, maxLength: 3 }), (at, text) => {
                const damaged = good.slice(0, at) + text + good.slice(at + text.length);
                let same: boolean;
                try {
                    assert.deepEqual(JSON.parse(damaged), [claim()]);
                    same = true;
                } catch {
                    same = false;
                }
                assert.equal(problemWithClaims(damaged, subject) === null, same, damaged);
            }),
            { numRuns: 500 },
        );
        fc.assert(fc.property(fc.json(), (text) => assert.notEqual(problemWithClaims(text, subject), null)));
    });
});

describe("signing an image", () => {
    const image = `${subject.repository}@${subject.digest}`;
    const asked = `verify ${image} {"application":"orders"}`;
    const signed = `sign ${image} {"application":"orders"}`;

    it("signs what is not signed, and reads it back", async () => {
        const { cosign, calls } = cosignOf([ended(10), ended(0, claims(claim()))]);
        assert.deepEqual(await signOnce(cosign, subject), { kind: "signed", key: fingerprint, again: false });
        assert.deepEqual(calls, [asked, signed, asked]);
    });

    it("does nothing about what is signed already", async () => {
        const { cosign, calls } = cosignOf([ended(0, claims(claim()))]);
        assert.deepEqual(await signOnce(cosign, subject), { kind: "signed", key: fingerprint, again: true });
        assert.deepEqual(calls, [asked]);
    });

    it("never adds to a signature of somebody else, and never signs in doubt", async () => {
        for (const [end, kind] of [
            [ended(12), "refused"],
            [ended(1), "unknown"],
            [ended(0, claims(claim({ digest: other }))), "unknown"],
        ] as const) {
            const { cosign, calls } = cosignOf([end]);
            assert.equal((await signOnce(cosign, subject)).kind, kind);
            assert.deepEqual(calls, [asked]);
        }
    });

    it("is not done until the registry shows the signature", async () => {
        const results: [ToolEnd, ToolEnd, string][] = [
            [ended(1, "", "Error: signing with kms: AccessDeniedException\n"), ended(10), "unknown"],
            [ended(0), ended(10), "unknown"],
            [ended(0), ended(1), "unknown"],
            [ended(0), ended(12), "refused"],
        ];
        for (const [sign, after, kind] of results) {
            const { cosign } = cosignOf([ended(10), after], { sign });
            assert.equal((await signOnce(cosign, subject)).kind, kind);
        }
    });
});
