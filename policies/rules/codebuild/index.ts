import type { Rule } from "../../harness/rule";
import { buildImage } from "./buildImage";
import { exportedDigest } from "./exportedDigest";
import { plaintextSecrets } from "./plaintextSecrets";
import { privateProject } from "./privateProject";
import { privilegedMode } from "./privilegedMode";
import { projectRoles } from "./projectRoles";
import { sourceCredentialsInUrl } from "./sourceCredentialsInUrl";
import { sourceToken } from "./sourceToken";
import { trustedBuildspec } from "./trustedBuildspec";
import { webhookFilters } from "./webhookFilters";

export const codebuildRules: Rule[] = [
    privilegedMode,
    plaintextSecrets,
    sourceCredentialsInUrl,
    buildImage,
    privateProject,
    trustedBuildspec,
    projectRoles,
    webhookFilters,
    sourceToken,
    exportedDigest,
];
