import type { Rule } from "../../harness/rule";
import { validExemptions } from "./exemptions";
import { minimumCoverage } from "./minimumCoverage";
import { unknownLimit } from "./unknownLimit";

export const pulumiRules: Rule[] = [validExemptions, minimumCoverage, unknownLimit];
