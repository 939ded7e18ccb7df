import type { Rule } from "../../harness/rule";

export const eventbridgeRules: Rule[] = [];
