/** What the rules about queues share. */
import { queueType } from "../../gate/resourceTypes";
import type { ExampleResource } from "../../harness/rule";

export const redrivePolicyType = "aws:sqs/redrivePolicy:RedrivePolicy";
export const redriveAllowPolicyType = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy";

export function exampleQueueArn(name: string): string {
    return `arn:aws:sqs:eu-central-1:123456789012:${name}`;
}

/** A queue with the same name in the stack and in AWS. */
export function queueExample(name: string, props: Record<string, unknown> = {}): ExampleResource {
    return { type: queueType, name, props: { name, ...props } };
}
