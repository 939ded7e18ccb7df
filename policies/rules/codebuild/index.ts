import type { Rule } from "../../harness/rule";
import { boundedBuilds } from "./boundedBuilds";
import { buildImage } from "./buildImage";
import { buildLogs } from "./buildLogs";
import { encryptedOutput } from "./encryptedOutput";
import { encryptedReports } from "./encryptedReports";
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
    encryptedOutput,
    buildLogs,
    buildImage,
    privateProject,
    trustedBuildspec,
    boundedBuilds,
    projectRoles,
    webhookFilters,
    sourceToken,
    encryptedReports,
    exportedDigest,
];
