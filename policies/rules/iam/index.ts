import type { Rule } from "../../harness/rule";
import { fullAccess } from "./fullAccess";
import { passRole } from "./passRole";
import { resourceWildcard } from "./resourceWildcard";
import { serviceWildcard } from "./serviceWildcard";

export const iamRules: Rule[] = [fullAccess, serviceWildcard, resourceWildcard, passRole];
