import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/schema";
import type { KeyWithAlias } from "../keys/keys";
import type { Account, Naming } from "../naming";
import type { Tagging } from "../tags";
import { artifactBucketPolicy, evidenceBucketPolicy } from "./bucketPolicy";

export interface StorageArgs {
    account: Account;
    naming: Naming;
    tags: Tagging;
    config: Pick<StackConfig, "evidence" | "protection" | "securityHub">;
    pipelineKey: KeyWithAlias;
}

/** Days after which artifacts of old pipeline executions and replaced versions are deleted. */
const artifactDays = 90;
const noncurrentDays = 30;
const multipartDays = 7;

/**
 * The artifact bucket (what travels between the stages of a pipeline, and the bundled gate) and the evidence bucket
 * (scan reports, write-once under object lock). Both are versioned, encrypted with the pipeline key, private, and
 * refuse requests without TLS.
 *
 * Server access logging is left out on purpose: its log bucket could only be encrypted with S3's own key, and what it
 * would tell best-effort is told completely by CloudTrail data events, which an account switches on once for all its
 * buckets.
 */
export class Storage extends pulumi.ComponentResource {
    /** Literal names. */
    readonly artifactBucketName: string;
    readonly evidenceBucketName: string;
    /** What must exist before somebody writes into the buckets: their policies and encryption. */
    readonly ready: pulumi.Resource[];

    constructor(name: string, args: StorageArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:storage:Storage", name, {}, opts);
        const { account, naming, config } = args;
        this.artifactBucketName = naming.physical("s3Bucket", "artifacts");
        this.evidenceBucketName = naming.physical("s3Bucket", "evidence");
        const isProtected = config.protection === "protected";

        const artifacts = new aws.s3.Bucket(
            `${name}-artifacts`,
            {
                bucket: this.artifactBucketName,
                forceDestroy: !isProtected,
                tags: args.tags.tagsFor(this.artifactBucketName),
            },
            { parent: this, dependsOn: args.pipelineKey.alias, protect: isProtected },
        );
        const artifactsReady = this.harden(
            name,
            "artifacts",
            artifacts,
            args,
            artifactBucketPolicy(account, this.artifactBucketName),
        );
        new aws.s3.BucketLifecycleConfiguration(
            `${name}-artifacts-lifecycle`,
            {
                bucket: artifacts.bucket,
                rules: [
                    {
                        id: "expire-pipeline-artifacts",
                        status: "Enabled",
                        // The gate lies under gate/ and must outlive every execution; artifacts of pipelines begin
                        // with the pipeline's name.
                        filter: { prefix: `${naming.prefix}-`.slice(0, 20) },
                        expiration: { days: artifactDays },
                    },
                    {
                        id: "expire-old-versions",
                        status: "Enabled",
                        filter: { prefix: "" },
                        noncurrentVersionExpiration: { noncurrentDays },
                        abortIncompleteMultipartUpload: { daysAfterInitiation: multipartDays },
                    },
                ],
            },
            { parent: artifacts, dependsOn: artifactsReady },
        );

        const evidence = new aws.s3.Bucket(
            `${name}-evidence`,
            {
                bucket: this.evidenceBucketName,
                objectLockEnabled: true,
                forceDestroy: !isProtected,
                tags: args.tags.tagsFor(this.evidenceBucketName),
            },
            // The key must outlive the bucket: evidence that its lock still keeps would become unreadable without it.
            { parent: this, protect: isProtected, dependsOn: args.pipelineKey.alias },
        );
        const evidenceReady = this.harden(
            name,
            "evidence",
            evidence,
            args,
            evidenceBucketPolicy(account, this.evidenceBucketName),
        );
        const lock = new aws.s3.BucketObjectLockConfiguration(
            `${name}-evidence-lock`,
            {
                bucket: evidence.bucket,
                objectLockEnabled: "Enabled",
                rule: {
                    defaultRetention: {
                        mode: config.evidence.lockMode,
                        days: config.evidence.retentionDays,
                    },
                },
            },
            { parent: evidence, dependsOn: evidenceReady },
        );
        new aws.s3.BucketLifecycleConfiguration(
            `${name}-evidence-lifecycle`,
            {
                bucket: evidence.bucket,
                rules: [
                    {
                        id: "abort-unfinished-uploads",
                        status: "Enabled",
                        filter: { prefix: "" },
                        abortIncompleteMultipartUpload: { daysAfterInitiation: multipartDays },
                    },
                ],
            },
            { parent: evidence, dependsOn: evidenceReady },
        );
        this.ready = [...artifactsReady, ...evidenceReady, lock];
        if (config.securityHub.mode !== "off") {
            // Amazon EventBridge hears of every object; rules say which of them matter to whom.
            const notification = new aws.s3.BucketNotification(
                `${name}-evidence-notification`,
                { bucket: evidence.bucket, eventbridge: true },
                { parent: evidence, dependsOn: evidenceReady },
            );
            this.ready.push(notification);
        }
        this.registerOutputs({
            artifactBucketName: this.artifactBucketName,
            evidenceBucketName: this.evidenceBucketName,
        });
    }

    /** Returns what must exist before the bucket may be used. */
    private harden(
        name: string,
        part: string,
        bucket: aws.s3.Bucket,
        args: StorageArgs,
        policy: string,
    ): pulumi.Resource[] {
        const options = { parent: bucket };
        const publicAccess = new aws.s3.BucketPublicAccessBlock(
            `${name}-${part}-public-access`,
            {
                bucket: bucket.bucket,
                blockPublicAcls: true,
                blockPublicPolicy: true,
                ignorePublicAcls: true,
                restrictPublicBuckets: true,
            },
            options,
        );
        const ownership = new aws.s3.BucketOwnershipControls(
            `${name}-${part}-ownership`,
            { bucket: bucket.bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
            options,
        );
        const versioning = new aws.s3.BucketVersioning(
            `${name}-${part}-versioning`,
            { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
            options,
        );
        const encryption = new aws.s3.BucketServerSideEncryptionConfiguration(
            `${name}-${part}-encryption`,
            {
                bucket: bucket.bucket,
                rules: [
                    {
                        applyServerSideEncryptionByDefault: {
                            sseAlgorithm: "aws:kms",
                            kmsMasterKeyId: args.pipelineKey.arn,
                        },
                        bucketKeyEnabled: true,
                    },
                ],
            },
            options,
        );
        // S3 refuses a policy while the public access block is being changed (OperationAborted).
        const bucketPolicy = new aws.s3.BucketPolicy(
            `${name}-${part}-policy`,
            { bucket: bucket.bucket, policy },
            { ...options, dependsOn: [publicAccess, ownership] },
        );
        return [publicAccess, ownership, versioning, encryption, bucketPolicy];
    }
}
