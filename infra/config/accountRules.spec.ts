import assert from "node:assert/strict";
import { applicationNames } from "../application/applicationNames";
import { createNaming, type Account } from "../naming";
import { accountProblems } from "./accountRules";
import { stackConfigSchema } from "./schema";

const account: Account = {
    accountId: "123456789012",
    region: "us-west-1",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
};
const zoneNames = ["us-west-1a", "us-west-1c"];

function problems(input: Record<string, unknown>) {
    const config = stackConfigSchema.parse({
        applications: [{ name: "demo", source: { type: "codecommit" } }],
        ...input,
    });
    const naming = createNaming("portcullis", "prod", account);
    const analysedRepositoryArns = config.applications.flatMap(({ name }) => {
        const { repositories } = applicationNames(account, naming, name);
        return [repositories.candidate.arn, repositories.staging.arn];
    });
    return accountProblems(config, { account, naming, zoneNames, analysedRepositoryArns });
}

function applications(count: number, name: string) {
    return Array.from({ length: count }, (_, index) => ({
        name: `${name}${index}`,
        source: { type: "codecommit" },
    }));
}

describe("configuration and account", () => {
    it("refuses more zones than the region has", () => {
        assert.deepEqual(problems({ network: { zones: 3 } }), [
            {
                path: "network.zones",
                value: 3,
                allowed: "must not be above 2: us-west-1 has us-west-1a, us-west-1c",
            },
        ]);
    });

    it("refuses a certificate of another region", () => {
        const certificateArn = "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b";
        assert.deepEqual(problems({ anchore: { certificateArn } }), [
            {
                path: "anchore.certificateArn",
                value: certificateArn,
                allowed:
                    "must be a certificate of us-west-1: a load balancer uses those of its own region only",
            },
        ]);
    });

    it("refuses more applications than a role can name", () => {
        const gate =
            "fewer, or have shorter names: the role of the approval gate names every pipeline that it answers, and IAM " +
            "allows 10240 characters";
        const refused = (count: number, name: string) =>
            problems({ applications: applications(count, name) }).map(({ allowed }) => allowed);
        assert.deepEqual(refused(31, "shop"), []);
        assert.deepEqual(refused(32, "shop"), [`must be about 1 ${gate}`]);
        const review =
            "fewer, or have shorter names: the role of the function that tells about reviews names every review pipeline, " +
            "and IAM allows 10240 characters";
        assert.deepEqual(refused(38, "shop"), [`must be about 6 ${gate}`]);
        assert.deepEqual(refused(50, "shop"), [`must be about 10 ${review}`, `must be about 16 ${gate}`]);
        assert.deepEqual(refused(50, "a-name-of-nearly-thirty-let"), [
            `must be about 19 ${review}`,
            "must be about 2 fewer, or have shorter names: the role of Anchore Engine names every repository that it may " +
                "read, and IAM allows 10240 characters",
            `must be about 23 ${gate}`,
        ]);
    });

    it("has nothing to say about what fits", () => assert.deepEqual(problems({}), []));
});
