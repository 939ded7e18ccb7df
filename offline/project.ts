/** Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml` as the CLI does, as far as running a program needs it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";

export interface Project {
    name: string;
    /** Folder of Pulumi.yaml. */
    directory: string;
    /** Working directory of the program: `main` when it is a folder, else the folder of Pulumi.yaml. */
    programDirectory: string;
    /** What the SDK's runner is told to run: `.` or a file. */
    entry: string;
    typescript: boolean;
    /** tsconfig of the runtime options, relative to the program. */
    tsconfig?: string;
    nodeArguments: string[];
}

export interface StackConfiguration {
    stack: string;
    /** `namespace:key` to the text that the program gets: plain text, or JSON for lists and objects. */
    config: Record<string, string>;
    secretKeys: string[];
    tags: Record<string, string>;
    /** What a reader should know, e.g. secrets that cannot be decrypted. */
    notes: string[];
}

/** A project or stack file that cannot be used; one line. */
export class ProjectError extends Error {}

type Yaml = Record<string, unknown>;

export function readProject(directory: string): Project {
    const root = resolve(directory);
    const file = projectFile(root);
    const document = readYaml(file);
    const runtime = document["runtime"];
    const runtimeName = typeof runtime === "string" ? runtime : (runtime as Yaml | undefined)?.["name"];
    const options = (typeof runtime === "object" ? ((runtime as Yaml)["options"] ?? {}) : {}) as Yaml;
    if (typeof document["name"] !== "string") {
        throw new ProjectError(`${file}: "name" is missing`);
    }
    if (runtimeName !== "nodejs") {
        throw new ProjectError(
            `${file}: runtime "${String(runtimeName)}" is not supported offline, only nodejs`,
        );
    }
    const main = typeof document["main"] === "string" ? join(root, document["main"]) : root;
    const isFile = /\.[cm]?[jt]s$/.test(main);
    return {
        name: document["name"],
        directory: root,
        programDirectory: isFile ? dirname(main) : main,
        entry: isFile ? main : ".",
        typescript: options["typescript"] !== false,
        ...(typeof options["tsconfig"] === "string" ? { tsconfig: options["tsconfig"] } : {}),
        nodeArguments:
            typeof options["nodeargs"] === "string" ? options["nodeargs"].split(/\s+/).filter(Boolean) : [],
    };
}

/** Names of the stacks that have a configuration file in the folder. */
export function stackNames(directory: string): string[] {
    return readdirSync(directory)
        .map((name) => /^Pulumi\.(.+)\.ya?ml$/.exec(name)?.[1])
        .filter((name) => name !== undefined)
        .sort();
}

/**
 * The configuration of a stack: project defaults, then the stack file, then `overrides` (same forms as in YAML; a key
 * without namespace belongs to the project). Secrets cannot be decrypted here: they become a placeholder and a note.
 */
export function readStackConfiguration(
    project: Project,
    stack: string,
    overrides?: Record<string, unknown>,
): StackConfiguration {
    const file = ["yaml", "yml"]
        .map((extension) => join(project.directory, `Pulumi.${stack}.${extension}`))
        .find((candidate) => existsSync(candidate));
    if (file === undefined && overrides === undefined) {
        const names = stackNames(project.directory);
        throw new ProjectError(
            `there is no Pulumi.${stack}.yaml in ${project.directory}; stacks here: ${names.length > 0 ? names.join(", ") : "none"}`,
        );
    }
    const result: StackConfiguration = { stack, config: {}, secretKeys: [], tags: {}, notes: [] };
    const declared = declarations(project);
    const stackValues = file === undefined ? {} : ((readYaml(file)["config"] ?? {}) as Yaml);
    for (const [key, { value }] of Object.entries(declared)) {
        if (value !== undefined) {
            result.config[key] = encodeValue(value);
        }
    }
    for (const [key, value] of Object.entries({ ...stackValues, ...overrides })) {
        setValue(result, key.includes(":") ? key : `${project.name}:${key}`, value);
    }
    requireDeclared(declared, result, file ?? projectFile(project.directory));
    return result;
}

interface Declaration {
    type?: string;
    /** Default or fixed value. */
    value?: unknown;
    required: boolean;
}

