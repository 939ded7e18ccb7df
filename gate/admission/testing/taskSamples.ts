/** Tasks as Amazon ECS tells EventBridge of them (developer guide, "Task state change events"). */
import { good, goodImage } from "./deploymentSamples";

const ecs = "arn:aws:ecs:eu-central-1:123456789012";
export const taskArn = `${ecs}:task/sample-delivery/c13b4cb40f1f4fe4a2971f76ae5a47ad`;
export const taskDefinitionArn = `${ecs}:task-definition/sample-orders-production:7`;

/** @param change members of `detail`. */
export function taskEvent(
    change: Record<string, unknown> = {},
    containers: Record<string, { image?: unknown; imageDigest?: unknown }> = {
        application: { image: goodImage, imageDigest: good },
    },
): Record<string, unknown> {
    return {
        version: "0",
        id: "3317b2af-7005-947d-b652-f55e762e571a",
        "detail-type": "ECS Task State Change",
        source: "aws.ecs",
        account: "123456789012",
        time: "2026-03-04T12:29:58Z",
        region: "eu-central-1",
        resources: [taskArn],
        detail: {
            attachments: [
                { id: "1789bcae-ddfb-4d10-8ebe-8ac87ddba5b8", type: "eni", status: "ATTACHED", details: [] },
            ],
            availabilityZone: "eu-central-1c",
            clusterArn: `${ecs}:cluster/sample-delivery`,
            containers: Object.entries(containers).map(([name, images]) => ({
                containerArn: `${ecs}:container/cf159fd6-3e3f-4a9e-84f9-66cbe726af01`,
                lastStatus: "RUNNING",
                name,
                runtimeId: "ad64cbc71c7fb31c55507ec24c9f7794",
                taskArn,
                networkInterfaces: [],
                cpu: "0",
                ...images,
            })),
            createdAt: "2026-03-04T12:29:34.402Z",
            launchType: "FARGATE",
            cpu: "256",
            memory: "512",
            desiredStatus: "RUNNING",
            group: "service:sample-orders",
            lastStatus: "RUNNING",
            overrides: { containerOverrides: [{ name: "application" }] },
            connectivity: "CONNECTED",
            startedAt: "2026-03-04T12:29:58.103Z",
            startedBy: "ecs-svc/1234567890123456789",
            updatedAt: "2026-03-04T12:29:58.103Z",
            taskArn,
            taskDefinitionArn,
            version: 4,
            platformVersion: "1.4.0",
            ...change,
        },
    };
}
