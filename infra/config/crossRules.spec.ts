import assert from "node:assert/strict";
import { accountProblems } from "./crossRules";
import { stackConfigSchema } from "./schema";

const account = {
    accountId: "123456789012",
    region: "us-west-1",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
};

function config(input: Record<string, unknown>) {
    return stackConfigSchema.parse({
        applications: [{ name: "demo", source: { type: "codecommit" } }],
        ...input,
    });
}

describe("configuration and account", () => {
    it("refuses more zones than the region has", () => {
        assert.deepEqual(
            accountProblems(config({ network: { zones: 3 } }), account, ["us-west-1a", "us-west-1c"]),
            [
                {
                    path: "network.zones",
                    value: 3,
                    allowed: "must not be above 2: us-west-1 has us-west-1a, us-west-1c",
                },
            ],
        );
    });

    it("refuses a certificate of another region", () => {
        const certificateArn = "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b";
        assert.deepEqual(
            accountProblems(config({ anchore: { certificateArn } }), account, ["us-west-1a", "us-west-1c"]),
            [
                {
                    path: "anchore.certificateArn",
                    value: certificateArn,
                    allowed:
                        "must be a certificate of us-west-1: a load balancer uses those of its own region only",
                },
            ],
        );
    });

    it("has nothing to say about what fits", () => {
        assert.deepEqual(accountProblems(config({}), account, ["us-west-1a", "us-west-1c"]), []);
    });
});
