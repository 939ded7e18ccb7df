/** S3-07: what a scan said stays said. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { isDisposable } from "../../harness/stackName";
import { readPolicyDocument, type Statement } from "../../iam/document";
import { matchesAction } from "../../iam/matcher";
import type { PackConfiguration } from "../../harness/configuration";
import {
    bucketTypes,
    bucketV2With,
    bucketWith,
    companionOf,
    companionWith,
    inline,
    isEvidenceBucket,
} from "./bucket";

const fix =
    'Add an aws.s3.BucketObjectLockConfiguration with rule: { defaultRetention: { mode: "COMPLIANCE", days } }, or a bucket policy that denies everybody s3:DeleteObject and s3:DeleteObjectVersion.';

/** Everybody, without a condition: an exception for a role would be the way in. */
function denies(statement: Statement, action: string): boolean {
    return (
        statement.effect === "Deny" &&
        statement.principals !== null &&
        !statement.principals.not &&
        Object.values(statement.principals.byKind).flat().includes("*") &&
        Object.keys(statement.conditions).length === 0 &&
        statement.actions.values.some((pattern) => matchesAction(pattern, action)) !== statement.actions.not
    );
}

function policyDenies(
    graph: StackGraph,
    bucket: ResourceReader,
    actions: string[],
): "yes" | "no" | "unknown" {
    const companion = companionOf(graph, bucket, "policy");
    const policy = companion.kind === "one" ? companion.resource.get("policy") : bucket.get("policy");
    if (policy.kind === "unknown" || (policy.kind === "absent" && companion.kind === "maybe"))
        return "unknown";
    const document = readPolicyDocument(valueOf(policy));
    if (document.kind !== "known") return document.kind === "unknown" ? "unknown" : "no";
    return actions.every((action) => document.statements.some((each) => denies(each, action))) ? "yes" : "no";
}

function judge(graph: StackGraph, bucket: ResourceReader, configuration: PackConfiguration): Outcome {
    const denied = policyDenies(graph, bucket, ["s3:DeleteObject", "s3:DeleteObjectVersion"]);
    if (denied === "yes") return pass;
    const companion = companionOf(graph, bucket, "objectLock");
    const mode =
        companion.kind === "one"
            ? companion.resource.string("rule", "defaultRetention", "mode")
            : inline(
                  bucket,
                  ["objectLockConfiguration", "rule", "defaultRetention", "mode"],
                  ["objectLockConfiguration", "rules", 0, "defaultRetentions", 0, "mode"],
              );
    if (mode.kind === "unknown")
        return inconclusive(mode, "whether evidence can be deleted is not known yet");
    if (mode.kind === "known") {
        if (mode.value === "COMPLIANCE") return pass;
        // Where everything may be thrown away, a lock that nobody can lift would be in the way.
        if (mode.value === "GOVERNANCE" && isDisposable(bucket.urn, configuration)) return pass;
        if (
            mode.value === "GOVERNANCE" &&
            policyDenies(graph, bucket, ["s3:BypassGovernanceRetention"]) === "yes"
        )
            return pass;
        return violation(
            `${mode.property} is ${String(mode.value)}: whoever may bypass governance deletes evidence.`,
            fix,
        );
    }
    if (companion.kind === "maybe" || denied === "unknown")
        return inconclusive(
            companion.kind === "maybe" ? companion : { property: "policy" },
            "whether evidence can be deleted is not known yet",
        );
    return violation("Evidence in the bucket can be deleted: no object lock, and no policy against it.", fix);
}

const evidence = bucketWith({ bucket: "team-evidence" });
const lock = (mode: unknown) =>
    companionWith("objectLock", {
        objectLockEnabled: "Enabled",
        rule: { defaultRetention: { mode, days: 365 } },
    });
const deny = (more: object = {}) =>
    companionWith("policy", {
        policy: JSON.stringify({
            Statement: [
                {
                    Effect: "Deny",
                    Principal: "*",
                    Action: ["s3:DeleteObject", "s3:DeleteObjectVersion"],
                    Resource: "arn:aws:s3:::team-evidence/*",
                    ...more,
                },
            ],
        }),
    });

