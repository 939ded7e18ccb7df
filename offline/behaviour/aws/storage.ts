/** Storage and keys: S3, KMS, SSM parameters, Secrets Manager, DynamoDB. */
import { arn, hex, keyedBy, named, physicalName, text, uuid } from "../behaviour";
import type { BehaviourContext, BehaviourTable } from "../behaviour";

/** Streams are labelled by the moment they were switched on. */
const streamLabel = "2026-01-01T00:00:00.000";

function bucketArn(context: BehaviourContext, bucket: string): string {
    return `arn:${context.account.partition}:s3:::${bucket}`;
}

function object(context: BehaviourContext): string {
    return `${text(context, "bucket") ?? ""}/${text(context, "key") ?? ""}`;
}

const bucketObject = {
    id: object,
    outputs: (context: BehaviourContext) => ({
        arn: bucketArn(context, object(context)),
        etag: hex(context, 32, "etag"),
        versionId: hex(context, 32, "version"),
        contentType: "application/octet-stream",
        storageClass: "STANDARD",
        serverSideEncryption: "AES256",
        bucketKeyEnabled: false,
        kmsKeyId: "",
    }),
};

export const storage: BehaviourTable = {
    "aws:s3/bucket:Bucket": {
        id: (context) => physicalName(context, "bucket"),
        outputs: (context, bucket) => ({
            bucket,
            arn: bucketArn(context, bucket),
            bucketDomainName: `${bucket}.s3.${context.account.dnsSuffix}`,
            bucketRegionalDomainName: `${bucket}.s3.${context.account.region}.${context.account.dnsSuffix}`,
            bucketRegion: context.account.region,
            objectLockEnabled: false,
            requestPayer: "BucketOwner",
        }),
    },
    "aws:s3/bucketVersioning:BucketVersioning": keyedBy("bucket"),
    "aws:s3/bucketPolicy:BucketPolicy": keyedBy("bucket"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": keyedBy("bucket"),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration":
        keyedBy("bucket"),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": keyedBy("bucket"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": keyedBy("bucket", () => ({
        expectedBucketOwner: "",
        transitionDefaultMinimumObjectSize: "all_storage_classes_128K",
    })),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": keyedBy("bucket"),
    "aws:s3/bucketLogging:BucketLogging": keyedBy("bucket"),
    "aws:s3/bucketAcl:BucketAcl": {
        id: (context) => `${text(context, "bucket") ?? ""},${text(context, "acl") ?? ""}`,
    },
    "aws:s3/bucketNotification:BucketNotification": keyedBy("bucket"),
    "aws:s3/bucketObject:BucketObject": bucketObject,
    "aws:s3/bucketObjectv2:BucketObjectv2": bucketObject,
    "aws:kms/key:Key": {
        id: (context) => uuid(context),
        outputs: (context, keyId) => ({
            keyId,
            arn: arn(context, "kms", `key/${keyId}`),
            description: "",
            multiRegion: false,
            rotationPeriodInDays: 365,
        }),
    },
    "aws:kms/alias:Alias": {
        id: (context) => physicalName(context),
        outputs: (context, name) => {
            const target = text(context, "targetKeyId") ?? "";
            return {
                name,
                arn: arn(context, "kms", name),
                targetKeyArn: target.startsWith("arn:") ? target : arn(context, "kms", `key/${target}`),
            };
        },
    },
    "aws:kms/keyPolicy:KeyPolicy": keyedBy("keyId"),
    "aws:ssm/parameter:Parameter": named(
        (context, name) => arn(context, "ssm", `parameter${name.startsWith("/") ? "" : "/"}${name}`),
        (context) => ({
            dataType: "text",
            tier: "Standard",
            version: 1,
            hasValueWo: false,
            keyId: text(context, "type") === "SecureString" ? "alias/aws/ssm" : "",
        }),
    ),
    "aws:secretsmanager/secret:Secret": {
        id: (context) => secretArn(context),
        outputs: (context, id) => ({ arn: id, name: physicalName(context) }),
    },
    "aws:secretsmanager/secretVersion:SecretVersion": {
        id: (context) => `${text(context, "secretId") ?? ""}|${uuid(context)}`,
        outputs: (context) => ({
            arn: text(context, "secretId") ?? "",
            secretArn: text(context, "secretId") ?? "",
            versionId: uuid(context),
            versionStages: ["AWSCURRENT"],
            hasSecretStringWo: false,
        }),
    },
    "aws:dynamodb/table:Table": named(
        (context, name) => arn(context, "dynamodb", `table/${name}`),
        (context, name) => {
            const streams = context.inputs["streamEnabled"] === true;
            const onDemand = text(context, "billingMode") === "PAY_PER_REQUEST";
            return {
                streamArn: streams ? arn(context, "dynamodb", `table/${name}/stream/${streamLabel}`) : "",
                streamLabel: streams ? streamLabel : "",
                streamViewType: "",
                readCapacity: 0,
                writeCapacity: 0,
                attributes: [],
                globalSecondaryIndexes: [],
                pointInTimeRecovery: { enabled: false, recoveryPeriodInDays: 0 },
                serverSideEncryption: { enabled: false, kmsKeyArn: "" },
                ttl: { enabled: false, attributeName: "" },
                // What a new table carries at once: on demand by AWS's default, else by its capacity.
                ...(onDemand
                    ? { warmThroughput: { readUnitsPerSecond: 12_000, writeUnitsPerSecond: 4_000 } }
                    : {}),
            };
        },
    ),
    "aws:dynamodb/resourcePolicy:ResourcePolicy": keyedBy("resourceArn", (context) => ({
        revisionId: String(parseInt(hex(context, 12, "revision"), 16)),
        confirmRemoveSelfResourceAccess: false,
    })),
};

function secretArn(context: BehaviourContext): string {
    return arn(context, "secretsmanager", `secret:${physicalName(context)}-${hex(context, 6, "suffix")}`);
}
