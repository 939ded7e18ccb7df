/** The key that signs released digests, as far as it is known before it exists: its name, and who may do what with it. */
import { accountRootArn, anyKeyArn, usingKeyAlias } from "../arn";
import { administration, keyDocument, type KeyStatement } from "../keys/keyPolicy";
import type { Account, Naming } from "../naming";
import type { Statement } from "../iamStatement";

/** Alias of the key, with its beginning: `alias/<prefix>-signing`. */
export function signingKeyAlias(naming: Naming): string {
    return `alias/${naming.physical("kmsAlias", "signing")}`;
}

/** What cosign asks of the key to know its public half. */
const readPublicKey = ["kms:DescribeKey", "kms:GetPublicKey"];

/** Know the public half of the key: what `gate verify-signature` needs. */
export function readSigningKey(account: Account, naming: Naming): Statement {
    return {
        Sid: "ReadSigningKey",
        Effect: "Allow",
        Action: readPublicKey,
        Resource: [anyKeyArn(account)],
        Condition: usingKeyAlias(signingKeyAlias(naming)),
    };
}

/** Sign with the key: what `gate sign` needs besides. */
export function signWithKey(account: Account, naming: Naming): Statement {
    return {
        Sid: "SignRelease",
        Effect: "Allow",
        Action: ["kms:Sign"],
        Resource: [anyKeyArn(account)],
        Condition: usingKeyAlias(signingKeyAlias(naming)),
    };
}

/**
 * Key policy: only the named roles sign, and only as cosign does (the SHA-256 digest of a document, ECDSA); they and
 * the verifiers learn the public half; the account administers the key and can do neither by IAM alone. Nobody can make
 * a grant. The roles are named by condition and not as principals, because KMS refuses a policy that names a role which
 * does not exist yet, and forgets one that is made again.
 *
 * @param signers literal ARNs of roles
 * @param verifiers literal ARNs of roles
 */
export function signingKeyPolicy(account: Account, signers: string[], verifiers: string[]): string {
    const root = { AWS: accountRootArn(account) };
    const roles = (arns: string[]) => ({ ArnEquals: { "aws:PrincipalArn": [...new Set(arns)].sort() } });
    const statements: KeyStatement[] = [
        {
            Sid: "AdministerByIam",
            Effect: "Allow",
            Principal: root,
            Action: administration,
            Resource: "*",
        },
        {
            Sid: "SignReleases",
            Effect: "Allow",
            Principal: root,
            Action: ["kms:Sign"],
            Resource: "*",
            Condition: {
                ...roles(signers),
                StringEquals: { "kms:MessageType": "DIGEST", "kms:SigningAlgorithm": "ECDSA_SHA_256" },
            },
        },
        {
            Sid: "ReadPublicKey",
            Effect: "Allow",
            Principal: root,
            Action: readPublicKey,
            Resource: "*",
            Condition: roles([...signers, ...verifiers]),
        },
    ];
    return keyDocument(statements);
}
