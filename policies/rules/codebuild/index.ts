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
import { privilegedUse } from "./privilegedUse";
import { projectRoles } from "./projectRoles";
import { scannerNetwork, scannerSubnets } from "./scannerNetwork";
import { sourceCredentialsInUrl } from "./sourceCredentialsInUrl";
import { sourceToken } from "./sourceToken";
import { trustedBuildspec } from "./trustedBuildspec";
import { cacheBucket, trustedCache } from "./trustedCache";
import { webhookFilters } from "./webhookFilters";

export const codebuildRules: Rule[] = [
    privilegedMode,
    privilegedUse,
    plaintextSecrets,
    sourceCredentialsInUrl,
    encryptedOutput,
    buildLogs,
    buildImage,
    privateProject,
    trustedBuildspec,
    boundedBuilds,
    scannerNetwork,
    scannerSubnets,
    projectRoles,
    webhookFilters,
    sourceToken,
    encryptedReports,
    trustedCache,
    cacheBucket,
    exportedDigest,
];
