/**
 * The deployment engine: takes registrations, gives every resource its URN, id and state, and keeps them in the order
 * of registration. It knows nothing of gRPC; `monitorService.ts` and `engineService.ts` are the wires.
 */
import type { RunResult } from "../model";
import type { Account } from "../behaviour/behaviour";
import { accountIn, answerInvoke, availabilityZones } from "../behaviour/invokes";
import { missingOutputMessage, missingOutputPattern, simulate, SimulationError } from "../behaviour/simulate";
import type { Simulation } from "../behaviour/simulate";
import type { TypingsReader } from "../behaviour/typings";
import { ExpansionError } from "../expansion/expansion";
import { registerExpansion } from "./construct";
import { ProviderTable, providerUrn } from "./providerTable";
import { describe, noOptions } from "./registration";
import type { EngineResource, Registration } from "./registration";
import { createUrn, stackType } from "./urn";
import { normaliseObject, strings, toValue, toValues, unknownSentinel } from "./wire";
import type { WireObject } from "./wire";

export interface EngineSettings {
    project: string;
    stack: string;
    mode: RunResult["mode"];
    /** `namespace:key` to the text that the program's configuration holds. */
    config: Record<string, string>;
    secretConfigKeys: string[];
    typings: TypingsReader;
    /** Called for every resource once it is registered, in order. */
    onResource(resource: EngineResource): void;
}

export interface Registered {
    urn: string;
    id: string;
    state: WireObject;
    /** URNs behind each output, where the engine knows better than the program. */
    outputDependencies: Record<string, string[]>;
}

/** A refusal: the program's request fails with this text, and the run counts as not possible. */
export class EngineError extends Error {}

export class DeploymentEngine {
    readonly resources = new Map<string, EngineResource>();
    readonly log: RunResult["log"] = [];
    stackOutputs: WireObject = {};
    rootUrn = "";
    /** True once the program has come to its end and declared its outputs. */
    finished = false;
    /** What the engine refused, in order; a run with any of these failed. */
    readonly failures: string[] = [];
    private readonly providers: ProviderTable;
    /** Marker URN to the output that the tables lack. */
    private readonly missingOutputs = new Map<string, { type: string; property: string }>();

    constructor(readonly settings: EngineSettings) {
        this.providers = new ProviderTable(settings);
    }

    /** Registers a resource or a whole remote component. Throws `EngineError`. */
    register(registration: Registration): Registered {
        return this.refuseCleanly(() => {
            const urn = createUrn(this.settings, registration.parent, registration.type, registration.name);
            if (this.resources.has(urn)) {
                throw new EngineError(`Duplicate resource URN '${urn}'; try giving it a unique name`);
            }
            this.refuseMissingOutputs(registration, urn);
            if (registration.type === stackType) {
                this.rootUrn = urn;
            }
            this.providers.rememberComponent(urn, registration);
            if (registration.remote) {
                return this.registerRemote(urn, registration);
            }
            if (!registration.custom) {
                return this.registerComponent(urn, registration);
            }
            if (registration.type.startsWith("pulumi:providers:")) {
                return this.registerProvider(urn, registration);
            }
            return this.registerCustom(urn, registration);
        });
    }

    /** Reads an existing resource (`Resource.get`): its state comes from the same tables in both modes. */
    read(registration: Registration, existingId: string): Registered {
        return this.refuseCleanly(() => {
            const urn = createUrn(this.settings, registration.parent, registration.type, registration.name);
            // An id that is not known yet leaves nothing to read: the resource looks like a new one.
            return existingId === unknownSentinel
                ? this.registerCustom(urn, registration)
                : this.registerCustom(urn, registration, existingId);
        });
    }

