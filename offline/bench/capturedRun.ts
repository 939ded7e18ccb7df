/** The program against the engine, with nothing else running: its resources, and how long it took. */
import { join, resolve } from "node:path";
import { TypingsReader } from "../behaviour/typings";
import { DeploymentEngine } from "../engine/engine";
import type { EngineResource } from "../engine/registration";
import { startServer } from "../engine/server";
import { startProgram } from "../program";
import { readProject, readStackConfiguration } from "../project";
import type { StackConfiguration } from "../project";

const root = resolve(__dirname, "..", "..");
const cacheDirectory = join(root, ".cache");

/** The stack `dev`, with as many applications as wanted in place of its own. */
export function configurationFor(applications: number | undefined): StackConfiguration {
    const names = Array.from({ length: applications ?? 0 }, (_, index) => ({
        name: `app-${index + 1}`,
        source: { type: "codecommit" },
    }));
    return readStackConfiguration(
        readProject(root),
        "dev",
        applications === undefined ? undefined : { applications: names },
    );
}

/** The bare program: the SDK's own entry point against the engine, no policies, no reports. */
export async function capturedRun(
    configuration: StackConfiguration,
): Promise<{ resources: EngineResource[]; milliseconds: number }> {
    const project = readProject(root);
    const engine = new DeploymentEngine({
        project: project.name,
        stack: configuration.stack,
        mode: "preview",
        config: configuration.config,
        secretConfigKeys: configuration.secretKeys,
        typings: new TypingsReader(project.programDirectory),
        onResource: () => undefined,
    });
    const server = await startServer(engine, project.directory);
    try {
        const started = performance.now();
        const exitCode = await startProgram({
            project,
            configuration,
            mode: "preview",
            engineAddress: server.address,
            cacheDirectory,
            onLine: () => undefined,
        }).exited;
        const milliseconds = performance.now() - started;
        if (exitCode !== 0 || engine.failures.length > 0) {
            throw new Error(
                `the program did not run: ${engine.failures.join("; ") || `exit code ${exitCode}`}`,
            );
        }
        return { resources: [...engine.resources.values()], milliseconds };
    } finally {
        server.close();
    }
}
