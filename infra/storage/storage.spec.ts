import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/schema";
import { Keys } from "../keys/keys";
import { createNaming, type Account } from "../naming";
import { createTagging } from "../tags";
import { recordStack, type RecordedResource } from "../testing/recordedStack";
import { Storage } from "./storage";

const account: Account = {
    accountId: "123456789012",
    region: "eu-central-1",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
};
const naming = createNaming("portcullis", "dev", account);
const tags = createTagging("portcullis", "dev", {});

async function record(
    protection: StackConfig["protection"],
    lockMode: "GOVERNANCE" | "COMPLIANCE",
    mode: StackConfig["securityHub"]["mode"] = "off",
) {
    let ready: pulumi.Resource[] = [];
    const resources = await recordStack(() => {
        const keys = new Keys("keys", { account, naming, tags, protection });
        const storage = new Storage("storage", {
            account,
            naming,
            tags,
            config: { protection, evidence: { retentionDays: 30, lockMode }, securityHub: { mode } },
            pipelineKey: keys.pipeline,
        });
        ready = storage.ready;
    });
    return { resources, ready };
}

function inputs(resources: RecordedResource[], name: string): Record<string, unknown> {
    const found = resources.filter((resource) => resource.name === name);
    assert.equal(found.length, 1, `${found.length} resources are called ${name}`);
    return found[0]?.inputs ?? {};
}

describe("Keys and Storage", () => {
    let resources: RecordedResource[];
    let ready: pulumi.Resource[];

    before(async () => {
        ({ resources, ready } = await record("protected", "COMPLIANCE"));
    });

    it("registers exactly these resources", () => {
        const settings = ["encryption", "lifecycle", "ownership", "policy", "public-access", "versioning"];
        assert.deepEqual(
            resources.map(({ name }) => name).sort(),
            [
                "keys-anchore",
                "keys-anchore-alias",
                "keys-pipeline",
                "keys-pipeline-alias",
                "storage-artifacts",
                "storage-evidence",
                "storage-evidence-lock",
                ...settings.flatMap((setting) => [
                    `storage-artifacts-${setting}`,
                    `storage-evidence-${setting}`,
                ]),
            ].sort(),
        );
    });

    it("rotates the keys and keeps deleted ones for a month", () => {
        for (const part of ["pipeline", "anchore"]) {
            const key = inputs(resources, `keys-${part}`);
            assert.equal(key["enableKeyRotation"], true);
            assert.equal(key["deletionWindowInDays"], 30);
            assert.deepEqual(inputs(resources, `keys-${part}-alias`), {
                name: `alias/portcullis-dev-${part}`,
                targetKeyId: `keys-${part}-key-id`,
            });
        }
    });

    it("encrypts, versions and closes both buckets", () => {
        for (const part of ["artifacts", "evidence"]) {
            const bucket = `portcullis-dev-${part}-123456789012-eu-central-1`;
            assert.equal(inputs(resources, `storage-${part}`)["bucket"], bucket);
            assert.equal(inputs(resources, `storage-${part}`)["forceDestroy"], false);
            assert.deepEqual(inputs(resources, `storage-${part}-encryption`), {
                bucket,
                rules: [
                    {
                        applyServerSideEncryptionByDefault: {
                            kmsMasterKeyId: "arn:key/keys-pipeline",
                            sseAlgorithm: "aws:kms",
                        },
                        bucketKeyEnabled: true,
                    },
                ],
            });
            assert.deepEqual(inputs(resources, `storage-${part}-versioning`), {
                bucket,
                versioningConfiguration: { status: "Enabled" },
            });
            assert.deepEqual(inputs(resources, `storage-${part}-ownership`), {
                bucket,
                rule: { objectOwnership: "BucketOwnerEnforced" },
            });
            assert.deepEqual(inputs(resources, `storage-${part}-public-access`), {
                bucket,
                blockPublicAcls: true,
                blockPublicPolicy: true,
                ignorePublicAcls: true,
                restrictPublicBuckets: true,
            });
        }
    });

    it("locks evidence as configured", () => {
        assert.equal(inputs(resources, "storage-evidence")["objectLockEnabled"], true);
        assert.equal(inputs(resources, "storage-artifacts")["objectLockEnabled"], undefined);
        assert.deepEqual(inputs(resources, "storage-evidence-lock"), {
            bucket: "portcullis-dev-evidence-123456789012-eu-central-1",
            objectLockEnabled: "Enabled",
            rule: { defaultRetention: { mode: "COMPLIANCE", days: 30 } },
        });
    });

    it("lets artifacts expire, but never the gate or evidence", () => {
        assert.deepEqual(inputs(resources, "storage-artifacts-lifecycle")["rules"], [
            {
                id: "expire-pipeline-artifacts",
                status: "Enabled",
                filter: { prefix: "portcullis-dev-" },
                expiration: { days: 90 },
            },
            {
                id: "expire-old-versions",
                status: "Enabled",
                filter: { prefix: "" },
                noncurrentVersionExpiration: { noncurrentDays: 30 },
                abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
            },
        ]);
        assert.deepEqual(inputs(resources, "storage-evidence-lifecycle")["rules"], [
            {
                id: "abort-unfinished-uploads",
                status: "Enabled",
                filter: { prefix: "" },
                abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
            },
        ]);
    });

    it("is ready only when every setting of both buckets is there", () => {
        assert.equal(ready.length, 11);
    });

    it("empties and deletes everything in a deletable stack", async () => {
        const deletable = (await record("deletable", "GOVERNANCE")).resources;
        assert.equal(inputs(deletable, "storage-artifacts")["forceDestroy"], true);
        assert.equal(inputs(deletable, "storage-evidence")["forceDestroy"], true);
        assert.equal(inputs(deletable, "keys-pipeline")["deletionWindowInDays"], 7);
    });

    for (const mode of ["enable", "existing"] as const) {
        it(`tells EventBridge of every piece of evidence where findings are imported (${mode})`, async () => {
            const withFindings = (await record("deletable", "GOVERNANCE", mode)).resources;
            assert.deepEqual(
                withFindings.filter(({ type }) => type === "aws:s3/bucketNotification:BucketNotification"),
                withFindings.filter(({ name }) => name === "storage-evidence-notification"),
            );
            assert.deepEqual(inputs(withFindings, "storage-evidence-notification"), {
                bucket: inputs(withFindings, "storage-evidence")["bucket"],
                eventbridge: true,
            });
        });
    }
});
