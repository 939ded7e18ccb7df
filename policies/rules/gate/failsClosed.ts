/** GATE-14: what goes wrong in the gate ends in no approval, and is seen before the approval ends. */
import { variableTampering } from "../../buildspec/shellTampering";
import { approvalSeconds } from "../../gate/approvalSeconds";
import { gateDeciders } from "../../gate/gateFunctions";
import { everyGateFunction } from "../../gate/guardFunctions";
import { automaticGates, type GateFunction } from "../../gate/gateModel";
import { functionType } from "../../gate/resourceTypes";
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { type PropertyReader, type ResourceReader } from "../../harness/reader";
import type { Outcome, StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { matchesAny } from "../../harness/wildcard";
import { examples } from "./failsClosed.examples";
import { retryWindows } from "./retryWindow";

/** Values by which a variable says that what cannot be judged is refused. */
const refusing = /^(?:|0|false|no|off|none|never|disabled?|reject(?:ed)?|den(?:y|ied)|refused?|fail(?:ed)?|closed?|block(?:ed)?)$/i; // prettier-ignore

/**
 * Variables of a function's runtime that put other code, libraries or certificates in the place of its own, beside those
 * that do so to a build step too. Sources: Lambda Developer Guide, "Modifying the runtime environment" (wrapper scripts)
 * and "Defined runtime environment variables" (NODE_PATH, PYTHONPATH, RUBYLIB); node(1) NODE_EXTRA_CA_CERTS; AWS SDKs
 * and Tools Reference Guide (AWS_CA_BUNDLE, AWS_SHARED_CREDENTIALS_FILE).
 */
const replacing = new Map([
    ["AWS_LAMBDA_EXEC_WRAPPER", "is a program that runs in the place of the runtime"],
    ["NODE_PATH", "says where node finds modules"],
    ["NODE_EXTRA_CA_CERTS", "adds to whose certificates are believed"],
    ["AWS_CA_BUNDLE", "says whose certificates are believed"],
    ["AWS_SHARED_CREDENTIALS_FILE", "says as whom AWS is asked"],
    ["PYTHONPATH", "says where Python finds modules"],
    ["PYTHONSTARTUP", "is a file that Python runs first"],
    ["RUBYLIB", "says where Ruby finds modules"],
    ["RUBYOPT", "can load a module into every Ruby program"],
    ["JAVA_TOOL_OPTIONS", "can load an agent into every Java program"],
    ["DOTNET_STARTUP_HOOKS", "is loaded into every .NET program"],
]);

/**
 * Names by which node (node(1), NODE_USE_ENV_PROXY) and most other clients find a proxy; either case counts. Addresses
 * that are spared (NO_PROXY) send nothing elsewhere.
 */
const proxy = /^(?:https?|all)_proxy$/i;

/** Why the variable must not be there; null when it may. */
function replacement(name: string, value: string | null): string | null {
    const effect = proxy.test(name) ? "sends requests by way of another machine" : replacing.get(name);
    if (effect !== undefined) return value?.trim() === "" ? null : `${name} ${effect}`;
    if (name === "PATH" || name === "ENV") return null;
    return variableTampering(name, { text: value ?? `\${${name}}`, known: value !== null })?.reason ?? null;
}

function variableOutcomes(resource: ResourceReader, configuration: PackConfiguration): Outcome[] {
    const variables = resource.object("environment", "variables");
    if (variables.kind === "unknown")
        return [inconclusive(variables, "whether a variable opens the gate is not known yet")];
    if (variables.kind !== "known") return [];
    return variables.value.keys().flatMap((name) => variableOutcome(name, variables.value, configuration));
}

function variableOutcome(
    name: string,
    variables: PropertyReader,
    configuration: PackConfiguration,
): Outcome[] {
    const value = variables.string(name);
    const text = value.kind === "known" ? value.value : null;
    const replaced = replacement(name, text);
    if (replaced !== null)
        return [
            violation(
                `${value.property} is set: ${replaced}, so what decides is no longer the code that was reviewed.`,
                "Take the variable away; what the function needs belongs in its code archive.",
                { findingId: name },
            ),
        ];
    if (!matchesAny(configuration.failOpenVariables, name.toUpperCase())) return [];
    if (text === null)
        return value.kind === "unknown"
            ? [inconclusive(value, "what the gate does when it cannot judge is not known yet")]
            : [];
    if (refusing.test(text.trim())) return [];
    return [
        violation(
            `${value.property} is ${JSON.stringify(text)}: what the gate cannot judge goes through.`,
            "Take the variable away, or let it refuse.",
            { findingId: name },
        ),
    ];
}

/** A layer is code beside the function's own: it has to come from this stack or be declared. */
function layerOutcomes(resource: ResourceReader, graph: StackGraph): Outcome[] {
    return graph
        .references(resource, ["layers"], ["aws:lambda/layerVersion:LayerVersion"])
        .flatMap((layer): Outcome[] => {
            if (layer.kind === "dangling")
                return [
                    violation(
                        `${layer.property} is ${layer.value}: code from outside this stack runs inside the gate.`,
                        "Bundle what the function needs into its code archive, or name the layer's version in the setting externalReferences.",
                        { findingId: layer.value },
                    ),
                ];
            return layer.kind === "unknown"
                ? [inconclusive(layer, "whose code runs inside the gate is not known yet")]
                : [];
        });
}

function windowOutcomes(gateFunction: GateFunction, graph: StackGraph): StackOutcome[] {
    const { function: resource } = gateFunction;
    const timeout = resource.number("timeout");
    const approval = approvalSeconds(graph);
    return retryWindows(gateFunction, graph).flatMap(({ source, age, what }) => {
        if (age.kind === "malformed")
            return about(
                source,
                violation(
                    `${age.property} is no number of seconds, so nothing says how long ${what} is tried again.`,
                    "Give the maximum age in seconds, no longer than the approval's timeoutInMinutes.",
                    { findingId: `${resource.name}|${age.property}` },
                ),
            );
        if (age.kind !== "known")
            return about(source, inconclusive(age, `how long ${what} is tried again is not known yet`));
        const { seconds, property } = age;
        if (timeout.kind === "unknown") return about(resource, inconclusive(timeout, "how long the function may run is not known yet")); // prettier-ignore
        const longest = timeout.kind === "known" ? timeout.value : 3;
        if (seconds <= longest)
            return about(
                source,
                violation(
                    `${property} is ${seconds} seconds, and one run of ${resource.name} may take ${longest}: ${what} is given up before it can be tried again.`,
                    "Make the event's maximum age longer than the function's timeout.",
                    { findingId: `${resource.name}|${property}` },
                ),
            );
        if ("property" in approval) return about(source, inconclusive(approval, "when the approval ends is not known yet")); // prettier-ignore
        if (seconds > approval.seconds)
            return about(
                source,
                violation(
                    `${property} is ${seconds} seconds, but ${approval.label} ends after ${approval.seconds}: ${what} can fail without a word until the approval is over.`,
                    "Make the event's maximum age no longer than the approval's timeoutInMinutes.",
                    { findingId: `${resource.name}|${property}` },
                ),
            );
        return [];
    });
}

export const failsClosed: StackRule = {
    level: "stack",
    metadata: {
        id: "GATE-14",
        family: "gate",
        title: "The gate fails closed, in time, and runs nothing but its own code",
        rationale:
            "A switch that approves on error is the first thing to be set when a release is late. An event that is tried longer than the approval waits fails unseen, and a variable or layer that replaces code or endpoints decides instead of the code that was reviewed.",
        severity: "high",
        remediation:
            "Set no variable of the setting `failOpenVariables`, none that loads code or sends requests elsewhere (NODE_OPTIONS, AWS_LAMBDA_EXEC_WRAPPER, NODE_PATH, AWS_ENDPOINT_URL, HTTPS_PROXY…) and no layer from outside. Keep maximum event ages (`maximumEventAgeInSeconds`, `maximumRecordAgeInSeconds`) longer than the function's timeout and no longer than the approval's.",
        references: ["OWASP CICD-SEC-5", "NIST SP 800-190 4.1.1"],
    },
    relevantTypes: [functionType],
    evaluate: (graph, configuration) => {
        const functions = everyGateFunction(graph);
        if (functions.length === 0) return about(null, notApplicable("no function is part of a gate"));
        const deciders = new Set(gateDeciders(graph).map((each) => each.function));
        const recorders = new Set(automaticGates(graph).flatMap(({ recorders: all }) => all.certain.map((each) => each.function))); // prettier-ignore
        const outcomes = functions.flatMap((each) => [
            ...about(each.function, ...variableOutcomes(each.function, configuration), ...layerOutcomes(each.function, graph)), // prettier-ignore
            ...(deciders.has(each.function) || recorders.has(each.function)
                ? windowOutcomes(each, graph)
                : []),
        ]);
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples,
};
