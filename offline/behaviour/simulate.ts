/**
 * The simulated providers: checked inputs, id and outputs of one resource, in preview and in update mode.
 */
import { alarmRules } from "./aws/alarmRules";
import { balancerRules } from "./aws/balancerRules";
import { compute } from "./aws/compute";
import { containerRules } from "./aws/containerRules";
import { delivery } from "./aws/delivery";
import { functionRules } from "./aws/functionRules";
import { functions } from "./aws/functions";
import { identity } from "./aws/identity";
import { keyRules } from "./aws/keyRules";
import { messageRules } from "./aws/messageRules";
import { messages } from "./aws/messages";
import { network } from "./aws/network";
import { notificationRules } from "./aws/notificationRules";
import { pipelineRules } from "./aws/pipelineRules";
import { projectRules } from "./aws/projectRules";
import { storage } from "./aws/storage";
import { tableRules } from "./aws/tableRules";
import type { Account, BehaviourTable } from "./behaviour";
import { checkInputs } from "./check";
import { random } from "./random";
import { tls } from "./tls";
import type { ResourceTypings } from "./typings";
import { refusalsOf } from "./valueRules";
import type { InputRules } from "./valueRules";
import { isSecret, revealSecrets, secret, unknownSentinel } from "../engine/wire";
import type { Wire, WireObject } from "../engine/wire";

/** Packages that the engine can stand in for, and the files that say how. */
export const simulatedPackages: Record<string, { table: BehaviourTable; files: string }> = {
    aws: {
        table: { ...network, ...compute, ...storage, ...functions, ...messages, ...delivery, ...identity },
        files: "offline/behaviour/aws/*.ts",
    },
    random: { table: random, files: "offline/behaviour/random.ts" },
    tls: { table: tls, files: "offline/behaviour/tls.ts" },
};

/** Types whose input values are judged before anything is made of them. */
const inputRules: Record<string, InputRules> = {
    ...functionRules,
    ...tableRules,
    ...messageRules,
    ...alarmRules,
    ...keyRules,
    ...containerRules,
    ...balancerRules,
    ...pipelineRules,
    ...projectRules,
    ...notificationRules,
};

export interface Simulation {
    inputs: WireObject;
    /** Empty in preview. */
    id: string;
    /** Inputs and outputs, as the engine would store them. An output that the tables lack is unknown. */
    state: WireObject;
    /** What the program gets: the state, with a marker for every output that the tables lack. */
    reply: WireObject;
    /** Outputs that the class promises and the table does not give (update mode only). */
    missing: string[];
}

export interface SimulationRequest {
    urn: string;
    type: string;
    name: string;
    /** Normalised: secret marks and unknown sentinels, no wrappers. */
    inputs: WireObject;
    mode: "preview" | "update";
    account: Account;
    typings: ResourceTypings | undefined;
    /** The program's folder: relative paths of assets begin there. */
    directory: string;
    additionalSecretOutputs: string[];
    /** Id of an existing resource that is read instead of created. */
    existingId?: string;
}

/** Refusal of the simulated provider: one line that says what to do. */
export class SimulationError extends Error {}

/**
 * Text that stands for an output the tables lack. When it shows up anywhere, the program has read that output.
 */
export function missingOutputMarker(type: string, property: string): string {
    return `<offline:missing ${type} ${property}>`;
}

/** Finds markers in a text. */
export const missingOutputPattern = /<offline:missing (\S+) (\w+)>/;

export function missingOutputMessage(type: string, property: string, reader: string): string {
    const files = simulatedPackages[type.split(":")[0]!]?.files ?? "offline/behaviour";
    return `${reader} reads the output "${property}" of ${type}, which the offline engine does not simulate: add it to the entry of ${type} in ${files}`;
}

