/** GATE-06: the gate's functions can always run. */
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, StackRule } from "../../harness/rule";
import type { ResourceReader } from "../../harness/reader";
import {
    changed,
    deciderExample,
    functionExample,
    gateStack,
    gateStackWithout,
    recorderExample,
} from "../../gate/exampleGate";
import { automaticGates, functionsOf } from "../../gate/gateModel";
import { guardFunctions } from "../../gate/guardFunctions";
import { functionType } from "../../gate/resourceTypes";
import { completeStages, pipelineStack } from "../../pipeline/exampleResources";
import { pipelineType } from "../../pipeline/pipelineModel";
import { onEach } from "./onGates";

const recorderWith = (value: unknown) => changed(recorderExample, { reservedConcurrentExecutions: value });
const deciderWith = (value: unknown) => changed(deciderExample, { reservedConcurrentExecutions: value });

export const reservedConcurrency: StackRule = {
    level: "stack",
    metadata: {
        id: "GATE-06",
        family: "gate",
        title: "The functions of the gate have concurrency reserved for them",
        rationale:
            "Without a reservation any busy function of the account can keep the gate from running, and a reservation of 0 switches the function off while everything looks in place.",
        severity: "high",
        remediation:
            "Set `reservedConcurrentExecutions` to 1 or more on recorder, decider and every function that guards what happens around the approval.",
        references: ["checkov CKV_AWS_115", "cdk-nag LambdaConcurrency"],
    },
    relevantTypes: [pipelineType, functionType],
    evaluate: (graph) => {
        const functions = [...automaticGates(graph).flatMap(functionsOf), ...guardFunctions(graph)];
        const each = [...new Set(functions.map((found) => found.function))];
        return onEach(each, (resource) => about(resource, judged(resource)));
    },
    examples: [
        {
            title: "the recorder is switched off",
            shows: "bad",
            resources: gateStack(recorderWith(0)),
            expect: [{ resource: "recorder", kind: "violation" }],
        },
        {
            title: "the decider's reservation is lifted",
            shows: "bad",
            resources: gateStack(deciderWith(-1)),
            expect: [{ resource: "decider", kind: "violation" }],
        },
        {
            title: "the admission function is switched off",
            shows: "bad",
            resources: gateStack(functionExample("admission", { reservedConcurrentExecutions: 0 })),
            expect: [{ resource: "admission", kind: "violation" }],
        },
        { title: "two of each", shows: "good", resources: gateStack(), expect: [] },
        {
            title: "one is enough, also as text",
            shows: "good",
            resources: gateStack(recorderWith(1), deciderWith("1")),
            expect: [],
        },
        {
            title: "a function that has nothing to do with the gate",
            shows: "good",
            resources: gateStack(functionExample("report", { reservedConcurrentExecutions: undefined })),
            expect: [],
        },
        {
            title: "no function answers an approval",
            shows: "good",
            resources: [
                ...pipelineStack(completeStages),
                functionExample("report", { reservedConcurrentExecutions: 0 }),
            ],
            expect: [],
        },
        {
            title: "no reservation",
            shows: "absent",
            resources: gateStack(recorderWith(undefined)),
            expect: [{ resource: "recorder", kind: "violation" }],
        },
        {
            title: "no decider is another rule's finding",
            shows: "absent",
            resources: gateStackWithout("decider", "decider-role"),
            expect: [],
        },
        {
            title: "a reservation that is not known yet does not hide the other",
            shows: "unknown",
            resources: gateStack(recorderWith(unknown), deciderWith(0)),
            expect: [
                { resource: "recorder", kind: "inconclusive" },
                { resource: "decider", kind: "violation" },
            ],
        },
        {
            title: "no number",
            shows: "bad",
            resources: gateStack(recorderWith("many")),
            expect: [{ resource: "recorder", kind: "violation" }],
        },
    ],
};

function judged(resource: ResourceReader): Outcome {
    const reading = resource.number("reservedConcurrentExecutions");
    const fix = "Set reservedConcurrentExecutions to 1 or more.";
    if (reading.kind === "unknown")
        return inconclusive(reading, "how many runs are reserved for it is not known yet");
    if (reading.kind === "known" && reading.value >= 1) return pass;
    const found =
        reading.kind === "absent"
            ? "has no reservedConcurrentExecutions, so other functions can use up the account's concurrency and the gate waits"
            : reading.kind === "malformed"
              ? `has ${reading.property} that ${reading.why}`
              : reading.value === 0
                ? "has reservedConcurrentExecutions 0, which switches it off"
                : `has reservedConcurrentExecutions ${reading.value}, which reserves nothing`;
    return violation(`${resource.name} is part of the gate and ${found}.`, fix);
}
