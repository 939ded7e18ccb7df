/** EFS-01, resource half: encryption, what access points bind, and TLS. */
import { expectValue } from "../../harness/expectation";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { filled, is, unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { attachedPolicy } from "../../iam/attachedPolicy";
import { clearTextDenial, deniesClearText } from "../../iam/clearTextDenial";
import { accessPointType, fileSystemExample, fileSystemPolicyType, fileSystemType } from "./fileSystem";

export const protectedFilesMetadata: RuleMetadata = {
    id: "EFS-01",
    family: "efs",
    title: "File systems are encrypted, saved, private and bound by access points",
    rationale:
        "What a scanner or a build keeps in a shared file system can be read, or changed under it, by whoever reaches a mount target as any user.",
    severity: "high",
    remediation:
        'Set `encrypted: true` and `kmsKeyId` (only while creating: changing them replaces the file system). Add an `aws.efs.BackupPolicy` that is ENABLED, put mount targets into private subnets, give access points a `posixUser` and a `rootDirectory.path` below "/", and deny clear text in the policy of the file system.',
    references: [
        "FSBP EFS.1",
        "FSBP EFS.2",
        "FSBP EFS.3",
        "FSBP EFS.4",
        "FSBP EFS.6",
        "checkov CKV_AWS_42",
        "checkov CKV_AWS_184",
        "checkov CKV_AWS_329",
        "checkov CKV_AWS_330",
        "trivy AWS-0037",
        "cdk-nag AwsSolutions-EFS1",
        "CIS AWS 5.0.0 2.3.1",
    ],
};

const accessPoint = (props: Record<string, unknown>): ExampleResource[] => [
    { type: accessPointType, name: "reports", props: { fileSystemId: "fs-1111", ...props } },
];
const user = { posixUser: { uid: 1000, gid: 1000 } };
const policy = (text: unknown): ExampleResource[] => [
    { type: fileSystemPolicyType, name: "policy", props: { fileSystemId: "fs-1111", policy: text } },
];
const allow = {
    Effect: "Allow",
    Principal: { AWS: "arn:aws:iam::123456789012:role/worker" },
    Action: "elasticfilesystem:ClientMount",
};

export const protectedFiles: ResourceRule = {
    level: "resource",
    metadata: protectedFilesMetadata,
    types: [fileSystemType, accessPointType, fileSystemPolicyType],
    evaluate: (resource) => {
        if (resource.type === fileSystemType) return judgeEncryption(resource);
        return resource.type === accessPointType ? judgeAccessPoint(resource) : [judgePolicy(resource)];
    },
    remediation: {
        when: "create",
        // Only where a key is chosen already: which one it is has to be decided by a person.
        changes: (resource) => {
            if (resource.type !== fileSystemType) return [];
            const key = filled(resource.string("kmsKeyId"));
            const encrypted = resource.boolean("encrypted");
            const mendable = key.kind === "known" || key.kind === "unknown";
            return mendable && (encrypted.kind === "absent" || is(encrypted, false))
                ? [{ path: ["encrypted"], value: true }]
                : [];
        },
    },
    examples: [
        badExample("not encrypted", [fileSystemExample({ encrypted: false })], "files"),
        badExample("a key of AWS", [fileSystemExample({ kmsKeyId: undefined })], "files"),
        badExample("an access point to everything", accessPoint({ ...user, rootDirectory: { path: "/" } }), "reports"), // prettier-ignore
        badExample("an access point as any user", accessPoint({ rootDirectory: { path: "/reports" } }), "reports"), // prettier-ignore
        badExample("clear text", policy(JSON.stringify({ Statement: [allow] })), "policy"),
        goodExample("encrypted with a key of the customer", [fileSystemExample({ kmsKeyId: unknown })]),
        goodExample("an access point", accessPoint({ ...user, rootDirectory: { path: "/reports" } })),
        goodExample("TLS only", policy(JSON.stringify({ Statement: [allow, clearTextDenial("*", "*")] }))),
        absentExample("not said", [fileSystemExample({ encrypted: undefined })], "files"),
        {
            title: "an access point that binds nothing",
            shows: "absent",
            resources: accessPoint({}),
            expect: [
                { resource: "reports", kind: "violation" },
                { resource: "reports", kind: "violation" },
            ],
        },
        openExample("not known yet", [fileSystemExample({ encrypted: unknown })], "files"),
        openExample("a policy that is not known yet", policy(unknown), "policy"),
        openExample("a directory that is not known yet", accessPoint({ ...user, rootDirectory: unknown }), "reports"), // prettier-ignore
    ],
};

function judgeEncryption(resource: ResourceReader): Outcome[] {
    const consequence = "what is in it lies there in clear text";
    const encrypted = expectValue(resource.boolean("encrypted"), {
        accepts: (on) => on,
        consequence,
        fix: "Set encrypted: true and kmsKeyId: key.arn (replaces the file system).",
    });
    if (encrypted.kind !== "pass") return [encrypted];
    const key = filled(resource.string("kmsKeyId"));
    if (key.kind === "known" || key.kind === "unknown") return [pass];
    return [
        violation(
            `${resource.name} is encrypted with a key of AWS (kmsKeyId ${key.kind === "absent" ? "is not set" : key.why}).`,
            "Set kmsKeyId: key.arn (replaces the file system).",
            { findingId: "kmsKeyId" },
        ),
    ];
}

function judgeAccessPoint(resource: ResourceReader): Outcome[] {
    const outcomes: Outcome[] = [];
    const directory = resource.object("rootDirectory");
    const path = directory.kind === "known" ? filled(directory.value.string("path")) : directory;
    if (path.kind === "unknown")
        outcomes.push(inconclusive(path, "which directory the access point shows is not known yet"));
    else if (path.kind !== "known" || /^\/*$/.test(path.value))
        outcomes.push(
            violation(
                `${resource.name} shows the whole file system (rootDirectory.path is "/" or not set).`,
                "Set rootDirectory: { path: <a directory of its own>, creationInfo: … }.",
                { findingId: "rootDirectory", severity: "medium" },
            ),
        );
    const user = resource.object("posixUser");
    if (user.kind === "unknown") outcomes.push(inconclusive(user, "as whom files are used is not known yet"));
    else if (user.kind !== "known")
        outcomes.push(
            violation(
                `${resource.name} lets its clients be any user (posixUser is not set).`,
                "Set posixUser: { uid, gid }.",
                { findingId: "posixUser", severity: "medium" },
            ),
        );
    return outcomes.length > 0 ? outcomes : [pass];
}

function judgePolicy(resource: ResourceReader): Outcome {
    const document = attachedPolicy(resource);
    const fix = "Add a Deny for everybody with Bool aws:SecureTransport false.";
    if (document.kind === "unknown")
        return inconclusive(document, "whether clients need TLS is not known yet");
    if (document.kind !== "known")
        return violation(`The policy of the file system cannot be read (${document.property}).`, fix);
    return deniesClearText(document.statements, "elasticfilesystem:ClientMount")
        ? pass
        : violation(
              `${document.property} lets clients mount without TLS, so files cross the network in clear text.`,
              fix,
              { findingId: "tls", severity: "medium" },
          );
}
