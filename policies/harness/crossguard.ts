/**
 * Turns rules into policies of the CrossGuard SDK (`@pulumi/policy` 1.21.0).
 *
 * **One policy per rule id**, listed with its metadata, so that a policy configuration can set the level of each
 * (`{"ECR-03": "mandatory", "VPC-07": "disabled"}`), plus one that carries the pack's settings (configuration.ts).
 *
 * **One evaluation per request.** The SDK decodes the resource again for every resource policy and the whole stack
 * again for every stack policy (server.ts: the decoding is inside the loop over policies), about 0.15 ms per resource
 * and policy. It walks the policies of the pack with `for … of` for every request, so the list handed to it starts
 * one `AnalyzerCall` per walk: the first policy that the SDK runs judges the request by all rules, and each later one
 * is given to the SDK in the cheapest form that is still true:
 *
 * - findings: with its function, which reports them (the SDK adds level and configuration of that policy);
 * - passed: without a function, which the SDK skips without decoding anything;
 * - other resource types: with a type tag, which the SDK answers with "not applicable", also without decoding.
 *
 * Read by index instead of by walking, the list holds the same policies in a form that judges anew each time, so an
 * SDK that copied the list would lose speed, not findings.
 */
import type {
    Policies,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidation,
    StackValidationArgs,
    StackValidationPolicy,
} from "@pulumi/policy";
import {
    configurationProperties,
    defaultConfiguration,
    readConfiguration,
    settingsPolicyName,
    type ConfigurationResult,
    type PackConfiguration,
} from "./configuration";
import {
    enforcementOf,
    groupRules,
    inProfile,
    isRelevant,
    judgeResource,
    judgeStack,
    typesText,
    type Finding,
    type GroupJudgement,
    type RuleGroup,
} from "./judgement";
import { rawProperties, ResourceReader } from "./reader";
import type { Rule, RuleMetadata } from "./rule";
import { StackGraph } from "./stackGraph";

/** Generated from the rules (docs/policyReference.ts). */
const documentation = "docs/policies.md";

type AnyPolicy = ResourceValidationPolicy & Partial<StackValidationPolicy>;

export interface PolicyOptions {
    /** Settings given in code; those of the policy configuration go over them. */
    settings?: Partial<PackConfiguration>;
    /** True while the engine previews: properties that vanished because of an unknown then read as unknown. */
    preview: boolean;
}

/** The policies for `new PolicyPack(…)`; see the head of this file for what is special about the list. */
export function policiesFor(rules: readonly Rule[], options: PolicyOptions): Policies {
    const groups = groupRules(rules).map((group) => ({ ...group, policy: describe(group.metadata) }));
    const inputsSeen: InputsSeen = new Map();
    const walk = function* (remember: boolean): Generator<AnyPolicy> {
        const call = new AnalyzerCall(groups, options, inputsSeen, remember);
        yield call.settingsPolicy();
        for (const group of groups) yield call.policyOf(group);
    };
    const list = [...walk(false)];
    Object.defineProperty(list, Symbol.iterator, { value: () => walk(true) });
    return list as Policies;
}

/**
 * Names of the input properties by URN, from the requests about single resources. The engine asks about every resource
 * before it asks about the stack, and only these requests tell inputs from what the provider computes.
 */
type InputsSeen = Map<string, ReadonlySet<string>>;

interface DescribedGroup extends RuleGroup {
    policy: AnyPolicy;
}

/** One walk of the SDK over the policies, which is one request: a resource, a stack, or the list of policies. */
class AnalyzerCall {
    private configuration: PackConfiguration = defaultConfiguration;
    private resource: { reader: ResourceReader; judgements: Map<RuleGroup, GroupJudgement> } | undefined;
    private stack: { graph: StackGraph; judgements: Map<RuleGroup, GroupJudgement> } | undefined;

    constructor(
        private readonly groups: readonly DescribedGroup[],
        private readonly options: PolicyOptions,
        private readonly inputsSeen: InputsSeen,
        /** Whether all functions are asked about one and the same request. */
        private readonly remember: boolean,
    ) {}

