/**
 * What AWS CodePipeline refuses in a pipeline. Limits: CodePipeline API reference (PipelineDeclaration, ActionDeclaration,
 * GitConfiguration), user guide ("Pipeline structure reference", "Quotas", action references of each provider).
 */
import { isObject } from "../../engine/wire";
import type { Wire, WireObject } from "../../engine/wire";
import type { InputRules } from "../valueRules";
import { arnOf, fields, isKnown, listOf, oneOf, text, whole } from "../valueRules";
import { actionProblems, categories } from "./actionRules";

const name = text(1, 100, /^[A-Za-z0-9.@_-]+$/, "letters, digits and . @ - _");
const artifacts = listOf(text(1, 100, /^[A-Za-z0-9_-]+$/, "letters, digits, - and _"), 0, 10);

/** Names that a filter takes or leaves out: branches, tags or file paths. */
const patterns = fields({ includes: listOf(text(1, 255), 1, 8), excludes: listOf(text(1, 255), 1, 8) });

const gitConfiguration = fields({
    sourceActionName: name,
    pushes: listOf(fields({ branches: patterns, filePaths: patterns, tags: patterns }), 1, 3),
    pullRequests: listOf(
        fields({
            branches: patterns,
            filePaths: patterns,
            events: listOf(oneOf("OPEN", "UPDATED", "CLOSED"), 1, 3),
        }),
        1,
        3,
    ),
});

/** An action with its place; the later the stage and the greater the run order, the later it runs. */
export interface PlacedAction {
    action: WireObject;
    where: string;
    stage: number;
    runOrder: number;
}

function objects(value: Wire | undefined): WireObject[] {
    return Array.isArray(value) ? value.filter(isObject) : [];
}

export function placedActions(stages: Wire | undefined): PlacedAction[] {
    return objects(stages).flatMap((stage, index) =>
        objects(stage["actions"]).map((action, position) => ({
            action,
            where: `stages[${index}].actions[${position}]`,
            stage: index,
            runOrder: typeof action["runOrder"] === "number" ? action["runOrder"] : 1,
        })),
    );
}

function twice(names: string[], what: string): string[] {
    return [...new Set(names.filter((each, position) => names.indexOf(each) !== position))].map(
        (each) => `${what} ${each} is there twice`,
    );
}

function sourceProblems(actions: PlacedAction[]): string[] {
    return actions
        .filter(
            ({ action, stage }) =>
                isKnown(action["category"]) && (action["category"] === "Source") !== (stage === 0),
        )
        .map(({ where, stage }) =>
            stage === 0
                ? `${where}: the first stage has source actions only`
                : `${where}: source actions are for the first stage`,
        );
}

const earlier = (one: PlacedAction, other: PlacedAction): boolean =>
    one.stage < other.stage || (one.stage === other.stage && one.runOrder < other.runOrder);

