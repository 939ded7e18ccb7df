import { deepEqual } from "node:assert/strict";
import { findingsOf, runExample } from "../harness/examples";
import type { ExampleResource } from "../harness/rule";
import { allow, completeStages, roleExample } from "../pipeline/exampleResources";
import { deciderExists } from "../rules/gate/deciderExists";
import { deciderReach } from "../rules/gate/deciderReach";
import { answerStatement, changed, deciderRoleExample, exampleArns, gatePipelineExample, gateStack, permissionExample } from "./exampleGate"; // prettier-ignore
import { answerVerb } from "./gateModel";

/** What the rule finds in the complete gate with these resources in place of, or beside, its own. */
function found(rule: typeof deciderExists, ...replacements: ExampleResource[]): string[] {
    const example = { title: "", shows: "bad" as const, resources: gateStack(...replacements), expect: [] };
    return findingsOf(runExample(rule, example)).map(({ kind, resource }) => `${kind} ${resource ?? ""}`);
}

const trusted = (...services: string[]) =>
    JSON.stringify({
        Statement: [{ Effect: "Allow", Principal: { Service: services }, Action: "sts:AssumeRole" }],
    });
const deciderTrusting = (...services: string[]): ExampleResource =>
    changed(deciderRoleExample(answerStatement), { assumeRolePolicy: trusted(...services) });

describe("Who else is the decider (GATE-03)", () => {
    it("a role with the decider's tag as which no function runs", () => {
        deepEqual(found(deciderExists, roleExample("ops", [answerStatement], "decider")), ["violation ops"]);
    });

    it("nobody, where such a role may not answer this approval", () => {
        const other = allow(answerVerb, "arn:aws:codepipeline:eu-central-1:123456789012:other/A/B");
        deepEqual(found(deciderExists, roleExample("ops", [other], "decider")), []);
    });

    for (const service of ["codebuild", "ec2", "scheduler"])
        it(`whatever ${service} runs as the decider's role`, () => {
            deepEqual(found(deciderExists, deciderTrusting("lambda.amazonaws.com", `${service}.amazonaws.com`)), ["violation decider-role"]); // prettier-ignore
        });

    it("nobody, where only Lambda may run as the decider's role", () => {
        deepEqual(found(deciderExists, deciderTrusting("lambda.amazonaws.com")), []);
    });
});

describe("An approval that the decider is there for (GATE-03)", () => {
    it("was taken out of the pipeline", () => {
        const pipeline = gatePipelineExample(completeStages.toSpliced(3, 1));
        deepEqual(found(deciderExists, pipeline), ["violation pipeline"]);
    });

    it("has another name in the pipeline, beside the one that it answers", () => {
        const role = deciderRoleExample(allow(answerVerb, [exampleArns.approval, `${exampleArns.pipeline}/Approve/Old`])); // prettier-ignore
        deepEqual(found(deciderExists, role), ["violation pipeline"]);
    });

    it("is another pipeline's, outside the stack", () => {
        const role = deciderRoleExample(allow(answerVerb, [exampleArns.approval, "arn:aws:codepipeline:eu-central-1:123456789012:other/A/B"])); // prettier-ignore
        deepEqual(found(deciderExists, role), []);
    });
});

describe("Names of a function in a permission (GATE-10)", () => {
    for (const name of [
        "decider",
        "decider:live",
        "123456789012:function:decider",
        "123456789012:function:decider:live",
        "function:decider",
        exampleArns.decider,
        `${exampleArns.decider}:live`,
    ])
        it(`${name} is the decider`, () => {
            deepEqual(found(deciderReach, permissionExample("added", name, "s3", undefined)), ["violation added"]); // prettier-ignore
        });

    it("another function's name is not", () => {
        deepEqual(found(deciderReach, permissionExample("added", "decider2:live", "s3", undefined)), []);
    });
});
