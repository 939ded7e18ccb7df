import type { NameAndArn } from "./functionNames";

/** A service that puts what it could not deliver into a queue, and the resources on whose behalf it may. */
export interface QueueSender {
    sid: string;
    service: "events.amazonaws.com" | "sns.amazonaws.com";
    sourceArns: string[];
}

/**
 * Policy of a queue: these services for these resources of ours, over TLS. Functions and the schedule put their failed
 * events there with their own roles, which say so. Who may read is said by IAM alone.
 */
export function failedQueuePolicy(queue: NameAndArn, senders: QueueSender[]): string {
    return JSON.stringify({
        Version: "2012-10-17",
        Statement: [
            ...senders.map(({ sid, service, sourceArns }) => ({
                Sid: sid,
                Effect: "Allow",
                Principal: { Service: service },
                Action: "sqs:SendMessage",
                Resource: queue.arn,
                Condition: { ArnEquals: { "aws:SourceArn": sourceArns } },
            })),
            {
                Sid: "OnlyOverTls",
                Effect: "Deny",
                Principal: "*",
                Action: "sqs:*",
                Resource: queue.arn,
                Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
        ],
    });
}
