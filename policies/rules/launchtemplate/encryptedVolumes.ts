/** LT-03: volumes of instances are encrypted with a key of the customer. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, is, unknown, valueOf, type PropertyReader } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { launchTemplateType, templateExample } from "./launchTemplate";

const keyArn = "arn:aws:kms:eu-central-1:123456789012:key/1111";
const volumes = (...ebs: unknown[]) => [
    templateExample({ blockDeviceMappings: ebs.map((each) => ({ deviceName: "/dev/xvda", ebs: each })) }),
];
const fix = 'Set ebs: { encrypted: "true", kmsKeyId: key.arn } (text, not a boolean).';

export const encryptedVolumes: ResourceRule = {
    level: "resource",
    metadata: {
        id: "LT-03",
        family: "launchtemplate",
        title: "Volumes of a launch template are encrypted with a customer managed key",
        rationale:
            "Volumes hold images, scratch copies and what containers wrote; a snapshot of an unencrypted one can be given to any account.",
        severity: "high",
        remediation:
            'Set `encrypted: "true"` (text) and `kmsKeyId` in every `blockDeviceMappings[].ebs`. A template without mappings leaves the volumes to the image and to the account\'s default encryption.',
        references: ["FSBP EC2.181", "checkov CKV_AWS_8", "trivy AWS-0008", "cdk-nag AwsSolutions-EC26"],
    },
    types: [launchTemplateType],
    evaluate: (resource) => {
        const mappings = resource.list("blockDeviceMappings");
        if (mappings.kind === "absent" || (mappings.kind === "known" && mappings.value.length === 0))
            return [notApplicable("the template declares no volume")];
        if (mappings.kind === "unknown")
            return [inconclusive(mappings, "which volumes the instances have is not known yet")];
        if (mappings.kind === "malformed") return [violation(`blockDeviceMappings ${mappings.why}.`, fix)];
        return mappings.value.map(judgeMapping);
    },
    remediation: {
        when: "always",
        // Only where a key is chosen already: which one it is has to be decided by a person.
        changes: (resource) =>
            (valueOf(resource.list("blockDeviceMappings")) ?? []).flatMap((mapping, index) => {
                const key = filled(mapping.string("ebs", "kmsKeyId"));
                const encrypted = mapping.boolean("ebs", "encrypted");
                const mendable = key.kind === "known" || key.kind === "unknown";
                return mendable && (encrypted.kind === "absent" || is(encrypted, false))
                    ? [{ path: ["blockDeviceMappings", index, "ebs", "encrypted"], value: "true" }]
                    : [];
            }),
    },
    examples: [
        badExample("switched off", volumes({ encrypted: "false", kmsKeyId: keyArn }), "instances"),
        badExample("without a key of its own", volumes({ encrypted: "true" }), "instances"),
        badExample("the second of two", volumes({ encrypted: "true", kmsKeyId: keyArn }, { volumeSize: 10 }), "instances"), // prettier-ignore
        goodExample("encrypted", volumes({ encrypted: "true", kmsKeyId: keyArn })),
        goodExample("a key whose ARN is not known yet is set", volumes({ encrypted: "true", kmsKeyId: unknown })), // prettier-ignore
        goodExample("a device without a volume", [
            templateExample({ blockDeviceMappings: [{ deviceName: "/dev/sdb", noDevice: "true" }] }),
        ]),
        badExample("no boolean", volumes({ encrypted: "yes", kmsKeyId: keyArn }), "instances"),
        absentExample("not said", volumes({ volumeSize: 30 }), "instances"),
        absentExample("a key, and not said", volumes({ kmsKeyId: keyArn }), "instances"),
        absentExample("no volume declared", [templateExample()]),
        openExample("mappings not known yet", [templateExample({ blockDeviceMappings: unknown })], "instances"), // prettier-ignore
        {
            title: "a first volume that is not known yet does not hide the second",
            shows: "unknown",
            resources: volumes({ encrypted: unknown, kmsKeyId: keyArn }, { encrypted: "false" }),
            expect: [
                { resource: "instances", kind: "inconclusive" },
                { resource: "instances", kind: "violation" },
            ],
        },
    ],
};

function judgeMapping(mapping: PropertyReader): Outcome {
    const why = "whether the volume is encrypted is not known yet";
    if (mapping.isUnknown()) return inconclusive(mapping, why);
    const ebs = mapping.object("ebs");
    if (ebs.kind === "absent" && mapping.keys().length > 0)
        return notApplicable("the device is no volume of Amazon EBS");
    const encrypted = mapping.boolean("ebs", "encrypted");
    const more = { findingId: mapping.property };
    if (encrypted.kind === "unknown") return inconclusive(encrypted, why);
    if (!is(encrypted, true)) {
        const read = encrypted.kind === "known" ? "is false" : encrypted.kind === "absent" ? "is not set" : encrypted.why; // prettier-ignore
        return violation(`A volume is not encrypted: ${encrypted.property} ${read}.`, fix, more);
    }
    const key = filled(mapping.string("ebs", "kmsKeyId"));
    if (key.kind === "known" || key.kind === "unknown") return pass;
    return violation(
        `A volume is encrypted with the AWS managed key: ${key.property} is not set.`,
        fix,
        more,
    );
}
