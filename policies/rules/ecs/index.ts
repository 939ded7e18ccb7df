import type { Rule } from "../../harness/rule";
import { circuitBreaker } from "./circuitBreaker";
import { nonRootUser } from "./nonRootUser";
import { pinnedImages } from "./pinnedImages";
import { plainSecrets } from "./plainSecrets";

export const ecsRules: Rule[] = [pinnedImages, nonRootUser, plainSecrets, circuitBreaker];
