/** What the rules about Auto Scaling groups share. */
import type { ExampleResource } from "../../harness/rule";

export const groupType = "aws:autoscaling/group:Group";
export const attachmentType = "aws:autoscaling/attachment:Attachment";

/** A group as it should be. */
export function groupExample(props: Record<string, unknown> = {}): ExampleResource {
    return {
        type: groupType,
        name: "group",
        props: {
            name: "group",
            minSize: 1,
            maxSize: 4,
            launchTemplate: { id: "lt-1111", version: "$Latest" },
            vpcZoneIdentifiers: ["subnet-1", "subnet-2"],
            instanceRefresh: { strategy: "Rolling" },
            maxInstanceLifetime: 2_592_000,
            ...props,
        },
    };
}
