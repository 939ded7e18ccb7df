import { commitPattern, lintLevels, type LintLevel } from "../verify/checkReport";
import { lint } from "../verify/lint";
import { exitCode, UsageError, type Command, type CommandOptions } from "./command";
import {
    checkReportOption,
    finishCheck,
    finishReport,
    readCheckEvidence,
    readCheckTimeout,
    verifyOptions,
} from "./verifyOptions";

/** `gate lint`: has hadolint judge the application's Dockerfile by the pipeline's rules. */
export const lintCommand: Command = {
    usage:
        "gate lint --dockerfile FILE --rules FILE --threshold LEVEL --hadolint PATH --out FOLDER " +
        "[--repository FOLDER] [--commit COMMIT] [options]",
    options: [
        { name: "dockerfile", value: "FILE", help: "Dockerfile in the repository" },
        {
            name: "repository",
            value: "FOLDER",
            help: "working copy of the repository; this folder unless given",
        },
        { name: "commit", value: "COMMIT", help: "full id of its commit; required for --evidence" },
        {
            name: "rules",
            value: "FILE",
            help: "hadolint configuration of the pipeline, never of the application",
        },
        { name: "threshold", value: "LEVEL", help: `lowest level that fails: ${lintLevels.join(", ")}` },
        { name: "hadolint", value: "PATH", help: "the hadolint program" },
        checkReportOption,
        ...verifyOptions,
    ],
    run: async (options, context) => {
        if (options.optional("report") !== undefined) {
            const threshold = readThreshold(options);
            return finishReport(
                options,
                { tool: "hadolint", commit: readCommit(options, "commit"), threshold },
                context,
            );
        }
        const request = {
            dockerfile: options.required("dockerfile"),
            repository: options.optional("repository") ?? ".",
            commit: readCommit(options, "commit"),
            rules: options.required("rules"),
            threshold: readThreshold(options),
            hadolint: options.required("hadolint"),
            timeoutSeconds: readCheckTimeout(options),
            now: context.now,
        };
        const out = options.required("out");
        const evidence = readCheckEvidence(options);
        if (evidence !== null && request.commit === null)
            throw new UsageError("--evidence needs --commit, under which it is stored");
        const outcome = await lint(request);
        const recorded = await finishCheck(outcome, { out, evidence, commit: request.commit }, context);
        return recorded ? exitCode[outcome.report.outcome] : exitCode.incomplete;
    },
};

/** A full commit id, in lower case; null when it is not given. @throws UsageError */
export function readCommit(options: CommandOptions, name: string): string | null {
    const text = options.optional(name);
    if (text === undefined) return null;
    if (!commitPattern.test(text)) throw new UsageError(`--${name} "${text}" is not the full id of a commit`);
    return text;
}

function readThreshold(options: CommandOptions): LintLevel {
    const given = options.required("threshold");
    const level = lintLevels.find((known) => known === given);
    if (level === undefined)
        throw new UsageError(`--threshold "${given}" is none of ${lintLevels.join(", ")}`);
    return level;
}
