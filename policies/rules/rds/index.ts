import type { Rule } from "../../harness/rule";
import { encryption } from "./encryption";
import { isolatedDatabase } from "./isolatedDatabase";
import { generatedMasterPassword, masterPassword } from "./masterPassword";
import { privateDatabase } from "./privateDatabase";
import { savedDatabase } from "./savedDatabase";
import { tlsDatabase } from "./tlsDatabase";

export const rdsRules: Rule[] = [
    privateDatabase,
    isolatedDatabase,
    encryption,
    masterPassword,
    generatedMasterPassword,
    savedDatabase,
    tlsDatabase,
];
