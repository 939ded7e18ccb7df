/** What Amazon ECS says about task definitions; nothing but questions. */
import { DescribeTaskDefinitionCommand, type ECSClient } from "@aws-sdk/client-ecs";
import { readTaskDefinition, type ContainerImage } from "../../gate/admission/revision";
import { callService } from "../effects/serviceCalls";

/**
 * The containers of a task definition. Needs ecs:DescribeTaskDefinition, which knows no resource.
 * @throws ServiceError when Amazon ECS could not be asked.
 */
export async function askTaskDefinition(
    client: ECSClient,
    taskDefinitionArn: string,
    signal: AbortSignal,
): Promise<ContainerImage[] | { problem: string }> {
    const answer = await callService(`Amazon ECS DescribeTaskDefinition of ${taskDefinitionArn}`, () =>
        client.send(new DescribeTaskDefinitionCommand({ taskDefinition: taskDefinitionArn }), {
            abortSignal: signal,
        }),
    );
    return readTaskDefinition(answer, taskDefinitionArn);
}
