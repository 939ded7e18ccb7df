import assert from "node:assert/strict";
import { matchesEventPattern } from "../../gate/approval/testing/eventPatternMatcher";
import { snsApprovalEvent } from "../../gate/approval/testing/genuineShapes";
import type { ApprovalFunctionName } from "../bundle";
import { raisedAlarms } from "./alarms";
import type { RequiredPermission } from "./callJournal";
import type { CapturedStack } from "./capturedStack";
import type { FinishedInvocation, FunctionRunner, ReportedMetric } from "./functionRunner";
import type { Permissions, Principal } from "./permissions";
import type { StreamRecord, TableServer } from "./tableServer";

type Properties = Record<string, unknown>;

/** What AWS itself did in the name of a role or a resource. */
export interface ServiceUse {
    principal: Principal;
    permission: RequiredPermission;
}

/**
 * Brings events to functions by the wiring that the program declares, and in no other way: subscriptions of topics,
 * rules and their targets, the mapping of the table's stream, the schedule; each with the retries and the queue that are
 * declared there, and each only as far as the policies allow it.
 */
export class EventDelivery {
    /** Messages by the queue's ARN. */
    readonly queues = new Map<string, unknown[]>();
    /** What CloudWatch counts by itself, and what the functions reported. */
    readonly metrics: ReportedMetric[] = [];
    readonly serviceUses: ServiceUse[] = [];
    /** Functions that services cannot hand anything to, as when somebody has taken a permission away. */
    readonly unreachable = new Set<ApprovalFunctionName>();
    /** Killed after that many calls; used up by the next invocation. */
    crashAfter: number | undefined;

    constructor(
        private readonly stack: CapturedStack,
        private readonly runner: FunctionRunner,
        private readonly permissions: Permissions,
        private readonly table: TableServer,
    ) {
        for (const { properties } of stack.all("aws:sqs/queue:Queue"))
            this.queues.set(String(properties["arn"]), []);
    }

    /** A pipeline publishes; every subscribed function is invoked. Several texts arrive as several records. */
    async publish(topicArn: string, texts: readonly string[], publisher: string): Promise<void> {
        const topic = this.stack.one("aws:sns/topic:Topic", { arn: topicArn }).properties;
        await this.use({ role: publisher }, { action: "sns:Publish", resource: topicArn });
        if (topic["kmsMasterKeyId"] !== undefined) {
            for (const action of ["kms:GenerateDataKey", "kms:Decrypt"]) {
                await this.use(
                    { role: publisher },
                    {
                        action,
                        resource: String(topic["kmsMasterKeyId"]),
                        context: { "kms:ViaService": `sns.${this.region}.amazonaws.com` },
                    },
                );
            }
        }
        const subscriptions = this.stack
            .all("aws:sns/topicSubscription:TopicSubscription")
            .filter(
                ({ properties }) => properties["topic"] === topicArn && properties["protocol"] === "lambda",
            );
        for (const { properties } of subscriptions) {
            const functionArn = String(properties["endpoint"]);
            const event = snsApprovalEvent(texts, topicArn);
            if (this.unreachable.has(this.runner.nameOf(functionArn))) {
                const { deadLetterTargetArn } = JSON.parse(String(properties["redrivePolicy"] ?? "{}")) as {
                    deadLetterTargetArn?: string;
                };
                await this.putAway(
                    { service: "sns.amazonaws.com", sourceArn: topicArn },
                    deadLetterTargetArn,
                    event,
                );
                continue;
            }
            await this.use(
                { service: "sns.amazonaws.com", sourceArn: topicArn },
                { action: "lambda:InvokeFunction", resource: functionArn },
            );
            await this.invokeAsync(this.runner.nameOf(functionArn), event);
        }
    }