    /** Comes first in every walk, so that the settings are known before the first rule runs. */
    settingsPolicy(): AnyPolicy {
        return {
            ...settingsDescription,
            validateResource: (args, report) => {
                const problems = this.useSettings(args.getConfig(), args.stackTags);
                if (this.remember) this.judgeResource(args);
                // Said once, on the stack's own resource, and not on each of hundreds.
                if (args.type === "pulumi:pulumi:Stack") reportSettingsProblems(problems, args.urn, report);
            },
            validateStack: (args, report) => {
                const problems = this.useSettings(args.getConfig(), args.stackTags);
                if (this.remember) this.judgeStack(args);
                reportSettingsProblems(problems, rootUrnOf(args), report);
            },
        };
    }

    policyOf(group: DescribedGroup): AnyPolicy {
        const policy = { ...group.policy };
        const resource = this.resourceFunction(group);
        const stack = this.stackFunction(group);
        if (resource) policy.validateResource = resource;
        if (stack) policy.validateStack = stack;
        return policy;
    }

    private resourceFunction(group: RuleGroup): ResourceValidation | undefined {
        if (group.resourceRules.length === 0) return undefined;
        if (this.remember && this.resource) {
            if (!inProfile(group.metadata, this.configuration))
                return tagged<ResourceValidation>("(another profile)");
            const type = this.resource.reader.type;
            if (!group.resourceRules.some((rule) => rule.types.includes(type))) {
                return tagged<ResourceValidation>(typesText(group));
            }
            const judgement = this.resource.judgements.get(group);
            if (judgement && isPass(judgement)) return undefined;
        }
        return (args, report) => reportJudgement(this.judgeResource(args).get(group), args, report);
    }

    private stackFunction(group: RuleGroup): StackValidation | undefined {
        if (group.stackRules.length === 0) return undefined;
        const stack = this.remember ? this.stack : undefined;
        if (stack) {
            if (!inProfile(group.metadata, this.configuration))
                return tagged<StackValidation>("(another profile)");
            if (group.stackRules.every((rule) => !isRelevant(rule, stack.graph))) {
                const types = group.stackRules.flatMap((rule) => rule.relevantTypes ?? []);
                return tagged<StackValidation>([...new Set(types)].join(", "));
            }
            const judgement = stack.judgements.get(group);
            if (judgement && isPass(judgement)) return undefined;
        }
        return (args, report) => reportJudgement(this.judgeStack(args).get(group), args, report);
    }

    private judgeResource(args: ResourceValidationArgs): Map<RuleGroup, GroupJudgement> {
        if (this.remember && this.resource) return this.resource.judgements;
        const properties = rawProperties(args.props);
        this.inputsSeen.set(args.urn, new Set(Object.keys(properties)));
        const reader = new ResourceReader({
            type: args.type,
            name: args.name,
            urn: args.urn,
            properties,
            protect: args.opts.protect,
            ignoreChanges: args.opts.ignoreChanges,
            ...(args.opts.parent === undefined ? {} : { parent: args.opts.parent }),
        });
        const judgements = new Map<RuleGroup, GroupJudgement>();
        for (const group of this.groups) {
            if (!group.resourceRules.some((rule) => rule.types.includes(args.type))) continue;
            if (inProfile(group.metadata, this.configuration)) {
                judgements.set(group, judgeResource(group, reader, this.configuration));
            }
        }
        this.resource = { reader, judgements };
        return judgements;
    }

    private judgeStack(args: StackValidationArgs): Map<RuleGroup, GroupJudgement> {
        if (this.remember && this.stack) return this.stack.judgements;
        const graph = graphOf(args, this.configuration, this.options, this.inputsSeen);
        const judgements = new Map<RuleGroup, GroupJudgement>();
        for (const group of this.groups) {
            if (group.stackRules.length === 0 || !inProfile(group.metadata, this.configuration)) continue;
            judgements.set(group, judgeStack(group, graph, this.configuration));
        }
        this.stack = { graph, judgements };
        return judgements;
    }

    /** Takes the settings over when they are right; wrong ones are reported and the defaults stay. */
    private useSettings(given: object, stackTags: ReadonlyMap<string, string> | undefined): string[] {
        const result = readSettings({ ...this.options.settings, ...given });
        if (!result.ok) return result.problems;
        this.configuration = withDeclaredCoverage(result.configuration, stackTags);
        return [];
    }
}

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
            ...metadata.profiles.map((p) => `profile:${p}`),
            ...metadata.references,
        ],
        url: `${documentation}#${headingAnchor(`${metadata.id} ${metadata.title}`)}`,
        // The SDK has room for one framework; the others are among the tags.
        ...(first === undefined ? {} : { framework: frameworkOf(first) }),
    };
}

