import { deepEqual, equal, ok } from "node:assert/strict";
import { settingsRead } from "../settingsRead";
import { configurationProperties, defaultConfiguration, readConfiguration } from "./configuration";
import { configurationOf } from "./ruleSettings";

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

    it("all problems are named together, one line each, with what may stand there", () => {
        const result = readConfiguration({
            profile: "strikt",
            retainedReleaseImages: 0,
            repositoryTiers: { prodction: [] },
            strictUnknown: true,
            "ECR-02": {},
        });
        ok(!result.ok);
        deepEqual(result.problems.toSorted(), [
            "ECR-02: settings of a rule belong under rules.ECR-02",
            'profile: must be one of gate, baseline, strict, not "strikt"; did you mean "strict"?',
            'repositoryTiers.prodction: is not a setting; known here: candidate, staging, production, tooling; did you mean "production"?',
            "retainedReleaseImages: must be at least 1, not 0",
            'strictUnknown: is not a setting; did you mean "strictUnknowns"?',
        ]);
    });

    it("settings of single rules are checked against what the rule reads", () => {
        const problemsOf = (rules: Record<string, unknown>) => {
            const result = readConfiguration({ rules });
            return result.ok ? [] : result.problems;
        };
        const read = settingsRead["ECR-02"] ?? [];
        deepEqual(read, ["immutabilityExclusions"]);
        deepEqual(problemsOf({ "ECR-02": { level: "advisory", immutabilityExclusions: ["v*"] } }), []);
        deepEqual(problemsOf({ "ECR-2": {} }), [
            'rules.ECR-2: there is no such rule; did you mean "ECR-02"?',
        ]);
        deepEqual(problemsOf({ "ECR-02": { immutabilityExclusion: [] } }), [
            'rules.ECR-02.immutabilityExclusion: is not a setting; ECR-02 knows level, immutabilityExclusions; did you mean "immutabilityExclusions"?',
        ]);
        deepEqual(problemsOf({ "ECR-02": { adminPorts: [22] } }), [
            "rules.ECR-02.adminPorts: ECR-02 does not read this setting; it reads immutabilityExclusions",
        ]);
        deepEqual(problemsOf({ "ECR-02": { immutabilityExclusions: [1] } }), [
            "rules.ECR-02.immutabilityExclusions.0: must be text in quotes, not 1",
        ]);
        deepEqual(problemsOf({ "ECR-02": { level: "remediate" } }), [
            'rules.ECR-02.level: must be one of mandatory, advisory, disabled, not "remediate"',
        ]);
        deepEqual(problemsOf({ "ECR-02": { strictUnknowns: true } }).length, 1, "holds for the whole pack");
        deepEqual(problemsOf({ "ECR-02": "advisory" }), ['rules.ECR-02: must be an object, not "advisory"']);
    });

    it("a rule sees its own settings over those of the pack, and no other rule does", () => {
        const result = readConfiguration({
            immutabilityExclusions: ["a"],
            rules: { "ECR-02": { immutabilityExclusions: ["b"] }, "ECR-03": { level: "advisory" } },
        });
        ok(result.ok);
        const { configuration } = result;
        deepEqual(configurationOf(configuration, "ECR-02").immutabilityExclusions, ["b"]);
        equal(configurationOf(configuration, "ECR-02"), configurationOf(configuration, "ECR-02"));
        equal(configurationOf(configuration, "ECR-03"), configuration);
        equal(configurationOf(configuration, "constructor"), configuration);
    });

    it("every setting says what it is for", () => {
        for (const [name, property] of Object.entries(configurationProperties())) {
            ok(typeof property["description"] === "string" || name === "repositoryTiers", name);
        }
        equal("$schema" in configurationProperties(), false);
    });
});
