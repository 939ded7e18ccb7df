/**
 * Turns rules into policies of the CrossGuard SDK (`@pulumi/policy` 1.21.0).
 *
 * **One policy per rule id**, listed with its metadata, so that a policy configuration can set the level of each
 * (`{"ECR-03": "mandatory", "VPC-07": "disabled"}`), plus one that carries the pack's settings (configuration.ts).
 *
 * **One evaluation per request.** The SDK walks the policies of the pack with `for … of` for every request, so the list
 * handed to it starts one `AnalyzerCall` per walk: the first policy that the SDK runs judges the request by all rules,
 * and each later one is given to the SDK in the cheapest form that is still true:
 *
 * - findings: with its function, which reports them (the SDK adds level and configuration of that policy);
 * - passed, or about other types: without a function, which the SDK skips;
 * - about types that the whole stack has not: once, when the stack is asked about, with a type tag, which the SDK answers
 *   with "not applicable" without running anything.
 *
 * Read by index instead of by walking, the list holds the same policies in a form that judges anew each time, so an
 * SDK that copied the list would lose speed, not findings.
 *
 * What else the SDK does again and again is in sdkAdaptation.ts.
 */
import type {
    Policies,
    ResourceRemediation,
    ResourceValidation,
    ResourceValidationArgs,
    StackValidation,
    StackValidationArgs,
} from "@pulumi/policy";
import { RunRecord, type RunRecordOptions } from "../exemptions/runRecord";
import type { PackConfiguration } from "./configuration";
import { reportJudgement, reportSettingsProblems } from "./findingReport";
import { groupRules, isMeta, isRelevant, judgeResource, judgeStack, type GroupJudgement } from "./judgement";
import { describeGroup, settingsDescription, type AnyPolicy, type DescribedGroup } from "./policyDescription";
import { inProfile } from "./profiles";
import { rawProperties, ResourceReader, type ResourceDescription } from "./reader";
import { remediated, remediationFailure } from "./remediation";
import { RequestPlans, type RequestPlan } from "./requestPlans";
import type { Rule } from "./rule";
import { adaptSdk, wireProperties } from "./sdkAdaptation";
import { SettingsMemory } from "./settingsMemory";
import { StackGraph } from "./stackGraph";

export interface PolicyOptions {
    /** Settings given in code; those of the policy configuration go over them. */
    settings?: Partial<PackConfiguration>;
    /** True while the engine previews: properties that vanished because of an unknown then read as unknown. */
    preview: boolean;
    /** For specs: clock and file of the exemptions. */
    run?: RunRecordOptions;
}

/** The policies for `new PolicyPack(…)`; see the head of this file for what is special about the list. */
export function policiesFor(rules: readonly Rule[], options: PolicyOptions): Policies {
    adaptSdk();
    const groups = groupRules(rules).map(describeGroup);
    const recorded = groups.map(({ metadata, resourceRules }) => ({
        metadata,
        judgesResources: resourceRules.length > 0,
    }));
    const pack: PackState = {
        policies: groups.map((group) => ({ group, Bound: boundPolicy(group) })),
        preview: options.preview,
        plans: new RequestPlans(groups),
        settings: new SettingsMemory(options.settings),
        inputsSeen: new Map(),
        typesSeen: new Set(),
        failedRemediations: new Map(),
        record: new RunRecord(recorded, options.run),
        remediationRecord: new RunRecord(recorded, options.run),
    };
    const walk = (remember: boolean) => new AnalyzerCall(pack, remember).policies();
    const list = [...walk(false)];
    Object.defineProperty(list, Symbol.iterator, { value: () => walk(true) });
    return list as Policies;
}

interface PackPolicy {
    group: DescribedGroup;
    Bound: BoundPolicy;
}

