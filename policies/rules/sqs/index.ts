import type { Rule } from "../../harness/rule";

export const sqsRules: Rule[] = [];
