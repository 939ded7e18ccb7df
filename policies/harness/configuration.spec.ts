import { deepEqual, equal, match, ok } from "node:assert/strict";
import { configurationProperties, defaultConfiguration, readConfiguration } from "./configuration";

describe("settings of the pack", () => {
    it("nothing given is the defaults", () => {
        deepEqual(readConfiguration(undefined), { ok: true, configuration: defaultConfiguration });
        deepEqual(readConfiguration({}), { ok: true, configuration: defaultConfiguration });
    });

    it("what the engine fills in from the schema is accepted and means the defaults", () => {
        const filled = Object.fromEntries(
            Object.entries(configurationProperties())
                .filter(([, property]) => "default" in property)
                .map(([name, property]) => [name, property["default"]]),
        );
        deepEqual(readConfiguration(filled), { ok: true, configuration: defaultConfiguration });
    });

    it("a part of an object keeps the other defaults", () => {
        const result = readConfiguration({ repositoryTiers: { production: ["live/*"] } });
        ok(result.ok);
        deepEqual(result.configuration.repositoryTiers, {
            ...defaultConfiguration.repositoryTiers,
            production: ["live/*"],
        });
    });

    it("all problems are named together, with their paths", () => {
        const result = readConfiguration({
            profile: "lax",
            retainedReleaseImages: 0,
            repositoryTiers: { prod: [] },
            x: 1,
        });
        ok(!result.ok);
        const text = result.problems.join("\n");
        for (const problem of [
            /^profile: /m,
            /^retainedReleaseImages: /m,
            /^repositoryTiers: .*prod/m,
            /^settings: .*x/m,
        ]) {
            match(text, problem);
        }
    });

    it("every setting says what it is for", () => {
        for (const [name, property] of Object.entries(configurationProperties())) {
            ok(typeof property["description"] === "string" || name === "repositoryTiers", name);
        }
        equal("$schema" in configurationProperties(), false);
    });
});
