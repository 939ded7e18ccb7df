/** Permissions as lines that can be compared, and the groups of them that many roles of the example have. */
import { exampleContext } from "../../application/testing/examplePlatform";
import type { Statement } from "../../iamStatement";

/** One line for each permission: `Effect action resource {condition}`, in a stable order. */
export function permissions(statements: Statement[]): string[] {
    return statements
        .flatMap(({ Effect, Action, Resource, Condition }) =>
            Action.flatMap((action) =>
                Resource.map((resource) =>
                    [Effect, action, resource, ...(Condition ? [JSON.stringify(Condition)] : [])].join(" "),
                ),
            ),
        )
        .sort();
}

export const logs = (name: string) => [
    `Allow logs:CreateLogStream arn:aws:logs:eu-central-1:123456789012:log-group:/aws/codebuild/portcullis-dev-demo-${name}:log-stream:*`,
    `Allow logs:PutLogEvents arn:aws:logs:eu-central-1:123456789012:log-group:/aws/codebuild/portcullis-dev-demo-${name}:log-stream:*`,
];
const { source, image } = exampleContext().names.artifacts;
export const artifact = (name: string) => `arn:aws:s3:::example-artifacts/portcullis-dev-demo-*/${name}/*`;
export const readBucket = [
    "Allow s3:GetBucketAcl arn:aws:s3:::example-artifacts",
    "Allow s3:GetBucketLocation arn:aws:s3:::example-artifacts",
];
export const readImage = [
    ...readBucket,
    `Allow s3:GetObject ${artifact(image)}`,
    `Allow s3:GetObjectVersion ${artifact(image)}`,
];
export const readSource = [
    ...readBucket,
    `Allow s3:GetObject ${artifact(source)}`,
    `Allow s3:GetObjectVersion ${artifact(source)}`,
    "Allow codecommit:GitPull arn:aws:codecommit:eu-central-1:123456789012:portcullis-dev-demo",
];
export const readGate = ["Allow s3:GetObject arn:aws:s3:::example-artifacts/gate/*"];
export const key = (action: string, alias = "pipeline") =>
    `Allow kms:${action} arn:aws:kms:eu-central-1:123456789012:key/* ` +
    `{"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/example-${alias}"}}`;
/** Of the key that signs releases. */
export const signingKey = (action: string) =>
    `Allow kms:${action} arn:aws:kms:eu-central-1:123456789012:key/* ` +
    `{"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/portcullis-dev-signing"}}`;
export const token = ["Allow ecr:GetAuthorizationToken *"];
export const repository = (tier: string) =>
    `arn:aws:ecr:eu-central-1:123456789012:repository/portcullis-dev-demo-${tier}`;
export const pull = (tier: string) =>
    ["BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"].map(
        (action) => `Allow ecr:${action} ${repository(tier)}`,
    );
export const push = (tier: string) =>
    [
        "BatchCheckLayerAvailability",
        "BatchGetImage",
        "CompleteLayerUpload",
        "InitiateLayerUpload",
        "PutImage",
        "UploadLayerPart",
    ].map((action) => `Allow ecr:${action} ${repository(tier)}`);
export const addEvidence = (place: string) => [
    `Allow s3:PutObject arn:aws:s3:::example-evidence/demo/${place} {"Null":{"s3:if-none-match":"false"}}`,
    `Allow s3:GetObject arn:aws:s3:::example-evidence/demo/${place}`,
];
export const readEvidence = [
    "Allow s3:GetObject arn:aws:s3:::example-evidence/demo/sha256-*/*/*",
    "Allow s3:ListBucket arn:aws:s3:::example-evidence",
];
