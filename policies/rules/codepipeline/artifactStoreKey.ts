/** PIPE-11: artifacts are encrypted with a key of one's own. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { completeStages, pipelineExample } from "../../pipeline/exampleResources";
import { pipelineType } from "../../pipeline/pipelineModel";

export const artifactStoreKey: ResourceRule = {
    level: "resource",
    metadata: {
        id: "PIPE-11",
        family: "codepipeline",
        title: "Artifact stores use a customer managed key",
        rationale:
            "With the default key everybody in the account who may read the bucket may read, and with write access replace, what the gate judges.",
        severity: "high",
        remediation: 'Set `artifactStores[].encryptionKey` to `{ id: <key ARN>, type: "KMS" }`.',
        references: ["Checkov CKV_AWS_219", "OWASP CICD-SEC-9"],
        publicEquivalent: true,
    },
    types: [pipelineType],
    evaluate: (pipeline) => {
        const stores = pipeline.list("artifactStores");
        if (stores.kind === "unknown") return [inconclusive(stores, "the artifact stores are not known yet")];
        if (stores.kind !== "known" || stores.value.length === 0)
            return [notApplicable("the pipeline has no artifact store")];
        return stores.value.map((store) => {
            const key = store.get("encryptionKey");
            const type = store.string("encryptionKey", "type");
            const id = store.string("encryptionKey", "id");
            const fix = `Set ${store.property}.encryptionKey to { id: <key ARN>, type: "KMS" }.`;
            const more = { findingId: store.property };
            if (key.kind === "unknown") return inconclusive(key, "the key is not known yet");
            if (key.kind === "absent")
                return violation(
                    `${key.property} is not set, so artifacts are encrypted with the account's default key.`,
                    fix,
                    more,
                );
            if (type.kind === "unknown") return inconclusive(type, "the kind of key is not known yet");
            if (type.kind !== "known" || type.value !== "KMS")
                return violation(`${type.property} is not KMS.`, fix, more);
            // An id that is only known later is a reference to a key, which is what is asked for.
            if (id.kind === "unknown") return pass;
            if (id.kind !== "known" || id.value === "")
                return violation(`${id.property} is not set.`, fix, more);
            return /alias\/aws\//.test(id.value)
                ? violation(`${id.property} is ${id.value}, the key that AWS manages.`, fix, more)
                : pass;
        });
    },
    examples: [
        {
            title: "the key that AWS manages",
            shows: "bad",
            resources: [
                pipelineExample(completeStages, {
                    artifactStores: [
                        { location: "b", type: "S3", encryptionKey: { id: "alias/aws/s3", type: "KMS" } },
                    ],
                }),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "a key of one's own",
            shows: "good",
            resources: [
                pipelineExample(completeStages, {
                    artifactStores: [
                        {
                            location: "b",
                            type: "S3",
                            encryptionKey: { id: "arn:aws:kms:eu-central-1:123456789012:key/1", type: "KMS" },
                        },
                    ],
                }),
            ],
            expect: [],
        },
        {
            title: "a key whose ARN is known after the update",
            shows: "good",
            resources: [
                pipelineExample(completeStages, {
                    artifactStores: [
                        { location: "b", type: "S3", encryptionKey: { id: unknown, type: "KMS" } },
                    ],
                }),
            ],
            expect: [],
        },
        {
            title: "no key",
            shows: "absent",
            resources: [pipelineExample(completeStages, { artifactStores: [{ location: "b", type: "S3" }] })],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [
                pipelineExample(completeStages, {
                    artifactStores: [{ location: "b", type: "S3", encryptionKey: unknown }],
                }),
            ],
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};
