/** All rules of the pack, by family. A rule that is not listed here does not exist. */
import type { Rule } from "./harness/rule";
import { ecrRules } from "./rules/ecr";
import { ecsRules } from "./rules/ecs";
import { launchTemplateRules } from "./rules/launchtemplate";
import { pulumiRules } from "./rules/pulumi";

export const rules: readonly Rule[] = [...ecrRules, ...ecsRules, ...launchTemplateRules, ...pulumiRules];
