/** Runs the unmodified program through the SDK's own entry point, as the Node language host does. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { scrubbedEnvironment, startNode } from "./childProcess";
import type { LineProcess } from "./childProcess";
import { ProjectError } from "./project";
import type { Project, StackConfiguration } from "./project";
import type { RunResult } from "./model";

/** The SDK's runner exits with this code after it has sent the error through `Engine.Log`. */
export const loggedErrorExitCode = 32;

export interface ProgramOptions {
    project: Project;
    configuration: StackConfiguration;
    mode: RunResult["mode"];
    engineAddress: string;
    cacheDirectory: string;
    onLine(stream: "stdout" | "stderr", line: string): void;
}

export function startProgram(options: ProgramOptions): LineProcess {
    const { project, configuration, mode, engineAddress } = options;
    const runner = join(sdkDirectory(project.programDirectory), "cmd", "run");
    const args = [
        ...project.nodeArguments,
        runner,
        "--monitor",
        engineAddress,
        "--engine",
        engineAddress,
        "--project",
        project.name,
        "--stack",
        configuration.stack,
        "--organization",
        "organization",
        "--pwd",
        project.programDirectory,
        "--root-directory",
        project.directory,
        "--parallel",
        "16",
        ...(mode === "preview" ? ["--dry-run"] : []),
        project.entry,
    ];
    return startNode(args, {
        cwd: project.programDirectory,
        env: scrubbedEnvironment(options.cacheDirectory, {
            ...configurationEnvironment(configuration),
            PULUMI_NODEJS_TYPESCRIPT: String(project.typescript),
            // Types are checked once, by `npm run typecheck`.
            PULUMI_NODEJS_TRANSPILE_ONLY: "true",
            ...(project.tsconfig ? { PULUMI_NODEJS_TSCONFIG_PATH: project.tsconfig } : {}),
        }),
        onLine: options.onLine,
    });
}

/** How the CLI hands configuration to a program and to a policy pack. */
export function configurationEnvironment({ config, secretKeys }: StackConfiguration): Record<string, string> {
    return {
        PULUMI_CONFIG: JSON.stringify(config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
    };
}

/** The `@pulumi/pulumi` that a program in the folder would import. */
export function sdkDirectory(directory: string): string {
    try {
        return dirname(createRequire(join(directory, "package.json")).resolve("@pulumi/pulumi/package.json"));
    } catch {
        throw new ProjectError(`@pulumi/pulumi is not installed for ${directory}: run npm ci`);
    }
}
