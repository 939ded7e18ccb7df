/** S3-06: nothing is left over, no access list counts, and a mistake does not empty a bucket. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { is, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { isDisposable } from "../../harness/stackName";
import { bucketTypes, bucketV2With, bucketWith, companionOf, companionWith } from "./bucket";

const metadata: RuleMetadata = {
    id: "S3-06",
    family: "s3",
    title: "Buckets clean up, ignore access lists and survive a mistake",
    rationale:
        "Parts of broken uploads are stored and paid for unseen; access lists give objects away one by one, past the policy; forceDestroy empties the bucket with the resource.",
    severity: "medium",
    remediation:
        'Add an aws.s3.BucketLifecycleConfiguration with `abortIncompleteMultipartUpload: { daysAfterInitiation: 7 }`, keep `objectOwnership: "BucketOwnerEnforced"` (AWS\'s default) and leave `forceDestroy` out. Stacks that may be thrown away are named in the setting `disposableStacks`.',
    references: [
        "FSBP S3.12",
        "FSBP S3.13",
        "checkov CKV_AWS_300",
        "checkov CKV2_AWS_61",
        "checkov CKV2_AWS_65",
    ],
};

export const forceDestroy: ResourceRule = {
    level: "resource",
    metadata,
    types: bucketTypes,
    evaluate: (bucket, configuration) => {
        if (isDisposable(bucket.urn, configuration))
            return [notApplicable("the settings allow this stack to be destroyed")];
        const force = bucket.boolean("forceDestroy");
        if (force.kind === "unknown")
            return [inconclusive(force, "whether the bucket is emptied with the resource is not known yet")];
        if (force.kind === "absent" || is(force, false)) return [pass];
        return [
            violation(
                "forceDestroy is true: a rename deletes the bucket with everything in it.",
                "Leave forceDestroy out.",
                { findingId: "forceDestroy" },
            ),
        ];
    },
    remediation: { when: "always", changes: () => [{ path: ["forceDestroy"], value: false }] },
    examples: [
        badExample("emptied with the resource", [bucketWith({ forceDestroy: true })], "bucket"),
        goodExample("kept", [bucketWith({ forceDestroy: false })]),
        {
            ...goodExample("a stack that may be thrown away", [bucketWith({ forceDestroy: true })]),
            configuration: { disposableStacks: ["example"] },
        },
        absentExample("not set", [bucketWith()]),
        openExample("not known yet", [bucketWith({ forceDestroy: unknown })], "bucket"),
    ],
};

function lifecycleOutcome(graph: StackGraph, bucket: ResourceReader): Outcome {
    const companion = companionOf(graph, bucket, "lifecycle");
    const rules = companion.kind === "one" ? companion.resource.list("rules") : bucket.list("lifecycleRules");
    if (rules.kind === "unknown") return inconclusive(rules, "what the bucket cleans up is not known yet");
    if (rules.kind === "absent" && companion.kind === "maybe")
        return inconclusive(companion, "whether this lifecycle belongs to the bucket is not known yet");
    const list = valueOf(rules) ?? [];
    const aborts = list.some(
        (rule) =>
            valueOf(rule.string("status")) !== "Disabled" &&
            !is(rule.boolean("enabled"), false) &&
            (rule.get("abortIncompleteMultipartUpload", "daysAfterInitiation").kind !== "absent" ||
                rule.get("abortIncompleteMultipartUploadDays").kind !== "absent"),
    );
    if (aborts) return pass;
    const open = list.find((rule) => rule.containsUnknown());
    if (open) return inconclusive(open, "what the bucket cleans up is not known yet");
    return violation(
        list.length === 0
            ? "The bucket has no lifecycle: parts of broken uploads stay for ever."
            : "No lifecycle rule of the bucket ends broken uploads: their parts stay for ever.",
        "Add a lifecycle rule with abortIncompleteMultipartUpload: { daysAfterInitiation: 7 }.",
        { findingId: "lifecycle" },
    );
}

function ownershipOutcome(graph: StackGraph, bucket: ResourceReader): Outcome {
    const fix = 'Set objectOwnership: "BucketOwnerEnforced" and leave access lists out.';
    const controls = companionOf(graph, bucket, "ownership");
    if (controls.kind === "one") {
        const ownership = controls.resource.string("rule", "objectOwnership");
        if (ownership.kind === "unknown")
            return inconclusive(ownership, "whether access lists count is not known yet");
        if (!is(ownership, "BucketOwnerEnforced"))
            return violation(
                `${ownership.property} is ${valueOf(ownership) ?? "not set"}: access lists of single objects count.`,
                fix,
                { findingId: "ownership" },
            );
        return pass;
    }
    // Without controls AWS enforces the owner; an access list in the program only works because somebody undid that.
    const acl = companionOf(graph, bucket, "acl");
    const own = bucket.string("acl");
    const given = acl.kind === "one" ? valueOf(acl.resource.string("acl")) : valueOf(own);
    const grants = bucket.get("grants");
    if (
        (given !== undefined && given !== "private") ||
        (grants.kind === "known" && Array.isArray(grants.value) && grants.value.length > 0)
    )
        return violation(`The bucket has an access list (${given ?? "grants"}).`, fix, {
            findingId: "ownership",
        });
    return pass;
}

export const lifecycle: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: bucketTypes,
    evaluate: (graph) =>
        graph
            .ofType(...bucketTypes)
            .flatMap((bucket) =>
                about(bucket, lifecycleOutcome(graph, bucket), ownershipOutcome(graph, bucket)),
            ),
    examples: [
        badExample(
            "no rule ends broken uploads",
            [
                bucketWith(),
                companionWith("lifecycle", {
                    rules: [{ id: "old", status: "Enabled", expiration: { days: 90 } }],
                }),
            ],
            "bucket",
        ),
        badExample(
            "the rule is disabled",
            [bucketWith(), companionWith("lifecycle", { rules: [{ id: "parts", status: "Disabled", abortIncompleteMultipartUpload: { daysAfterInitiation: 7 } }] })], // prettier-ignore
            "bucket",
        ),
        badExample(
            "access lists count",
            [
                bucketWith({ lifecycleRules: [{ enabled: true, abortIncompleteMultipartUploadDays: 7 }] }),
                companionWith("ownership", { rule: { objectOwnership: "ObjectWriter" } }),
            ],
            "bucket",
        ),
        badExample(
            "a public access list",
            [
                bucketWith({
                    lifecycleRules: [{ enabled: true, abortIncompleteMultipartUploadDays: 7 }],
                    acl: "public-read",
                }),
            ],
            "bucket",
        ),
        badExample(
            "a public access list as a resource of its own",
            [
                bucketWith({ lifecycleRules: [{ enabled: true, abortIncompleteMultipartUploadDays: 7 }] }),
                companionWith("acl", { acl: "public-read" }),
            ],
            "bucket",
        ),
        badExample(
            "an access list of grants",
            [
                bucketWith({
                    lifecycleRules: [{ enabled: true, abortIncompleteMultipartUploadDays: 7 }],
                    grants: [{ type: "Group", uri: "http://acs.amazonaws.com/groups/global/AllUsers" }],
                }),
            ],
            "bucket",
        ),
        badExample(
            "an access list of grants, in the deprecated resource",
            [
                bucketV2With({
                    lifecycleRules: [{ enabled: true, abortIncompleteMultipartUploadDays: 7 }],
                    grants: [{ type: "Group", uri: "http://acs.amazonaws.com/groups/global/AllUsers" }],
                }),
            ],
            "bucket",
        ),
        goodExample("an access list for the owner only, and none of grants", [
            bucketWith({
                lifecycleRules: [{ enabled: true, abortIncompleteMultipartUploadDays: 7 }],
                acl: "private",
                grants: [],
            }),
        ]),
        openExample(
            "whether the rule ends broken uploads, and who owns objects, is not known yet",
            [
                bucketWith({ lifecycleRules: [{ enabled: true, abortIncompleteMultipartUploadDays: 7 }] }),
                companionWith("ownership", { rule: { objectOwnership: unknown } }),
            ],
            "bucket",
        ),
        openExample(
            "one of the rules is not known yet",
            [bucketWith({ lifecycleRules: [{ enabled: true, expiration: unknown }] })],
            "bucket",
        ),
        goodExample("broken uploads end, the owner is enforced", [
            bucketWith(),
            companionWith("lifecycle", {
                rules: [
                    {
                        id: "parts",
                        status: "Enabled",
                        abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
                    },
                ],
            }),
            companionWith("ownership", { rule: { objectOwnership: "BucketOwnerEnforced" } }),
        ]),
        absentExample("no lifecycle", [bucketWith()], "bucket"),
        openExample(
            "not known yet",
            [bucketWith(), companionWith("lifecycle", { rules: unknown })],
            "bucket",
        ),
    ],
};