export const evidenceLock: StackRule = {
    level: "stack",
    metadata: {
        id: "S3-07",
        family: "s3",
        title: "Evidence cannot be deleted",
        rationale:
            "Scan reports and SBOMs are what an approval rests on. Whoever can delete them can deny what was known.",
        severity: "medium",
        remediation: fix,
        references: ["FSBP S3.15", "OWASP CICD-SEC-10"],
    },
    relevantTypes: bucketTypes,
    evaluate: (graph, configuration) =>
        graph
            .ofType(...bucketTypes)
            .flatMap((bucket) =>
                about(
                    bucket,
                    isEvidenceBucket(bucket)
                        ? judge(graph, bucket, configuration)
                        : notApplicable("not a bucket of evidence"),
                ),
            ),
    examples: [
        badExample("a lock that can be bypassed", [evidence, lock("GOVERNANCE")], "bucket"),
        badExample(
            "an exception in the policy",
            [
                evidence,
                deny({
                    Condition: { ArnNotLike: { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/x" } },
                }),
            ],
            "bucket",
        ),
        badExample("versions may be deleted", [evidence, deny({ Action: "s3:DeleteObject" })], "bucket"),
        badExample("a lock of no kind", [evidence, lock("LEGAL")], "bucket"),
        badExample("deletion is allowed", [evidence, deny({ Effect: "Allow" })], "bucket"),
        badExample(
            "deletion is refused to one role",
            [evidence, deny({ Principal: { AWS: "arn:aws:iam::123456789012:role/x" } })],
            "bucket",
        ),
        badExample("text that is no document", [{ ...evidence, props: { ...evidence.props, policy: "{" } }], "bucket"), // prettier-ignore
        badExample(
            "a lock that can be bypassed, whatever else is refused",
            [evidence, lock("GOVERNANCE"), deny({ Action: "s3:PutObject" })],
            "bucket",
        ),
        goodExample("a lock that nobody may bypass", [
            evidence,
            lock("GOVERNANCE"),
            deny({ Action: "s3:BypassGovernanceRetention" }),
        ]),
        goodExample("denied by one statement of two", [
            evidence,
            companionWith("policy", {
                policy: JSON.stringify({
                    Statement: [
                        { Effect: "Allow", Principal: { AWS: "arn:aws:iam::123456789012:root" }, Action: "s3:GetObject" },
                        { Effect: "Deny", Principal: "*", Action: "s3:DeleteObject*" },
                    ],
                }),
            }), // prettier-ignore
        ]),
        openExample(
            "a policy that is not known yet",
            [evidence, companionWith("policy", { policy: unknown })],
            "bucket",
        ),
        openExample(
            "a policy whose statements are not known yet",
            [{ ...evidence, props: { ...evidence.props, policy: { Statement: unknown } } }],
            "bucket",
        ),
        goodExample("locked", [evidence, lock("COMPLIANCE")]),
        goodExample("locked in line", [
            bucketWith({
                bucket: "team-evidence",
                objectLockConfiguration: { rule: { defaultRetention: { mode: "COMPLIANCE", days: 365 } } },
            }),
        ]),
        ...["COMPLIANCE", "GOVERNANCE"].map((mode) => {
            const bucket = bucketV2With({
                bucket: "team-evidence",
                objectLockConfiguration: { rules: [{ defaultRetentions: [{ mode, days: 365 }] }] },
            });
            const title = `${mode} in line, in the deprecated resource`;
            return mode === "COMPLIANCE"
                ? goodExample(title, [bucket])
                : badExample(title, [bucket], "bucket");
        }),
        goodExample("denied", [evidence, deny()]),
        goodExample("a bucket of something else", [bucketWith()]),
        {
            ...goodExample("a stack that may be thrown away", [evidence, lock("GOVERNANCE")]),
            configuration: { disposableStacks: ["example"] },
        },
        absentExample("neither", [evidence], "bucket"),
        openExample("not known yet", [evidence, lock(unknown)], "bucket"),
    ],
};
