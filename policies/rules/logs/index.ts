import type { Rule } from "../../harness/rule";

export const logsRules: Rule[] = [];
