import type { Rule } from "../../harness/rule";

export const snsRules: Rule[] = [];
