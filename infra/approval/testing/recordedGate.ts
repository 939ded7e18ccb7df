/** The approval gate with the example platform, recorded; and what its resources are called there. */
import assert from "node:assert/strict";
import { examplePlatform } from "../../application/testing/examplePlatform";
import { recordResources } from "../../testing/recordedStack";
import { Approval } from "../approval";

export const arn = (service: string, resource: string) =>
    `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
export const functionArn = (part: string) => arn("lambda", `function:portcullis-dev-approval-${part}`);
export const queueArn = (part: string) => arn("sqs", `portcullis-dev-approval-${part}-failed`);
export const tagsOf = (Name: string, more: Record<string, string> = {}) => ({
    Team: "delivery",
    ManagedBy: "pulumi",
    Project: "portcullis",
    Stack: "dev",
    Name,
    ...more,
});

export async function recorded(config: Record<string, unknown> = {}) {
    const approvals: Approval[] = [];
    const { resources } = await recordResources(() => {
        approvals.push(new Approval("approval", { platform: examplePlatform(config) }));
    });
    const [approval] = approvals;
    assert(approval);
    return { resources, approval };
}
