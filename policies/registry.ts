/** All rules of the pack, by family. A rule that is not listed here does not exist. */
import type { Rule } from "./harness/rule";
import { albRules } from "./rules/alb";
import { buildspecRules } from "./rules/buildspec";
import { bypassRules } from "./rules/bypass";
import { codebuildRules } from "./rules/codebuild";
import { codepipelineRules } from "./rules/codepipeline";
import { ecrRules } from "./rules/ecr";
import { ecsRules } from "./rules/ecs";
import { gateRules } from "./rules/gate";
import { iamRules } from "./rules/iam";
import { launchTemplateRules } from "./rules/launchtemplate";
import { pulumiRules } from "./rules/pulumi";
import { rdsRules } from "./rules/rds";
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
    ...launchTemplateRules,
    ...pulumiRules,
];
