import {
    CodePipelineClient,
    ListActionExecutionsCommand,
    type ActionExecutionDetail,
    type ListActionExecutionsCommandOutput,
} from "@aws-sdk/client-codepipeline";
import { commitPattern } from "./checkReport";
import { CheckError } from "./gitRepository";

/** The action whose success means that the commits were scanned. */
const verifyStage = "Verify";
const secretsAction = "Secrets";

/** Pages of 100 actions that are asked for; some hundred executions. What is older is scanned again. */
const mostPages = 50;

/** Which pipeline is asked about. */
export interface PipelineQuestion {
    /** Name of the pipeline. */
    pipeline: string;
    /** The execution that asks: its own earlier attempts do not count. */
    execution: string | undefined;
}

/** A client for the region and credentials of the environment. */
export function pipelineClient(): CodePipelineClient {
    return new CodePipelineClient({
        maxAttempts: 4,
        requestHandler: { connectionTimeout: 10_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
    });
}

/**
 * The commit of the latest earlier execution in which the secret scan succeeded. Executions in which it failed are
 * not counted, so that their commits are looked at again: a secret does not get in by failing once. Any commit that
 * was scanned is a safe answer, an older one only means more work.
 *
 * Needs codepipeline:ListActionExecutions on the pipeline (AWS CodePipeline API reference, ListActionExecutions: the
 * latest come first; at most 100 a page).
 * @returns null when there is none in the last 5,000 actions.
 * @throws CheckError when the pipeline cannot be asked.
 */
export async function lastScannedCommit(
    client: CodePipelineClient,
    { pipeline, execution }: PipelineQuestion,
): Promise<string | null> {
    /** Commit of each execution; null when its source actions have different ones. */
    const commits = new Map<string, string | null>();
    const scanned: { execution: string; at: number }[] = [];
    let nextToken: string | undefined;
    for (let page = 0; page < mostPages; page += 1) {
        const answer = await ask(client, pipeline, nextToken);
        for (const detail of answer.actionExecutionDetails ?? []) {
            const { pipelineExecutionId: id } = detail;
            if (id === undefined || id === execution) continue;
            noteCommit(detail, id, commits);
            const { stageName, actionName, status, startTime } = detail;
            if (stageName === verifyStage && actionName === secretsAction && status === "Succeeded")
                scanned.push({ execution: id, at: startTime?.getTime() ?? 0 });
        }
        // The source action of an execution began before its scan, and so stands behind it.
        const known = scanned
            .sort((one, other) => other.at - one.at)
            .map((each) => commits.get(each.execution))
            .find((commit) => typeof commit === "string");
        if (known !== undefined && known !== null) return known;
        nextToken = answer.nextToken;
        if (nextToken === undefined) return null;
    }
    return null;
}

function noteCommit(detail: ActionExecutionDetail, id: string, commits: Map<string, string | null>): void {
    const commit = detail.output?.outputVariables?.["CommitId"];
    if (commit === undefined || !commitPattern.test(commit)) return;
    const known = commits.get(id);
    commits.set(id, known === undefined || known === commit ? commit : null);
}

const hints: Partial<Record<string, string>> = {
    AccessDeniedException: "the role needs codepipeline:ListActionExecutions on it",
    PipelineNotFoundException: "is --pipeline its name, and the region right?",
};

async function ask(
    client: CodePipelineClient,
    pipelineName: string,
    nextToken: string | undefined,
): Promise<ListActionExecutionsCommandOutput> {
    try {
        const page = { pipelineName, maxResults: 100, ...(nextToken === undefined ? {} : { nextToken }) };
        return await client.send(new ListActionExecutionsCommand(page));
    } catch (error) {
        const { name, message } = error as Error;
        throw new CheckError(
            `the executions of pipeline ${pipelineName} cannot be listed (${name}: ${message}); ` +
                (hints[name] ?? "try again, or give --base COMMIT"),
        );
    }
}
