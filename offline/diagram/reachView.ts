/** What a function may do outside its component: comment, merge, start a pipeline, import findings. Read from its role. */
import type { CapturedResource } from "../model";
import type { ResourceIndex } from "../report/resourceIndex";
import { byCodeUnit, textOf } from "../report/resourceIndex";
import type { Grant } from "./access";
import { allows, mayDo } from "./access";

export interface ReachView {
    /** What is reached; the same for every function that reaches it. */
    title: string;
    detail: string;
    /** What the function does there, as the arrow says it. */
    label: string;
    /** How the line is drawn: it changes something there, only reads, or makes something run. */
    kind: "write" | "read" | "event";
}

const tableType = "aws:dynamodb/table:Table";
/** Actions that change a table's items. */
export const tableWrites = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"] as const;
export const tableReads = ["GetItem", "Query"] as const;

/** True when the grants allow one of DynamoDB's actions on a table. */
export function mayTable(
    grants: readonly Grant[],
    table: CapturedResource,
    actions: readonly string[],
): boolean {
    return actions.some((action) =>
        allows(grants, `dynamodb:${action}`, `table/${textOf(table, "name") ?? table.name}`),
    );
}

const pullRequest = { title: "Pull request", detail: "CodeCommit", kind: "write" } as const;

/**
 * Everything outside that the grants reach, by title.
 * @param own tables of the function's component, which the panel has anyway
 * @param nameOf how the picture calls a resource
 */
export function reachesOf(
    grants: readonly Grant[],
    own: readonly CapturedResource[],
    index: ResourceIndex,
    nameOf: (resource: CapturedResource) => string,
): ReachView[] {
    const pipelines = index.ofType("aws:codepipeline/pipeline:Pipeline");
    const tables = index.ofType(tableType).filter((table) => !own.includes(table));
    const started = pipelines.filter((pipeline) =>
        allows(grants, "codepipeline:StartPipelineExecution", textOf(pipeline, "name") ?? pipeline.name),
    );
    const [only] = started;
    const reaches: ReachView[] = [
        ...(mayDo(grants, "codecommit:PostCommentForPullRequest", "codecommit:UpdateComment")
            ? [{ ...pullRequest, label: "tells" }]
            : []),
        ...(mayDo(grants, "codecommit:MergePullRequestByFastForward", "codecommit:MergePullRequestBySquash")
            ? [{ ...pullRequest, label: "merges" }]
            : []),
        ...(mayDo(grants, "secretsmanager:GetSecretValue")
            ? [
                  {
                      title: "Code host",
                      detail: "with a token",
                      label: "tells",
                      kind: "write" as const,
                  },
              ]
            : []),
        ...(only === undefined
            ? []
            : [
                  {
                      title: started.length === 1 ? nameOf(only) : `${started.length} pipelines`,
                      detail: "CodePipeline",
                      label: "starts",
                      kind: "event" as const,
                  },
              ]),
        ...(mayDo(grants, "securityhub:BatchImportFindings")
            ? [{ title: "Security Hub", detail: "findings", label: "imports", kind: "write" as const }]
            : []),
    ];
    for (const table of tables) {
        const writes = mayTable(grants, table, tableWrites);
        if (writes || mayTable(grants, table, tableReads)) {
            reaches.push({
                title: nameOf(table),
                detail: "DynamoDB table",
                label: writes ? "writes" : "reads",
                kind: writes ? "write" : "read",
            });
        }
    }
    return reaches.sort((a, b) => byCodeUnit(a.title, b.title) || byCodeUnit(a.label, b.label));
}
