/** For specs: one whole program in the offline engine, with or without the policy pack. */
import { resolve } from "node:path";
import type { RunResult } from "../model";
import { runOffline } from "../run";
import { recordedRun } from "./recordedRuns";

export interface RunProgramOptions {
    /** Folder of Pulumi.yaml; the project itself by default. */
    cwd?: string;
    /** Default `dev`. */
    stack?: string;
    /** On top of the stack file, same forms as under `config:` in YAML. Keys without namespace belong to the project. */
    config?: Record<string, unknown>;
    mode: RunResult["mode"];
    /** True = the project's pack, a text = another pack folder, false or absent = none. */
    policy?: boolean | string;
}

/**
 * The result of a run; runs of the project itself are shared between specs (`recordedRuns.ts`). Rejects with `RunFailure`
 * (its `lines` say why) when the program, the engine or the pack failed.
 */
export function runProgram(options: RunProgramOptions): Promise<RunResult> {
    const projectRoot = resolve(__dirname, "..", "..");
    const cwd = resolve(options.cwd ?? projectRoot);
    const { policy = false, mode, stack = "dev", config = {} } = options;
    const run = (): Promise<RunResult> =>
        runOffline({
            cwd,
            stack,
            mode,
            policyPack:
                typeof policy === "string" ? policy : policy ? resolve(projectRoot, "policies") : null,
            config,
        });
    return cwd === projectRoot && typeof policy === "boolean"
        ? recordedRun(projectRoot, { stack, mode, policy, config }, run)
        : run();
}
