import { deepEqual } from "node:assert/strict";
import { answerStatement, gateStack } from "../../gate/exampleGate";
import { answerVerb } from "../../gate/gateModel";
import { findingsOf, runExample } from "../../harness/examples";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { allow, roleExample } from "../../pipeline/exampleResources";
import { humanApproval } from "./humanApproval";

function found(added: ExampleResource, configuration: RuleExample["configuration"] = {}): string[] {
    const example: RuleExample = { title: "", shows: "bad", resources: gateStack(added), expect: [], configuration }; // prettier-ignore
    return findingsOf(runExample(humanApproval, example)).map(({ kind, resource }) => `${kind} ${resource ?? ""}`); // prettier-ignore
}

describe("Approvers and the gate's own approval (GATE-15)", () => {
    const people = allow(answerVerb, "arn:aws:codepipeline:eu-central-1:123456789012:demo/Approve/Human");

    it("an approver by tag who may answer for the gate", () => {
        deepEqual(found(roleExample("approvers", [answerStatement], "approver")), ["violation approvers"]);
    });

    it("an approver of the settings who may answer for the gate", () => {
        deepEqual(found(roleExample("release-team", [answerStatement]), { approverRoles: ["release-*"] }), ["violation release-team"]); // prettier-ignore
    });

    it("an approver of what people are asked is fine", () => {
        deepEqual(found(roleExample("approvers", [people], "approver")), []);
    });

    it("who is not declared is BYP-02's", () => {
        deepEqual(found(roleExample("ops", [answerStatement])), []);
    });
});
