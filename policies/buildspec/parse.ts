/**
 * Reads a CodeBuild buildspec (version 0.2) into a checked structure. Fields and phases: CodeBuild user guide, "Build
 * specification reference". Everything outside the reference is an error, because CodeBuild either refuses it or, worse,
 * silently leaves it out (a phase `biuld` never runs).
 */
import { parseDocument } from "yaml";

/** In the order in which CodeBuild runs them. */
export const phaseNames = ["install", "pre_build", "build", "post_build"] as const;
export type PhaseName = (typeof phaseNames)[number];

export interface Phase {
    name: PhaseName;
    commands: string[];
    finally: string[];
    /** ABORT, CONTINUE, RETRY …; null when not given. */
    onFailure: string | null;
    runAs: string | null;
}

export interface Buildspec {
    version: string;
    env: {
        /** bash, sh, powershell.exe; null when not given (the image's `sh`). */
        shell: string | null;
        variables: Record<string, string>;
        exportedVariables: string[];
        /** Variable name to reference, from `secrets-manager` and `parameter-store`. */
        secrets: Record<string, string>;
        /** Those of `secrets-manager`; what `parameter-store` holds need not be secret. */
        fromSecretsManager: string[];
    };
    /** Present phases only, in the order in which they run. */
    phases: Phase[];
    /** Whether a batch is declared: its builds bring buildspecs of their own. */
    batch: boolean;
    artifacts: { files: string[]; names: string[] };
    reports: string[];
}

export type ParsedBuildspec = { buildspec: Buildspec; errors: [] } | { buildspec: null; errors: string[] };

const topLevel = new Set([
    "version",
    "run-as",
    "env",
    "proxy",
    "batch",
    "phases",
    "reports",
    "artifacts",
    "cache",
]);
const environmentFields = new Set([
    "shell",
    "variables",
    "parameter-store",
    "exported-variables",
    "secrets-manager",
    "git-credential-helper",
]);
const phaseFields = new Set(["run-as", "on-failure", "runtime-versions", "commands", "finally"]);
const failureModes = /^(?:ABORT|CONTINUE|RETRY(?:-count-\d+)?(?:-regex-.+)?)$/;
const cache = new Map<string, ParsedBuildspec>();

/** Never throws; equal text is read once. */
export function parseBuildspec(text: string): ParsedBuildspec {
    const known = cache.get(text);
    if (known) return known;
    const result = new BuildspecReader().read(text);
    if (cache.size > 500) cache.clear();
    cache.set(text, result);
    return result;
}

type Mapping = Record<string, unknown>;