/** GitHub's anchor of a Markdown heading: lower case, without punctuation, hyphens for blanks. */
function headingAnchor(heading: string): string {
    return heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-");
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

const settingsDescription: AnyPolicy = {
    name: settingsPolicyName,
    displayName: "Settings of the pack",
    description: "Carries the settings that all rules share, and complains when they are wrong.",
    enforcementLevel: "mandatory",
    severity: "high",
    configSchema: { properties: configurationProperties() as PolicyConfigSchema["properties"] },
};

/** A function that the SDK does not run but answers with "only applies to resources of type …". */
function tagged<T extends ResourceValidation | StackValidation>(text: string): T {
    const validation = () => {};
    (validation as { __pulumiType?: string }).__pulumiType = text;
    return validation as unknown as T;
}

const settingsByText = new Map<string, ConfigurationResult>();

/** The same few settings come with every request. */
function readSettings(given: object): ConfigurationResult {
    const text = JSON.stringify(given);
    let result = settingsByText.get(text);
    if (!result) {
        result = readConfiguration(given);
        settingsByText.set(text, result);
    }
    return result;
}

function withDeclaredCoverage(
    configuration: PackConfiguration,
    stackTags: ReadonlyMap<string, string> | undefined,
): PackConfiguration {
    const declared = stackTags?.get("portcullis:coverage") === "pipeline";
    if (!declared || configuration.coverage.includes("pipeline")) return configuration;
    return { ...configuration, coverage: [...configuration.coverage, "pipeline"] };
}

function graphOf(
    args: StackValidationArgs,
    configuration: PackConfiguration,
    options: PolicyOptions,
    inputsSeen: InputsSeen,
): StackGraph {
    return StackGraph.of(
        args.resources.map((resource) => ({
            ...(inputsSeen.has(resource.urn) ? { inputs: inputsSeen.get(resource.urn) } : {}),
            type: resource.type,
            name: resource.name,
            urn: resource.urn,
            properties: rawProperties(resource.props),
            protect: resource.opts.protect,
            ignoreChanges: resource.opts.ignoreChanges,
            ...(resource.parent === undefined ? {} : { parent: resource.parent.urn }),
            propertyDependencies: Object.fromEntries(
                Object.entries(resource.propertyDependencies).map(([property, targets]) => [
                    property,
                    targets.map((target) => target.urn),
                ]),
            ),
            preview: options.preview,
        })),
        { externalReferences: configuration.externalReferences },
    );
}

function rootUrnOf(args: StackValidationArgs): string | undefined {
    return args.resources.find((resource) => resource.type === "pulumi:pulumi:Stack")?.urn;
}

function isPass(judgement: GroupJudgement): boolean {
    return judgement.findings.length === 0 && judgement.notApplicable === undefined;
}

function reportJudgement(
    judgement: GroupJudgement | undefined,
    args: ResourceValidationArgs | StackValidationArgs,
    report: ReportViolation,
): void {
    if (!judgement)
        return args.notApplicable("not part of the chosen profile, or about other resource types");
    if (judgement.notApplicable !== undefined) return args.notApplicable(judgement.notApplicable);
    for (const finding of judgement.findings) reportFinding(finding, report);
}

function reportSettingsProblems(problems: string[], urn: string | undefined, report: ReportViolation): void {
    if (problems.length === 0) return;
    reportFinding(
        {
            kind: "violation",
            message:
                `[${settingsPolicyName}] The settings of the policy pack are wrong, so defaults are used: ` +
                `${problems.join("; ")}\nFix: correct the entry "${settingsPolicyName}" of the policy configuration.`,
            severity: "high",
            enforcement: "mandatory",
            ...(urn === undefined ? {} : { urn }),
        },
        report,
    );
}

/**
 * The SDK honours an object here (server.ts, makeReportViolationFun) though its types only show the text form. Only
 * the object form leaves the message as it is and lets a finding have its own severity, level and resource.
 */
function reportFinding(finding: Finding, report: ReportViolation): void {
    (report as unknown as (finding: object) => void)({
        message: finding.message,
        urn: finding.urn,
        severity: finding.severity,
        enforcementLevel: finding.enforcement,
    });
}
