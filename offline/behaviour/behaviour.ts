/** What a simulated provider does with one resource type. The tables under this folder are lists of these. */
import { createHash } from "node:crypto";
import type { Wire, WireObject } from "../engine/wire";

/** Where the simulated account lives. The account id is the one of AWS's own documentation. */
export interface Account {
    accountId: string;
    region: string;
    partition: string;
    dnsSuffix: string;
}

export interface BehaviourContext {
    urn: string;
    type: string;
    /** Logical name. */
    name: string;
    /** Checked inputs without secret marks; every value is known. */
    inputs: WireObject;
    account: Account;
    /** Folder that relative paths of assets begin at. */
    directory: string;
}

export interface Behaviour {
    /** Provider-assigned id. Must depend on nothing but the context: two runs give the same. */
    id(context: BehaviourContext): string;
    /** Computed outputs beside the inputs; `id` is the one from above. */
    outputs?(context: BehaviourContext, id: string): WireObject;
}

export type BehaviourTable = Record<string, Behaviour>;

/** `length` hexadecimal digits that belong to this resource; `salt` tells several of one resource apart. */
export function hex(context: BehaviourContext, length: number, salt = ""): string {
    return createHash("sha256").update(`${context.urn}|${salt}`).digest("hex").slice(0, length);
}

/** An id as EC2 makes them: prefix and 17 hexadecimal digits, e.g. `vpc-0a1b2c3d4e5f67890`. */
export function prefixed(prefix: string): (context: BehaviourContext) => string {
    return (context) => `${prefix}-0${hex(context, 16, prefix)}`;
}

/** `8-4-4-4-12` hexadecimal digits. */
export function uuid(context: BehaviourContext, salt = ""): string {
    const digits = hex(context, 32, `uuid${salt}`);
    return [
        digits.slice(0, 8),
        digits.slice(8, 12),
        `4${digits.slice(13, 16)}`,
        `8${digits.slice(17, 20)}`,
        digits.slice(20),
    ].join("-");
}

export function arn(context: BehaviourContext, service: string, resource: string): string {
    const { partition, region, accountId } = context.account;
    return `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
}

/** IAM and Route 53 have no region in their ARNs. */
export function globalArn(context: BehaviourContext, service: string, resource: string): string {
    const account = service === "route53" ? "" : context.account.accountId;
    return `arn:${context.account.partition}:${service}::${account}:${resource}`;
}

/** A string input. Undefined when it is not given or not a string. */
export function text(context: BehaviourContext, property: string): string | undefined {
    const value = context.inputs[property];
    return typeof value === "string" ? value : undefined;
}

/** The physical name: the input, or the logical name with seven digits as Pulumi's auto-naming makes it. */
export function physicalName(context: BehaviourContext, property = "name"): string {
    return text(context, property) ?? `${context.name}-${hex(context, 7, "autoname")}`;
}

/** A list input; empty when it is not given. */
export function list(context: BehaviourContext, property: string): Wire[] {
    const value = context.inputs[property];
    return Array.isArray(value) ? value : [];
}

/** A behaviour whose id is an input (an attachment, a policy of something, …). */
export function keyedBy(property: string, outputs?: Behaviour["outputs"]): Behaviour {
    return {
        id: (context) => text(context, property) ?? hex(context, 16),
        ...(outputs ? { outputs } : {}),
    };
}

/** A behaviour whose id is the physical name and which has an ARN made of it. */
export function named(
    arnOf: (context: BehaviourContext, name: string) => string,
    outputs?: (context: BehaviourContext, name: string) => WireObject,
    property = "name",
): Behaviour {
    return {
        id: (context) => physicalName(context, property),
        outputs: (context, id) => ({
            [property]: id,
            arn: arnOf(context, id),
            ...outputs?.(context, id),
        }),
    };
}

/** A behaviour whose id is its own ARN. */
export function identifiedByArn(
    arnOf: (context: BehaviourContext, name: string) => string,
    outputs?: (context: BehaviourContext, name: string) => WireObject,
    property = "name",
): Behaviour {
    return {
        id: (context) => arnOf(context, physicalName(context, property)),
        outputs: (context, id) => {
            const name = physicalName(context, property);
            return { [property]: name, arn: id, ...outputs?.(context, name) };
        },
    };
}