/** What requests have in common. */
interface PackState {
    policies: readonly PackPolicy[];
    preview: boolean;
    plans: RequestPlans;
    settings: SettingsMemory;
    /**
     * Names of the input properties by URN, from the requests about single resources. The engine asks about every
     * resource before it asks about the stack, and only these requests tell inputs from what the provider computes.
     */
    inputsSeen: Map<string, ReadonlySet<string>>;
    /** Types of the resources of all requests so far. */
    typesSeen: Set<string>;
    /** Texts of errors by URN and group: said when the resource is judged, which the engine does right afterwards. */
    failedRemediations: Map<string, Map<DescribedGroup, string>>;
    /** Exemptions, their uses, and what stayed inconclusive. */
    record: RunRecord;
    /** The same exemptions for remediations: an exempted finding is not mended, which is no use of the exemption. */
    remediationRecord: RunRecord;
}

type Judgements = Map<DescribedGroup, GroupJudgement>;

/** One walk of the SDK over the policies, which is one request: about a resource, a stack, or the list of policies. */
class AnalyzerCall {
    private resource: { type: string; judgements: Judgements } | undefined;
    private stack: { graph: StackGraph; judgements: Judgements } | undefined;
    /** Properties as earlier remediations of this request left them. */
    private onWire: Record<string, unknown> | undefined;

    constructor(
        private readonly pack: PackState,
        /** Whether all functions are asked about one and the same request. */
        private readonly remember: boolean,
    ) {}

    *policies(): Generator<AnyPolicy> {
        // Comes first, so that settings are known and the request is judged before the first rule has its turn.
        yield this.settingsPolicy();
        let plan: RequestPlan | undefined;
        // By index: this loop runs for every request, and pairs of `entries()` would be most of its work.
        const { policies } = this.pack;
        for (let index = 0; index < policies.length; index++) {
            plan ??= this.plan();
            yield plan?.others[index] ?? this.judgedPolicy(policies[index]!, plan !== undefined);
        }
    }

    /** Nothing as long as it is not known what is asked. */
    private plan(): RequestPlan | undefined {
        const { plans, settings } = this.pack;
        if (!this.remember) return undefined;
        if (this.resource) return plans.ofType(this.resource.type, settings.current);
        return this.stack && plans.ofStack(this.pack.typesSeen, settings.current);
    }

    private settingsPolicy(): AnyPolicy {
        const { settings } = this.pack;
        return {
            ...settingsDescription,
            validateResource: (args, report) => {
                const problems = settings.use(args.getConfig(), args.stackTags);
                if (this.remember) this.judgeResource(args);
                // Said once, on the stack's own resource, and not on each of hundreds.
                if (args.type === "pulumi:pulumi:Stack") reportSettingsProblems(problems, args.urn, report);
            },
            validateStack: (args, report) => {
                const problems = settings.use(args.getConfig(), args.stackTags);
                if (this.remember) this.judgeStack(args);
                reportSettingsProblems(problems, rootUrnOf(args), report);
            },
        };
    }

    /** The policy of a group that is or will be judged: with its functions, unless it is known to be silent. */
    private judgedPolicy({ group, Bound }: PackPolicy, known: boolean): AnyPolicy {
        const { resource, stack } = this;
        if (!known) return new Bound(this);
        if (stack && group.stackRules.every((rule) => !isRelevant(rule, stack.graph)))
            return group.irrelevant;
        const judgement = (resource ?? stack)?.judgements.get(group);
        return !judgement || isPass(judgement) ? group.silent : new Bound(this);
    }

    resourceFunction(group: DescribedGroup): ResourceValidation {
        return (args, report) => reportJudgement(this.judgeResource(args).get(group), args, report);
    }

    stackFunction(group: DescribedGroup): StackValidation {
        return (args, report) => reportJudgement(this.judgeStack(args).get(group), args, report);
    }

    /** Only called when the level of the group is `remediate`, before the resource is judged. */
    remediation(group: DescribedGroup): ResourceRemediation {
        return (args) => {
            const { settings, remediationRecord, failedRemediations } = this.pack;
            if (!inProfile(group.metadata, settings.current)) return args.notApplicable("another profile");
            if (!group.types.has(args.type)) return args.notApplicable("about other resource types");
            try {
                // Properties that an earlier remediation of this request returned come as they were returned.
                const properties = this.onWire ?? wireProperties(args.props);
                if (!properties) throw new Error("this version of @pulumi/policy is not known to the pack");
                const result = remediated(
                    group,
                    describe(args, properties),
                    settings.current,
                    remediationRecord,
                );
                if (result) this.onWire = result;
                return result;
            } catch (error) {
                const failed = failedRemediations.get(args.urn) ?? new Map<DescribedGroup, string>();
                failed.set(group, error instanceof Error ? `${error.name}: ${error.message}` : String(error));
                failedRemediations.set(args.urn, failed);
                return undefined;
            }
        };
    }

