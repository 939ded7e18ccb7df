import type { Rule } from "../../harness/rule";

export const gateRules: Rule[] = [];
