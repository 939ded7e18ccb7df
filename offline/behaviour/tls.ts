/**
 * `@pulumi/tls`: texts in PEM form that are no keys and no certificates. A real key would differ between two runs and
 * no consumer of the offline run parses one.
 */
import { createHash } from "node:crypto";
import { hex, text } from "./behaviour";
import type { BehaviourContext, BehaviourTable } from "./behaviour";

/** A block of PEM text with deterministic content that says what it is. */
function pem(context: BehaviourContext, label: string): string {
    const content = createHash("sha512").update(`${context.urn}|${label}`).digest("base64");
    const lines = `${Buffer.from(`simulated ${label}: `).toString("base64url")}${content}`.match(/.{1,64}/g)!;
    return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

function algorithm(context: BehaviourContext): string {
    return text(context, "algorithm") ?? "RSA";
}

/** Validity as the provider gives it; the run's clock would make two runs differ. */
function validity(context: BehaviourContext) {
    const hours = context.inputs["validityPeriodHours"];
    const start = Date.UTC(2026, 0, 1);
    const end = start + (typeof hours === "number" ? hours : 0) * 3_600_000;
    return {
        validityStartTime: new Date(start).toISOString(),
        validityEndTime: new Date(end).toISOString(),
        readyForRenewal: false,
        earlyRenewalHours: 0,
    };
}

export const tls: BehaviourTable = {
    "tls:index/privateKey:PrivateKey": {
        id: (context) => hex(context, 40),
        outputs: (context) => ({
            ecdsaCurve: "P224",
            rsaBits: 2048,
            privateKeyPem: pem(
                context,
                algorithm(context) === "ECDSA" ? "EC PRIVATE KEY" : "RSA PRIVATE KEY",
            ),
            privateKeyPemPkcs8: pem(context, "PRIVATE KEY"),
            privateKeyOpenssh: pem(context, "OPENSSH PRIVATE KEY"),
            publicKeyPem: pem(context, "PUBLIC KEY"),
            publicKeyOpenssh: `ssh-rsa ${hex(context, 40, "openssh")}\n`,
            publicKeyFingerprintMd5: hex(context, 32, "md5").match(/../g)!.join(":"),
            publicKeyFingerprintSha256: `SHA256:${hex(context, 43, "fingerprint")}`,
        }),
    },
    "tls:index/selfSignedCert:SelfSignedCert": {
        id: (context) => BigInt(`0x${hex(context, 32)}`).toString(),
        outputs: (context) => ({
            certPem: pem(context, "CERTIFICATE"),
            keyAlgorithm: "RSA",
            isCaCertificate: false,
            maxPathLength: -1,
            setAuthorityKeyId: false,
            setSubjectKeyId: false,
            ...validity(context),
        }),
    },
    "tls:index/certRequest:CertRequest": {
        id: (context) => hex(context, 40),
        outputs: (context) => ({ certRequestPem: pem(context, "CERTIFICATE REQUEST"), keyAlgorithm: "RSA" }),
    },
    "tls:index/locallySignedCert:LocallySignedCert": {
        id: (context) => BigInt(`0x${hex(context, 32)}`).toString(),
        outputs: (context) => ({
            certPem: pem(context, "CERTIFICATE"),
            caKeyAlgorithm: "RSA",
            isCaCertificate: false,
            maxPathLength: -1,
            setSubjectKeyId: false,
            ...validity(context),
        }),
    },
};
