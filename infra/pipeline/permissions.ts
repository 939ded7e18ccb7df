/** Statements that several roles share. Each grants one ability, named by its Sid, on literal resources. */
import { artifactKeys, type RepositoryNames, type StepNames } from "../application/applicationNames";
import type { LiteralPlatform } from "../application/platform";
import { anyKeyArn, bucketArn, logStreamsArn, objectArn, parameterArn, usingKeyAlias } from "../arn";
import type { Account } from "../naming";
import type { Statement } from "../iamStatement";

/** One statement that allows. */
export function allow(
    Sid: string,
    Action: string[],
    Resource: string[],
    Condition?: Statement["Condition"],
): Statement {
    return { Sid, Effect: "Allow", Action, Resource, ...(Condition === undefined ? {} : { Condition }) };
}

/** The log group exists before the role is used, so `logs:CreateLogGroup` is not needed. */
export function writeOwnLog(account: Account, { logGroup }: Pick<StepNames, "logGroup">): Statement {
    return allow(
        "WriteOwnLog",
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        [logStreamsArn(account, logGroup)],
    );
}

/**
 * Download one artifact of one pipeline. CodeBuild also looks at the bucket itself (AWS CodeBuild User Guide, "Allow
 * CodeBuild to interact with other AWS services").
 */
export function readArtifact(platform: LiteralPlatform, pipeline: string, artifact: string): Statement[] {
    const { account, artifactBucketName } = platform;
    return [
        allow(
            "ReadInputArtifact",
            ["s3:GetObject", "s3:GetObjectVersion"],
            [objectArn(account, artifactBucketName, artifactKeys(pipeline, artifact))],
        ),
        allow(
            "ReadBucketSettings",
            ["s3:GetBucketAcl", "s3:GetBucketLocation"],
            [bucketArn(account, artifactBucketName)],
        ),
    ];
}

/** Upload one artifact of one pipeline. */
export function writeArtifact(platform: LiteralPlatform, pipeline: string, artifact: string): Statement {
    return allow(
        "WriteOutputArtifact",
        ["s3:PutObject"],
        [objectArn(platform.account, platform.artifactBucketName, artifactKeys(pipeline, artifact))],
    );
}

/** Download the pinned tools from the mirror, where one is configured. */
export function readTools({ account, config }: LiteralPlatform): Statement[] {
    const { mirror } = config.tools;
    if (mirror === undefined) return [];
    const [bucket = "", ...prefix] = mirror.slice("s3://".length).split("/");
    return [allow("ReadTools", ["s3:GetObject"], [objectArn(account, bucket, [...prefix, "*"].join("/"))])];
}

/** Ask which executions of the own pipeline there were before: their commits say where the pushed range begins. */
export function readExecutions(pipeline: { arn: string }): Statement {
    return allow("ReadExecutions", ["codepipeline:ListActionExecutions"], [pipeline.arn]);
}

/** Download the bundled gate, its policy and its rules. */
export function readGate(platform: LiteralPlatform): Statement {
    return allow(
        "ReadGate",
        ["s3:GetObject"],
        [objectArn(platform.account, platform.artifactBucketName, "gate/*")],
    );
}

/**
 * Use of one key for objects in S3: `kms:Decrypt` to read, `kms:GenerateDataKey` to write (Amazon S3 User Guide,
 * "Using server-side encryption with AWS KMS").
 */
export function useKey(
    account: Account,
    aliasName: string,
    use: "read" | "readAndWrite",
    sid = "UsePipelineKey",
): Statement {
    return allow(
        sid,
        use === "read" ? ["kms:Decrypt"] : ["kms:Decrypt", "kms:GenerateDataKey"],
        [anyKeyArn(account)],
        usingKeyAlias(aliasName),
    );
}

/** A registry token. Amazon ECR has no resource for this action; the token itself carries the role's permissions. */
export const registryToken: Statement = allow("RegistryToken", ["ecr:GetAuthorizationToken"], ["*"]);

