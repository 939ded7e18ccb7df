/** Which rules belong to which profile: derived, so that a rule cannot be forgotten. */
import type { PackConfiguration } from "./configuration";
import type { RuleFamily, RuleMetadata } from "./rule";

/** Families about the promise: who can put what into production, past whom. All others are hardening. */
const gateFamilies: ReadonlySet<RuleFamily> = new Set<RuleFamily>([
    "ecr",
    "codepipeline",
    "gate",
    "codebuild",
    "buildspec",
    "bypass",
    "iam",
    "pulumi",
]);

export type Profile = PackConfiguration["profile"];

/**
 * - `gate`: critical and high rules of the gate families;
 * - `baseline`: every other family, and what public rule sets also ask of the gate families;
 * - `strict`: everything.
 */
export function profilesOf(metadata: RuleMetadata): Profile[] {
    const gateFamily = gateFamilies.has(metadata.family);
    const grave = metadata.severity === "critical" || metadata.severity === "high";
    return [
        ...(gateFamily && grave ? (["gate"] as const) : []),
        ...(!gateFamily || metadata.publicEquivalent ? (["baseline"] as const) : []),
        "strict",
    ];
}

/** True when the profile of the settings contains the rule. */
export function inProfile(metadata: RuleMetadata, configuration: PackConfiguration): boolean {
    return profilesOf(metadata).includes(configuration.profile);
}