/** The `config` section of Pulumi.yaml. */
function declarations(project: Project): Record<string, Declaration> {
    const section = (readYaml(projectFile(project.directory))["config"] ?? {}) as Yaml;
    return Object.fromEntries(
        Object.entries(section).map(([key, declared]): [string, Declaration] => {
            const own = !key.includes(":") || key.startsWith(`${project.name}:`);
            const fullKey = key.includes(":") ? key : `${project.name}:${key}`;
            if (typeof declared !== "object" || declared === null || Array.isArray(declared)) {
                return [fullKey, { value: declared, required: false }];
            }
            const { type, default: standard, value } = declared as Yaml;
            return [
                fullKey,
                {
                    ...(typeof type === "string" ? { type } : {}),
                    value: value ?? standard,
                    required: own && value === undefined && standard === undefined,
                },
            ];
        }),
    );
}

function setValue(result: StackConfiguration, key: string, value: unknown): void {
    if (value === null || value === undefined) {
        return;
    }
    if (key === "pulumi:tags") {
        result.tags = value as Record<string, string>;
    }
    const { plain, secrets } = replaceSecrets(value, key);
    if (secrets) {
        result.secretKeys.push(key);
        result.notes.push(
            `${key} is encrypted and cannot be read offline: a placeholder stands for it, marked as a secret`,
        );
    }
    result.config[key] = encodeValue(plain);
}

/** Replaces `{secure: …}` anywhere in the value. */
function replaceSecrets(value: unknown, path: string): { plain: unknown; secrets: boolean } {
    if (Array.isArray(value)) {
        const items = value.map((item, index) => replaceSecrets(item, `${path}[${index}]`));
        return { plain: items.map(({ plain }) => plain), secrets: items.some(({ secrets }) => secrets) };
    }
    if (typeof value !== "object" || value === null) {
        return { plain: value, secrets: false };
    }
    const entries = Object.entries(value);
    if (entries.length === 1 && entries[0]![0] === "secure") {
        return { plain: `offline-placeholder-for-${path}`, secrets: true };
    }
    const replaced = entries.map(([key, item]) => [key, replaceSecrets(item, `${path}.${key}`)] as const);
    return {
        plain: Object.fromEntries(replaced.map(([key, { plain }]) => [key, plain])),
        secrets: replaced.some(([, { secrets }]) => secrets),
    };
}

/** Configuration values are text for the program: lists and objects travel as JSON. */
function encodeValue(value: unknown): string {
    return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function requireDeclared(
    declared: Record<string, Declaration>,
    { stack, config }: StackConfiguration,
    file: string,
): void {
    for (const [key, { type, required }] of Object.entries(declared)) {
        const value = config[key];
        if (value === undefined) {
            if (required) {
                throw new ProjectError(`Stack '${stack}' is missing configuration value '${key}' (${file})`);
            }
        } else if (type !== undefined && !hasType(value, type)) {
            throw new ProjectError(
                `Stack '${stack}' with configuration key '${key}' must be of type '${type}' (${file})`,
            );
        }
    }
}

function hasType(text: string, type: string): boolean {
    switch (type) {
        case "integer":
            return /^-?\d+$/.test(text);
        case "boolean":
            return text === "true" || text === "false";
        case "array":
        case "object":
            try {
                const value: unknown = JSON.parse(text);
                return type === "array"
                    ? Array.isArray(value)
                    : typeof value === "object" && value !== null && !Array.isArray(value);
            } catch {
                return false;
            }
        default:
            return true;
    }
}

function projectFile(directory: string): string {
    const file = ["Pulumi.yaml", "Pulumi.yml"]
        .map((name) => join(directory, name))
        .find((candidate) => existsSync(candidate));
    if (file === undefined) {
        throw new ProjectError(`there is no Pulumi.yaml in ${directory}`);
    }
    return file;
}

function readYaml(file: string): Yaml {
    let document: unknown;
    try {
        document = parse(readFileSync(file, "utf8"));
    } catch (error) {
        throw new ProjectError(`${file}: ${(error as Error).message.split("\n")[0]}`);
    }
    if (document === null || document === undefined) {
        return {};
    }
    if (typeof document !== "object" || Array.isArray(document)) {
        throw new ProjectError(`${file}: expected a YAML mapping at the top`);
    }
    return document as Yaml;
}
