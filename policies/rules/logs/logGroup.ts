import type { ExampleResource } from "../../harness/rule";

export const logGroupType = "aws:cloudwatch/logGroup:LogGroup";

/** Smallest log group for examples, called `logs`. */
export function logGroupWith(props: Record<string, unknown> = {}): ExampleResource {
    return { type: logGroupType, name: "logs", props: { name: "/builds", ...props } };
}