function isMapping(value: unknown): value is Mapping {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

class BuildspecReader {
    private readonly errors: string[] = [];

    read(text: string): ParsedBuildspec {
        let content: unknown;
        try {
            const document = parseDocument(text, { version: "1.1", uniqueKeys: true });
            const problem = document.errors[0] ?? document.warnings[0];
            if (problem) this.errors.push(`YAML: ${problem.message.split("\n")[0] ?? "cannot be read"}`);
            else content = document.toJS({ maxAliasCount: 50 });
        } catch (error) {
            this.errors.push(`YAML: ${(error as Error).message.split("\n")[0] ?? "cannot be read"}`);
        }
        if (this.errors.length > 0) return { buildspec: null, errors: this.errors };
        if (!isMapping(content))
            return { buildspec: null, errors: ["is not a mapping of version, env and phases"] };
        const buildspec = this.buildspec(content);
        return this.errors.length > 0 ? { buildspec: null, errors: this.errors } : { buildspec, errors: [] };
    }

    private buildspec(content: Mapping): Buildspec {
        this.knownKeys(content, topLevel, "");
        const version = content.version === undefined ? "" : String(content.version);
        if (version !== "0.2")
            this.errors.push(`version is ${version === "" ? "missing" : version}, wanted 0.2`);
        const env = this.mapping(content.env, "env");
        this.knownKeys(env, environmentFields, "env.");
        const artifacts = this.mapping(content.artifacts, "artifacts");
        return {
            version,
            env: {
                shell: this.optionalText(env.shell, "env.shell"),
                variables: this.texts(env.variables, "env.variables"),
                exportedVariables: this.textList(env["exported-variables"], "env.exported-variables"),
                fromSecretsManager: Object.keys(this.mapping(env["secrets-manager"], "env.secrets-manager")),
                secrets: {
                    ...this.texts(env["secrets-manager"], "env.secrets-manager"),
                    ...this.texts(env["parameter-store"], "env.parameter-store"),
                },
            },
            phases: this.phases(content.phases, content.batch !== undefined),
            batch: content.batch !== undefined,
            artifacts: {
                files: this.textList(artifacts.files, "artifacts.files"),
                names: Object.keys(
                    this.mapping(artifacts["secondary-artifacts"], "artifacts.secondary-artifacts"),
                ),
            },
            reports: Object.keys(this.mapping(content.reports, "reports")),
        };
    }

    private phases(value: unknown, optional: boolean): Phase[] {
        const phases = this.mapping(value, "phases");
        if (Object.keys(phases).length === 0 && !optional) this.errors.push("phases: no phase is given");
        this.knownKeys(phases, new Set<string>(phaseNames), "phases.", "phase");
        return phaseNames.flatMap((name) => {
            if (!(name in phases)) return [];
            const path = `phases.${name}`;
            const phase = this.mapping(phases[name], path);
            this.knownKeys(phase, phaseFields, `${path}.`);
            const onFailure = this.optionalText(phase["on-failure"], `${path}.on-failure`);
            if (onFailure !== null && !failureModes.test(onFailure))
                this.errors.push(`${path}.on-failure is ${onFailure}, wanted ABORT, CONTINUE or RETRY`);
            return [
                {
                    name,
                    commands: this.textList(phase.commands, `${path}.commands`),
                    finally: this.textList(phase.finally, `${path}.finally`),
                    onFailure,
                    runAs: this.optionalText(phase["run-as"], `${path}.run-as`),
                },
            ];
        });
    }

    private knownKeys(mapping: Mapping, known: ReadonlySet<string>, prefix: string, what = "field"): void {
        for (const key of Object.keys(mapping)) {
            if (!known.has(key))
                this.errors.push(`${prefix}${key}: unknown ${what}, known are ${[...known].join(", ")}`);
        }
    }

    private mapping(value: unknown, path: string): Mapping {
        if (value === undefined || value === null) return {};
        if (isMapping(value)) return value;
        const problem = `${path} is not a mapping`;
        if (!this.errors.includes(problem)) this.errors.push(problem);
        return {};
    }

    private optionalText(value: unknown, path: string): string | null {
        if (value === undefined || value === null) return null;
        if (typeof value === "string") return value;
        this.errors.push(`${path} is not text`);
        return null;
    }

    /** Scalars become text as CodeBuild does it; anything else is an error (a colon in a command makes a mapping). */
    private texts(value: unknown, path: string): Record<string, string> {
        const entries = Object.entries(this.mapping(value, path)).map(([name, text]): [string, string] => {
            if (typeof text === "object" && text !== null) this.errors.push(`${path}.${name} is not text`);
            return [name, text === null ? "" : String(text)];
        });
        return Object.fromEntries(entries);
    }

    private textList(value: unknown, path: string): string[] {
        if (value === undefined || value === null) return [];
        if (typeof value === "string") return [value];
        if (!Array.isArray(value)) {
            this.errors.push(`${path} is not a list`);
            return [];
        }
        return value.map((item: unknown, index) => {
            if (typeof item === "object" || item === undefined)
                this.errors.push(`${path}[${index}] is not text (quote a command that contains ": ")`);
            return String(item);
        });
    }
}
