/** Tasks as Amazon ECS reports them, in events and in answers of DescribeTasks: which images run where. */
import { objectOf, shown } from "../approval/foreignJson";
import type { AdmissionSettings, AdmittedService } from "./admissionSettings";
import { clusterArnOf } from "./hookEvent";
import { isTaskDefinition, type Revision } from "./revision";

/** A task of one of our services that runs now. */
export interface RunningTask {
    service: AdmittedService;
    taskArn: string;
    taskDefinitionArn: string;
    /** Null when Amazon ECS does not say. */
    startedAt: Date | null;
    /** Every container of the task, whether it has ended by itself or not, with what was resolved for it. */
    containers: Revision["resolved"];
}

export type TaskNotice = { task: RunningTask } | { ignored: string };

/**
 * Reads an event of the kind "ECS Task State Change". Members that AWS adds are ignored.
 * @throws Error in one line for an event about a task of ours that cannot be read, or that is no such event.
 */
export function parseTaskEvent(event: unknown, settings: AdmissionSettings): TaskNotice {
    const { source, "detail-type": kind, account, region, detail } = objectOf(event) ?? {};
    if (source !== "aws.ecs" || kind !== "ECS Task State Change") {
        throw new Error(
            `the event is ${shown(kind)} of ${shown(source)}, not an ECS Task State Change: see who invoked the function`,
        );
    }
    if (account !== settings.account.accountId || region !== settings.account.region) {
        return { ignored: `the event is of ${shown(account)} in ${shown(region)}` };
    }
    return readTask(detail, settings);
}

/**
 * Reads a task as DescribeTasks and events have it in common. One that does not run, or that no service of ours
 * started, is left out.
 * @throws Error in one line for a running task of ours that cannot be read.
 */
export function readTask(value: unknown, settings: AdmissionSettings): TaskNotice {
    const task = objectOf(value);
    if (task === null) throw new Error(`the task is ${shown(value)}`);
    const { clusterArn, group, lastStatus, taskArn, taskDefinitionArn } = task;
    const service = settings.services.find(
        (one) => clusterArnOf(settings, one) === clusterArn && group === `service:${one.service}`,
    );
    if (service === undefined) {
        return {
            ignored: `${shown(group)} in ${shown(clusterArn)} is not one of this stack's production services`,
        };
    }
    if (lastStatus !== "RUNNING") return { ignored: `the task ${shown(taskArn)} is ${shown(lastStatus)}` };
    if (!isTask(taskArn, settings, service)) {
        throw new Error(`a task of the service ${service.service} has the ARN ${shown(taskArn)}`);
    }
    if (!isTaskDefinition(taskDefinitionArn, settings)) {
        throw new Error(`the task ${taskArn} has the task definition ${shown(taskDefinitionArn)}`);
    }
    const listed = task["containers"];
    if (!Array.isArray(listed) || listed.length === 0)
        throw new Error(`the task ${taskArn} has no containers`);
    const containers = listed.map((container) => {
        const { name, image, imageDigest: digest } = objectOf(container) ?? {};
        if (typeof name !== "string" || name === "") {
            throw new Error(`a container of the task ${taskArn} is called ${shown(name)}`);
        }
        return { container: name, image, digest };
    });
    return {
        task: { service, taskArn, taskDefinitionArn, startedAt: instantOf(task["startedAt"]), containers },
    };
}

/** With the cluster's name in it, and without as in accounts that never opted in to the longer form. */
function isTask(arn: unknown, { account }: AdmissionSettings, { cluster }: AdmittedService): arn is string {
    const { partition, region, accountId } = account;
    const prefix = `arn:${partition}:ecs:${region}:${accountId}:task/`;
    if (typeof arn !== "string" || !arn.startsWith(prefix)) return false;
    const [id, ...before] = arn.slice(prefix.length).split("/").reverse();
    return /^[A-Za-z0-9-]{1,64}$/.test(id ?? "") && ["", cluster].includes(before.join("/"));
}

/** Text in events, seconds in answers of the API, and a date where the SDK has read them. */
function instantOf(value: unknown): Date | null {
    if (typeof value === "number") return instantOf(new Date(value * 1_000));
    const instant = value instanceof Date ? value : typeof value === "string" ? new Date(value) : null;
    return instant === null || Number.isNaN(instant.getTime()) ? null : instant;
}