    /** An event on the default bus. @returns names of the rules that matched. */
    async sendEvent(event: object): Promise<string[]> {
        const rules = this.stack
            .all("aws:cloudwatch/eventRule:EventRule")
            .map(({ properties }) => properties)
            .filter((rule) => rule["state"] !== "DISABLED" && typeof rule["eventPattern"] === "string")
            .filter((rule) => matchesEventPattern(String(rule["eventPattern"]), event));
        for (const rule of rules) {
            for (const { properties: target } of this.stack.all("aws:cloudwatch/eventTarget:EventTarget")) {
                if (target["rule"] !== rule["name"]) continue;
                const functionArn = String(target["arn"]);
                if (!functionArn.includes(":lambda:")) continue;
                if (this.unreachable.has(this.runner.nameOf(functionArn))) {
                    const { arn } = (target["deadLetterConfig"] ?? {}) as { arn?: string };
                    const sender = { service: "events.amazonaws.com", sourceArn: String(rule["arn"]) };
                    await this.putAway(sender, arn, event);
                    continue;
                }
                await this.use(
                    { service: "events.amazonaws.com", sourceArn: String(rule["arn"]) },
                    { action: "lambda:InvokeFunction", resource: functionArn },
                );
                await this.invokeAsync(this.runner.nameOf(functionArn), event);
            }
        }
        return rules.map((rule) => String(rule["name"]));
    }

    /** Every schedule of a function that runs here runs once. */
    async runSchedules(): Promise<void> {
        for (const { properties } of this.stack.all("aws:scheduler/schedule:Schedule")) {
            if (properties["state"] === "DISABLED") continue;
            const target = properties["target"] as {
                arn: string;
                roleArn: string;
                input?: string;
                deadLetterConfig?: { arn: string };
            };
            if (!this.runner.knows(target.arn)) continue;
            const role = { role: target.roleArn.split("/").at(-1) ?? "" };
            const input: unknown = JSON.parse(target.input ?? "{}");
            if (this.unreachable.has(this.runner.nameOf(target.arn))) {
                await this.putAway(role, target.deadLetterConfig?.arn, input);
                continue;
            }
            await this.use(role, { action: "lambda:InvokeFunction", resource: target.arn });
            await this.invokeAsync(this.runner.nameOf(target.arn), input);
        }
    }

    /** Hands what the table's stream holds to its mappings, until nothing new comes. */
    async drainStream(): Promise<void> {
        const mappings = this.stack
            .all("aws:lambda/eventSourceMapping:EventSourceMapping")
            .map(({ properties }) => properties);
        while (this.table.stream.length > 0) {
            const records = this.table.stream.splice(0);
            for (const mapping of mappings) await this.deliverRecords(mapping, records);
        }
    }

    /** Names of the alarms that would ring because of what happened so far. */
    get alarms(): string[] {
        return raisedAlarms(this.stack, this.metrics);
    }

    /** Forgets queues and metrics. */
    reset(): void {
        for (const messages of this.queues.values()) messages.length = 0;
        this.metrics.length = 0;
        this.unreachable.clear();
        this.crashAfter = undefined;
    }

    private get region(): string {
        return this.stack.account.region;
    }

    /** An asynchronous invocation: repeated as declared, then put into the function's queue. */
    private async invokeAsync(name: ApprovalFunctionName, event: unknown): Promise<void> {
        const uploaded = this.runner.get(name);
        const settings = this.stack
            .all("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig")
            .map(({ properties }) => properties)
            .find(({ functionName }) => functionName === uploaded.name || functionName === uploaded.arn);
        const retries = Number(settings?.["maximumRetryAttempts"] ?? 2);
        for (let attempt = 0; attempt <= retries; attempt += 1) {
            const { invocation } = await this.run(name, event);
            if (invocation.kind === "returned") return;
        }
        const { properties } = this.stack.one("aws:lambda/function:Function", { arn: uploaded.arn });
        const { targetArn } = (properties["deadLetterConfig"] ?? {}) as { targetArn?: string };
        await this.putAway({ role: this.roleOf(name) }, targetArn, event);
    }

    private async deliverRecords(mapping: Properties, records: readonly StreamRecord[]): Promise<void> {
        const [record] = records;
        if (record === undefined || record.eventSourceARN !== mapping["eventSourceArn"]) return;
        const name = this.runner.nameOf(String(mapping["functionName"]));
        const role = { role: this.roleOf(name) };
        const streamArn = String(mapping["eventSourceArn"]);
        for (const action of ["GetRecords", "GetShardIterator", "DescribeStream"])
            await this.use(role, { action: `dynamodb:${action}`, resource: streamArn });
        await this.use(role, { action: "dynamodb:ListStreams", resource: "*" });
        const { filters = [] } = (mapping["filterCriteria"] ?? {}) as { filters?: { pattern: string }[] };
        const wanted = records.filter(
            (each) =>
                filters.length === 0 || filters.some(({ pattern }) => matchesEventPattern(pattern, each)),
        );
        const size = Number(mapping["batchSize"] ?? 100);
        for (let at = 0; at < wanted.length; at += size) {
            await this.deliverBatch(mapping, name, wanted.slice(at, at + size), 0);
        }
    }

