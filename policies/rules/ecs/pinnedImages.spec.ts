import { deepEqual } from "node:assert/strict";
import { defaultConfiguration } from "../../harness/configuration";
import { ResourceReader } from "../../harness/reader";
import { taskDefinitionType } from "./containers";
import { pinnedImages } from "./pinnedImages";

/** Severities of the findings about one image; the rule's own is "high". */
function severities(image: string): string[] {
    const containerDefinitions = JSON.stringify([{ name: "engine", image }]);
    const reader = new ResourceReader({
        type: taskDefinitionType,
        name: "task",
        urn: "urn:task",
        properties: { containerDefinitions },
    });
    return pinnedImages
        .evaluate(reader, defaultConfiguration)
        .flatMap((outcome) =>
            outcome.kind === "violation" ? [outcome.severity ?? pinnedImages.metadata.severity] : [],
        );
}

describe("weight of an image reference", () => {
    it("a tag without a digest is advised against, anything looser blocks", () => {
        deepEqual(severities("docker.io/anchore/anchore-engine:v1.1.0"), ["medium"]);
        deepEqual(severities("docker.io/anchore/anchore-engine:latest"), ["high"]);
        deepEqual(severities("docker.io/anchore/anchore-engine"), ["high"]);
        deepEqual(severities("quay.io/other/engine:v1"), ["high", "medium"]);
        deepEqual(severities(`docker.io/anchore/anchore-engine:latest@sha256:${"0".repeat(64)}`), []);
    });
});
