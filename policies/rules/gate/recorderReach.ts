/** GATE-02's second half: nobody goes around the topic and tells the recorder of an approval directly. */
import { functionReference } from "../../gate/functionStart";
import { gateDeciders, gateFunctionRoles, gateFunctions } from "../../gate/gateFunctions";
import type { GateFunction } from "../../gate/gateModel";
import { permissionType } from "../../gate/resourceTypes";
import { about, violation } from "../../harness/outcome";
import { valueOf, type ResourceReader } from "../../harness/reader";
import type { StackOutcome } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { effectivePermissions } from "../../iam/effectivePermissions";
import { matchesAction } from "../../iam/matcher";
import { gateRole } from "../../pipeline/project";
import { functionForms } from "../bypass/automaticGate";
import { holdOutcomes, type Grip } from "../bypass/grip";

const invokeVerbs = ["lambda:InvokeFunction", "lambda:InvokeAsync"];

/**
 * Only of functions whose tag declares them to be recorders: a function that sends announcements on to a chat hears of
 * much else. Who starts a decider is GATE-10's; which topic may start a recorder is GATE-01's.
 */
export function recorderOutcomes(graph: StackGraph): StackOutcome[] {
    const deciders = new Set(gateDeciders(graph).map((each) => each.function));
    return gateFunctions(graph)
        .filter((each) => isRecorder(each) && !deciders.has(each.function))
        .flatMap(({ function: recorder }) => [
            ...permissionOutcomes(recorder, graph),
            ...holderOutcomes(recorder, graph),
        ]);
}

function isRecorder({ function: resource, role }: GateFunction): boolean {
    return (
        gateRole(resource) === "recorder" || (role.kind === "exact" && gateRole(role.resource) === "recorder")
    );
}

function permissionOutcomes(recorder: ResourceReader, graph: StackGraph): StackOutcome[] {
    return graph.ofType(permissionType).flatMap((permission) => {
        const { reference } = functionReference(graph, permission, ["function"]);
        if (reference.kind !== "exact" || reference.resource !== recorder) return [];
        const action = valueOf(permission.string("action"));
        const who = valueOf(permission.string("principal"));
        if (who === undefined || /^(?:sns|events)\.amazonaws\.com(?:\.cn)?$/.test(who)) return [];
        if (action !== undefined && !invokeVerbs.some((verb) => matchesAction(action, verb))) return [];
        return about(
            permission,
            violation(
                `It lets ${who} start ${recorder.name}, and so announce an approval past the topic.`,
                "Take it away: the topic of the approvals starts the recorder, and nobody else.",
                { findingId: `${recorder.name}|${who}` },
            ),
        );
    });
}

function holderOutcomes(recorder: ResourceReader, graph: StackGraph): StackOutcome[] {
    const name = valueOf(recorder.string("name"));
    const grip: Grip = {
        what: name ?? recorder.name,
        arns: functionForms.map((form) => form(name ?? "*")),
        verbs: invokeVerbs,
        certain: name !== undefined,
    };
    const own = gateFunctionRoles(graph);
    return (
        effectivePermissions(graph)
            .filter(({ principal }) => !own.has(principal))
            .flatMap((entry) =>
                holdOutcomes(
                    entry,
                    [grip],
                    ({ verb, what }, path) =>
                        `It may ${verb} on ${what}, and so announce an approval past the topic (${path}).`,
                    "Take the action away; the topic of the approvals needs no role to start the recorder.",
                ),
            )
            // A role of which is not known what it may do is BYP-03's question already.
            .filter(({ outcome }) => outcome.kind === "violation")
    );
}
