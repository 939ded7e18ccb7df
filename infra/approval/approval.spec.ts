import assert from "node:assert/strict";
import { exampleKeyArn, examplePlatform, exampleTopicArn } from "../application/testing/examplePlatform";
import { only, recordResources } from "../testing/recordedStack";
import { Approval } from "./approval";

describe("Approval", () => {
    it("creates an encrypted topic, its policy and one subscription for each address", async () => {
        let topicArn = "";
        const { resources } = await recordResources(() => {
            const platform = examplePlatform({
                approval: { emails: ["two@example.com", "one@example.com"] },
            });
            topicArn = new Approval("approval", { platform }).topicArn;
        });
        assert.equal(topicArn, exampleTopicArn);
        const { policy, ...policyInputs } = only(resources, "approval-topic-policy").inputs;
        assert.deepEqual(policyInputs, { arn: exampleTopicArn });
        assert.match(
            policy as string,
            /role\/portcullis-dev-demo-delivery.*role\/portcullis-dev-shop-front-delivery/,
        );
        assert.deepEqual(resources.map(({ type, name }) => `${type} ${name}`).sort(), [
            "aws:sns/topic:Topic approval-topic",
            "aws:sns/topicPolicy:TopicPolicy approval-topic-policy",
            "aws:sns/topicSubscription:TopicSubscription approval-one@example.com",
            "aws:sns/topicSubscription:TopicSubscription approval-two@example.com",
        ]);
        assert.equal(only(resources, "approval-topic").inputs["kmsMasterKeyId"], exampleKeyArn);
    });
});
