/** Which tasks run in a service now. */
import { DescribeTasksCommand, ListTasksCommand, type ECSClient } from "@aws-sdk/client-ecs";
import type { AdmissionSettings, AdmittedService } from "../../gate/admission/admissionSettings";
import { clusterArnOf } from "../../gate/admission/hookEvent";
import { readTask, type RunningTask } from "../../gate/admission/task";
import { callService, ServiceError } from "../effects/serviceCalls";

/** Tasks in one answer of ListTasks, and in one question of DescribeTasks, at most (Amazon ECS API Reference). */
const pageSize = 100;
const mostPages = 100;

/**
 * The running tasks of one service. A task that ended between the two questions is left out.
 *
 * Needs ecs:ListTasks and ecs:DescribeTasks in the service's cluster.
 * @throws ServiceError when Amazon ECS could not be asked; Error for a task that cannot be read.
 */
export async function askTasks(
    client: ECSClient,
    settings: AdmissionSettings,
    service: AdmittedService,
    signal: AbortSignal,
): Promise<RunningTask[]> {
    const cluster = clusterArnOf(settings, service);
    const running: RunningTask[] = [];
    let nextToken: string | undefined;
    for (let page = 0; page < mostPages; page += 1) {
        const listed = await callService(`Amazon ECS ListTasks of ${service.service} in ${cluster}`, () =>
            client.send(
                new ListTasksCommand({
                    cluster,
                    serviceName: service.service,
                    desiredStatus: "RUNNING",
                    maxResults: pageSize,
                    ...(nextToken === undefined ? {} : { nextToken }),
                }),
                { abortSignal: signal },
            ),
        );
        const tasks = listed.taskArns ?? [];
        if (tasks.length > 0)
            running.push(...(await describe(client, settings, { service, cluster, tasks }, signal)));
        nextToken = listed.nextToken || undefined;
        if (nextToken === undefined) return running;
    }
    throw new ServiceError(`Amazon ECS lists more than ${mostPages * pageSize} tasks of ${service.service}`);
}

async function describe(
    client: ECSClient,
    settings: AdmissionSettings,
    { service, cluster, tasks }: { service: AdmittedService; cluster: string; tasks: string[] },
    signal: AbortSignal,
): Promise<RunningTask[]> {
    const what = `Amazon ECS DescribeTasks of ${service.service} in ${cluster}`;
    const { tasks: described = [], failures = [] } = await callService(what, () =>
        client.send(new DescribeTasksCommand({ cluster, tasks }), { abortSignal: signal }),
    );
    const failure = failures.find(({ reason }) => reason !== "MISSING");
    if (failure !== undefined)
        throw new ServiceError(`${what} failed for ${failure.arn} (${failure.reason})`);
    if (described.length + failures.length !== tasks.length) {
        throw new ServiceError(`${what}: asked for ${tasks.length} tasks, and told of ${described.length}`);
    }
    return described.flatMap((value) => {
        // Whatever the service's list holds is the service's, or Amazon ECS contradicts itself.
        if (value.clusterArn !== cluster || value.group !== `service:${service.service}`) {
            throw new ServiceError(
                `${what} tells of ${value.taskArn} in ${value.group} of ${value.clusterArn}`,
            );
        }
        const notice = readTask(value, settings);
        return "task" in notice ? [notice.task] : [];
    });
}