/** Artifacts and variables come from actions that have run before. */
function orderProblems(actions: PlacedAction[], variables: string[]): string[] {
    return actions.flatMap((placed) => {
        const before = actions.filter((other) => earlier(other, placed));
        const made = before.flatMap(({ action }) => [action["outputArtifacts"] ?? []].flat().map(String));
        const namespaces = before.map(({ action }) => String(action["namespace"]));
        const inputs = [placed.action["inputArtifacts"] ?? []].flat().filter(isKnown).map(String);
        const references = [
            ...JSON.stringify(placed.action["configuration"] ?? {}).matchAll(/#\{([\w@-]+)\.([\w@-]+)\}/g),
        ];
        return [
            ...inputs
                .filter((artifact) => !made.includes(artifact))
                .map((artifact) => `${placed.where}: no earlier action makes the artifact ${artifact}`),
            ...references
                .filter(([, namespace, variable]) =>
                    namespace === "variables"
                        ? !variables.includes(variable!)
                        : namespace !== "codepipeline" && !namespaces.includes(namespace!),
                )
                .map(([reference]) => `${placed.where}: nothing before it sets ${reference}`),
        ];
    });
}

function triggerProblems(inputs: WireObject, actions: PlacedAction[]): string[] {
    const sources = actions.filter(({ action }) => action["provider"] === "CodeStarSourceConnection");
    return objects(inputs["triggers"]).flatMap((trigger, position) => {
        const configuration = trigger["gitConfiguration"];
        const source = isObject(configuration) ? configuration["sourceActionName"] : undefined;
        return !isKnown(source) || sources.some(({ action }) => action["name"] === source)
            ? []
            : [`triggers[${position}]: no source action of a connection is called ${String(source)}`];
    });
}

/** What only pipelines of type V2 have, and what no pipeline in PARALLEL mode has. */
function typeProblems(inputs: WireObject): string[] {
    const { pipelineType, executionMode } = inputs;
    const second = pipelineType === "V2" || (pipelineType !== undefined && !isKnown(pipelineType));
    const rollbacks = objects(inputs["stages"]).some((stage) =>
        JSON.stringify(stage["onFailure"] ?? null).includes('"ROLLBACK"'),
    );
    return [
        ...(!second && isKnown(executionMode) && executionMode !== "SUPERSEDED"
            ? [`executionMode ${String(executionMode)} needs pipelineType V2`]
            : []),
        ...["triggers", "variables"]
            .filter((property) => !second && objects(inputs[property]).length > 0)
            .map((property) => `${property} need pipelineType V2`),
        ...(executionMode === "PARALLEL" && rollbacks
            ? ["onFailure ROLLBACK is not for the execution mode PARALLEL"]
            : []),
    ];
}

function pipelineProblems(inputs: WireObject): string[] {
    const stages = objects(inputs["stages"]);
    const actions = placedActions(inputs["stages"]);
    const variables = objects(inputs["variables"]).map((variable) => String(variable["name"]));
    return [
        ...typeProblems(inputs),
        ...twice(
            stages.map((stage) => String(stage["name"])),
            "the stage",
        ),
        ...stages.flatMap((stage) =>
            twice(
                objects(stage["actions"]).map((action) => String(action["name"])),
                `in stage ${String(stage["name"])} the action`,
            ),
        ),
        ...twice(
            actions.flatMap(({ action }) =>
                [action["outputArtifacts"] ?? []].flat().filter(isKnown).map(String),
            ),
            "the output artifact",
        ),
        ...twice(
            actions.flatMap(({ action }) =>
                isKnown(action["namespace"]) ? [String(action["namespace"])] : [],
            ),
            "the namespace",
        ),
        ...twice(variables, "the variable"),
        ...sourceProblems(actions),
        ...orderProblems(actions, variables),
        ...triggerProblems(inputs, actions),
        ...actions.flatMap(({ action, where }) => actionProblems(action, where)),
    ];
}

const action = fields({
    name,
    category: oneOf(...categories),
    owner: oneOf("AWS", "Custom", "ThirdParty"),
    version: text(1, 9, /^[0-9A-Za-z_-]+$/, "letters, digits, - and _"),
    runOrder: whole(1, 999),
    roleArn: arnOf("iam"),
    namespace: text(1, 100, /^[A-Za-z0-9@_-]+$/, "letters, digits, @ - and _"),
    inputArtifacts: artifacts,
    outputArtifacts: artifacts,
    timeoutInMinutes: whole(5, 86_400, "minutes"),
});

export const pipelineRules: Record<string, InputRules> = {
    "aws:codepipeline/pipeline:Pipeline": {
        properties: {
            name,
            pipelineType: oneOf("V1", "V2"),
            executionMode: oneOf("QUEUED", "SUPERSEDED", "PARALLEL"),
            roleArn: arnOf("iam"),
            artifactStores: listOf(
                fields({ type: oneOf("S3"), location: text(3, 63, /^[a-z0-9.-]+$/, "the name of a bucket") }),
                1,
            ),
            stages: listOf(fields({ name, actions: listOf(action, 1, 50) }), 2, 50),
            variables: listOf(
                fields({
                    name: text(1, 128, /^[A-Za-z0-9@_-]+$/, "letters, digits, @ - and _"),
                    defaultValue: text(1, 1000),
                    description: text(0, 200),
                }),
                0,
                50,
            ),
            triggers: listOf(
                fields(
                    { providerType: oneOf("CodeStarSourceConnection"), gitConfiguration },
                    (value, where) =>
                        value["gitConfiguration"] === undefined
                            ? [`${where}.gitConfiguration is needed`]
                            : [],
                ),
                0,
                50,
            ),
        },
        together: pipelineProblems,
    },
};
