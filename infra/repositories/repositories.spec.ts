import assert from "node:assert/strict";
import { applicationNames } from "../application/applicationNames";
import { exampleKeyArn, examplePlatform } from "../application/testing/examplePlatform";
import { only, recordResources } from "../testing/recordedStack";
import { Repositories } from "./repositories";

describe("Repositories", () => {
    it("are immutable, scanned, encrypted, and writable by their own roles alone", async () => {
        const { resources } = await recordResources(() => {
            const platform = examplePlatform({ protection: "protected" });
            const names = applicationNames(platform.account, platform.naming, "demo");
            new Repositories("demo-repositories", { names, platform, reviewed: true });
            new Repositories("unreviewed", { names, platform, reviewed: false });
        });
        assert.equal(resources.length, 18);
        const writers = { candidate: ["build", "review-build"], staging: ["stage"], production: ["publish"] };
        for (const [tier, roles] of Object.entries(writers)) {
            const { tags: _, ...inputs } = only(resources, `demo-repositories-${tier}`).inputs;
            assert.deepEqual(inputs, {
                name: `portcullis-dev-demo-${tier}`,
                imageTagMutability: "IMMUTABLE",
                imageScanningConfiguration: { scanOnPush: true },
                encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: exampleKeyArn }],
                forceDelete: false,
            });
            const { policy, repository } = only(resources, `demo-repositories-${tier}-writer`).inputs;
            assert.equal(repository, `portcullis-dev-demo-${tier}`);
            const { Statement } = JSON.parse(policy as string) as { Statement: { Condition: unknown }[] };
            assert.deepEqual(Statement[0]?.Condition, {
                ArnNotEquals: {
                    "aws:PrincipalArn": roles.map(
                        (role) => `arn:aws:iam::123456789012:role/portcullis-dev-demo-${role}`,
                    ),
                },
            });
        }
        const { policy } = only(resources, "unreviewed-candidate-writer").inputs;
        assert.doesNotMatch(policy as string, /review-build/);
    });
});