    /** The outputs that a component or the stack declares. */
    registerOutputs(urn: string, outputs: WireObject): void {
        this.refuseCleanly(() => {
            this.refuseMarkers(outputs, urn === this.rootUrn ? "a stack output" : describe(urn));
            const normalised = normaliseObject(outputs);
            if (urn === this.rootUrn) {
                this.stackOutputs = normalised;
                this.finished = true;
            }
            const resource = this.resources.get(urn);
            if (resource === undefined) {
                throw new EngineError(`outputs were registered for the unknown resource ${urn}`);
            }
            resource.state = { ...resource.inputs, ...normalised };
            resource.reply = resource.state;
            resource.captured.outputs = toValues(resource.state);
        });
    }

    /** Answers a data source, or `pulumi:pulumi:getResource` from the engine's own resources. */
    invoke(token: string, args: WireObject, provider: string, version: string): WireObject {
        return this.refuseCleanly(() => {
            if (token === "pulumi:pulumi:getResource") {
                const resource = this.resources.get(String(args["urn"]));
                if (resource === undefined) {
                    throw new EngineError(`unknown resource ${String(args["urn"])}`);
                }
                const id = resource.captured.id;
                return {
                    urn: resource.captured.urn,
                    id: typeof id === "string" ? id : "",
                    state: resource.reply,
                };
            }
            this.refuseMarkers(args, `the function ${token}`);
            return answerInvoke(
                token,
                args,
                this.accountFor(token, this.providerFor(token, "", provider, version)),
            );
        });
    }

    /** Adds a log line; a marker in it means that the program printed an output that the tables lack. */
    addLog(line: RunResult["log"][number]): void {
        this.log.push(line);
        const missing = missingOutputPattern.exec(line.message);
        if (missing !== null && !this.failures.some((failure) => line.message.includes(failure))) {
            this.failures.push(missingOutputMessage(missing[1]!, missing[2]!, "the program's log"));
        }
    }

    private registerComponent(urn: string, registration: Registration): Registered {
        const inputs = normaliseObject(registration.inputs);
        this.store(urn, registration, plainState(inputs), "");
        return { urn, id: "", state: registration.inputs, outputDependencies: {} };
    }

    private registerProvider(urn: string, registration: Registration): Registered {
        const inputs = normaliseObject(registration.inputs);
        if (registration.version !== "") {
            inputs["version"] = registration.version;
        }
        const id = this.providers.idOf(urn);
        this.store(urn, registration, plainState(inputs, id), "");
        this.providers.remember(urn, inputs);
        return { urn, id, state: inputs, outputDependencies: {} };
    }

    private registerCustom(urn: string, registration: Registration, existingId?: string): Registered {
        const { type, name, options } = registration;
        const provider = this.providerFor(
            type,
            registration.parent,
            registration.provider,
            registration.version,
        );
        const simulation = simulate({
            urn,
            type,
            name,
            inputs: normaliseObject(registration.inputs),
            mode: this.settings.mode,
            account: this.accountFor(type, provider),
            typings: this.settings.typings.read(type),
            directory: this.settings.typings.programDirectory,
            additionalSecretOutputs: options.additionalSecretOutputs,
            ...(existingId === undefined ? {} : { existingId }),
        });
        this.store(urn, registration, simulation, provider);
        return {
            urn,
            id: simulation.id,
            state: simulation.reply,
            outputDependencies: this.markMissing(urn, type, simulation.missing),
        };
    }

    private registerRemote(urn: string, registration: Registration): Registered {
        const { type, name } = registration;
        this.providerFor(type, registration.parent, registration.provider, registration.version);
        const aws = this.providers.forConstruct(registration, (created) => this.register(created));
        // The provider's process registers the component itself, without inputs, and then its children.
        this.store(urn, registration, plainState({}), "");
        const result = registerExpansion({
            urn,
            type,
            name,
            args: registration.inputs,
            context: { availabilityZones: availabilityZones(this.accountFor("aws:", aws).region) },
            provider: aws,
            register: (child) => this.register({ ...child, options: noOptions }),
            stateOf: (childUrn) => this.resources.get(childUrn)!,
            warn: (message) => this.addLog({ severity: "warning", message, urn }),
        });
        this.registerOutputs(urn, result.outputs);
        return { urn, id: "", state: result.outputs, outputDependencies: result.outputDependencies };
    }