/** Throws `SimulationError` for a type that no table and no installed SDK knows, and for values that AWS refuses. */
export function simulate(request: SimulationRequest): Simulation {
    const { type, typings } = request;
    const simulated = simulatedPackages[type.split(":")[0]!];
    if (simulated === undefined) {
        throw new SimulationError(
            `the offline engine has no provider for ${type}: it stands in for ${Object.keys(simulatedPackages).join(", ")} (offline/behaviour/simulate.ts)`,
        );
    }
    if (typings === undefined) {
        throw new SimulationError(
            `the installed @pulumi/${type.split(":")[0]} has no resource ${type}: check the type and the package version`,
        );
    }
    const inputs = checkInputs(type, request.name, request.urn, request.inputs);
    const refusals =
        request.existingId === undefined
            ? refusalsOf(inputRules[type], revealSecrets(inputs) as WireObject, request.directory)
            : [];
    if (refusals.length > 0) {
        throw new SimulationError(
            `${type} "${request.name}" would be refused: ${refusals.join("; ")} (rules: offline/behaviour/aws/*Rules.ts)`,
        );
    }
    return request.mode === "preview" && request.existingId === undefined
        ? preview(request, inputs, typings)
        : update(request, inputs, typings, simulated);
}

function preview(request: SimulationRequest, inputs: WireObject, typings: ResourceTypings): Simulation {
    const state: WireObject = { ...knownOutputs(request, inputs, typings), ...inputs };
    for (const property of typings.requiredOutputs.keys()) {
        state[property] ??= unknownSentinel;
    }
    // Bridged providers repeat the id among the outputs.
    state["id"] = unknownSentinel;
    markSecrets(state, request, inputs);
    return { inputs, id: "", state, reply: state, missing: [] };
}

function update(
    request: SimulationRequest,
    inputs: WireObject,
    typings: ResourceTypings,
    simulated: { table: BehaviourTable; files: string },
): Simulation {
    const { type, urn, name, account, directory } = request;
    const behaviour = simulated.table[type];
    if (behaviour === undefined) {
        throw new SimulationError(
            `the offline engine does not know what ${type} returns: add an entry for it to ${simulated.files}`,
        );
    }
    const context = { urn, type, name, inputs: revealSecrets(inputs) as WireObject, account, directory };
    const id = request.existingId ?? behaviour.id(context);
    // Given inputs win over table values, so that a table needs to know defaults only.
    const state: WireObject = {
        ...behaviour.outputs?.(context, id),
        ...knownOutputs(request, inputs, typings),
        ...inputs,
        id,
    };
    const missing = [...typings.requiredOutputs.keys()].filter((property) => state[property] === undefined);
    const reply = { ...state };
    for (const property of missing) {
        const marker = missingOutputMarker(type, property);
        state[property] = unknownSentinel;
        reply[property] = typings.requiredOutputs.get(property)!.endsWith("[]") ? [marker] : marker;
    }
    markSecrets(state, request, inputs);
    markSecrets(reply, request, inputs);
    return { inputs, id, state, reply, missing };
}

/** What the AWS provider knows in preview as well: the region and the merged tags. */
function knownOutputs(request: SimulationRequest, inputs: WireObject, typings: ResourceTypings): WireObject {
    const known: WireObject = {};
    if (request.type.startsWith("aws:")) {
        if (typings.outputs.has("region")) {
            known["region"] = request.account.region;
        }
        if (typings.outputs.has("tagsAll")) {
            known["tagsAll"] = inputs["tags"] ?? {};
        }
    }
    return known;
}

/** `additionalSecretOutputs` of the resource options, which the generated SDKs fill from the provider's schema. */
function markSecrets(state: WireObject, request: SimulationRequest, inputs: WireObject): void {
    for (const property of request.additionalSecretOutputs) {
        const value: Wire | undefined = state[property];
        if (value !== undefined && !isSecret(value)) {
            state[property] = secret(value);
        }
    }
    // An output with the name of a secret input stays secret.
    for (const [property, value] of Object.entries(inputs)) {
        if (isSecret(value) && !isSecret(state[property])) {
            state[property] = secret(state[property] ?? null);
        }
    }
}
