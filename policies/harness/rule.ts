/**
 * What a rule is. Rules are plain objects: nothing here knows the CrossGuard SDK, so every rule can be run in a test
 * without a policy pack. `crossguard.ts` turns them into policies.
 */
import type { RunSummary } from "../exemptions/runSummary";
import type { PathSegment, ResourceReader } from "./reader";
import type { StackGraph } from "./stackGraph";

export type RuleSeverity = "critical" | "high" | "medium" | "low";

export type RuleFamily =
    | "ecr"
    | "codepipeline"
    | "gate"
    | "codebuild"
    | "buildspec"
    | "iam"
    | "bypass"
    | "ecs"
    | "alb"
    | "vpc"
    | "rds"
    | "efs"
    | "launchtemplate"
    | "autoscaling"
    | "lambda"
    | "sns"
    | "sqs"
    | "eventbridge"
    | "dynamodb"
    | "s3"
    | "kms"
    | "secrets"
    | "logs"
    | "pulumi";

/**
 * What a rule says about one resource. `inconclusive` means that a value it needs is not known yet (preview): it is
 * counted and reported, never taken for a pass.
 */
export type Outcome =
    | { kind: "pass" }
    | { kind: "notApplicable"; reason: string }
    | {
          kind: "violation";
          /** What was read and why it matters, one sentence, naming the property path. */
          message: string;
          /** The exact change that mends it. */
          fix: string;
          /** Distinguishes several findings of one rule on one resource, e.g. `role|policy|action`. */
          findingId?: string;
          /** When the finding weighs less or more than the rule. */
          severity?: RuleSeverity;
      }
    | { kind: "inconclusive"; why: string; property: string };

export interface RuleMetadata {
    /** Stable id of the catalogue, e.g. `ECR-01`. */
    id: string;
    family: RuleFamily;
    title: string;
    /** Why a team should care: the attack or accident that it prevents. */
    rationale: string;
    severity: RuleSeverity;
    /** General remediation, Markdown. */
    remediation: string;
    /** Controls of public frameworks, with version where they have one, e.g. `FSBP ECR.1`, `CIS AWS 5.0.0 5.3`. */
    references: string[];
    /** A rule of a gate family that public rule sets also have: it is in the profile `baseline` too (profiles.ts). */
    publicEquivalent?: boolean;
    /** Rules that no exemption may silence. */
    neverExempt?: boolean;
    /** A rule about the run itself (its exemptions, its unknowns), not about resources: it runs in every profile. */
    everyProfile?: boolean;
}

/** Settings of the pack that rules may read; defaults in `configuration.ts`. */
export type { PackConfiguration } from "./configuration";
import type { PackConfiguration } from "./configuration";

/**
 * A rule of the catalogue with a resource half and a stack half (R+S) is two rules with one id and the same metadata
 * object; they become one policy, so that one enforcement level governs both.
 */

/** Judges one resource from its own inputs; runs before the resource is created, so it can stop the update. */
export interface ResourceRule {
    level: "resource";
    metadata: RuleMetadata;
    /** Type tokens it judges, all spellings that the installed provider emits. */
    types: string[];
    evaluate(resource: ResourceReader, configuration: PackConfiguration): Outcome[];
    /** Left out where mending needs a person. Only carried out when the level of the rule is `remediate`. */
    remediation?: Remediation;
    examples: RuleExample[];
}

/**
 * How a rule mends a resource before it is created or updated. Idempotent: a mended resource needs no further change.
 * Values that are secret or not known yet are never touched.
 */
export interface Remediation {
    /** `create`: the property can only be set while the resource is created; set later, it would replace the resource. */
    when: "always" | "create";
    /** Changes after which the rule passes; none when it passes already or when a person has to decide. */
    changes(resource: ResourceReader, configuration: PackConfiguration): PropertyChange[];
}

/** Sets one property, and the objects above it where they are missing. */
export interface PropertyChange {
    path: PathSegment[];
    value: string | number | boolean | object;
}

/** Judges resources together, after all are registered. Outcomes name the resource that they are about. */
export interface StackRule {
    level: "stack";
    metadata: RuleMetadata;
    /**
     * The rule is not applicable in a stack that has no resource of any of these types. Left out by rules that ask
     * for the presence of something.
     */
    relevantTypes?: string[];
    /** The rule judges what the others said, so it comes after all of them and is given the `run`. */
    afterOthers?: boolean;
    evaluate(graph: StackGraph, configuration: PackConfiguration, run?: RunSummary): StackOutcome[];
    examples: RuleExample[];
}

export interface StackOutcome {
    /** Null only when the finding is about something that is missing from the stack. */
    resource: ResourceReader | null;
    outcome: Outcome;
}

export type Rule = ResourceRule | StackRule;

/** A resource in a fixture: the smallest that shows the point. `unknown` (from reader.ts) marks unknown values. */
export interface ExampleResource {
    type: string;
    name: string;
    props: Record<string, unknown>;
    /** What the provider computes and stack rules see beside the inputs, e.g. the unknown `routes` of a route table. */
    computed?: Record<string, unknown>;
    protect?: boolean;
    ignoreChanges?: string[];
    /** Name of another resource of the example. */
    parent?: string;
    /** Names of other resources of the example that a property refers to. */
    propertyDependencies?: Record<string, string[]>;
}

/** An executed example: documentation and test fixture at once. */
export interface RuleExample {
    title: string;
    resources: ExampleResource[];
    configuration?: Partial<PackConfiguration>;
    /** For rules that judge a run. */
    run?: ExampleRun;
    /**
     * Exactly the outcomes that are neither `pass` nor `notApplicable`: resource name (null when about an absent
     * resource) and kind. An empty list asserts that there is none.
     */
    expect: { resource: string | null; kind: "violation" | "inconclusive" }[];
    /** `bad`, `good`, `absent` (property or resource missing), `unknown` (value not known at preview). */
    shows: "bad" | "good" | "absent" | "unknown";
}

/** What happens around the resources of an example. */
export interface ExampleRun {
    /** Text of the file that the setting `exemptions` names; there is none unless given. */
    exemptions?: string;
    /** Today, YYYY-MM-DD; 2026-03-01 unless given. */
    today?: string;
    /** What other rules say. Each is a stack rule that says just this. */
    others?: {
        rule: string;
        severity: RuleSeverity;
        neverExempt?: boolean;
        /** Name of a resource of the example. */
        resource: string;
        kind: "violation" | "inconclusive" | "pass";
        findingId?: string;
    }[];
}
