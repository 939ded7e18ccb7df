import type { Rule } from "../../harness/rule";
import { approvalBeforeRelease, approvalBeforeStackRelease } from "./approvalBeforeRelease";
import { approvalDigestIsExported, approvalNamesDigest } from "./approvalNamesDigest";
import { approvalTimeout } from "./approvalTimeout";
import { approvalAnnounced, approvalHeard } from "./approvalWired";
import { artifactBucket } from "./artifactBucket";
import { artifactLineage, stackArtifactLineage } from "./artifactLineage";
import { artifactStoreKey } from "./artifactStoreKey";
import { executionMode } from "./executionMode";
import { falseSequencing, falseStackSequencing } from "./falseSequencing";
import { gateCannotBeSkipped } from "./gateCannotBeSkipped";
import { inspectorThresholds } from "./inspectorThresholds";
import { actionAccountsOfStack, oneDeployment } from "./oneDeployment";
import { pipelineVersion } from "./pipelineVersion";
import { protectedSource } from "./protectedSource";
import { pullRequestTriggers, stackPullRequestTriggers } from "./pullRequestTriggers";
import { referencesExist } from "./referencesExist";
import { releaseNotices } from "./releaseNotices";
import { reviewReach } from "./reviewReach";
import { scanApproveReleaseOrder, scanApproveStackReleaseOrder } from "./scanApproveReleaseOrder";
import { scanBeforeRelease, scanProvenBeforeRelease } from "./scanBeforeRelease";
import { secretsInConfiguration } from "./secretsInConfiguration";
import { separateIdentities } from "./separateIdentities";
import { sourceVerified } from "./sourceVerified";
import { twoPersonReview } from "./twoPersonReview";
import { webhookAuthentication } from "./webhookAuthentication";

export const codepipelineRules: Rule[] = [
    scanBeforeRelease,
    scanProvenBeforeRelease,
    approvalBeforeRelease,
    approvalBeforeStackRelease,
    scanApproveReleaseOrder,
    scanApproveStackReleaseOrder,
    falseSequencing,
    falseStackSequencing,
    approvalAnnounced,
    approvalHeard,
    approvalNamesDigest,
    approvalDigestIsExported,
    approvalTimeout,
    gateCannotBeSkipped,
    executionMode,
    artifactLineage,
    stackArtifactLineage,
    artifactStoreKey,
    artifactBucket,
    protectedSource,
    sourceVerified,
    secretsInConfiguration,
    separateIdentities,
    pipelineVersion,
    pullRequestTriggers,
    stackPullRequestTriggers,
    referencesExist,
    releaseNotices,
    oneDeployment,
    actionAccountsOfStack,
    webhookAuthentication,
    inspectorThresholds,
    reviewReach,
    twoPersonReview,
];
