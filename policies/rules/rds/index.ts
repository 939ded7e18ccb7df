import type { Rule } from "../../harness/rule";
import { encryption } from "./encryption";
import { isolatedDatabase, privateDatabase } from "./privateDatabase";

export const rdsRules: Rule[] = [privateDatabase, isolatedDatabase, encryption];
