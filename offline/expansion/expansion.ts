/** What a remote component turns into: children that refer to each other by key, before URNs and ids exist. */
import type { Wire } from "../engine/wire";

/** An output of another child. */
export class ChildOutput {
    constructor(
        readonly key: string,
        readonly property: string,
    ) {}
}

/**
 * A value that the provider computes from an output of another child: unknown while that output is unknown, else
 * `value` (undefined = the property is not set).
 */
export class DerivedValue {
    constructor(
        readonly source: ChildOutput,
        readonly value: Wire | undefined,
    ) {}
}

export type ChildInput = Wire | ChildOutput | DerivedValue | ChildOutput[];

export interface ExpandedChild {
    /** Unique within the expansion. */
    key: string;
    type: string;
    name: string;
    /** Key of the parent child; undefined for the component itself. */
    parent?: string;
    inputs: Record<string, ChildInput | undefined>;
    /** Keys. */
    dependsOn: string[];
}

/** A component output: a child as a resource reference, an output of a child, lists of both, or a plain value. */
export type ComponentOutput = { child: string } | ChildOutput | ComponentOutput[] | { plain: Wire };

export interface Expansion {
    /** In the order of registration: parents and dependencies first. */
    children: ExpandedChild[];
    outputs: Record<string, ComponentOutput>;
    /** Keys of the children that every component output depends on. */
    outputDependencies: string[];
    warnings: string[];
}

export interface ExpansionContext {
    /** Zone names of the region, in order. */
    availabilityZones: string[];
}

/** An argument that the expansion does not imitate, or that the real provider refuses too. One line. */
export class ExpansionError extends Error {}
