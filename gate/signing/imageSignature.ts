/** Signing a released digest, once, and asking whether it is signed. */
import { createHash, createPublicKey } from "node:crypto";
import { cosignExit, endingOf, type Cosign } from "./cosign";
import { problemWithClaims, type SignatureClaim } from "./signatureClaims";

/** What is signed: `<repository>@<digest>`, for an application. */
export type SignedSubject = SignatureClaim;

/**
 * - `signed`: this key signed exactly that. `key` is the SHA-256 of the public key (SubjectPublicKeyInfo), hexadecimal.
 * - `unsigned`: there is no signature.
 * - `refused`: there is one, and it is not this key's, or says something else.
 * - `unknown`: it could not be found out.
 */
export type SignatureState =
    { kind: "signed"; key: string } | { kind: "unsigned" | "refused" | "unknown"; why: string };

/** Asks whether this key signed the image for the application. Never throws for what cosign says. */
export async function signatureOf(cosign: Cosign, subject: SignedSubject): Promise<SignatureState> {
    const image = `${subject.repository}@${subject.digest}`;
    const asked = await cosign.publicKey();
    if (asked.code !== 0) {
        return unknown(
            `the public key cannot be had (cosign ${endingOf(asked)}); the role needs kms:GetPublicKey and ` +
                "kms:DescribeKey on it",
        );
    }
    const pem = asked.stdout.toString("utf8");
    const key = fingerprintOf(pem);
    if (key === null) return unknown("the key that cosign gives is no public key of the curve P-256");
    const { application } = subject;
    const end = await cosign.verify(image, pem, { application });
    if (end.code === cosignExit.noSignature)
        return { kind: "unsigned", why: "nobody has signed it; publish it through the pipeline" };
    if (end.code === cosignExit.noMatchingSignature) {
        const what = `its signature is not one of key ${key.slice(0, 12)} for ${application}`;
        return { kind: "refused", why: `${what} (cosign ${endingOf(end)}); see who pushed it` };
    }
    if (end.code !== 0) return unknown(`cosign ${endingOf(end)}; try again`);
    const problem = problemWithClaims(end.stdout.toString("utf8"), subject);
    return problem === null
        ? { kind: "signed", key }
        : unknown(
              `cosign calls its signature good and shows another one: ${problem}; see which cosign this is`,
          );
}

/** What came of signing; `again` when there was nothing left to do. */
export type SigningResult =
    (SignatureState & { kind: "signed"; again: boolean }) | Exclude<SignatureState, { kind: "signed" }>;

/**
 * Signs the image for the application unless it is signed already, and reads the signature back. A signature of
 * somebody else is never added to: the tag that holds it is immutable, and nobody else can have pushed it.
 */
export async function signOnce(cosign: Cosign, subject: SignedSubject): Promise<SigningResult> {
    const before = await signatureOf(cosign, subject);
    if (before.kind === "signed") return { ...before, again: true };
    if (before.kind !== "unsigned") return before;
    const { repository, digest, application } = subject;
    const end = await cosign.sign(`${repository}@${digest}`, { application });
    if (end.code !== 0)
        return unknown(`cosign ${endingOf(end)}; publish the same digest again when it is mended`);
    const after = await signatureOf(cosign, subject);
    if (after.kind === "unsigned")
        return unknown("cosign says that it signed it, and the registry has no signature");
    return after.kind === "signed" ? { ...after, again: false } : after;
}

function unknown(why: string): SignatureState & { kind: "unknown" } {
    return { kind: "unknown", why };
}

/** SHA-256 of a P-256 public key's SubjectPublicKeyInfo; null for anything else. */
function fingerprintOf(pem: string): string | null {
    try {
        const key = createPublicKey({ key: pem, format: "pem" });
        if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
            return null;
        return createHash("sha256")
            .update(key.export({ format: "der", type: "spki" }))
            .digest("hex");
    } catch {
        return null;
    }
}
