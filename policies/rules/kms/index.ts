import type { Rule } from "../../harness/rule";
import { consumersAdmitted } from "./consumersAdmitted";
import { deletion } from "./deletion";
import { keyPolicy, keyPolicyPresent } from "./keyPolicy";
import { rotation } from "./rotation";

export const kmsRules: Rule[] = [rotation, keyPolicy, keyPolicyPresent, deletion, consumersAdmitted];
