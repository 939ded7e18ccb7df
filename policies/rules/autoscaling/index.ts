import type { Rule } from "../../harness/rule";

export const autoscalingRules: Rule[] = [];
