import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { repositoryTiers, type ApplicationNames, type RepositoryTier } from "../application/applicationNames";
import type { Platform } from "../application/platform";
import { lifecyclePolicy } from "./lifecyclePolicy";
import { writersPolicy } from "./repositoryPolicy";

export interface RepositoriesArgs {
    names: ApplicationNames;
    /** Pull requests are built as well, into the candidate repository. */
    reviewed: boolean;
    platform: Pick<Platform, "config" | "tags" | "pipelineKey">;
}

/**
 * The three repositories of one application: candidate (written by the build, and by that of pull requests), staging
 * (by the stage step) and production (by the publish step). Each is immutable, scanned on push, encrypted with the
 * pipeline key and writable by exactly these roles.
 *
 * With `protection: protected` a repository that still holds images refuses to be deleted, and Pulumi refuses to
 * delete the production one at all.
 */
export class Repositories extends pulumi.ComponentResource {
    readonly repositories: Record<RepositoryTier, aws.ecr.Repository>;

    constructor(name: string, args: RepositoriesArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:repositories:Repositories", name, {}, opts);
        const { names, platform, reviewed } = args;
        const writers: Record<RepositoryTier, [string, ...string[]]> = {
            candidate: [
                names.steps.build.roleArn,
                ...(reviewed ? [names.steps["review-build"].roleArn] : []),
            ],
            staging: [names.steps.stage.roleArn],
            production: [names.steps.publish.roleArn],
        };
        const isProtected = platform.config.protection === "protected";

        const create = (tier: RepositoryTier): aws.ecr.Repository => {
            const repository = new aws.ecr.Repository(
                `${name}-${tier}`,
                {
                    name: names.repositories[tier].name,
                    imageTagMutability: "IMMUTABLE",
                    imageScanningConfiguration: { scanOnPush: true },
                    encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: platform.pipelineKey.arn }],
                    forceDelete: !isProtected,
                    tags: platform.tags.tagsFor(names.repositories[tier].name, { tier }),
                },
                { parent: this, protect: isProtected && tier === "production" },
            );
            new aws.ecr.LifecyclePolicy(
                `${name}-${tier}-lifecycle`,
                { repository: repository.name, policy: lifecyclePolicy(tier) },
                { parent: repository },
            );
            new aws.ecr.RepositoryPolicy(
                `${name}-${tier}-writer`,
                { repository: repository.name, policy: writersPolicy(writers[tier]) },
                { parent: repository },
            );
            return repository;
        };

        this.repositories = Object.fromEntries(repositoryTiers.map((tier) => [tier, create(tier)])) as Record<
            RepositoryTier,
            aws.ecr.Repository
        >;
        this.registerOutputs({});
    }
}
