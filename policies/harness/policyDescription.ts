/** What policies say about themselves to the engine. */
import type {
    PolicyConfigSchema,
    ResourceValidationPolicy,
    StackValidation,
    StackValidationPolicy,
} from "@pulumi/policy";
import { configurationProperties, settingsPolicyName } from "./configuration";
import { enforcementOf, type RuleGroup } from "./judgement";
import { profilesOf } from "./profiles";
import type { RuleMetadata } from "./rule";

/** A policy with a resource half, a stack half, or both; the SDK skips what has neither. */
export type AnyPolicy = ResourceValidationPolicy & Partial<StackValidationPolicy>;

/** A page per rule, generated (docs/policyReference.ts). */
const documentation = "docs/policies";

/** A rule group with the forms of its policy that are the same for every request. */
export interface DescribedGroup extends RuleGroup {
    /** Types that the resource half judges. */
    types: ReadonlySet<string>;
    /** Whether any of its rules can mend a resource. */
    remediates: boolean;
    /** Without functions: the SDK skips it, which is how it hears that the rule passes. */
    silent: AnyPolicy;
    /** For the request about the stack: the SDK answers "not applicable" without running or decoding anything. */
    otherType: AnyPolicy;
    irrelevant: AnyPolicy;
    otherProfile: AnyPolicy;
}

export function describeGroup(group: RuleGroup): DescribedGroup {
    const silent = describe(group.metadata);
    const types = new Set(group.resourceRules.flatMap((rule) => rule.types));
    const relevantTypes = new Set(group.stackRules.flatMap((rule) => rule.relevantTypes ?? []));
    // Said of the stack as a whole, also by rules about single resources.
    const notApplicable = (text: string): AnyPolicy => ({ ...silent, validateStack: tagged(text) });
    return {
        ...group,
        types,
        remediates: group.resourceRules.some((rule) => rule.remediation !== undefined),
        silent,
        otherType: notApplicable(listed(types)),
        irrelevant: notApplicable(listed(relevantTypes)),
        otherProfile: notApplicable("(another profile)"),
    };
}

/** The policy that carries the settings; the adapter gives it its functions. */
export const settingsDescription: AnyPolicy = {
    name: settingsPolicyName,
    displayName: "Settings of the pack",
    description: "Carries the settings that all rules share, and complains when they are wrong.",
    enforcementLevel: "mandatory",
    severity: "high",
    configSchema: { properties: configurationProperties() as PolicyConfigSchema["properties"] },
};

/** Everything a policy says about itself; without functions. */
function describe(metadata: RuleMetadata): AnyPolicy {
    const [first] = metadata.references;
    return {
        name: metadata.id,
        displayName: `${metadata.id} ${metadata.title}`,
        description: `${metadata.title}. ${metadata.rationale}`,
        enforcementLevel: enforcementOf(metadata.severity),
        severity: metadata.severity,
        remediationSteps: metadata.remediation,
        tags: [
            `family:${metadata.family}`,
            ...profilesOf(metadata).map((profile) => `profile:${profile}`),
            ...metadata.references,
        ],
        url: `${documentation}/${metadata.id}.md`,
        // The SDK has room for one framework; the others are among the tags.
        ...(first === undefined ? {} : { framework: frameworkOf(first) }),
    };
}

/** `FSBP ECR.1` → name FSBP, reference ECR.1; `CIS AWS 5.0.0 5.3` → name CIS AWS, version 5.0.0, reference 5.3. */
function frameworkOf(reference: string): NonNullable<AnyPolicy["framework"]> {
    const parts = /^(?<name>.*?)(?: v?(?<version>\d+(?:\.\d+){1,2}))? (?<control>\S+)$/.exec(
        reference,
    )?.groups;
    return {
        name: parts?.["name"] ?? reference,
        version: parts?.["version"] ?? "",
        reference: parts?.["control"] ?? reference,
        specification: reference,
    };
}

/** Long lists are cut. */
function listed(types: ReadonlySet<string>): string {
    const [first = "", second, ...others] = types;
    if (second === undefined) return first;
    return others.length === 0 ? `${first}, ${second}` : `${first} and ${others.length + 1} more`;
}

/** A function that the SDK does not run but answers with "only applies to resources of type …". */
function tagged(text: string): StackValidation {
    const validation = () => {};
    (validation as { __pulumiType?: string }).__pulumiType = text;
    return validation;
}
