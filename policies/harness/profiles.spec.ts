import { deepEqual, equal } from "node:assert/strict";
import { defaultConfiguration, type PackConfiguration } from "./configuration";
import { inProfile, levelOf, profilesOf } from "./profiles";
import type { RuleMetadata } from "./rule";

const metadata = (more: Partial<RuleMetadata>): RuleMetadata => ({
    id: "T-01",
    family: "ecr",
    title: "Title",
    rationale: "Because.",
    severity: "high",
    remediation: "Mend it.",
    references: [],
    ...more,
});

describe("profiles", () => {
    it("gate is what is critical or high in the gate families", () => {
        deepEqual(profilesOf(metadata({ severity: "critical" })), ["gate", "strict"]);
        deepEqual(profilesOf(metadata({ severity: "high" })), ["gate", "strict"]);
        deepEqual(profilesOf(metadata({ severity: "medium" })), ["strict"]);
        deepEqual(profilesOf(metadata({ severity: "low", family: "pulumi" })), ["strict"]);
    });

    it("baseline is every other family, and what public rule sets also have", () => {
        deepEqual(profilesOf(metadata({ family: "lambda", severity: "critical" })), ["baseline", "strict"]);
        deepEqual(profilesOf(metadata({ publicEquivalent: true })), ["gate", "baseline", "strict"]);
    });

    it("rules about the run itself are in every profile", () => {
        deepEqual(profilesOf(metadata({ everyProfile: true, severity: "medium" })), [
            "gate",
            "baseline",
            "strict",
        ]);
    });
});

describe("levels given by settings", () => {
    const settings = (more: Partial<PackConfiguration>) => ({ ...defaultConfiguration, ...more });
    const gate = metadata({ severity: "critical" });
    const baseline = metadata({ family: "s3" });
    const strictOnly = metadata({ severity: "low" });

    it("go by the smallest profile that a rule is in", () => {
        const configuration = settings({
            levels: { gate: "mandatory", baseline: "advisory", "strict-only": "disabled" },
        });
        deepEqual(
            [gate, baseline, strictOnly].map((rule) => levelOf(rule, configuration)),
            ["mandatory", "advisory", "disabled"],
        );
        deepEqual(
            [gate, baseline, strictOnly].map((rule) => inProfile(rule, configuration)),
            [true, true, false],
        );
    });

    it("a rule's own level goes over that of its tier", () => {
        const configuration = settings({
            levels: { gate: "disabled" },
            rules: { "T-01": { level: "advisory" } },
        });
        equal(levelOf(gate, configuration), "advisory");
        equal(levelOf({ ...gate, id: "T-02" }, configuration), "disabled");
    });

    it("nothing given: CrossGuard's own level stays", () => {
        equal(levelOf(gate, defaultConfiguration), undefined);
        equal(levelOf({ ...gate, id: "toString" }, defaultConfiguration), undefined);
    });

    it("what watches the run is not switched off together with a tier", () => {
        const watching = metadata({ everyProfile: true });
        equal(levelOf(watching, settings({ levels: { gate: "disabled" } })), undefined);
        equal(levelOf(watching, settings({ rules: { "T-01": { level: "advisory" } } })), "advisory");
    });
});
