/** Accounts, identities, tags and what watches the account. */
import { z } from "zod";

export const accountSettings = {
    trustedServices: z
        .array(z.string())
        .default(
            [
                ...["access-analyzer", "amplify", "apigateway", "appmesh", "apprunner", "appsync", "athena"],
                ...[
                    "application-autoscaling",
                    "autoscaling",
                    "backup",
                    "batch",
                    "bedrock",
                    "build.apprunner",
                ],
                ...["chatbot", "cloudformation", "cloudtrail", "cloudwatch", "codebuild", "codedeploy"],
                ...["codepipeline", "cognito-idp", "config", "datasync", "delivery.logs", "dlm", "dms", "ds"],
                ...[
                    "ec2",
                    "ecr",
                    "ecs",
                    "ecs-tasks",
                    "edgelambda",
                    "eks",
                    "eks-fargate-pods",
                    "elasticbeanstalk",
                ],
                ...[
                    "elasticfilesystem",
                    "elasticloadbalancing",
                    "elasticmapreduce",
                    "emr-serverless",
                    "events",
                ],
                ...[
                    "export.rds",
                    "firehose",
                    "fis",
                    "glue",
                    "grafana",
                    "guardduty",
                    "imagebuilder",
                    "inspector2",
                ],
                ...[
                    "iot",
                    "kinesisanalytics",
                    "lakeformation",
                    "lambda",
                    "logs",
                    "mediaconvert",
                    "monitoring.rds",
                ],
                ...[
                    "opensearchservice",
                    "osis",
                    "pipes",
                    "pods.eks",
                    "ram",
                    "rds",
                    "redshift",
                    "resources.cloudformation",
                ],
                ...[
                    "s3",
                    "batchoperations.s3",
                    "sagemaker",
                    "scheduler",
                    "secretsmanager",
                    "securityhub",
                    "ses",
                ],
                ...[
                    "servicecatalog",
                    "sns",
                    "spotfleet",
                    "sqs",
                    "ssm",
                    "states",
                    "storagegateway",
                    "synthetics",
                ],
                ...[
                    "tasks.apprunner",
                    "textract",
                    "transfer",
                    "vpc-flow-logs",
                    "vpc-lattice",
                    "wafv2",
                    "workspaces",
                ],
                ...["xray"],
            ].map((service) => `${service}.amazonaws.com`),
        )
        .describe('Services that may become roles (IAM-06). "*" stands for any text.'),
    ciRolePaths: z
        .array(z.string())
        .default(["/ci/*", "/cicd/*", "/pipeline/*", "/pipelines/*", "/deploy/*"])
        .describe(
            'Paths of roles that CI creates or changes; IAM-09 asks for a boundary there. "*" stands for any text.',
        ),
    permissionsBoundaries: z
        .array(z.string())
        .default(["arn:*:iam::*:policy/*boundary*", "arn:*:iam::*:policy/*Boundary*"])
        .describe('ARNs of the permissions boundaries that IAM-09 takes. "*" stands for any text.'),
    allowedRegions: z
        .array(z.string())
        .default([])
        .describe('Regions that a provider may name; any when empty (PUL-03). "*" stands for any text.'),
    allowedAccounts: z
        .array(z.string().regex(/^\d{12}$/, "is the number of an account, twelve digits"))
        .default([])
        .describe("Accounts that a provider has to list in allowedAccountIds; any when empty (PUL-03)."),
    requiredDefaultTags: z
        .array(z.string())
        .default([])
        .describe("Tags that a provider's defaultTags have to contain (PUL-03)."),
    requiredTags: z
        .array(z.string())
        .default(["owner"])
        .describe(
            "Tags that every taggable resource has, of its own or by its provider (PUL-04). Neither case nor hyphens, " +
                'underscores and colons count, and "*" stands for any text.',
        ),
    externalDetectiveServices: z
        .strictObject({
            cloudTrail: z.string().default(""),
            guardDuty: z.string().default(""),
            securityHub: z.string().default(""),
            inspector: z.string().default(""),
        })
        .prefault({})
        .describe("Who keeps the services that watch the account, where it is another stack (PUL-08)."),
    gateAdministrators: z
        .array(z.string())
        .default([])
        .describe(
            'Names or ARNs of people\'s roles that may change the gate (BYP-03). "*" stands for any text.',
        ),
    approverRoles: z
        .array(z.string())
        .default([])
        .describe('Names or ARNs of the roles that may answer an approval. "*" stands for any text.'),
    logRetentionDays: z
        .number()
        .int()
        .min(1)
        .max(3_653)
        .default(365)
        .describe(
            "Days that log groups keep their entries at least (LOG-01). In disposable stacks any limit will do.",
        ),
};
