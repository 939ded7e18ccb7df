import type { Rule } from "../../harness/rule";
import { adminManagedPolicies } from "./adminPolicies";
import { boundaries } from "./boundaries";
import { complements } from "./complements";
import { decryptWithAnyKey } from "./decryptWithAnyKey";
import { fullAccess } from "./fullAccess";
import { managementMode } from "./managementMode";
import { passRole } from "./passRole";
import { resourceWildcard } from "./resourceWildcard";
import { serviceWildcard } from "./serviceWildcard";
import { soundDocuments } from "./soundDocuments";
import { trustPolicy } from "./trustPolicy";
import { users } from "./users";

export const iamRules: Rule[] = [
    fullAccess,
    serviceWildcard,
    resourceWildcard,
    passRole,
    complements,
    trustPolicy,
    adminManagedPolicies,
    users,
    boundaries,
    managementMode,
    decryptWithAnyKey,
    soundDocuments,
];
