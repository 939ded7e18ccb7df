/** Examples of PIPE-12. */
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import {
    allow,
    completeStages,
    pipelineExample,
    projectExample,
    roleExample,
} from "../../pipeline/exampleResources";
import { bucketWith, companionWith } from "../s3/bucket";

const bucketName = "bucket-of-example";
const objects = `arn:aws:s3:::${bucketName}/*`;
const pipeline = (location: unknown = bucketName): ExampleResource =>
    pipelineExample(completeStages, {
        roleArn: "arn:aws:iam::123456789012:role/pipeline-role",
        artifactStores: [{ location, type: "S3" }],
    });
const bucket = bucketWith({ forceDestroy: false });
const overTls = {
    Statement: [
        {
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [`arn:aws:s3:::${bucketName}`, objects],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
    ],
};
const closed = companionWith("publicAccess", {
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
});
/** Everything that S3-01 to S3-06 ask for, without the access log: that is of low severity. */
const hardening: ExampleResource[] = [
    closed,
    companionWith("versioning", { versioningConfiguration: { status: "Enabled" } }),
    companionWith("encryption", {
        rules: [
            {
                applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: unknown },
                bucketKeyEnabled: true,
            },
        ],
    }),
    companionWith("policy", { policy: JSON.stringify(overTls) }),
    companionWith("lifecycle", {
        rules: [
            { id: "parts", status: "Enabled", abortIncompleteMultipartUpload: { daysAfterInitiation: 7 } },
        ],
    }),
    companionWith("ownership", { rule: { objectOwnership: "BucketOwnerEnforced" } }),
];
const put = (name: string, resource = objects): ExampleResource =>
    roleExample(name, [allow(["s3:GetObject", "s3:PutObject"], resource)]);
const writers = [put("pipeline-role"), put("build-role"), projectExample("build", undefined)];
const without = (name: string): ExampleResource[] => hardening.filter((each) => each.name !== name);
const bad: RuleExample["expect"] = [{ resource: "bucket", kind: "violation" }];
const open: RuleExample["expect"] = [{ resource: "pipeline", kind: "inconclusive" }];

export const artifactBucketExamples: RuleExample[] = [
    {
        title: "no access block",
        shows: "absent",
        resources: [pipeline(), bucket, ...without("publicAccess"), ...writers],
        expect: bad,
    },
    {
        title: "nothing of what hardens a bucket",
        shows: "bad",
        resources: [pipeline(), bucket],
        expect: bad,
    },
    {
        title: "objects over plain HTTP",
        shows: "bad",
        resources: [pipeline(), bucket, ...without("policy"), ...writers],
        expect: bad,
    },
    {
        title: "one without versions is advice",
        shows: "bad",
        resources: [pipeline(), bucket, ...without("versioning"), ...writers],
        expect: bad,
    },
    {
        title: "a role of something else may write",
        shows: "bad",
        resources: [pipeline(), bucket, ...hardening, ...writers, put("web-role")],
        expect: bad,
    },
    {
        title: "it may write every bucket",
        shows: "bad",
        resources: [pipeline(), bucket, ...hardening, ...writers, put("web-role", "*")],
        expect: bad,
    },
    {
        title: "hardened, and written by the pipeline and its builds",
        shows: "good",
        resources: [pipeline(), bucket, ...hardening, ...writers, put("web-role", "arn:aws:s3:::other/*")],
        expect: [],
    },
    {
        title: "a role that only CodeBuild may assume, whatever runs as it",
        shows: "good",
        resources: [
            pipeline(),
            bucket,
            ...hardening,
            ...writers,
            {
                ...put("spare-role"),
                props: {
                    ...put("spare-role").props,
                    assumeRolePolicy: {
                        Statement: [
                            {
                                Effect: "Allow",
                                Principal: { Service: "codebuild.amazonaws.com" },
                                Action: "sts:AssumeRole",
                            },
                        ],
                    },
                },
            },
        ],
        expect: [],
    },
    {
        title: "the bucket is told by the dependencies",
        shows: "good",
        resources: [
            { ...pipeline(unknown), propertyDependencies: { artifactStores: ["bucket"] } },
            bucket,
            ...hardening,
            ...writers,
        ],
        expect: [],
    },
    {
        title: "declared to live elsewhere",
        shows: "good",
        configuration: { externalReferences: ["shared-artifacts"] },
        resources: [pipeline("shared-artifacts")],
        expect: [],
    },
    {
        title: "a bucket that is not in the stack does not hide the next pipeline's",
        shows: "unknown",
        resources: [
            pipeline("elsewhere"),
            { ...pipeline(), name: "last" },
            bucket,
            ...without("publicAccess"),
            ...writers,
        ],
        expect: [...open, ...bad],
    },
    { title: "stores that are not known yet", shows: "unknown", resources: [pipelineExample(completeStages, { artifactStores: unknown })], expect: open }, // prettier-ignore
    {
        title: "whether the access block is of this bucket is not known yet",
        shows: "unknown",
        resources: [
            pipeline(),
            bucket,
            ...without("publicAccess"),
            { ...closed, propertyDependencies: {} },
            ...writers,
        ],
        expect: [{ resource: "bucket", kind: "inconclusive" }],
    },
];
