/** IAM-11: nobody decrypts with every key. */
import { violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import type { Conditions, Patterns } from "../../iam/document";
import { actionPattern } from "../../iam/effectivePermissions";
import { allow, documentTypes, onAllowStatements, policyExample } from "./documents";

const verbs = ["kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"];

/** Keys by which a statement for all keys is for some (AWS KMS Developer Guide, "Condition keys for AWS KMS"). */
const boundingKeys =
    /^(?:kms:(?:ViaService|ResourceAliases|RequestAlias|EncryptionContext:.+)|aws:ResourceTag\/.+)$/i;

function isBounded(conditions: Conditions): boolean {
    return Object.entries(conditions).some(
        ([operator, keys]) =>
            /^(?:ForAnyValue:)?String(?:Equals|Like|EqualsIgnoreCase)$/i.test(operator) &&
            Object.entries(keys).some(
                ([key, values]) =>
                    boundingKeys.test(key) &&
                    values.length > 0 &&
                    values.every((value) => !/^(?:alias\/)?[*?]+$/.test(value)),
            ),
    );
}

/** The pattern that leaves the key's id open, if any; an alias as a resource is for no key. */
function everyKey(resources: Patterns | null): string | undefined {
    if (!resources) return "every resource";
    if (resources.not) return `everything but ${resources.values.join(", ")}`;
    return resources.values.find((value) => {
        if (/^[*?]+$/.test(value)) return true;
        const [, , service = "", , , ...rest] = value.split(":");
        if (!/^(?:kms|\*)$/.test(service)) return /^arn:[^:]*:?\*$/.test(value);
        const name = rest.join(":");
        return name === "" ? value.endsWith("*") : /^(?:key\/)?[*?]+$/.test(name);
    });
}

const key = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const keys = key.replace(/key\/.*/, "key/*");
const bad = [{ resource: "policy", kind: "violation" as const }];

export const decryptWithAnyKey: ResourceRule = {
    level: "resource",
    metadata: {
        id: "IAM-11",
        family: "iam",
        title: "Nobody may decrypt with every key",
        rationale:
            "kms:Decrypt on all keys reads every secret, bucket and database of the account that the rest of the role gets at, whatever it was encrypted for.",
        severity: "high",
        remediation:
            "Name the key's ARN, or bind the statement by `kms:ViaService`, `kms:ResourceAliases` or an encryption context.",
        references: ["FSBP KMS.1", "FSBP KMS.2"],
        publicEquivalent: true,
    },
    types: documentTypes,
    evaluate: (resource) =>
        onAllowStatements(resource, (statement, where): Outcome[] => {
            const verb = verbs.find((each) => actionPattern(statement, each) !== null);
            const wide = everyKey(statement.resources);
            if (verb === undefined || wide === undefined || isBounded(statement.conditions)) return [];
            return [
                violation(
                    `${where} allows ${verb} on ${wide}, that is with every key.`,
                    "Name the key's ARN, or add the condition kms:ViaService or kms:ResourceAliases.",
                    { findingId: where },
                ),
            ];
        }),
    examples: [
        { title: "every key", shows: "bad", resources: [policyExample(allow("kms:Decrypt", "*"))], expect: bad }, // prettier-ignore
        {
            title: "every key of an account",
            shows: "bad",
            resources: [policyExample(allow(["kms:Encrypt", "kms:ReEncrypt*"], [key, keys]))],
            expect: bad,
        },
        {
            title: "via any service",
            shows: "bad",
            resources: [policyExample(allow("kms:Decrypt", "*", { StringLike: { "kms:ViaService": "*" } }))],
            expect: bad,
        },
        {
            title: "via a service, if it is via one",
            shows: "bad",
            resources: [policyExample(allow("kms:Decrypt", keys, { StringEqualsIfExists: { "kms:ViaService": "s3.eu-central-1.amazonaws.com" } }))], // prettier-ignore
            expect: bad,
        },
        {
            title: "every key but one",
            shows: "bad",
            resources: [policyExample({ Effect: "Allow", Action: "kms:Decrypt", NotResource: key })],
            expect: bad,
        },
        {
            title: "via one service or any, and other words for every key",
            shows: "bad",
            resources: [
                policyExample(
                    allow("kms:Decrypt", "**", { StringLike: { "kms:ViaService": ["s3.eu-central-1.amazonaws.com", "*"] } }), // prettier-ignore
                    allow("kms:Decrypt", "arn:aws:kms:eu-central-1:123456789012:*"),
                    allow("kms:Decrypt", "arn:aws:kms:*"),
                    allow("kms:Decrypt", "arn:aws:*"),
                    allow("kms:Decrypt", "*", { StringEquals: { "aws:PrincipalTag/team": "shop" } }),
                ),
            ],
            expect: [...bad, ...bad, ...bad, ...bad, ...bad],
        },
        {
            title: "another service's resources, an alias",
            shows: "good",
            resources: [
                policyExample(allow("kms:*", ["arn:aws:s3:::demo/*", key.replace(/key\/.*/, "alias/*")])),
            ],
            expect: [],
        },
        {
            title: "two conditions, one of which names the key's alias",
            shows: "good",
            resources: [
                policyExample(
                    allow("kms:Decrypt", "*", {
                        StringEquals: { "aws:PrincipalTag/team": "shop", "kms:ViaService": "s3.eu-central-1.amazonaws.com" }, // prettier-ignore
                    }),
                ),
            ],
            expect: [],
        },
        {
            title: "one key",
            shows: "good",
            resources: [policyExample(allow(["kms:Decrypt", "kms:ReEncrypt*"], key))],
            expect: [],
        },
        {
            title: "whatever key, through one service or by its alias",
            shows: "good",
            resources: [
                policyExample(
                    allow("kms:Decrypt", "*", { StringEquals: { "kms:ViaService": "s3.eu-central-1.amazonaws.com" } }), // prettier-ignore
                    allow("kms:Decrypt", keys, { "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/demo" } }), // prettier-ignore
                ),
            ],
            expect: [],
        },
        {
            title: "no decryption",
            shows: "good",
            resources: [
                policyExample(allow("kms:DescribeKey", "*"), allow("s3:GetObject", "arn:aws:s3:::demo/*")),
            ],
            expect: [],
        },
        {
            title: "a role without policies",
            shows: "absent",
            resources: [{ type: "aws:iam/role:Role", name: "role", props: {} }],
            expect: [],
        },
        {
            title: "a document that is not known yet",
            shows: "unknown",
            resources: [{ type: "aws:iam/policy:Policy", name: "policy", props: { policy: unknown } }],
            expect: [{ resource: "policy", kind: "inconclusive" }],
        },
    ],
};
