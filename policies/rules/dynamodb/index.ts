import type { Rule } from "../../harness/rule";

export const dynamodbRules: Rule[] = [];
