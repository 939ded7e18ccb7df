/** What the unmodified program would provision, with questions that the specs of the old designs' defects ask of it. */
import { parse } from "yaml";
import { analyseBuildspec, type BuildspecAnalysis } from "../../policies/buildspec/analysis";
import { defaultConfiguration } from "../../policies/harness/configuration";
import {
    enforcementOf,
    type Enforcement,
    groupRules,
    judgeResource,
    judgeStack,
    type Finding,
} from "../../policies/harness/judgement";
import { ResourceReader, unknown, type ResourceDescription } from "../../policies/harness/reader";
import { StackGraph } from "../../policies/harness/stackGraph";
import { effectivePermissions, mayDo } from "../../policies/iam/effectivePermissions";
import { rules } from "../../policies/registry";
import type { CapturedResource, RunResult } from "../../offline/model";
import { runProgram } from "../../offline/testing/runProgram";
import { everyScanner } from "./everyScanner";

type Properties = Record<string, unknown>;

/** One statement of a role's policy, its lists always lists. */
export interface RoleStatement {
    role: string;
    effect: string;
    actions: string[];
    resources: string[];
    conditions: Properties;
}

/** One action of the delivery pipeline. */
export interface DeliveryAction {
    stage: string;
    name: string;
    category: string;
    provider: string;
    configuration: Record<string, string>;
    /** The variables that the pipeline sets for this action. */
    variables: Record<string, string>;
    inputArtifacts: string[];
    outputArtifacts: string[];
}

/** A build step: its project, what it runs and what the rules make of it. */
export interface BuildStep {
    project: string;
    /** Tag `gate:role`. */
    role: string;
    text: string;
    commands: string[];
    analysis: BuildspecAnalysis;
}

export const types = {
    pipeline: "aws:codepipeline/pipeline:Pipeline",
    project: "aws:codebuild/project:Project",
    repository: "aws:ecr/repository:Repository",
    role: "aws:iam/role:Role",
    rolePolicy: "aws:iam/rolePolicy:RolePolicy",
    parameter: "aws:ssm/parameter:Parameter",
    function: "aws:lambda/function:Function",
    eventRule: "aws:cloudwatch/eventRule:EventRule",
    eventTarget: "aws:cloudwatch/eventTarget:EventTarget",
    permission: "aws:lambda/permission:Permission",
    eventInvokeConfig: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    eventSourceMapping: "aws:lambda/eventSourceMapping:EventSourceMapping",
    table: "aws:dynamodb/table:Table",
    alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
    subscription: "aws:sns/topicSubscription:TopicSubscription",
} as const;

const groups = groupRules(rules);

const deliveryPipeline = "-delivery-pipeline";

/** Steps for pull requests are called like those of deliveries; they are meant only where the ending says so. */
function isCalled(name: string, ending: string): boolean {
    return name.endsWith(ending) && (ending.includes("review") || !name.includes("-review-"));
}

interface BuildspecDocument {
    phases: Record<string, { commands?: string[] | undefined }>;
}

/**
 * Runs the unmodified program once for a spec file, without an account: stack prod, with somebody who is told of releases.
 * @param config on top of the stack file; all five scanners by default
 * @returns gives the stack, from the first test on
 */
export function useProvisionedStack(config: Properties = everyScanner): () => ProvisionedStack {
    let provisioned: ProvisionedStack | undefined;
    before(async function () {
        this.timeout(600_000);
        const told = { notifications: { emails: ["releases@example.com"] }, ...config };
        provisioned = new ProvisionedStack(await runProgram({ stack: "prod", mode: "update", config: told }));
    });
    return () => {
        if (provisioned === undefined) throw new Error("the program has not run yet");
        return provisioned;
    };
}

export class ProvisionedStack {
    /** What is not sabotaged is judged once. */
    private readonly judged: ReadonlyMap<CapturedResource, JudgedResource>;
    private advised: ReadonlySet<string> | undefined;

    constructor(private readonly result: RunResult) {
        this.judged = new Map(result.resources.map((resource) => [resource, judgeAlone(resource)]));
    }

    /** Resources of one type. There must be some: a question about none proves nothing. */
    ofType(type: string): { name: string; properties: Properties }[] {
        const found = this.result.resources.filter((resource) => resource.type === type);
        if (found.length === 0) throw new Error(`the stack has no ${type}`);
        return found.map((resource) => ({
            name: resource.name,
            properties: plain(resource.inputs) as Properties,
        }));
    }

