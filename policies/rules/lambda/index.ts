import type { Rule } from "../../harness/rule";
import { functionUrl } from "./functionUrl";
import { invokeGrants } from "./invokeGrants";
import { plainSecrets } from "./plainSecrets";
import { supportedRuntime } from "./supportedRuntime";

export const lambdaRules: Rule[] = [supportedRuntime, plainSecrets, invokeGrants, functionUrl];
