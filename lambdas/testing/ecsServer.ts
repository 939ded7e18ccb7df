import type { ServerResponse } from "node:http";
import { AwsJsonServer, type AwsRequest, type AwsServerOptions } from "./awsServer";
import { Refusal, type AwsCall, type RequiredPermission } from "./callJournal";

/** A service revision as Amazon ECS describes it; what the fake does not need is left to the spec. */
export type ServiceRevision = Record<string, unknown> & { serviceRevisionArn: string; serviceArn: string };
export type TaskDefinition = Record<string, unknown> & { taskDefinitionArn: string };
export type Task = Record<string, unknown> & {
    taskArn: string;
    clusterArn: string;
    group: string;
    desiredStatus: string;
};

/** Members that each operation has, and which of them are required (Amazon ECS API Reference). */
const operations: Record<string, { required: string[]; optional: string[] }> = {
    DescribeServiceRevisions: { required: ["serviceRevisionArns"], optional: [] },
    DescribeTaskDefinition: { required: ["taskDefinition"], optional: ["include"] },
    DescribeTasks: { required: ["tasks"], optional: ["cluster", "include"] },
    ListTasks: {
        required: [],
        optional: [
            ...["cluster", "containerInstance", "desiredStatus", "family", "launchType"],
            ...["maxResults", "nextToken", "serviceName", "startedBy"],
        ],
    },
};

const mostRevisions = 20;
const mostTasks = 100;

/** What the admission function and the continuous check ask of Amazon ECS (API of 2014-11-13). */
export class EcsServer extends AwsJsonServer {
    readonly revisions = new Map<string, ServiceRevision>();
    readonly definitions = new Map<string, TaskDefinition>();
    readonly tasks = new Map<string, Task>();
    /** Names of services by the ARN of their cluster. */
    readonly services = new Map<string, Set<string>>();
    /** Tasks in one answer of ListTasks, where the caller does not want fewer. */
    pageSize = mostTasks;

    constructor(options: AwsServerOptions) {
        super("ecs", options, { version: "1.1", target: "AmazonEC2ContainerServiceV20141113" });
    }

    reset(): void {
        for (const map of [this.revisions, this.definitions, this.tasks]) map.clear();
        this.pageSize = mostTasks;
    }

    protected check(operation: string, input: Record<string, unknown>): AwsRequest {
        const members = operations[operation];
        if (members === undefined)
            throw new Refusal("UnknownOperationException", `the fake does not know ${operation}`);
        const missing = members.required.filter((name) => input[name] === undefined);
        const unknown = Object.keys(input).filter(
            (name) => ![...members.required, ...members.optional].includes(name),
        );
        if (missing.length + unknown.length > 0) {
            throw new Refusal(
                "InvalidParameterException",
                `missing ${missing.join()}; unknown ${unknown.join()}`,
            );
        }
        return { operation, input, permissions: this.permissionsFor(operation, input) };
    }

    /** Service Authorization Reference; ListTasks is asked about container instances, on AWS Fargate as well. */
    private permissionsFor(operation: string, input: Record<string, unknown>): RequiredPermission[] {
        const action = `ecs:${operation}`;
        if (operation === "DescribeTaskDefinition") return [{ action, resource: "*" }];
        if (operation === "DescribeServiceRevisions") {
            const arns = texts(input["serviceRevisionArns"], 1, mostRevisions);
            return arns.flatMap((resource) => {
                const service = resource.replace(":service-revision/", ":service/").replace(/\/[^/]+$/, "");
                const cluster = service.replace(":service/", ":cluster/").replace(/\/[^/]+$/, "");
                const context = { "ecs:cluster": cluster, "ecs:service": service };
                return [
                    { action, resource, context },
                    { action, resource: service, context: { "ecs:cluster": cluster } },
                ];
            });
        }
        const cluster = String(input["cluster"]);
        if (!/:cluster\/[^/]+$/.test(cluster))
            throw new Refusal("ClusterNotFoundException", "the fake knows clusters by their ARN only");
        const context = { "ecs:cluster": cluster };
        if (operation === "ListTasks")
            return [
                { action, resource: `${cluster.replace(":cluster/", ":container-instance/")}/*`, context },
            ];
        return texts(input["tasks"], 1, mostTasks).map((resource) => ({ action, resource, context }));
    }

    protected async carryOut({ operation, input }: AwsCall): Promise<(response: ServerResponse) => void> {
        const body = this.answerTo(operation, input);
        return (response) => this.answer(response, body);
    }

    private answerTo(operation: string, input: Record<string, unknown>): unknown {
        if (operation === "DescribeServiceRevisions") {
            const arns = texts(input["serviceRevisionArns"], 1, mostRevisions);
            return {
                serviceRevisions: arns.flatMap((arn) => this.revisions.get(arn) ?? []),
                failures: missingOf(arns, this.revisions),
            };
        }
        if (operation === "DescribeTaskDefinition") {
            const taskDefinition = this.definitions.get(String(input["taskDefinition"]));
            if (taskDefinition === undefined)
                throw new Refusal("ClientException", "Unable to describe task definition.");
            return { taskDefinition, tags: [] };
        }
        const cluster = String(input["cluster"]);
        const services = this.services.get(cluster);
        if (services === undefined) throw new Refusal("ClusterNotFoundException", "Cluster not found.");
        if (operation === "DescribeTasks") {
            const arns = texts(input["tasks"], 1, mostTasks);
            const tasks = arns.flatMap((arn) => this.tasks.get(arn) ?? []);
            return { tasks, failures: missingOf(arns, this.tasks) };
        }
        const { serviceName, desiredStatus = "RUNNING", nextToken, maxResults = mostTasks } = input;
        if (!services.has(String(serviceName)))
            throw new Refusal("ServiceNotFoundException", "Service not found.");
        const found = [...this.tasks.values()].filter(
            (task) =>
                task.clusterArn === cluster &&
                task.group === `service:${String(serviceName)}` &&
                task.desiredStatus === desiredStatus,
        );
        const from = nextToken === undefined ? 0 : Number(/^page-(\d+)$/.exec(String(nextToken))?.[1]);
        if (Number.isNaN(from)) throw new Refusal("InvalidParameterException", "Invalid token");
        const size = Math.min(this.pageSize, Number(maxResults));
        return {
            taskArns: found.slice(from, from + size).map(({ taskArn }) => taskArn),
            ...(from + size < found.length ? { nextToken: `page-${from + size}` } : {}),
        };
    }
}

function missingOf(arns: string[], known: ReadonlyMap<string, unknown>): unknown[] {
    return arns.filter((arn) => !known.has(arn)).map((arn) => ({ arn, reason: "MISSING" }));
}

function texts(value: unknown, least: number, most: number): string[] {
    const list = Array.isArray(value) ? value : [];
    if (list.length < least || list.length > most || list.some((one) => typeof one !== "string"))
        throw new Refusal(
            "InvalidParameterException",
            `${JSON.stringify(value)} is not a list of ${least} to ${most}`,
        );
    return list as string[];
}
