import { deepEqual } from "node:assert/strict";
import { profilesOf } from "./profiles";
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
});