    private providerFor(type: string, parent: string, provider: string, version: string): string {
        return this.providers.resolve(type, parent, provider, version, (created) => this.register(created));
    }

    private accountFor(type: string, provider: string): Account {
        return accountIn(type.startsWith("aws:") ? this.providers.region(provider) : "us-east-1");
    }

    private store(urn: string, registration: Registration, simulation: Simulation, provider: string): void {
        const { options } = registration;
        const id = simulation.id === "" && registration.custom ? unknownSentinel : simulation.id;
        const resource: EngineResource = {
            captured: {
                urn,
                type: registration.type,
                name: registration.name,
                parent: registration.parent,
                custom: registration.custom,
                remote: registration.remote,
                id: id === unknownSentinel ? { $unknown: true } : id,
                inputs: toValues(simulation.inputs),
                outputs: toValues(simulation.state),
                dependencies: [...registration.dependencies],
                propertyDependencies: registration.propertyDependencies,
                provider,
                protect: options.protect,
                ignoreChanges: options.ignoreChanges,
                aliases: options.aliases,
                retainOnDelete: options.retainOnDelete,
                deleteBeforeReplace: options.deleteBeforeReplace,
                ...(registration.source ? { source: registration.source } : {}),
            },
            inputs: simulation.inputs,
            state: simulation.state,
            reply: simulation.reply,
            options,
            provider: this.resources.get(providerUrn(provider)),
        };
        this.resources.set(urn, resource);
        this.settings.onResource(resource);
    }

    /** Every missing output depends on a URN of its own, so that whoever uses it gives the output away. */
    private markMissing(urn: string, type: string, missing: string[]): Record<string, string[]> {
        return Object.fromEntries(
            missing.map((property) => {
                const marker = `${urn}::offline-missing::${property}`;
                this.missingOutputs.set(marker, { type, property });
                return [property, [marker]];
            }),
        );
    }

    private refuseMissingOutputs(registration: Registration, urn: string): void {
        const urns = [
            ...registration.dependencies,
            ...Object.values(registration.propertyDependencies).flat(),
        ];
        const missing = urns.map((candidate) => this.missingOutputs.get(candidate)).find((found) => found);
        if (missing !== undefined) {
            throw new EngineError(missingOutputMessage(missing.type, missing.property, describe(urn)));
        }
        this.refuseMarkers(registration.inputs, describe(urn));
    }

    private refuseMarkers(values: WireObject, reader: string): void {
        for (const text of strings(values)) {
            const missing = missingOutputPattern.exec(text);
            if (missing !== null) {
                throw new EngineError(missingOutputMessage(missing[1]!, missing[2]!, reader));
            }
        }
    }

    private refuseCleanly<Result>(action: () => Result): Result {
        try {
            return action();
        } catch (error) {
            if (
                error instanceof EngineError ||
                error instanceof SimulationError ||
                error instanceof ExpansionError
            ) {
                if (!this.failures.includes(error.message)) {
                    this.failures.push(error.message);
                }
                throw error instanceof EngineError ? error : new EngineError(error.message);
            }
            throw error;
        }
    }
}

/** Components and providers: the state is the inputs. */
function plainState(inputs: WireObject, id = ""): Simulation {
    return { inputs, id, state: inputs, reply: inputs, missing: [] };
}

/** The result of a run, as far as the engine knows it. */
export function captured(engine: DeploymentEngine): Pick<RunResult, "resources" | "stackOutputs" | "log"> {
    return {
        resources: [...engine.resources.values()].map((resource) => resource.captured),
        stackOutputs: Object.fromEntries(
            Object.entries(engine.stackOutputs).map(([key, value]) => [key, toValue(value)]),
        ),
        log: engine.log,
    };
}
