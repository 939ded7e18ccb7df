/** What a function may do outside its component: comment, merge, start a pipeline, import findings. Read from its role. */
import type { CapturedResource } from "../model";
import { byCodeUnit, textOf } from "../report/resourceIndex";
import type { Grant } from "./access";
import { allows, covers } from "./access";

export interface ReachView {
    /** What is reached; the same for every function that reaches it. */
    title: string;
    detail: string;
    /** What the function does there, as the arrow says it. */
    label: string;
    /** True when it makes something run. */
    starts: boolean;
}

function mayDo(grants: readonly Grant[], ...actions: string[]): boolean {
    return actions.some((action) =>
        grants.some((grant) => grant.actions.some((pattern) => covers(pattern, action))),
    );
}

const pullRequest = { title: "Pull request", detail: "CodeCommit", starts: false };

/**
 * Everything outside that the grants reach, by title.
 * @param pipelines those of the stack
 * @param nameOf how the picture calls a pipeline
 */
export function reachesOf(
    grants: readonly Grant[],
    pipelines: readonly CapturedResource[],
    nameOf: (resource: CapturedResource) => string,
): ReachView[] {
    const started = pipelines.filter((pipeline) =>
        allows(grants, "codepipeline:StartPipelineExecution", textOf(pipeline, "name") ?? pipeline.name),
    );
    const [only] = started;
    const reaches: ReachView[] = [
        ...(mayDo(grants, "codecommit:PostCommentForPullRequest", "codecommit:UpdateComment")
            ? [{ ...pullRequest, label: "comments" }]
            : []),
        ...(mayDo(grants, "codecommit:MergePullRequestByFastForward", "codecommit:MergePullRequestBySquash")
            ? [{ ...pullRequest, label: "merges" }]
            : []),
        ...(mayDo(grants, "secretsmanager:GetSecretValue")
            ? [{ title: "Code host", detail: "token in Secrets Manager", label: "tells", starts: false }]
            : []),
        ...(only === undefined
            ? []
            : [
                  {
                      title: started.length === 1 ? nameOf(only) : `${started.length} pipelines`,
                      detail: "CodePipeline",
                      label: "starts",
                      starts: true,
                  },
              ]),
        ...(mayDo(grants, "securityhub:BatchImportFindings")
            ? [{ title: "Security Hub", detail: "findings", label: "imports", starts: false }]
            : []),
    ];
    return reaches.sort((a, b) => byCodeUnit(a.title, b.title) || byCodeUnit(a.label, b.label));
}
