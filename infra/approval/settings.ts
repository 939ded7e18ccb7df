import type { ApprovalSettings } from "../../gate/approval/approvalSettings";
import { applicationNames, approvalActions } from "../application/applicationNames";
import type { LiteralPlatform } from "../application/platform";
import type { ApprovalNames } from "./approvalNames";

/**
 * Longest run of a function in seconds. A decision reads a handful of objects and asks two services, which takes
 * seconds; the rest is room for their retries and for the ten requests of one batch.
 */
export const functionTimeoutSeconds = 120;

/** What the functions work with; lies beside their code. */
export function approvalSettings(platform: LiteralPlatform, names: ApprovalNames): ApprovalSettings {
    const { account, naming, config } = platform;
    const { partition, region, accountId } = account;
    return {
        version: 1,
        account: { partition, region, accountId },
        policy: config.gatePolicy,
        scanType: config.registryScanning.type,
        table: names.table.name,
        evidenceBucket: platform.evidenceBucketName,
        topicArn: names.topics.requests.arn,
        scanTimeoutMinutes: config.approval.scanTimeoutMinutes,
        functionTimeoutSeconds,
        applications: config.applications.map(({ name }) => {
            const { pipeline, repositories } = applicationNames(account, naming, name);
            return {
                name,
                pipeline: pipeline.name,
                stage: approvalActions.stage,
                action: approvalActions.gate,
                repository: repositories.staging.name,
            };
        }),
    };
}
