import { generateKeyPairSync, sign } from "node:crypto";

// Just enough DER (ITU-T X.690) for one X.509 version 3 certificate (RFC 5280).

function der(tag: number, ...content: Buffer[]): Buffer {
    const body = Buffer.concat(content);
    const length =
        body.length < 0x80
            ? Buffer.from([body.length])
            : body.length < 0x100
              ? Buffer.from([0x81, body.length])
              : Buffer.from([0x82, body.length >> 8, body.length & 0xff]);
    return Buffer.concat([Buffer.from([tag]), length, body]);
}

const sequence = (...content: Buffer[]) => der(0x30, ...content);
const oid = (...bytes: number[]) => der(0x06, Buffer.from(bytes));
const utcTime = (date: Date) =>
    der(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replaceAll(/[-T:]/g, "")}Z`));

/**
 * A new self-signed certificate for 127.0.0.1, valid for a day, which is its own CA. Made anew for each test run,
 * so that no key is kept anywhere.
 */
export function selfSignedCertificate(): { key: string; cert: string } {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
    const commonName = sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from("engine test")));
    const name = sequence(der(0x31, commonName));
    const hour = 3_600_000;
    const basicConstraints = sequence(
        oid(0x55, 0x1d, 0x13),
        der(0x01, Buffer.from([0xff])),
        der(0x04, sequence(der(0x01, Buffer.from([0xff])))),
    );
    const alternativeName = sequence(
        oid(0x55, 0x1d, 0x11),
        der(0x04, sequence(der(0x87, Buffer.from([127, 0, 0, 1])))),
    );
    const content = sequence(
        der(0xa0, der(0x02, Buffer.from([2]))),
        der(0x02, Buffer.from([1])),
        ecdsaWithSha256,
        name,
        sequence(utcTime(new Date(Date.now() - hour)), utcTime(new Date(Date.now() + 24 * hour))),
        name,
        publicKey.export({ type: "spki", format: "der" }),
        der(0xa3, sequence(basicConstraints, alternativeName)),
    );
    const signature = sign("sha256", content, privateKey);
    const certificate = sequence(content, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
    const base64 = certificate.toString("base64").replaceAll(/(.{64})/g, "$1\n");
    return {
        key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
        cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    };
}
