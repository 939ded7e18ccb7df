/** Which rules belong to which profile: derived, so that a rule cannot be forgotten. */
import type { PackConfiguration, RuleLevel } from "./configuration";
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
 *
 * Rules about the run itself are in every profile.
 */
export function profilesOf(metadata: RuleMetadata): Profile[] {
    const gateFamily = gateFamilies.has(metadata.family);
    const grave = metadata.severity === "critical" || metadata.severity === "high";
    return [
        ...((gateFamily && grave) || metadata.everyProfile ? (["gate"] as const) : []),
        ...(!gateFamily || metadata.publicEquivalent || metadata.everyProfile ? (["baseline"] as const) : []),
        "strict",
    ];
}

/**
 * The level that the settings of the pack give a rule: its own, else that of its tier, which is the smallest profile
 * that it is in. Undefined when they leave it to its severity and to CrossGuard's own configuration.
 */
export function levelOf(metadata: RuleMetadata, configuration: PackConfiguration): RuleLevel | undefined {
    const { rules, levels } = configuration;
    const own = Object.hasOwn(rules, metadata.id) ? rules[metadata.id]?.level : undefined;
    // What watches the exemptions and the unknowns is not switched off together with what it watches.
    if (own !== undefined || metadata.everyProfile) return own;
    const [first = "strict"] = profilesOf(metadata);
    return levels[first === "strict" ? "strict-only" : first];
}

const answers = new WeakMap<PackConfiguration, Map<RuleMetadata, boolean>>();

/** True when the rule runs: the profile of the settings contains it and its level is not `disabled`. */
export function inProfile(metadata: RuleMetadata, configuration: PackConfiguration): boolean {
    let known = answers.get(configuration);
    if (!known) answers.set(configuration, (known = new Map()));
    let answer = known.get(metadata);
    if (answer === undefined) {
        answer =
            profilesOf(metadata).includes(configuration.profile) &&
            levelOf(metadata, configuration) !== "disabled";
        known.set(metadata, answer);
    }
    return answer;
}
