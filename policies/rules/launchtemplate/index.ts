import type { Rule } from "../../harness/rule";
import { encryptedVolumes } from "./encryptedVolumes";
import { instanceMetadata } from "./instanceMetadata";
import { instanceProfile } from "./instanceProfile";
import { metadataHops } from "./metadataHops";
import { privateAddresses } from "./privateAddresses";
import { reachableInstances } from "./reachableInstances";
import { userData } from "./userData";

export const launchTemplateRules: Rule[] = [
    instanceMetadata,
    metadataHops,
    encryptedVolumes,
    privateAddresses,
    userData,
    reachableInstances,
    instanceProfile,
];