export function pullImage(sid: string, repository: RepositoryNames): Statement {
    return allow(
        sid,
        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        [repository.arn],
    );
}

/** Download what a manifest names, where reading manifests is allowed already. */
export function readLayers(sid: string, repository: RepositoryNames): Statement {
    return allow(sid, ["ecr:GetDownloadUrlForLayer"], [repository.arn]);
}

/** Push, and read manifests back. Deleting is nobody's permission; the repository is immutable. */
export function pushImage(sid: string, repository: RepositoryNames): Statement {
    return allow(
        sid,
        [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:CompleteLayerUpload",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
        ],
        [repository.arn],
    );
}

/** Ask which digest a tag leads to. */
export function describeImages(sid: string, repository: RepositoryNames): Statement {
    return allow(sid, ["ecr:DescribeImages"], [repository.arn]);
}

/**
 * Ask for the findings of Amazon ECR's scan. With enhanced scanning ECR asks Amazon Inspector in the caller's name, so the
 * caller needs Inspector's list actions, which know no resources (Amazon ECR User Guide, "IAM permissions required for
 * enhanced scanning").
 */
export function readScanFindings(
    repositories: RepositoryNames[],
    scanType: "ENHANCED" | "BASIC",
): Statement[] {
    return [
        allow(
            "ReadScanFindings",
            ["ecr:DescribeImageScanFindings"],
            repositories.map(({ arn }) => arn),
        ),
        ...(scanType === "ENHANCED"
            ? [allow("ReadInspector", ["inspector2:ListCoverage", "inspector2:ListFindings"], ["*"])]
            : []),
    ];
}

/**
 * Parameters that the stack does not own, each with whatever key it is encrypted with: a key of the account may be used
 * for decrypting exactly these parameters, through Systems Manager only (AWS Systems Manager User Guide, "AWS KMS
 * encryption for Parameter Store SecureString parameters": the encryption context is `PARAMETER_ARN`).
 */
export function readSecrets(account: Account, paths: string[]): Statement[] {
    const { Resource } = readParameters(account, paths);
    return [
        readParameters(account, paths),
        allow("DecryptParameters", ["kms:Decrypt"], [anyKeyArn(account)], {
            StringEquals: {
                "kms:EncryptionContext:PARAMETER_ARN": Resource,
                "kms:ViaService": `ssm.${account.region}.${account.dnsSuffix}`,
            },
        }),
    ];
}

/** Parameters that CodeBuild resolves into environment variables. */
export function readParameters(account: Account, paths: string[]): Statement {
    return allow(
        "ReadParameters",
        ["ssm:GetParameters"],
        paths.map((path) => parameterArn(account, path)),
    );
}

/**
 * Network interfaces in the VPC. The describe actions know no resources; which subnet and security group are used is
 * fixed by the project, whose ids are not known at preview (AWS CodeBuild User Guide, "Allow CodeBuild access to AWS
 * services required to create a VPC network interface").
 */
export function joinNetwork(account: Account): Statement[] {
    const ec2 = (kind: string) =>
        `arn:${account.partition}:ec2:${account.region}:${account.accountId}:${kind}/*`;
    return [
        allow(
            "DescribeNetwork",
            [
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            ["*"],
        ),
        allow(
            "CreateInterface",
            ["ec2:CreateNetworkInterface"],
            [ec2("network-interface"), ec2("security-group"), ec2("subnet")],
        ),
        allow("DeleteInterface", ["ec2:DeleteNetworkInterface"], [ec2("network-interface")]),
        allow(
            "LendInterfaceToCodeBuild",
            ["ec2:CreateNetworkInterfacePermission"],
            [ec2("network-interface")],
            {
                StringEquals: { "ec2:AuthorizedService": "codebuild.amazonaws.com" },
            },
        ),
    ];
}
