import { eventPatterns } from "../../gate/approval/eventPattern";
import type { FindingsSettings } from "../../gate/findings/findingsSettings";
import { releaseEventType } from "../../gate/findings/releaseEvent";
import { applicationNames } from "../application/applicationNames";
import type { LiteralPlatform } from "../application/platform";
import { approvalNames } from "../approval/approvalNames";

type FindingsPlatform = Pick<LiteralPlatform, "account" | "naming" | "config" | "evidenceBucketName">;

/** The action of a delivery pipeline that publishes what was approved. */
const publish = { stage: "Publish", action: "Publish" };

/** What the function works with; lies beside its code. */
export function findingsSettings(platform: FindingsPlatform): FindingsSettings {
    const { account, naming, config, evidenceBucketName } = platform;
    const { partition, region, accountId } = account;
    return {
        version: 1,
        account: { partition, region, accountId },
        stack: naming.prefix,
        policy: config.gatePolicy,
        table: approvalNames(account, naming).table.name,
        evidenceBucket: evidenceBucketName,
        applications: config.applications.map(({ name }) => {
            const { repositories, pipeline } = applicationNames(account, naming, name);
            return {
                name,
                repositories: [repositories.candidate.name, repositories.staging.name],
                pipeline: pipeline.name,
                publish,
            };
        }),
    };
}

/**
 * Manifests that are stored in the evidence bucket; which of them are scan reports, the function decides by their keys
 * (Amazon EventBridge User Guide, "Suffix matching").
 */
export function evidencePattern({ account, evidenceBucketName }: FindingsPlatform): string {
    return JSON.stringify({
        source: ["aws.s3"],
        "detail-type": ["Object Created"],
        account: [account.accountId],
        region: [account.region],
        detail: {
            bucket: { name: [evidenceBucketName] },
            object: { key: [{ suffix: "/manifest.json" }] },
        },
    });
}

/** Releases of the delivery pipelines, in as many patterns as EventBridge's quota takes. */
export function releasePatterns({ account, naming, config }: FindingsPlatform): string[] {
    const pipelines = config.applications.map(
        ({ name }) => applicationNames(account, naming, name).pipeline.name,
    );
    return eventPatterns(pipelines.sort(), (pipeline) =>
        JSON.stringify({
            source: ["aws.codepipeline"],
            "detail-type": [releaseEventType],
            account: [account.accountId],
            region: [account.region],
            detail: { pipeline, stage: [publish.stage], action: [publish.action], state: ["SUCCEEDED"] },
        }),
    );
}
