import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tagging } from "../tags";
import type { NameAndArn } from "./functionNames";
import { failedQueuePolicy, type QueueSender } from "./queuePolicy";

/** The longest that Amazon SQS keeps a message: 14 days (SQS quotas). */
const retentionSeconds = 1_209_600;

export interface FailedQueueArgs {
    queue: NameAndArn;
    tags: Tagging;
    /** Services that put messages there by themselves. */
    senders: QueueSender[];
}

/**
 * Where the events of one function end that nobody could handle; an alarm watches it, and the runbook says how they are
 * played again.
 *
 * Encrypted with a key of Amazon SQS and not with the pipeline key: this is where everything goes that failed, and a
 * permission on a key that is missing or was taken away would lose it without a trace. What lies there is no secret: a
 * token answers nothing without `codepipeline:PutApprovalResult`.
 */
export class FailedQueue extends pulumi.ComponentResource {
    readonly queue: aws.sqs.Queue;
    /** To exist before a service sends. */
    readonly policy: aws.sqs.QueuePolicy;

    constructor(name: string, args: FailedQueueArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:function:FailedQueue", name, {}, opts);
        this.queue = new aws.sqs.Queue(
            name,
            {
                name: args.queue.name,
                messageRetentionSeconds: retentionSeconds,
                sqsManagedSseEnabled: true,
                tags: args.tags.tagsFor(args.queue.name),
            },
            { parent: this },
        );
        this.policy = new aws.sqs.QueuePolicy(
            `${name}-policy`,
            { queueUrl: this.queue.url, policy: failedQueuePolicy(args.queue, args.senders) },
            { parent: this.queue },
        );
        this.registerOutputs({});
    }
}
