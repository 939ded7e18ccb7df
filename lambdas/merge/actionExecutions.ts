import {
    ListActionExecutionsCommand,
    type ActionExecutionDetail,
    type CodePipelineClient,
} from "@aws-sdk/client-codepipeline";
import { callService, ServiceError } from "../effects/serviceCalls";

/** Pages that are read; an execution has a few dozen actions. */
const mostPages = 10;

/** Every run of every action of an execution. Needs codepipeline:ListActionExecutions on the pipeline. */
export async function actionsOf(
    client: CodePipelineClient,
    pipeline: string,
    execution: string,
    signal: AbortSignal,
): Promise<ActionExecutionDetail[]> {
    const actions: ActionExecutionDetail[] = [];
    let nextToken: string | undefined;
    for (let page = 1; page <= mostPages; page += 1) {
        const answer = await callService(
            `CodePipeline ListActionExecutions of ${execution} in ${pipeline}`,
            () =>
                client.send(
                    new ListActionExecutionsCommand({
                        pipelineName: pipeline,
                        filter: { pipelineExecutionId: execution },
                        ...(nextToken === undefined ? {} : { nextToken }),
                    }),
                    { abortSignal: signal },
                ),
        );
        actions.push(...(answer.actionExecutionDetails ?? []));
        nextToken = answer.nextToken || undefined;
        if (nextToken === undefined) return actions;
    }
    throw new ServiceError(`CodePipeline lists more actions of ${execution} than a release has`);
}