    has(type: string): boolean {
        return this.result.resources.some((resource) => resource.type === type);
    }

    /** Every type of resource, once. */
    types(): string[] {
        return [...new Set(this.result.resources.map(({ type }) => type))].sort();
    }

    buildSteps(): BuildStep[] {
        return this.ofType(types.project).map(({ name, properties }) => {
            const text = String((properties["source"] as Properties)["buildspec"]);
            const document = parse(text) as BuildspecDocument;
            return {
                project: name,
                role: String((properties["tags"] as Properties)["gate:role"]),
                text,
                commands: Object.values(document.phases).flatMap((phase) => phase.commands ?? []),
                analysis: analyseBuildspec(text),
            };
        });
    }

    /** The one build step whose project's name ends so. */
    buildStep(ending: string): BuildStep {
        const found = this.buildSteps().filter(({ project }) => isCalled(project, ending));
        const [step] = found;
        if (step === undefined || found.length > 1)
            throw new Error(`${found.length} projects end with ${ending}: ${found.map(({ project }) => project).join(", ")}`); // prettier-ignore
        return step;
    }

    /** The actions of the only delivery pipeline, in order; those of the pipeline for pull requests by its name's end. */
    actions(ending = deliveryPipeline): DeliveryAction[] {
        const pipeline = this.ofType(types.pipeline).find(({ name }) => name.endsWith(ending));
        return stagesOf(pipeline?.properties ?? {}).flatMap((stage) =>
            (stage["actions"] as Properties[]).map((action) => {
                const configuration = (action["configuration"] ?? {}) as Record<string, string>;
                const list = JSON.parse(configuration["EnvironmentVariables"] ?? "[]") as Record<
                    string,
                    string
                >[];
                return {
                    stage: String(stage["name"]),
                    name: String(action["name"]),
                    category: String(action["category"]),
                    provider: String(action["provider"]),
                    configuration,
                    variables: Object.fromEntries(list.map(({ name, value }) => [name ?? "", value ?? ""])),
                    inputArtifacts: (action["inputArtifacts"] ?? []) as string[],
                    outputArtifacts: (action["outputArtifacts"] ?? []) as string[],
                };
            }),
        );
    }

    /** Every statement of every policy that a role of the stack has. */
    roleStatements(): RoleStatement[] {
        return effectivePermissions(this.graph(this.result.resources)).flatMap(
            ({ principal, grants, doubts }) => {
                if (doubts[0]) throw new Error(`${principal.name}: ${doubts[0].why}`);
                return grants.map(({ statement }) => ({
                    role: principal.name,
                    effect: statement.effect,
                    actions: [...statement.actions.values],
                    resources: [...(statement.resources?.values ?? ["*"])],
                    conditions: { ...statement.conditions },
                }));
            },
        );
    }

    /** Names of the roles (and other principals) that may do the action on something that fits. */
    whoMay(action: string, resource = "*"): string[] {
        return effectivePermissions(this.graph(this.result.resources))
            .filter((entry) => mayDo(entry, action, resource).kind !== "no")
            .map(({ principal }) => principal.name);
    }

    /**
     * What the policy pack refuses, as `RULE resource`, each once: mandatory violations and errors only.
     * @param sabotage changes the resources before they are judged; the stack itself stays as it is
     */
    refusals(sabotage?: (resources: SabotagedStack) => void): string[] {
        return this.violations("mandatory", sabotage);
    }

    /** What the pack only advises against, as `RULE resource`, each once. */
    weaknesses(sabotage?: (resources: SabotagedStack) => void): string[] {
        return this.violations("advisory", sabotage);
    }

    /**
     * Everything that the pack finds, of either level, as `RULE resource`, each once; without what it only advises of the
     * stack as it is.
     */
    findings(sabotage?: (resources: SabotagedStack) => void): string[] {
        this.advised ??= new Set(this.violations("advisory"));
        return this.violations("mandatory or advisory", sabotage).filter(
            (finding) => !this.advised?.has(finding),
        );
    }

