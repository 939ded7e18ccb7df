/** Statements that several roles share. Each grants one ability, named by its Sid, on literal resources. */
import { artifactKeys, type RepositoryNames, type StepNames } from "../application/applicationNames";
import type { LiteralPlatform } from "../application/platform";
import { anyKeyArn, bucketArn, logStreamsArn, objectArn, parameterArn, usingKeyAlias } from "../arn";
import type { ScanStage } from "../../gate/policy/scanStage";
import type { ScannerName } from "../../gate/report/scanReport";
import type { Account } from "../naming";
import type { Statement } from "../iamStatement";

function allow(
    Sid: string,
    Action: string[],
    Resource: string[],
    Condition?: Statement["Condition"],
): Statement {
    return { Sid, Effect: "Allow", Action, Resource, ...(Condition === undefined ? {} : { Condition }) };
}

/** The log group exists before the role is used, so `logs:CreateLogGroup` is not needed. */
export function writeOwnLog(account: Account, step: StepNames): Statement {
    return allow(
        "WriteOwnLog",
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        [logStreamsArn(account, step.logGroup)],
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

/** Download the bundled gate and its policy. */
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

/** Evidence as `gate/evidence` files it, for permissions: a star stands for whatever is not fixed. */
function evidenceOf(platform: LiteralPlatform, application: string, place: string): string {
    return objectArn(platform.account, platform.evidenceBucketName, `${application}/${place}`);
}

/**
 * Add evidence in one place and read it back. The condition admits only requests with `If-None-Match`, so what is there
 * cannot be replaced (Amazon S3 User Guide, "Enforce conditional writes").
 */
function addEvidence(platform: LiteralPlatform, application: string, place: string): Statement[] {
    const own = evidenceOf(platform, application, place);
    return [
        allow("AddEvidence", ["s3:PutObject"], [own], { Null: { "s3:if-none-match": "false" } }),
        allow("ReadOwnEvidence", ["s3:GetObject"], [own]),
    ];
}

/** Evidence of one scanner in one stage, about any image of the application. */
export function addScanEvidence(
    platform: LiteralPlatform,
    application: string,
    scanner: ScannerName,
    stage: ScanStage,
): Statement[] {
    return addEvidence(platform, application, `sha256-*/${scanner}/*/${stage}/*`);
}

/**
 * Read every scanner's evidence about the application. Listing is what makes S3 answer 404, and not 403, for a report
 * that is missing, so that the gate can say which one.
 */
export function readEvidence(platform: LiteralPlatform, application: string): Statement[] {
    return [
        allow("ReadEvidence", ["s3:GetObject"], [evidenceOf(platform, application, "sha256-*/*/*")]),
        allow("ListEvidence", ["s3:ListBucket"], [bucketArn(platform.account, platform.evidenceBucketName)]),
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
