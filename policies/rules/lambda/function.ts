/** What the rules about functions share: further type tokens, and functions for examples. */
import { functionType } from "../../gate/resourceTypes";
import type { ExampleResource } from "../../harness/rule";

export const functionUrlType = "aws:lambda/functionUrl:FunctionUrl";
export const codeSigningConfigType = "aws:lambda/codeSigningConfig:CodeSigningConfig";
export const bucketNotificationType = "aws:s3/bucketNotification:BucketNotification";

/** A function named `worker` in the stack and in AWS. */
export function workerExample(props: Record<string, unknown> = {}): ExampleResource {
    return {
        type: functionType,
        name: "worker",
        props: { name: "worker", role: "arn:aws:iam::123456789012:role/worker", ...props },
    };
}

/** An ARN in the account and region of the examples. */
export function exampleArn(service: string, resource: string): string {
    return `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
}
