import type { Rule } from "../../harness/rule";
import { detectiveServices } from "./detectiveServices";
import { validExemptions } from "./exemptions";
import { ignoredChanges } from "./ignoredChanges";
import { minimumCoverage } from "./minimumCoverage";
import { protectedResource, protectedStores } from "./protectedResources";
import { providerSettings } from "./provider";
import { requiredTags } from "./requiredTags";
import { unknownLimit } from "./unknownLimit";

export const pulumiRules: Rule[] = [
    ignoredChanges,
    protectedResource,
    protectedStores,
    providerSettings,
    requiredTags,
    validExemptions,
    minimumCoverage,
    unknownLimit,
    detectiveServices,
];
