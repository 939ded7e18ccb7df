import type { Rule } from "../../harness/rule";

export const s3Rules: Rule[] = [];
