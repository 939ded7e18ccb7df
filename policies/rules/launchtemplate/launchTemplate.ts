/** What the rules about launch templates share. */
import type { ExampleResource } from "../../harness/rule";

export const launchTemplateType = "aws:ec2/launchTemplate:LaunchTemplate";

/** A template named `instances` in the stack and in AWS. */
export function templateExample(props: Record<string, unknown> = {}): ExampleResource {
    return { type: launchTemplateType, name: "instances", props: { name: "instances", ...props } };
}
