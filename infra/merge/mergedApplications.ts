import { eventPatterns } from "../../gate/approval/eventPattern";
import type { MergedApplication, MergeSettings } from "../../gate/merge/mergeSettings";
import { applicationNames, type ApplicationNames } from "../application/applicationNames";
import type { LiteralPlatform } from "../application/platform";
import type { Account } from "../naming";
import { codeHostOf } from "../review/codeHost";

type MergePlatform = Pick<LiteralPlatform, "account" | "naming" | "config">;

/** The action after which a pull request is merged: the one that released the image. */
const publish = { stage: "Publish", action: "Publish" } as const;

/** The action that built it. */
const build = { stage: "Build", action: "Build" } as const;

/**
 * Applications whose pull request is merged when it is published.
 * @throws Error when there is no way to the code host, which `reviewRules.ts` refuses.
 */
export function mergedApplications({
    account,
    naming,
    config,
}: MergePlatform): { settings: MergedApplication; names: ApplicationNames }[] {
    return config.applications.flatMap((application) => {
        const { name, source, mergeInto } = application;
        if (mergeInto === undefined) return [];
        const names = applicationNames(account, naming, name);
        const host = codeHostOf(application, names);
        if (host === undefined) throw new Error(`${name}: mergeInto needs review.feedback with a connection`);
        return [
            {
                settings: {
                    name,
                    pipeline: names.pipeline.name,
                    publish,
                    build,
                    branch: source.branch,
                    mergeInto,
                    host,
                },
                names,
            },
        ];
    });
}

/** What the function `merge` works with; lies beside its code. */
export function mergeSettings(platform: MergePlatform, table: string): MergeSettings {
    const { partition, region, accountId } = platform.account;
    return {
        version: 1,
        account: { partition, region, accountId },
        table,
        applications: mergedApplications(platform).map(({ settings }) => settings),
    };
}

/** Event patterns: one of these pipelines has released an image. */
export function publishedPatterns(account: Account, applications: readonly MergedApplication[]): string[] {
    if (applications.length === 0) throw new Error("publications need at least one pipeline to be of");
    return eventPatterns(applications.map(({ pipeline }) => pipeline).sort(), (pipeline) =>
        JSON.stringify({
            source: ["aws.codepipeline"],
            "detail-type": ["CodePipeline Action Execution State Change"],
            account: [account.accountId],
            region: [account.region],
            detail: { pipeline, stage: [publish.stage], action: [publish.action], state: ["SUCCEEDED"] },
        }),
    );
}
