/** All rules of the pack, by family. A rule that is not listed here does not exist. */
import type { Rule } from "./harness/rule";
import { ecrRules } from "./rules/ecr";

export const rules: readonly Rule[] = [...ecrRules];
