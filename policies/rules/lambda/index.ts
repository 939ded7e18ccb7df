import type { Rule } from "../../harness/rule";

export const lambdaRules: Rule[] = [];
