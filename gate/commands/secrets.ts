import type { BaseChoice } from "../verify/pushedRange";
import { secrets, secretTools, type SecretTool } from "../verify/secrets";
import { exitCode, UsageError, type Command, type CommandOptions } from "./command";
import { readCommit } from "./lint";
import {
    checkReportOption,
    finishCheck,
    finishReport,
    readCheckEvidence,
    readCheckTimeout,
    verifyOptions,
} from "./verifyOptions";

/** `gate secrets`: has a secret scanner look through exactly the commits that were pushed. */
export const secretsCommand: Command = {
    usage:
        "gate secrets --repository FOLDER --head COMMIT " +
        "(--base COMMIT | --pipeline NAME | --destination COMMIT | --destination-branch NAME) " +
        "--tool gitleaks|trufflehog --tool-path PATH --rules FILE --out FOLDER [options]",
    options: [
        { name: "repository", value: "FOLDER", help: "working copy with its whole history" },
        { name: "head", value: "COMMIT", help: "full id of the commit that was pushed last" },
        { name: "base", value: "COMMIT", help: "full id of the commit up to which everything was scanned" },
        {
            name: "pipeline",
            value: "NAME",
            help: "take as base the commit of the last execution whose secret scan passed; all commits if there is none",
        },
        {
            name: "destination",
            value: "COMMIT",
            help: "of a pull request: last commit of the branch that it leads to; what that has is left out",
        },
        {
            name: "destination-branch",
            value: "NAME",
            help: "of a pull request: the branch that it leads to, as the clone knows it from its origin",
        },
        { name: "tool", value: "NAME", help: `the scanner: ${secretTools.join(" or ")}` },
        { name: "tool-path", value: "PATH", help: "the scanner's program" },
        {
            name: "rules",
            value: "FILE",
            help: "rules of the pipeline, never of the application; gitleaks needs them",
        },
        checkReportOption,
        ...verifyOptions,
    ],
    run: async (options, context) => {
        const head = readCommit(options, "head");
        if (options.optional("report") !== undefined)
            return finishReport(
                options,
                { tool: readTool(options), commit: head, threshold: "error" },
                context,
            );
        if (head === null) throw new UsageError("--head (or GATE_HEAD) is missing");
        const tool = readTool(options);
        const request = {
            repository: options.required("repository"),
            head,
            base: readBase(options),
            tool,
            program: options.required("tool-path"),
            rules: tool === "gitleaks" ? options.required("rules") : (options.optional("rules") ?? null),
            timeoutSeconds: readCheckTimeout(options),
            now: context.now,
        };
        const out = options.required("out");
        const evidence = readCheckEvidence(options);
        const outcome = await secrets(request);
        const recorded = await finishCheck(outcome, { out, evidence, commit: head }, context);
        return recorded ? exitCode[outcome.report.outcome] : exitCode.incomplete;
    },
};

function readTool(options: CommandOptions): SecretTool {
    const given = options.required("tool");
    const tool = secretTools.find((known) => known === given);
    if (tool === undefined) throw new UsageError(`--tool "${given}" is none of ${secretTools.join(", ")}`);
    return tool;
}

/** Where the range begins: exactly one of the four options. @throws UsageError */
function readBase(options: CommandOptions): () => Promise<BaseChoice> {
    const commit = readCommit(options, "base");
    const pipeline = options.optional("pipeline");
    const destination = readCommit(options, "destination");
    const branch = options.optional("destination-branch");
    const given = [commit ?? undefined, pipeline, destination ?? undefined, branch];
    if (given.filter((value) => value !== undefined).length !== 1) {
        throw new UsageError(
            "give one of --base COMMIT, --pipeline NAME, --destination COMMIT and --destination-branch NAME",
        );
    }
    if (commit !== null) return () => Promise.resolve({ from: "caller", commit });
    if (destination !== null) return () => Promise.resolve({ from: "destination", commit: destination });
    if (branch !== undefined) return () => Promise.resolve({ from: "destinationBranch", branch });
    const execution = options.optional("execution");
    return async () => {
        // eslint-disable-next-line @typescript-eslint/no-require-imports -- the AWS client is loaded when it is needed
        const history = require("../verify/pipelineHistory") as typeof import("../verify/pipelineHistory");
        const question = { pipeline: pipeline ?? "", execution };
        return {
            from: "pipeline",
            commit: await history.lastScannedCommit(history.pipelineClient(), question),
        };
    };
}