    private violations(
        level: Enforcement | "mandatory or advisory",
        sabotage?: (resources: SabotagedStack) => void,
    ): string[] {
        const sabotaged = new SabotagedStack(this.result.resources);
        sabotage?.(sabotaged);
        const judged = sabotaged.resources.map((resource) => this.judged.get(resource) ?? judgeAlone(resource)); // prettier-ignore
        const graph = new StackGraph(judged.map(({ reader }) => reader));
        const names = new Map(sabotaged.resources.map(({ urn, name }) => [urn, name]));
        const found = [
            ...judged.flatMap(({ findings }) => findings),
            ...groups.flatMap((group) =>
                judgeStack(group, graph, defaultConfiguration).findings.map((finding) => ({
                    ...finding,
                    id: group.metadata.id,
                })),
            ),
        ]
            .filter(
                ({ kind, severity, enforcement }) =>
                    kind !== "inconclusive" && level.includes(enforcement ?? enforcementOf(severity)),
            )
            .map(({ id, urn }) => `${id} ${names.get(urn ?? "") ?? "the stack"}`);
        return [...new Set(found)].sort();
    }

    private graph(resources: readonly CapturedResource[]): StackGraph {
        return StackGraph.of(
            resources.map((resource) => describeResource(resource)),
            { externalReferences: [] },
        );
    }
}

/** A resource with what the rules for single resources say of it. */
interface JudgedResource {
    reader: ResourceReader;
    findings: (Finding & { id: string })[];
}

function judgeAlone(resource: CapturedResource): JudgedResource {
    const description = describeResource(resource);
    const { propertyDependencies: _, preview: __, inputs, properties, ...rest } = description;
    const checked = Object.fromEntries(Object.entries(properties).filter(([key]) => inputs?.has(key)));
    const alone = new ResourceReader({ ...rest, properties: checked });
    const findings = groups.flatMap((group) =>
        judgeResource(group, alone, defaultConfiguration).findings.map((finding) => ({
            ...finding,
            id: group.metadata.id,
        })),
    );
    return { reader: new ResourceReader(description), findings };
}

/** The stack before it is judged, to be weakened. Every change must find what it is to change, and changes a copy. */
export class SabotagedStack {
    readonly resources: CapturedResource[];

    constructor(original: readonly CapturedResource[]) {
        this.resources = [...original];
    }

    private copy(resource: CapturedResource): CapturedResource {
        const copy = structuredClone(resource);
        this.resources[this.resources.indexOf(resource)] = copy;
        return copy;
    }

    /** Changes the inputs of the resources of a type whose names end so; there must be exactly `times`. */
    change(type: string, ending: string, change: (inputs: Properties) => void, times = 1): void {
        const found = this.resources.filter(
            (resource) => resource.type === type && isCalled(resource.name, ending),
        );
        if (found.length !== times) throw new Error(`${found.length} resources ${type} end with ${ending}`);
        for (const resource of found) {
            const copy = this.copy(resource);
            change(copy.inputs as Properties);
            Object.assign(copy.outputs, copy.inputs);
            // What is no longer given is no output either, and depends on nothing.
            for (const property of Object.keys(resource.inputs)) {
                if (property in copy.inputs) continue;
                delete copy.outputs[property];
                delete copy.propertyDependencies[property];
            }
        }
    }

    /** Sets what Pulumi does not compare of the one resource of a type whose name ends so. */
    ignoreChanges(type: string, ending: string, properties: string[]): void {
        this.change(type, ending, () => undefined);
        const changed = this.resources.find((each) => each.type === type && each.name.endsWith(ending));
        if (changed) changed.ignoreChanges = properties;
    }

    /** Changes what Pulumi itself is told about the one resource of a type whose name ends so. */
    options(type: string, ending: string, options: Partial<Pick<CapturedResource, "protect">>): void {
        this.change(type, ending, () => undefined);
        const changed = this.resources.find((each) => each.type === type && isCalled(each.name, ending));
        Object.assign(changed ?? {}, options);
    }

    /** Takes away the one resource of a type whose name ends so. */
    remove(type: string, ending: string): void {
        const found = this.resources.filter((each) => each.type === type && each.name.endsWith(ending));
        const [only] = found;
        if (only === undefined || found.length > 1)
            throw new Error(`${found.length} resources ${type} end with ${ending}`);
        this.resources.splice(this.resources.indexOf(only), 1);
    }

