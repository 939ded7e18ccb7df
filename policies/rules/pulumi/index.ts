import type { Rule } from "../../harness/rule";
import { minimumCoverage } from "./minimumCoverage";

export const pulumiRules: Rule[] = [minimumCoverage];
