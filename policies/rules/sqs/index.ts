import type { Rule } from "../../harness/rule";
import { deadLetterQueue } from "./deadLetterQueue";
import { protectedQueue } from "./protectedQueue";

export const sqsRules: Rule[] = [protectedQueue, deadLetterQueue];
