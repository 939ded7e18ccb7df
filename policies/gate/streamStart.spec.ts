import { deepEqual } from "node:assert/strict";
import { findingsOf, runExample } from "../harness/examples";
import { unknown } from "../harness/reader";
import type { ExampleResource, StackRule } from "../harness/rule";
import { allow, roleExample } from "../pipeline/exampleResources";
import { deciderExists } from "../rules/gate/deciderExists";
import { eventMatchesScanType } from "../rules/gate/eventMatchesScanType";
import { scansStartDecider } from "../rules/gate/scansStartDecider";
import { changed, exampleArns, gateStack, gateStackWithout, scanPattern, scanRuleExample, tableExample } from "./exampleGate"; // prettier-ignore
import { answerVerb } from "./gateModel";
import { eventSourceMappingType } from "./resourceTypes";

function found(rule: StackRule, resources: ExampleResource[]): string[] {
    return findingsOf(runExample(rule, { title: "", shows: "bad", resources, expect: [] })).map(
        ({ kind, resource }) => `${kind} ${resource ?? ""}`,
    );
}

const stream = (props: Record<string, unknown>): ExampleResource => ({
    type: eventSourceMappingType,
    name: "decider-stream",
    props: { eventSourceArn: exampleArns.stream, functionName: "decider", ...props },
});
const filters = (...patterns: unknown[]) => ({
    filterCriteria: { filters: patterns.map((pattern) => ({ pattern: JSON.stringify(pattern) })) },
});
const newImage = filters({ dynamodb: { NewImage: { status: { S: ["waiting"] } } } });
const table = (props: Record<string, unknown>) => changed(tableExample, props);

describe("A table's stream starts the decider (GATE-07)", () => {
    const cases: [title: string, resources: ExampleResource[], expected: string[]][] = [
        ["switched on, no filters", [stream({ enabled: true })], []],
        ["switched off", [stream({ enabled: false })], ["violation decider-stream"]],
        ["not known yet whether it is on", [stream({ enabled: unknown })], ["inconclusive decider-stream"]],
        ["no stream", [stream({}), table({ streamEnabled: false })], ["violation decider-stream"]],
        [
            "new images, which the filters read",
            [stream(newImage), table({ streamViewType: "NEW_IMAGE" })],
            [],
        ],
        ["both images", [stream(newImage), table({ streamViewType: "NEW_AND_OLD_IMAGES" })], []],
        [
            "keys only, and the filters read images",
            [stream(newImage), table({ streamViewType: "KEYS_ONLY" })],
            ["violation decider-stream"],
        ],
        [
            "old images, and the filters read new ones",
            [stream(newImage), table({ streamViewType: "OLD_IMAGE" })],
            ["violation decider-stream"],
        ],
        ["expired items, as a timer", [stream(filters({ eventName: ["REMOVE"] }))], []],
        ["an event that no stream has", [stream(filters({ eventName: ["CREATE"] }))], ["violation decider-stream"]], // prettier-ignore
        ["one of two filters", [stream(filters({ eventName: ["CREATE"] }, { eventName: ["INSERT"] }))], []],
        ["filters that are not known yet", [stream({ filterCriteria: unknown })], []],
    ];
    for (const [title, resources, expected] of cases)
        it(`${title}: ${expected.join(", ") || "nothing"}`, () => {
            deepEqual(found(scansStartDecider, gateStack(...resources)), expected);
        });
});

describe("The status of a finished scan (GATE-08)", () => {
    const waiting = (more: Record<string, unknown>) =>
        gateStack(changed(scanRuleExample, { eventPattern: JSON.stringify({ ...scanPattern, ...more }) }));
    const cases: [title: string, more: Record<string, unknown>, expected: string[]][] = [
        ["as Amazon Inspector writes it", { detail: { "scan-status": ["INITIAL_SCAN_COMPLETE"] } }, []],
        ["failures alone", { detail: { "scan-status": ["FAILED"] } }, ["violation demo-scans"]],
        ["as basic scanning writes it", { detail: { "scan-status": ["COMPLETE"] } }, ["violation demo-scans"]], // prettier-ignore
        ["all but failures", { detail: { "scan-status": [{ "anything-but": ["FAILED"] }] } }, []],
        ["one of two forms", { $or: [{ detail: { "scan-status": ["FAILED"] } }, { detail: { "image-tags": ["x"] } }] }, []], // prettier-ignore
        ["a field that may be absent", { detail: { "image-tags": [{ exists: false }] } }, []],
        ["counts inside the detail", { detail: { "finding-severity-counts": { CRITICAL: [{ exists: true }] } } }, []], // prettier-ignore
    ];
    for (const [title, more, expected] of cases)
        it(`${title}: ${expected.join(", ") || "nothing"}`, () => {
            deepEqual(found(eventMatchesScanType, waiting(more)), expected);
        });
});

describe("A decider that is no function (GATE-03)", () => {
    const machine = (resource: string, service = "states"): ExampleResource => {
        const principal = { Service: `${service}.amazonaws.com` };
        const trust = { Statement: [{ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" }] };
        const role = roleExample("machine-role", [allow(answerVerb, resource)], "decider");
        return changed(role, { assumeRolePolicy: JSON.stringify(trust) });
    };

    it("is not called missing where its role says so and may answer", () => {
        const resources = [...gateStackWithout("decider", "decider-role"), machine(exampleArns.approval)];
        deepEqual(found(deciderExists, resources), ["inconclusive pipeline"]);
    });

    it("is missing where the role is left of a function that is gone", () => {
        const resources = [...gateStackWithout("decider", "decider-role"), machine(exampleArns.approval, "lambda")]; // prettier-ignore
        deepEqual(found(deciderExists, resources), ["violation pipeline"]);
    });

    it("is missing where that role may not answer", () => {
        const resources = [...gateStackWithout("decider", "decider-role"), machine("arn:aws:codepipeline:eu-central-1:123456789012:other/A/B")]; // prettier-ignore
        deepEqual(found(deciderExists, resources), ["violation pipeline"]);
    });
});
