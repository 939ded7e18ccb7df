/** Where the source comes from, how it is handed on, and who may read it. */
import type { ApplicationNames } from "../application/applicationNames";
import type { ApplicationConfig } from "../config/schema";
import type { Statement } from "../iamStatement";
import { allow } from "./permissions";
import type { Action } from "./stages";

/**
 * The source is handed on as a reference that CodeBuild clones, with its history: a ZIP file has none, and a secret that
 * was pushed and deleted again is still in the history (AWS CodePipeline User Guide, "CodeCommit source action reference":
 * full clone). Only CodeBuild actions understand it.
 */
const outputFormat = "CODEBUILD_CLONE_REF";

/** @param artifact name of the artifact that hands the source on. */
export function sourceAction(
    source: ApplicationConfig["source"],
    names: ApplicationNames,
    artifact = names.artifacts.source,
): Action {
    const common = {
        name: "Source",
        category: "Source" as const,
        owner: "AWS" as const,
        version: "1" as const,
        runOrder: 1,
        outputArtifacts: [artifact],
        namespace: "Source",
    };
    if (source.type === "codecommit") {
        return {
            ...common,
            provider: "CodeCommit",
            configuration: {
                RepositoryName: names.source.repository,
                BranchName: source.branch,
                // An EventBridge rule starts the pipeline (trigger.ts).
                PollForSourceChanges: "false",
                OutputArtifactFormat: outputFormat,
            },
        };
    }
    return {
        ...common,
        provider: "CodeStarSourceConnection",
        configuration: {
            ConnectionArn: source.connectionArn,
            FullRepositoryId: source.repository,
            BranchName: source.branch,
            // The pipeline's trigger filters on pushes to the branch (trigger.ts); detection without a filter is off.
            DetectChanges: "false",
            OutputArtifactFormat: outputFormat,
        },
    };
}

/** AWS renamed the service, and ARNs of both names are in use. */
const connectionServices = [
    { prefix: "codeconnections", sid: "" },
    { prefix: "codestar-connections", sid: "ByOldName" },
] as const;

/** The same connection under another service prefix. */
function connectionArn(arn: string, prefix: string): string {
    const [begin, partition, , ...rest] = arn.split(":");
    return [begin, partition, prefix, ...rest].join(":");
}

/** What the pipeline's own role needs to find the commit and to hand it on. */
export function readSource(source: ApplicationConfig["source"], names: ApplicationNames): Statement {
    if (source.type === "codecommit") {
        return {
            Sid: "ReadSource",
            Effect: "Allow",
            Action: [
                "codecommit:CancelUploadArchive",
                "codecommit:GetBranch",
                "codecommit:GetCommit",
                // For the format CODEBUILD_CLONE_REF: the output names the address of the repository.
                "codecommit:GetRepository",
                "codecommit:GetUploadArchiveStatus",
                "codecommit:UploadArchive",
            ],
            Resource: [names.source.repositoryArn],
        };
    }
    return {
        Sid: "ReadSource",
        Effect: "Allow",
        Action: ["codeconnections:UseConnection", "codestar-connections:UseConnection"],
        Resource: connectionServices.map(({ prefix }) => connectionArn(source.connectionArn, prefix)),
    };
}

/**
 * Clone the application's repository, as CodeBuild does with a source of the format CODEBUILD_CLONE_REF. Both forms are narrowed to the one repository: a connection reaches every repository that its owner
 * installed it for. The prefix of an action has to match that of the connection's ARN, so both are named (Developer Tools
 * User Guide, "Identity and access management for AWS CodeConnections").
 */
export function cloneSource(source: ApplicationConfig["source"], names: ApplicationNames): Statement[] {
    if (source.type === "codecommit") {
        return [allow("CloneSource", ["codecommit:GitPull"], [names.source.repositoryArn])];
    }
    return connectionServices.map(({ prefix, sid }) =>
        allow(
            `CloneSource${sid}`,
            [`${prefix}:UseConnection`],
            [connectionArn(source.connectionArn, prefix)],
            { StringEquals: { [`${prefix}:FullRepositoryId`]: source.repository } },
        ),
    );
}
