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
    ResourceValidation,
    ResourceValidationArgs,
    StackValidation,
    StackValidationArgs,
} from "@pulumi/policy";
import {
    defaultConfiguration,
    readConfiguration,
    type ConfigurationResult,
    type PackConfiguration,
} from "./configuration";
import { reportJudgement, reportSettingsProblems } from "./findingReport";
import { groupRules, isRelevant, judgeResource, judgeStack, type GroupJudgement } from "./judgement";
import { describeGroup, settingsDescription, type AnyPolicy, type DescribedGroup } from "./policyDescription";
import { inProfile } from "./profiles";
import { rawProperties, ResourceReader } from "./reader";
import type { Rule } from "./rule";
import { StackGraph } from "./stackGraph";

export interface PolicyOptions {
    /** Settings given in code; those of the policy configuration go over them. */
    settings?: Partial<PackConfiguration>;
    /** True while the engine previews: properties that vanished because of an unknown then read as unknown. */
    preview: boolean;
}

/** The policies for `new PolicyPack(…)`; see the head of this file for what is special about the list. */
export function policiesFor(rules: readonly Rule[], options: PolicyOptions): Policies {
    const groups = groupRules(rules).map(describeGroup);
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

type Judgements = Map<DescribedGroup, GroupJudgement>;

/** One walk of the SDK over the policies, which is one request: a resource, a stack, or the list of policies. */
class AnalyzerCall {
    private configuration: PackConfiguration = defaultConfiguration;
    private resource: { type: string; judgements: Judgements } | undefined;
    private stack: { graph: StackGraph; judgements: Judgements } | undefined;

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

    /** The policy of a group in the cheapest form that is true for the request, as far as it is known by now. */
    policyOf(group: DescribedGroup): AnyPolicy {
        const { resource, stack } = this;
        if (this.remember && (resource || stack)) {
            if (!inProfile(group.metadata, this.configuration)) return group.otherProfile;
            if (resource && group.resourceRules.length > 0 && !group.types.has(resource.type))
                return group.otherType;
            if (stack && group.stackRules.length > 0) {
                if (group.stackRules.every((rule) => !isRelevant(rule, stack.graph))) return group.irrelevant;
            }
            const judgement = resource?.judgements.get(group) ?? stack?.judgements.get(group);
            if (!judgement || isPass(judgement)) return group.silent;
        }
        const policy = { ...group.silent };
        if (group.resourceRules.length > 0) policy.validateResource = this.resourceFunction(group);
        if (group.stackRules.length > 0) policy.validateStack = this.stackFunction(group);
        return policy;
    }

    private resourceFunction(group: DescribedGroup): ResourceValidation {
        return (args, report) => reportJudgement(this.judgeResource(args).get(group), args, report);
    }

    private stackFunction(group: DescribedGroup): StackValidation {
        return (args, report) => reportJudgement(this.judgeStack(args).get(group), args, report);
    }

    private judgeResource(args: ResourceValidationArgs): Judgements {
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
        const judgements: Judgements = new Map();
        for (const group of this.groups) {
            if (!group.types.has(args.type)) continue;
            if (inProfile(group.metadata, this.configuration)) {
                judgements.set(group, judgeResource(group, reader, this.configuration));
            }
        }
        this.resource = { type: args.type, judgements };
        return judgements;
    }

    private judgeStack(args: StackValidationArgs): Judgements {
        if (this.remember && this.stack) return this.stack.judgements;
        const graph = graphOf(args, this.configuration, this.options, this.inputsSeen);
        const judgements: Judgements = new Map();
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
