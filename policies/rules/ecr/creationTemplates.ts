/** ECR-17: repositories that Amazon ECR creates by itself are as strict as those of the program. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleExample } from "../../harness/rule";
import { makeImmutable, mutabilityOutcomes } from "./immutability";
import { creationTemplateType } from "./repository";

const key = "arn:aws:kms:eu-central-1:123456789012:key/example";
const strict = {
    prefix: "hub",
    appliedFors: ["PULL_THROUGH_CACHE"],
    imageTagMutability: "IMMUTABLE",
    encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: key }],
};
const template = (props: Record<string, unknown>): ExampleResource => ({
    type: creationTemplateType,
    name: "template",
    props: { ...strict, ...props },
});
const bad: RuleExample["expect"] = [{ resource: "template", kind: "violation" }];
const open: RuleExample["expect"] = [{ resource: "template", kind: "inconclusive" }];

const encryptionFix = 'Set encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: key.arn }].';

/** How repositories of the template are encrypted. */
export function templateEncryption(template: ResourceReader): Outcome {
    const path = ["encryptionConfigurations", 0] as const;
    const type = template.string(...path, "encryptionType");
    const more = { findingId: "encryption" };
    if (type.kind === "unknown")
        return inconclusive(type, "how repositories of the template are encrypted is not known yet");
    if (type.kind !== "known" || !["KMS", "KMS_DSSE"].includes(type.value)) {
        const read = type.kind === "known" ? type.value : "not set, and the default is AES256";
        return violation(
            `Repositories of the template are not encrypted with KMS (${type.property} is ${read}).`,
            encryptionFix,
            more,
        );
    }
    const given = template.string(...path, "kmsKey");
    // A key's ARN that is only known later is a key.
    return given.kind === "known" || given.kind === "unknown"
        ? pass
        : violation(
              `Repositories of the template use the key that AWS manages: ${given.property} is not set.`,
              encryptionFix,
              more,
          );
}

export const creationTemplates: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECR-17",
        family: "ecr",
        title: "Repository creation templates are as strict as the program's repositories",
        rationale:
            "A pull-through cache and replication create repositories that no program declares: with the template's defaults their tags can be moved and their images are under no key of one's own.",
        severity: "medium",
        remediation:
            "Set `imageTagMutability: IMMUTABLE` and `encryptionConfigurations: [{ encryptionType: KMS, kmsKey: <key ARN> }]` on the template.",
        references: ["FSBP ECR.2", "NIST SP 800-190 4.2.2"],
    },
    types: [creationTemplateType],
    evaluate: (template, configuration) => [
        ...mutabilityOutcomes(
            template,
            "repositories of the template",
            'Set imageTagMutability: "IMMUTABLE".',
            configuration,
        ),
        templateEncryption(template),
    ],
    remediation: makeImmutable,
    examples: [
        { title: "mutable", shows: "bad", resources: [template({ imageTagMutability: "MUTABLE" })], expect: bad }, // prettier-ignore
        {
            title: "release tags excluded from immutability",
            shows: "bad",
            resources: [
                template({
                    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
                    imageTagMutabilityExclusionFilters: [{ filter: "latest", filterType: "WILDCARD" }],
                }),
            ],
            expect: bad,
        },
        {
            title: "KMS without a key",
            shows: "bad",
            resources: [template({ encryptionConfigurations: [{ encryptionType: "KMS" }] })],
            expect: bad,
        },
        { title: "immutable, with a key", shows: "good", resources: [template({})], expect: [] },
        {
            title: "nothing set",
            shows: "absent",
            resources: [template({ imageTagMutability: undefined, encryptionConfigurations: undefined })],
            expect: [...bad, ...bad],
        },
        {
            title: "an unknown setting does not hide the other",
            shows: "unknown",
            resources: [template({ imageTagMutability: unknown, encryptionConfigurations: [] })],
            expect: [...open, ...bad],
        },
        {
            title: "unknown encryption",
            shows: "unknown",
            resources: [template({ encryptionConfigurations: unknown })],
            expect: open,
        },
    ],
};
