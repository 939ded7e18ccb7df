/** The five designs that this project started from, as programs: roles, topics and functions are referred to by their ARNs. */
import {
    accuknox,
    awsWorkshop,
    inspectorGate,
    lacework,
    stelligent,
} from "../rules/codepipeline/originalDesigns";
import type { ExampleResource } from "../harness/rule";
import { isPlainObject } from "../harness/unknownValue";
import { Output, Program, region, type Resource } from "./program";

const regionOfDesigns = "us-east-2";

const inputs: Record<string, ExampleResource[]> = {
    lacework,
    awsWorkshop,
    inspectorGate,
    accuknox,
    stelligent,
};

/** The design of this name. */
export function design(name: string): Program {
    const program = new Program(name, "main", "demo");
    const byArn = new Map<string, Resource>();
    for (const { type, name: resourceName, props } of inOrder(inputs[name] ?? [])) {
        const referring = referred(props, byArn) as Record<string, unknown>;
        const made = program.add(type, resourceName, referring);
        byArn.set(String(made.arn.value), made);
    }
    return program;
}

/** Programs declare what they refer to before what refers to it. */
function inOrder(resources: readonly ExampleResource[]): ExampleResource[] {
    const rank = ({ type }: ExampleResource): number =>
        /role:Role|topic:Topic|table:Table/.test(type)
            ? 0
            : /Subscription|Target|Permission/.test(type)
              ? 2
              : 1;
    return [...resources].sort((a, b) => rank(a) - rank(b));
}

function referred(value: unknown, byArn: ReadonlyMap<string, Resource>): unknown {
    if (typeof value === "string") {
        const text = value.replaceAll(regionOfDesigns, region);
        const resource = byArn.get(text);
        return resource ? new Output([resource.urn], text) : text;
    }
    if (Array.isArray(value)) return value.map((element) => referred(element, byArn));
    if (!isPlainObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, referred(inner, byArn)]));
}
