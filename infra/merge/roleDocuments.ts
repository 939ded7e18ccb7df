import type { LiteralPlatform } from "../application/platform";
import type { NameAndArn } from "../function/functionNames";
import { runningStatements } from "../function/functionStatements";
import type { Statement } from "../iamStatement";
import { allow, useKey } from "../pipeline/permissions";
import { readTokens } from "../review/codeHost";
import { mergedApplications } from "./mergedApplications";
import type { MergeNames } from "./mergeNames";

/**
 * Role of `merge`: see what was published and that it was approved, and merge pull requests of CodeCommit into the one
 * branch that is configured. It can neither approve nor publish, and starts nothing.
 *
 * @param table the table of approvals.
 */
export function mergeStatements(
    platform: Pick<LiteralPlatform, "account" | "naming" | "config" | "pipelineKey">,
    names: MergeNames,
    table: NameAndArn,
): Statement[] {
    const { account, pipelineKey } = platform;
    const applications = mergedApplications(platform);
    const ours = applications.filter(({ settings }) => settings.host.type === "codecommit");
    const repositories = (branch?: string) =>
        ours
            .filter(({ settings }) => branch === undefined || settings.mergeInto === branch)
            .map((application) => application.names.source.repositoryArn);
    const branches = [...new Set(ours.map(({ settings }) => settings.mergeInto))].sort();
    return [
        ...runningStatements(account, names.function),
        allow(
            "ReadPipelines",
            ["codepipeline:ListActionExecutions"],
            applications.map((application) => application.names.pipeline.arn),
        ),
        allow("ReadApprovals", ["dynamodb:Query"], [table.arn]),
        useKey(account, pipelineKey.aliasName, "read"),
        ...(ours.length === 0
            ? []
            : [
                  allow(
                      "ReadPullRequests",
                      ["codecommit:GetPullRequest", "codecommit:ListPullRequests"],
                      repositories(),
                  ),
              ]),
        // The branch that is written to is a condition, so each branch has a statement of its own (Service Authorization
        // Reference, "AWS CodeCommit": `codecommit:References`).
        ...branches.map((branch, index) =>
            allow(`Merge${index + 1}`, ["codecommit:MergePullRequestByFastForward"], repositories(branch), {
                StringEquals: { "codecommit:References": `refs/heads/${branch}` },
            }),
        ),
        ...readTokens(
            account,
            applications.map(({ settings }) => settings.host),
        ),
    ];
}
