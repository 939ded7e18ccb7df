import type { Rule } from "../../harness/rule";

export const efsRules: Rule[] = [];
