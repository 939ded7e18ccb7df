/**
 * What the offline engine captured: the one artefact (`resources.json`) that the policy client, the cost table, the
 * diagram and the tests read.
 */

/** A value as it travelled on the wire, made readable. Unknown and secret values are marked, never guessed. */
export type Value =
    null | boolean | number | string | Value[] | { [key: string]: Value } | UnknownValue | SecretValue;

/** Stands for a value that is only known after the update. Serialised as `{"$unknown": true}`. */
export interface UnknownValue {
    $unknown: true;
}

/** Serialised as `{"$secret": …}`; the content is shown as `[secret]` in written files unless it is unknown. */
export interface SecretValue {
    $secret: Value;
}

export interface CapturedResource {
    urn: string;
    type: string;
    name: string;
    /** URN of the parent; empty for the stack itself. */
    parent: string;
    /** False for components. */
    custom: boolean;
    /** True for components that a provider process builds (awsx). */
    remote: boolean;
    id: string | UnknownValue;
    inputs: Record<string, Value>;
    /** Inputs plus computed outputs, as the program sees them. */
    outputs: Record<string, Value>;
    /** URNs. */
    dependencies: string[];
    propertyDependencies: Record<string, string[]>;
    /** `urn::id` of the provider. */
    provider: string;
    protect: boolean;
    ignoreChanges: string[];
    aliases: string[];
    retainOnDelete: boolean;
    deleteBeforeReplace: boolean;
    /** File and line in the program, when the SDK sends it. */
    source?: { file: string; line: number };
}

export type EnforcementLevel = "advisory" | "mandatory" | "disabled" | "remediate";

/** One line of the pack's answer. */
export interface PolicyDiagnostic {
    policy: string;
    pack: string;
    message: string;
    urn: string;
    enforcement: EnforcementLevel;
    severity: "low" | "medium" | "high" | "critical" | "unspecified";
    /** True when the rule could not be judged because a value is unknown (marked by the pack, see policy client). */
    inconclusive: boolean;
    /** What an exemption names, e.g. `ECS-02[web|digest]`; absent when the rule has one finding per resource. */
    findingId?: string;
    /** Set when a reviewed exemption turned the violation into advice; then `message` is what would be violated. */
    exempted?: Exemption;
    /** How to fix it, when the policy says. */
    fix?: string;
}

/** What the pack says about the exemption that a finding falls under. */
export interface Exemption {
    id: string;
    /** Last day, `YYYY-MM-DD`, UTC. */
    until: string;
    /** Days from the run to the last day. */
    daysLeft: number;
    reason: string;
}

export interface PolicyInfo {
    name: string;
    displayName: string;
    description: string;
    severity: string;
    enforcement: EnforcementLevel;
    url?: string;
    references: string[];
    /** The one control that a policy can announce in a structured form, when it does not stand among `references`. */
    framework?: { name: string; version: string; reference: string };
}

export interface PolicyResult {
    pack: { name: string; version: string };
    policies: PolicyInfo[];
    diagnostics: PolicyDiagnostic[];
    /** How many (rule, resource) pairs were not applicable, by policy, when the pack says so. */
    notApplicable: number;
    /** What policies of level `remediate` changed before the resource was judged, in the order of their work. */
    remediations?: { policy: string; urn: string }[];
    /** Policies that found nothing in this stack to apply to, sorted. */
    notApplicablePolicies?: string[];
}

export interface RunResult {
    project: string;
    stack: string;
    mode: "preview" | "update";
    resources: CapturedResource[];
    stackOutputs: Record<string, Value>;
    /** Lines that the program logged, in order. */
    log: { severity: "debug" | "info" | "warning" | "error"; message: string; urn?: string }[];
    policy: PolicyResult | null;
    /** Milliseconds of wall time by step. */
    timings: Record<string, number>;
    program: { exitCode: number };
}
