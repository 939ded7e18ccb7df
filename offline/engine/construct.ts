/** Turns the expansion of a remote component into registrations, as the component's own provider process does. */
import { expandVpc } from "../expansion/awsxVpc";
import { ChildOutput, DerivedValue, ExpansionError } from "../expansion/expansion";
import type { ChildInput, ComponentOutput, Expansion, ExpansionContext } from "../expansion/expansion";
import type { EngineResource, Registration } from "./registration";
import { containsUnknown, normaliseObject, resourceReference, revealSecrets, unknownSentinel } from "./wire";
import type { Wire, WireObject } from "./wire";

type Expand = (name: string, args: WireObject, context: ExpansionContext) => Expansion;

/** Remote components that are imitated. */
const expansions: Record<string, Expand> = { "awsx:ec2:Vpc": expandVpc };

export interface ConstructRequest {
    urn: string;
    type: string;
    name: string;
    /** As written on the wire: output values included. */
    args: WireObject;
    context: ExpansionContext;
    /** `urn::id` for the children. */
    provider: string;
    register(child: Omit<Registration, "options">): { urn: string };
    stateOf(urn: string): EngineResource;
    warn(message: string): void;
}

export interface ConstructResult {
    outputs: WireObject;
    outputDependencies: Record<string, string[]>;
}

/** Throws `ExpansionError` with the component named in front. */
export function registerExpansion(request: ConstructRequest): ConstructResult {
    const expansion = expand(request);
    expansion.warnings.forEach((warning) => request.warn(warning));
    const urns = new Map<string, string>();
    const urnOf = (key: string) => urns.get(key)!;
    const outputOf = ({ key, property }: ChildOutput): Wire => {
        const { captured, state } = request.stateOf(urnOf(key));
        if (property === "id") {
            return typeof captured.id === "string" ? captured.id : unknownSentinel;
        }
        return state[property] ?? null;
    };
    for (const child of expansion.children) {
        const inputs: WireObject = {};
        const propertyDependencies: Record<string, string[]> = {};
        for (const [property, input] of Object.entries(child.inputs)) {
            const { value, keys } = resolveInput(input, outputOf);
            if (value !== undefined) {
                inputs[property] = value;
                propertyDependencies[property] = keys.map(urnOf);
            }
        }
        const { urn } = request.register({
            type: child.type,
            name: child.name,
            parent: child.parent === undefined ? request.urn : urnOf(child.parent),
            custom: true,
            remote: false,
            inputs,
            dependencies: [
                ...new Set([...child.dependsOn.map(urnOf), ...Object.values(propertyDependencies).flat()]),
            ].sort(),
            propertyDependencies,
            provider: request.provider,
            providers: {},
            version: "",
        });
        urns.set(child.key, urn);
    }
    const outputs = Object.fromEntries(
        Object.entries(expansion.outputs).map(([key, output]) => [
            key,
            componentOutput(output, outputOf, (child) => {
                const { captured } = request.stateOf(urnOf(child));
                return resourceReference(captured.urn, typeof captured.id === "string" ? captured.id : "");
            }),
        ]),
    );
    const behind = expansion.outputDependencies.map(urnOf);
    return {
        outputs,
        outputDependencies: Object.fromEntries(Object.keys(outputs).map((key) => [key, behind])),
    };
}

function expand({ type, name, args, context }: ConstructRequest): Expansion {
    const expansion = expansions[type];
    if (expansion === undefined) {
        throw new ExpansionError(
            `the offline engine cannot expand the remote component ${type} "${name}": it knows ${Object.keys(expansions).join(", ")} (offline/expansion)`,
        );
    }
    const plain = revealSecrets(normaliseObject(args)) as WireObject;
    const unknown = Object.keys(plain).find((key) => containsUnknown(plain[key]!));
    if (unknown !== undefined) {
        throw new ExpansionError(
            `${type} "${name}": the argument ${unknown} holds a value that is not known yet`,
        );
    }
    try {
        return expansion(name, plain, context);
    } catch (error) {
        throw error instanceof ExpansionError
            ? new ExpansionError(`${type} "${name}": ${error.message} (offline/expansion)`)
            : error;
    }
}

function resolveInput(
    input: ChildInput | undefined,
    outputOf: (output: ChildOutput) => Wire,
): { value: Wire | undefined; keys: string[] } {
    if (input instanceof ChildOutput) {
        return { value: outputOf(input), keys: [input.key] };
    }
    if (input instanceof DerivedValue) {
        const known = outputOf(input.source) !== unknownSentinel;
        return { value: known ? input.value : unknownSentinel, keys: [input.source.key] };
    }
    if (Array.isArray(input) && input.some((item) => item instanceof ChildOutput)) {
        const outputs = input as ChildOutput[];
        return { value: outputs.map(outputOf), keys: [...new Set(outputs.map(({ key }) => key))] };
    }
    return { value: input as Wire | undefined, keys: [] };
}

function componentOutput(
    output: ComponentOutput,
    outputOf: (output: ChildOutput) => Wire,
    referenceTo: (child: string) => Wire,
): Wire {
    if (Array.isArray(output)) {
        return output.map((item) => componentOutput(item, outputOf, referenceTo));
    }
    if (output instanceof ChildOutput) {
        return outputOf(output);
    }
    return "child" in output ? referenceTo(output.child) : output.plain;
}
