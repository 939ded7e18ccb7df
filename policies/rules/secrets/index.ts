import type { Rule } from "../../harness/rule";

export const secretsRules: Rule[] = [];
