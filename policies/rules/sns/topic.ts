/** What the rules about topics share. */
import { topicPolicyType, topicType } from "../../gate/resourceTypes";
import type { ExampleResource } from "../../harness/rule";

export const exampleTopicArn = "arn:aws:sns:eu-central-1:123456789012:news";

/** A topic named `news` in the stack and in AWS. */
export function topicExample(props: Record<string, unknown> = {}): ExampleResource {
    return { type: topicType, name: "news", props: { name: "news", ...props } };
}

/** The policy of that topic, as a resource of its own. */
export function topicPolicyExample(...statements: Record<string, unknown>[]): ExampleResource {
    return topicPolicyOf(JSON.stringify({ Version: "2012-10-17", Statement: statements }));
}

export function topicPolicyOf(policy: unknown): ExampleResource {
    return { type: topicPolicyType, name: "policy", props: { arn: exampleTopicArn, policy } };
}

/** An Allow to publish to the topic. */
export function publishStatement(Principal: unknown, Condition?: unknown): Record<string, unknown> {
    return {
        Effect: "Allow",
        Principal,
        Action: "sns:Publish",
        Resource: exampleTopicArn,
        ...(Condition === undefined ? {} : { Condition }),
    };
}
