/** ECR-03: images are encrypted with a key of the customer. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, ResourceRule } from "../../harness/rule";
import { repositoryLabel, repositoryType } from "./repository";

const keyTypes = ["KMS", "KMS_DSSE"];
const path = ["encryptionConfigurations", 0] as const;

const repository = (encryption?: unknown): ExampleResource => ({
    type: repositoryType,
    name: "app",
    props: { name: "app", encryptionConfigurations: encryption },
});

export const customerKey: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECR-03",
        family: "ecr",
        title: "Images are encrypted with a customer managed key",
        rationale:
            "With a key of its own the owner decides who may read images, and can take that permission back at once.",
        severity: "medium",
        remediation:
            "Set `encryptionConfigurations: [{ encryptionType: KMS, kmsKey: <key ARN> }]`. The setting can only be made " +
            "when a repository is created; changing it replaces the repository.",
        references: ["FSBP ECR.5", "checkov CKV_AWS_136", "trivy AWS-0033"],
        publicEquivalent: true,
    },
    types: [repositoryType],
    evaluate: (resource) => {
        const label = repositoryLabel(resource);
        const type = resource.string(...path, "encryptionType");
        const key = resource.string(...path, "kmsKey");
        const fix =
            'Set encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: key.arn }] (replaces the repository).';
        if (type.kind === "unknown") return [inconclusive(type, "how images are encrypted is not known yet")];
        if (type.kind !== "known" || !keyTypes.includes(type.value)) {
            const read = type.kind === "known" ? type.value : "not set, and the default is AES256";
            return [
                violation(
                    `Repository ${label} is not encrypted with KMS (${type.property} is ${read}).`,
                    fix,
                ),
            ];
        }
        // A key ARN is an output of the key: not known yet is enough to see that a key is set.
        if (key.kind === "known" || key.kind === "unknown") return [pass];
        return [violation(`Repository ${label} uses the AWS managed key: ${key.property} is not set.`, fix)];
    },
    examples: [
        {
            title: "the service's own encryption",
            shows: "bad",
            resources: [repository([{ encryptionType: "AES256" }])],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "KMS without a key is the AWS managed key",
            shows: "bad",
            resources: [repository([{ encryptionType: "KMS", kmsKey: null }])],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "a key whose ARN is not known yet is set",
            shows: "good",
            resources: [repository([{ encryptionType: "KMS", kmsKey: unknown }])],
            expect: [],
        },
        {
            title: "double encryption",
            shows: "good",
            resources: [
                repository([
                    { encryptionType: "KMS_DSSE", kmsKey: "arn:aws:kms:eu-west-1:123456789012:key/example" },
                ]),
            ],
            expect: [],
        },
        {
            title: "not set",
            shows: "absent",
            resources: [repository()],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "type not known yet",
            shows: "unknown",
            resources: [repository([{ encryptionType: unknown, kmsKey: unknown }])],
            expect: [{ resource: "app", kind: "inconclusive" }],
        },
    ],
};
