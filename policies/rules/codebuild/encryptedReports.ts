/** CB-14: exported test reports are encrypted. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, unknown } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";

const reportGroupType = "aws:codebuild/reportGroup:ReportGroup";
const key = "arn:aws:kms:eu-central-1:123456789012:key/1";
const group = (exportConfig: unknown) => ({
    type: reportGroupType,
    name: "reports",
    props: { type: "TEST", exportConfig },
});
const toBucket = (more: Record<string, unknown>) =>
    group({ type: "S3", s3Destination: { bucket: "reports", encryptionKey: key, ...more } });
const finding = [{ resource: "reports", kind: "violation" as const }];
const path = ["exportConfig", "s3Destination"] as const;

export const encryptedReports: ResourceRule = {
    level: "resource",
    metadata: {
        id: "CB-14",
        family: "codebuild",
        title: "Exported test reports are encrypted",
        rationale:
            "Reports of tests and scans say where an application is weak; unencrypted, everybody who reaches the bucket can read them.",
        severity: "low",
        remediation:
            "Leave `exportConfig.s3Destination.encryptionDisabled` out, and give `encryptionKey` the ARN of a key.",
        references: ["FSBP CodeBuild.7"],
        publicEquivalent: true,
    },
    types: [reportGroupType],
    evaluate: (resource): Outcome[] => {
        const settings = resource.object("exportConfig");
        const type = resource.string("exportConfig", "type");
        if (settings.kind === "unknown" || type.kind === "unknown")
            return [inconclusive(type, "whether reports are exported is not known yet")];
        if (settings.kind === "malformed")
            return [violation(`${settings.property} ${settings.why}.`, "Give an object.")];
        if (type.kind !== "known" || type.value !== "S3") return [notApplicable("reports are not exported")];
        const disabled = resource.boolean(...path, "encryptionDisabled");
        const encryptionKey = filled(resource.string(...path, "encryptionKey"));
        if (disabled.kind === "unknown")
            return [inconclusive(disabled, "whether exported reports are encrypted is not known yet")];
        if (disabled.kind === "malformed" || (disabled.kind === "known" && disabled.value))
            return [
                violation(
                    `${disabled.property} ${disabled.kind === "known" ? "is true" : disabled.why}: exported reports lie in the bucket unencrypted.`,
                    "Remove encryptionDisabled.",
                ),
            ];
        if (encryptionKey.kind === "known" || encryptionKey.kind === "unknown") return [pass];
        return [violation(`${encryptionKey.property} is not set: exported reports have no key.`, "Set it to the ARN of a key.")]; // prettier-ignore
    },
    remediation: {
        when: "always",
        changes: (resource) => {
            const disabled = resource.boolean(...path, "encryptionDisabled");
            return disabled.kind === "known" && disabled.value
                ? [{ path: [...path, "encryptionDisabled"], value: false }]
                : [];
        },
    },
    examples: [
        {
            title: "switched off",
            shows: "bad",
            resources: [toBucket({ encryptionDisabled: true })],
            expect: finding,
        },
        {
            title: "no key",
            shows: "bad",
            resources: [toBucket({ encryptionKey: undefined })],
            expect: finding,
        },
        { title: "a key", shows: "good", resources: [toBucket({})], expect: [] },
        { title: "no export", shows: "absent", resources: [group({ type: "NO_EXPORT" })], expect: [] },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [toBucket({ encryptionDisabled: unknown })],
            expect: [{ resource: "reports", kind: "inconclusive" }],
        },
    ],
};
