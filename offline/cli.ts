/** The command behind `npm start`: options in, one offline run, reports and an exit code out. */
import { join, relative, resolve } from "node:path";
import type { RunResult } from "./model";
import { parseOptions, usage, UsageError } from "./options";
import type { CommandOptions } from "./options";
import { PolicyPackError } from "./policyClient";
import { PolicyConfigurationError, readPolicyConfiguration } from "./policyConfiguration";
import { colourful, createProgress } from "./progress";
import { ProjectError } from "./project";
import { renderReport, summaryOf, verdictOf, writeReports } from "./report";
import type { TypeReport } from "./report";
import { RunFailure, runOffline } from "./run";
import { typeReportOf } from "./typeCoverage";

/** Exit code when nothing could be judged. */
const couldNotRun = 2;

/** Returns the exit code: 0 clean, 1 refused, 2 could not run. `projectRoot` is where relative defaults start. */
export async function main(args: string[], projectRoot: string): Promise<number> {
    let options: CommandOptions;
    try {
        options = parseOptions(args);
    } catch (error) {
        if (error instanceof UsageError) {
            console.error(error.message);
            return couldNotRun;
        }
        throw error;
    }
    if (options.help) {
        console.log(usage);
        return 0;
    }
    const cwd = options.cwd === undefined ? projectRoot : resolve(options.cwd);
    const progress = createProgress();
    try {
        const result = await runOffline({
            cwd,
            stack: options.stack,
            mode: options.mode,
            policyPack: packDirectory(options, projectRoot),
            ...(options.policyConfig === undefined
                ? {}
                : { policyConfiguration: readPolicyConfiguration(resolve(options.policyConfig)) }),
            onProgress: progress.step,
        });
        progress.step("writing the reports");
        // Only the bundled command may be kept for: its file changes whenever a rule does.
        const cache = join(projectRoot, ".cache", "offline", "types.json");
        const types = typeReportOf(result, __filename.endsWith(".cjs") ? cache : undefined);
        const out = outDirectory(options, projectRoot);
        return await report(result, options, { cwd, out, types }, progress.end);
    } catch (error) {
        progress.end();
        return explain(error, options);
    }
}

async function report(
    result: RunResult,
    options: CommandOptions,
    { cwd, out, types }: { cwd: string; out: string; types: TypeReport },
    done: () => void,
): Promise<number> {
    const { strict } = options;
    const files = await writeReports(result, out, { strict, projectDirectory: cwd, types });
    done();
    if (options.json) {
        console.log(JSON.stringify(summaryOf(result, { strict }), null, 2));
    } else {
        const width = process.stdout.isTTY ? (process.stdout.columns ?? 100) : 120;
        console.log(
            renderReport(result, {
                color: colourful(process.stdout),
                width,
                strict,
                projectDirectory: cwd,
                types,
            }),
        );
        console.error(`offline: wrote ${files.length} files to ${relative(process.cwd(), out) || "."}`);
    }
    // Without a pack there is nothing to judge, and whoever said --no-policy knows it.
    return options.policyPack === null ? 0 : verdictOf(result, { strict }).exitCode;
}

/** Defaults belong to the project, a folder that is given to whoever gives it. */
function packDirectory({ policyPack }: CommandOptions, projectRoot: string): string | null {
    return policyPack === null
        ? null
        : policyPack === undefined
          ? join(projectRoot, "policies")
          : resolve(policyPack);
}

function outDirectory({ out }: CommandOptions, projectRoot: string): string {
    return out === undefined ? join(projectRoot, "portcullis-report") : resolve(out);
}

/** One clear line per problem on standard error; unexpected errors keep their stack. */
function explain(error: unknown, options: CommandOptions): number {
    // A refusal by the file system (`--out` in a place that cannot be written) names its path itself.
    const expected =
        error instanceof RunFailure ||
        error instanceof ProjectError ||
        error instanceof PolicyPackError ||
        (error instanceof Error && "syscall" in error);
    const lines =
        error instanceof RunFailure || error instanceof PolicyConfigurationError
            ? error.lines
            : [expected ? error.message : ((error as Error).stack ?? String(error))];
    for (const line of lines) {
        console.error(`error: ${line}`);
    }
    console.error("offline: could not run, nothing was judged");
    if (options.json) {
        console.log(JSON.stringify({ verdict: "notRun", errors: lines }, null, 2));
    }
    return couldNotRun;
}

// Without these an interrupted run would leave the program and the pack server behind.
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

main(process.argv.slice(2), process.env["PORTCULLIS_ROOT"] ?? process.cwd()).then(
    (code) => {
        process.exitCode = code;
    },
    (error: unknown) => {
        console.error(error);
        process.exitCode = couldNotRun;
    },
);
