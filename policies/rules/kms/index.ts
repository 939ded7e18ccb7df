import type { Rule } from "../../harness/rule";

export const kmsRules: Rule[] = [];