    private async deliverBatch(
        mapping: Properties,
        name: ApprovalFunctionName,
        batch: readonly StreamRecord[],
        attempt: number,
    ): Promise<void> {
        const { invocation } = await this.run(name, { Records: batch });
        const last = Number(mapping["maximumRetryAttempts"] ?? -1);
        let left = batch;
        if (invocation.kind === "returned") {
            const reports = (mapping["functionResponseTypes"] as string[] | undefined) ?? [];
            if (!reports.includes("ReportBatchItemFailures")) return;
            const { batchItemFailures = [] } = (invocation.result ?? {}) as {
                batchItemFailures?: { itemIdentifier: string }[];
            };
            // Lambda goes on at the first record that failed (Developer Guide, "Partial batch responses").
            const failed = batchItemFailures.map(({ itemIdentifier }) =>
                batch.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === itemIdentifier),
            );
            if (failed.length === 0) return;
            left = batch.slice(Math.max(0, Math.min(...failed)));
        }
        if (attempt < last) {
            if (left.length > 1 && mapping["bisectBatchOnFunctionError"] === true) {
                const middle = Math.ceil(left.length / 2);
                await this.deliverBatch(mapping, name, left.slice(0, middle), attempt + 1);
                return this.deliverBatch(mapping, name, left.slice(middle), attempt + 1);
            }
            return this.deliverBatch(mapping, name, left, attempt + 1);
        }
        const { onFailure } = (mapping["destinationConfig"] ?? {}) as {
            onFailure?: { destinationArn: string };
        };
        const numbers = left.map(({ dynamodb }) => dynamodb.SequenceNumber);
        // The destination is told which records they were, not what they said.
        await this.putAway({ role: this.roleOf(name) }, onFailure?.destinationArn, {
            requestContext: { condition: "RetryAttemptsExhausted", functionArn: this.runner.get(name).arn },
            DDBStreamBatchInfo: {
                streamArn: mapping["eventSourceArn"],
                startSequenceNumber: numbers[0],
                endSequenceNumber: numbers.at(-1),
                batchSize: numbers.length,
            },
        });
    }

    private async run(name: ApprovalFunctionName, event: unknown): Promise<FinishedInvocation> {
        const { crashAfter } = this;
        this.crashAfter = undefined;
        const finished = await this.runner.invoke(name, event, crashAfter);
        const { name: functionName } = this.runner.get(name);
        const count = (metric: string, value: number): void => {
            this.metrics.push({
                namespace: "AWS/Lambda",
                name: metric,
                value,
                dimensions: { FunctionName: functionName },
            });
        };
        count("Invocations", 1);
        count("Errors", finished.invocation.kind === "returned" ? 0 : 1);
        this.metrics.push(...finished.metrics);
        return finished;
    }

    private async putAway(sender: Principal, queueArn: string | undefined, message: unknown): Promise<void> {
        assert.ok(
            queueArn !== undefined,
            `an event is lost: there is no queue for it (${JSON.stringify(message)})`,
        );
        await this.use(sender, { action: "sqs:SendMessage", resource: queueArn });
        const queue = this.queues.get(queueArn);
        assert.ok(queue !== undefined, `${queueArn} is no queue of the stack`);
        queue.push(message);
        this.metrics.push({
            namespace: "AWS/SQS",
            name: "ApproximateNumberOfMessagesVisible",
            value: queue.length,
            dimensions: { QueueName: queueArn.split(":").at(-1) ?? "" },
        });
    }

    private roleOf(name: ApprovalFunctionName): string {
        const { properties } = this.stack.one("aws:lambda/function:Function", {
            arn: this.runner.get(name).arn,
        });
        return String(properties["role"]).split("/").at(-1) ?? "";
    }

    /** AWS does something for a principal: it must be allowed to. */
    private async use(principal: Principal, permission: RequiredPermission): Promise<void> {
        this.serviceUses.push({ principal, permission });
        const { isAllowed, problem } = await this.permissions.judge(principal, permission);
        const { action, resource } = permission;
        assert.ok(isAllowed, `${JSON.stringify(principal)} may not ${action} on ${resource}${problem ?? ""}`);
    }
}
