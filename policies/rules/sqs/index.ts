import type { Rule } from "../../harness/rule";
import { protectedQueue } from "./protectedQueue";

export const sqsRules: Rule[] = [protectedQueue];