    private judgeResource(args: ResourceValidationArgs): Judgements {
        if (this.remember && this.resource) return this.resource.judgements;
        const { plans, settings, inputsSeen, failedRemediations, record } = this.pack;
        const properties = rawProperties(args.props);
        inputsSeen.set(args.urn, new Set(Object.keys(properties)));
        const reader = new ResourceReader(describe(args, properties));
        const judgements: Judgements = new Map();
        record.beginResource(reader, settings.current);
        for (const group of plans.ofType(args.type, settings.current).judged) {
            judgements.set(group, judgeResource(group, reader, settings.current, record));
        }
        for (const [group, text] of failedRemediations.get(args.urn) ?? []) {
            const findings = judgements.get(group)?.findings ?? [];
            judgements.set(group, {
                findings: [...findings, remediationFailure(group.metadata, text, args.urn)],
            });
        }
        failedRemediations.delete(args.urn);
        this.resource = { type: args.type, judgements };
        return judgements;
    }

    private judgeStack(args: StackValidationArgs): Judgements {
        if (this.remember && this.stack) return this.stack.judgements;
        const { plans, settings, record, typesSeen } = this.pack;
        const graph = graphOf(args, this.pack);
        const judgements: Judgements = new Map();
        for (const { type } of args.resources) typesSeen.add(type);
        const { judged } = plans.ofStack(typesSeen, settings.current);
        record.beginStack(graph, settings.current);
        // What judges the run comes after all that is part of it.
        for (const group of [...judged.filter((each) => !isMeta(each)), ...judged.filter(isMeta)]) {
            judgements.set(group, judgeStack(group, graph, settings.current, record));
        }
        this.stack = { graph, judgements };
        return judgements;
    }
}

/** Makes the policy of a group for one request. */
type BoundPolicy = new (call: AnalyzerCall) => AnyPolicy;

/**
 * A class per group, because two hundred policies are made for every request. Functions are made when the SDK asks for
 * them, which for most policies of most requests it does not.
 */
function boundPolicy(group: DescribedGroup): BoundPolicy {
    class Bound {
        constructor(readonly call: AnalyzerCall) {}
    }
    Object.setPrototypeOf(Bound.prototype, group.silent);
    const define = (name: string, get: (this: Bound) => unknown) =>
        Object.defineProperty(Bound.prototype, name, { get });
    if (group.resourceRules.length > 0) {
        define("validateResource", function () {
            return this.call.resourceFunction(group);
        });
    }
    if (group.stackRules.length > 0) {
        define("validateStack", function () {
            return this.call.stackFunction(group);
        });
    }
    if (group.remediates) {
        define("remediateResource", function () {
            return this.call.remediation(group);
        });
    }
    return Bound as unknown as BoundPolicy;
}

function describe(args: ResourceValidationArgs, properties: Record<string, unknown>): ResourceDescription {
    const { type, name, urn, opts } = args;
    return {
        type,
        name,
        urn,
        properties,
        protect: opts.protect,
        ignoreChanges: opts.ignoreChanges,
        ...(opts.parent === undefined ? {} : { parent: opts.parent }),
    };
}

function graphOf(args: StackValidationArgs, { preview, settings, inputsSeen }: PackState): StackGraph {
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
            preview,
        })),
        { externalReferences: settings.current.externalReferences },
    );
}

function rootUrnOf(args: StackValidationArgs): string | undefined {
    return args.resources.find((resource) => resource.type === "pulumi:pulumi:Stack")?.urn;
}

function isPass(judgement: GroupJudgement): boolean {
    return judgement.findings.length === 0 && judgement.notApplicable === undefined;
}
