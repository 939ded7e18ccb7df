import type { Rule } from "../../harness/rule";
import { privateFiles } from "./privateFiles";
import { protectedFiles } from "./protectedFiles";

export const efsRules: Rule[] = [protectedFiles, privateFiles];
