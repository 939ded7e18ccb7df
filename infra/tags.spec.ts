import assert from "node:assert/strict";
import { createTagging } from "./tags";

describe("tags", () => {
    it("adds project, stack, manager and name to the configured tags", () => {
        const tags = createTagging("portcullis", "dev", { Environment: "dev" });
        assert.deepEqual(tags.tagsFor("thing", { tier: "staging" }), {
            Environment: "dev",
            tier: "staging",
            Project: "portcullis",
            Stack: "dev",
            ManagedBy: "pulumi",
            Name: "thing",
        });
    });

    it("lets nothing replace its own tags", () => {
        const tags = createTagging("portcullis", "dev", { Stack: "prod", Cost: "1" });
        assert.deepEqual(tags.tagsFor("thing", { Name: "other", Cost: "2" }), {
            Cost: "2",
            Project: "portcullis",
            Stack: "dev",
            ManagedBy: "pulumi",
            Name: "thing",
        });
    });
});