    /** Adds a resource that nothing else knows of. */
    add(type: string, name: string, inputs: Properties): void {
        const [model] = this.resources;
        if (model === undefined) throw new Error("the stack is empty");
        const urn = `urn:pulumi:prod::portcullis::${type}::${name}`;
        const values = inputs as CapturedResource["inputs"];
        this.resources.push({ ...model, type, name, urn, parent: "", protect: false, ignoreChanges: [], propertyDependencies: {}, inputs: values, outputs: { ...values } }); // prettier-ignore
    }

    /** Replaces text of a project's buildspec; it must be there. */
    buildspec(ending: string, what: string | RegExp, replacement: string): void {
        this.change(types.project, ending, (inputs) => {
            const source = inputs["source"] as Record<string, string>;
            const text = source["buildspec"] ?? "";
            const changed = text.replace(what, () => replacement);
            if (changed === text) throw new Error(`the buildspec of ${ending} does not have ${String(what)}`);
            source["buildspec"] = changed;
        });
    }

    /** Changes every command of a project's buildspec; at least one must change. */
    commands(ending: string, change: (command: string) => string): void {
        this.change(types.project, ending, (inputs) => {
            const source = inputs["source"] as Record<string, string>;
            const document = parse(source["buildspec"] ?? "") as BuildspecDocument;
            let changes = 0;
            for (const phase of Object.values(document.phases)) {
                phase.commands = phase.commands?.map((command) => {
                    const changed = change(command);
                    if (changed !== command) changes++;
                    return changed;
                });
            }
            if (changes === 0) throw new Error(`no command of ${ending} was changed`);
            source["buildspec"] = JSON.stringify(document);
        });
    }

    /** Changes the list of stages of the delivery pipeline. */
    stages(change: (stages: Properties[]) => Properties[]): void {
        this.change(types.pipeline, deliveryPipeline, (inputs) => {
            inputs["stages"] = change(inputs["stages"] as Properties[]);
        });
    }

    /** Changes the text of the policies of the role whose name ends so, wherever they are attached; one must change. */
    roleDocument(ending: string, change: (text: string) => string): void {
        const role = this.resources.find(({ type, name }) => type === types.role && isCalled(name, ending));
        const changes = this.resources.filter((resource) => {
            const attached =
                resource === role ||
                (resource.type === types.rolePolicy && resource.inputs["role"] === role?.inputs["name"]);
            if (!attached) return false;
            const text = JSON.stringify(resource.inputs);
            const changed = change(text);
            if (changed === text) return false;
            const copy = this.copy(resource);
            Object.assign(copy.inputs, JSON.parse(changed));
            Object.assign(copy.outputs, copy.inputs);
            return true;
        });
        if (changes.length !== 1) throw new Error(`${changes.length} policies of ${ending} were changed`);
    }

    /** Adds a statement to the policy of the role whose name ends so. */
    grant(ending: string, actions: string[], resources: string[]): void {
        const roles = this.resources.filter(
            ({ type, name }) => type === types.role && isCalled(name, ending),
        );
        const found = roles.find(({ name }) => name === ending) ?? roles[0];
        if (found === undefined) throw new Error(`no role ends with ${ending}`);
        // As a resource of its own, which is how the stack attaches its policies.
        const role = found.inputs["name"] ?? found.name;
        const policy = JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Action: actions, Resource: resources }],
        });
        this.add(types.rolePolicy, `${found.name}-added`, { role, policy });
    }
}

function stagesOf(properties: Properties): Properties[] {
    return properties["stages"] as Properties[];
}

/** As the engine would describe it to the pack: unknown values as its markers, secrets by their content. */
export function describeResource(resource: CapturedResource, preview = false): ResourceDescription {
    return {
        type: resource.type,
        name: resource.name,
        urn: resource.urn,
        properties: plain({ ...resource.outputs, ...resource.inputs }) as Properties,
        inputs: new Set(Object.keys(resource.inputs)),
        protect: resource.protect,
        ignoreChanges: resource.ignoreChanges,
        ...(resource.parent === "" ? {} : { parent: resource.parent }),
        propertyDependencies: resource.propertyDependencies,
        preview,
    };
}

function plain(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== "object") return value;
    if ("$unknown" in value) return unknown;
    if ("$secret" in value) return plain(value.$secret);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
