/** A CodeBuild project as the rules see it: its buildspec, role and variables. */
import { analyseBuildspec, type BuildspecAnalysis } from "../buildspec/analysis";
import { PropertyReader, ResourceReader, unknown } from "../harness/reader";
import { isPlainObject } from "../harness/unknownValue";
import type { StackGraph } from "../harness/stackGraph";
import type { PipelineAction } from "./pipelineModel";

export const projectType = "aws:codebuild/project:Project";
export const roleType = "aws:iam/role:Role";
/** Tag of projects and roles that says what they are for: builder, scanner, promoter, publisher, decider … */
export const gateRoleTag = "gate:role";

export type ProjectBuildspec =
    | { kind: "inline"; text: string; analysis: BuildspecAnalysis; property: string }
    /** A file of the source; absent means the repository's own `buildspec.yml`. */
    | { kind: "file"; path: string; property: string }
    | { kind: "object"; arn: string; property: string }
    | { kind: "unknown"; property: string };

/** Where the project's commands come from. Text with a line end or a `version` field is the buildspec itself. */
export function projectBuildspec(project: ResourceReader): ProjectBuildspec {
    const reading = project.string("source", "buildspec");
    const { property } = reading;
    if (reading.kind === "unknown" || reading.kind === "malformed") return { kind: "unknown", property };
    const source = project.get("source");
    if (source.kind === "unknown") return { kind: "unknown", property };
    // What its commands do depends on the variables that stand there.
    const environment = project.object("environment");
    if (environment.kind === "malformed") return { kind: "unknown", property: environment.property };
    const text = reading.kind === "known" ? reading.value : "";
    if (text.trim() === "") return { kind: "file", path: "buildspec.yml", property };
    if (/^arn:[\w-]+:s3:::/.test(text)) return { kind: "object", arn: text, property };
    if (!text.includes("\n") && !/^\s*\{|\bversion\s*:/.test(text))
        return { kind: "file", path: text, property };
    return { kind: "inline", text, analysis: analyseBuildspec(text, plainValues(project)), property };
}

/**
 * The project as an action runs it: with the buildspec that the action gives in place of the project's own, if any
 * (CodePipeline User Guide, CodeBuild action reference, `BuildspecOverride`).
 */
export function asRunBy(
    action: Pick<PipelineAction, "configuration">,
    project: ResourceReader,
): ResourceReader {
    const override = action.configuration.get("BuildspecOverride");
    if (override.kind === "absent") return project;
    const properties = isPlainObject(project.raw) ? project.raw : {};
    const source = isPlainObject(properties["source"]) ? properties["source"] : {};
    const buildspec = override.kind === "known" ? override.value : unknown;
    return new ResourceReader({
        type: project.type,
        name: project.name,
        urn: project.urn,
        properties: { ...properties, source: { ...source, buildspec } },
        propertyDependencies: Object.fromEntries(
            Object.entries(project.propertyDependencies).map(([property, urns]) => [property, [...urns]]),
        ),
    });
}

/** Variables of the project whose value is written out. */
function plainValues(project: ResourceReader): Record<string, string> {
    const variables = projectVariables(project);
    if (!Array.isArray(variables)) return {};
    const plain = variables.flatMap(({ name, value, type }): [string, string][] =>
        value !== null && type === "PLAINTEXT" && name !== "" && !value.includes("#{") ? [[name, value]] : [],
    );
    return Object.fromEntries(plain);
}

/** Commands of a `Commands` action, which run in the image's own `sh`. */
export function commandsAnalysis(commands: readonly string[]): BuildspecAnalysis {
    return analyseBuildspec(JSON.stringify({ version: "0.2", phases: { build: { commands } } }));
}

/** The tag that declares what the resource is for; null when there is none. */
export function gateRole(resource: ResourceReader): string | null {
    const tag = resource.string("tags", gateRoleTag);
    return tag.kind === "known" ? tag.value : null;
}

export interface EnvironmentVariable {
    name: string;
    /** Null when not known yet. */
    value: string | null;
    /** Default PLAINTEXT. Null when not known yet. */
    type: string | null;
    property: string;
}

/** `environment.environmentVariables` of a project; `unknown` when the list is not known yet. */
export function projectVariables(project: ResourceReader): EnvironmentVariable[] | { unknown: string } {
    const environment = project.object("environment");
    if (environment.kind === "malformed") return { unknown: environment.property };
    const list = project.list("environment", "environmentVariables");
    if (list.kind === "unknown" || list.kind === "malformed") return { unknown: list.property };
    if (list.kind === "absent") return [];
    return list.value.map(environmentVariable);
}

/**
 * The `EnvironmentVariables` of a pipeline action: a JSON list that overrides the project's variables.
 * Text that does not parse is answered as `unknown`.
 */
export function actionVariables(configuration: PropertyReader): EnvironmentVariable[] | { unknown: string } {
    const document = configuration.json("EnvironmentVariables");
    if (document.kind === "absent") return [];
    if (document.kind !== "known") return { unknown: document.property };
    const list = document.value.list();
    return list.kind === "known" ? list.value.map(environmentVariable) : { unknown: list.property };
}

function environmentVariable(reader: PropertyReader): EnvironmentVariable {
    const name = reader.string("name");
    const value = reader.string("value");
    const type = reader.string("type");
    return {
        name: name.kind === "known" ? name.value : "",
        value: value.kind === "known" ? value.value : value.kind === "absent" ? "" : null,
        type: type.kind === "known" ? type.value : type.kind === "absent" ? "PLAINTEXT" : null,
        property: reader.property,
    };
}

/** The role that the project runs as; null when it cannot be told. */
export function projectRole(project: ResourceReader, graph: StackGraph): ResourceReader | null {
    const reference = graph.reference(project, ["serviceRole"], [roleType]);
    return reference.kind === "exact" ? reference.resource : null;
}

/** Types of build variables whose value is a reference, not the secret itself. */
export const referenceTypes: ReadonlySet<string> = new Set(["PARAMETER_STORE", "SECRETS_MANAGER"]);
