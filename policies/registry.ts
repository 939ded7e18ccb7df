/** All rules of the pack, by family. A rule that is not listed here does not exist. */
import type { Rule } from "./harness/rule";
import { albRules } from "./rules/alb";
import { autoscalingRules } from "./rules/autoscaling";
import { buildspecRules } from "./rules/buildspec";
import { bypassRules } from "./rules/bypass";
import { codebuildRules } from "./rules/codebuild";
import { codepipelineRules } from "./rules/codepipeline";
import { dynamodbRules } from "./rules/dynamodb";
import { ecrRules } from "./rules/ecr";
import { ecsRules } from "./rules/ecs";
import { efsRules } from "./rules/efs";
import { eventbridgeRules } from "./rules/eventbridge";
import { gateRules } from "./rules/gate";
import { iamRules } from "./rules/iam";
import { kmsRules } from "./rules/kms";
import { lambdaRules } from "./rules/lambda";
import { launchTemplateRules } from "./rules/launchtemplate";
import { logsRules } from "./rules/logs";
import { pulumiRules } from "./rules/pulumi";
import { rdsRules } from "./rules/rds";
import { s3Rules } from "./rules/s3";
import { secretsRules } from "./rules/secrets";
import { snsRules } from "./rules/sns";
import { sqsRules } from "./rules/sqs";
import { vpcRules } from "./rules/vpc";

export const rules: readonly Rule[] = [
    ...ecrRules,
    ...codepipelineRules,
    ...gateRules,
    ...codebuildRules,
    ...buildspecRules,
    ...iamRules,
    ...bypassRules,
    ...ecsRules,
    ...albRules,
    ...vpcRules,
    ...rdsRules,
    ...efsRules,
    ...launchTemplateRules,
    ...autoscalingRules,
    ...lambdaRules,
    ...snsRules,
    ...sqsRules,
    ...eventbridgeRules,
    ...dynamodbRules,
    ...s3Rules,
    ...kmsRules,
    ...secretsRules,
    ...logsRules,
    ...pulumiRules,
];
