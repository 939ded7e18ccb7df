/** Key policies as literal JSON: who may administer a key, and which AWS services may use it for whom. */
import { accountRootArn, logGroupArn } from "../arn";
import type { Account } from "../naming";

/**
 * Administration without use: whoever may edit the key by IAM still cannot decrypt with it. Spelt out, because
 * `kms:*` for the account would let any role with broad permissions read everything (AWS KMS Developer Guide,
 * "Key administrators").
 */
export const administration = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
];

const use = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"];

/** A statement of a key policy; its resource is the key itself. */
export interface KeyStatement {
    Sid: string;
    Effect: "Allow";
    Principal: Record<string, string>;
    Action: string[];
    Resource: "*";
    Condition?: Record<string, Record<string, string | string[]>>;
}

/** Key policy as JSON. */
export function keyDocument(statements: KeyStatement[]): string {
    return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

function service(account: Account, name: string): string {
    return `${name}.${account.region}.${account.dnsSuffix}`;
}

function administer(account: Account): KeyStatement {
    return {
        Sid: "AdministerByIam",
        Effect: "Allow",
        Principal: { AWS: accountRootArn(account) },
        Action: administration,
        Resource: "*",
    };
}

/** Roles of the account, as far as IAM lets them, and only through the named services. */
function useThrough(account: Account, services: string[]): KeyStatement {
    return {
        Sid: "UseThroughServices",
        Effect: "Allow",
        Principal: { AWS: accountRootArn(account) },
        Action: use,
        Resource: "*",
        Condition: { StringEquals: { "kms:ViaService": services.map((name) => service(account, name)) } },
    };
}

/**
 * A service that keeps working with a key after the request uses a grant; only grants to services can be made. Retiring
 * has a statement of its own because KMS does not know the condition there.
 */
function grantThrough(account: Account, services: string[]): KeyStatement[] {
    const base = {
        Effect: "Allow" as const,
        Principal: { AWS: accountRootArn(account) },
        Resource: "*" as const,
    };
    const through = { StringEquals: { "kms:ViaService": services.map((name) => service(account, name)) } };
    return [
        {
            ...base,
            Sid: "GrantToService",
            Action: ["kms:CreateGrant"],
            Condition: { ...through, Bool: { "kms:GrantIsForAWSResource": "true" } },
        },
        { ...base, Sid: "RetireGrantOfService", Action: ["kms:RetireGrant"], Condition: through },
    ];
}

/**
 * CloudWatch Logs encrypts with the key for the log groups whose names begin so, and for no other (CloudWatch Logs
 * User Guide, "Encrypt log data", condition on the encryption context).
 */
function encryptLogs(account: Account, beginnings: string[]): KeyStatement {
    return {
        Sid: "EncryptLogs",
        Effect: "Allow",
        Principal: { Service: service(account, "logs") },
        Action: use,
        Resource: "*",
        Condition: {
            ArnLike: {
                "kms:EncryptionContext:aws:logs:arn": beginnings.map((name) =>
                    logGroupArn(account, `${name}*`),
                ),
            },
        },
    };
}

/**
 * CloudWatch encrypts what its alarms of this account publish to an encrypted topic (Amazon SNS Developer Guide, "Enable
 * compatibility between event sources from AWS services and encrypted topics"). Without it alarms vanish in silence.
 */
function publishAlarms(account: Account): KeyStatement {
    return {
        Sid: "PublishAlarms",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
        Resource: "*",
        Condition: { StringEquals: { "aws:SourceAccount": account.accountId } },
    };
}

/**
 * AWS CodeStar Notifications encrypts what it publishes to an encrypted topic, through Amazon SNS only (Developer Tools
 * console User Guide, "Troubleshooting notifications").
 */
function publishNotifications(account: Account): KeyStatement {
    return {
        Sid: "PublishNotifications",
        Effect: "Allow",
        Principal: { Service: "codestar-notifications.amazonaws.com" },
        Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
        Resource: "*",
        Condition: { StringEquals: { "kms:ViaService": service(account, "sns") } },
    };
}

/**
 * Pipeline data: artifacts and evidence in S3, images in ECR, build output, approval messages, requests and decisions
 * in DynamoDB, settings of the gate's functions, logs of builds, of these functions and of the network.
 *
 * DynamoDB, Lambda and ECR keep working with the key after the request that named it, by a grant: DynamoDB for the
 * table's upkeep, Lambda to decrypt a function's environment when it starts.
 */
export function pipelineKeyPolicy(account: Account, prefix: string): string {
    return keyDocument([
        administer(account),
        useThrough(account, ["s3", "ecr", "codebuild", "codepipeline", "sns", "dynamodb", "lambda"]),
        ...grantThrough(account, ["ecr", "dynamodb", "lambda"]),
        encryptLogs(account, [`${prefix}-`, `/aws/codebuild/${prefix}-`, `/aws/lambda/${prefix}-`]),
        publishAlarms(account),
        publishNotifications(account),
    ]);
}

/**
 * Anchore's data: database, disks of the instances, parameters with secrets, logs.
 *
 * The disks are created by Amazon EC2 Auto Scaling's service-linked role. It gets its access as the AWS managed key
 * `aws/ebs` grants it: any principal of this account, only through EC2. So the policy does not name a role that may not
 * exist yet, which KMS would refuse.
 */
export function anchoreKeyPolicy(account: Account, prefix: string): string {
    const throughEc2 = {
        StringEquals: {
            "kms:CallerAccount": account.accountId,
            "kms:ViaService": service(account, "ec2"),
        },
    };
    return keyDocument([
        administer(account),
        useThrough(account, ["rds", "ssm"]),
        ...grantThrough(account, ["rds"]),
        {
            Sid: "EncryptDisks",
            Effect: "Allow",
            Principal: { AWS: "*" },
            Action: use,
            Resource: "*",
            Condition: throughEc2,
        },
        {
            Sid: "GrantDisks",
            Effect: "Allow",
            Principal: { AWS: "*" },
            Action: ["kms:CreateGrant"],
            Resource: "*",
            Condition: { ...throughEc2, Bool: { "kms:GrantIsForAWSResource": "true" } },
        },
        encryptLogs(account, [`${prefix}-`, `/aws/rds/instance/${prefix}-`]),
    ]);
}
