import { installTool, planInstall } from "../tools/install";
import { ToolError } from "../tools/toolError";
import { mirrorSchema, readToolManifest, toolNames, type Tool } from "../tools/toolManifest";
import { textOf } from "../tools/artefactAddress";
import { defaultTransfer, type TransferOptions } from "../tools/transfer";
import { filesIn, verifyFile, verifyPublished, worstOf, type Verification } from "../tools/verify";
import { exitCode, UsageError, type Command, type CommandContext, type CommandOptions } from "./command";
import { readTimeout } from "./inputs";
import { inOneLine } from "./oneLine";

type Run = (options: CommandOptions, context: CommandContext, transfer: TransferOptions) => Promise<number>;

/** What the first operand can be, and the options that go with it. */
const actions: Record<string, { options: readonly string[]; takesFiles: boolean; run: Run }> = {
    list: { options: ["tool"], takesFiles: false, run: list },
    install: {
        options: ["tool", "url", "sha256", "member", "to", "timeout"],
        takesFiles: false,
        run: install,
    },
    verify: { options: ["tool", "mirror", "directory", "timeout"], takesFiles: true, run: verify },
    mirror: { options: ["tool", "to", "timeout"], takesFiles: false, run: mirror },
};

/** Seconds that one attempt of a download may take when `--timeout` is not given, and the most that may be given. */
const defaultTimeoutSeconds = defaultTransfer.timeout / 1_000;
const longestTimeoutSeconds = 3_600;

/** `gate tools`: the tools that build steps run, pinned by version and checksum. */
export const toolsCommand: Command = {
    usage:
        "gate tools list | gate tools install --tool NAME --url URL --sha256 HEX --to FOLDER | " +
        "gate tools verify [--mirror s3://…] [FILE…] | gate tools mirror --to s3://BUCKET/PREFIX",
    options: [
        {
            name: "tool",
            value: "NAME",
            help: `install: the program's name; else only these of ${toolNames.join(", ")}, separated by commas`,
        },
        { name: "url", value: "URL", help: "install: artefact for linux/amd64, https:// or s3://BUCKET/KEY" },
        { name: "sha256", value: "HEX", help: "install: sum of the artefact, compared before anything else" },
        {
            name: "member",
            value: "PATH",
            help: "install: the program in a tar.gz; the manifest's or --tool unless given",
        },
        {
            name: "to",
            value: "PLACE",
            help: "install: folder that gets the program; mirror: s3://BUCKET/PREFIX",
        },
        {
            name: "mirror",
            value: "s3://…",
            help: "verify: fetch from this mirror instead of the projects' releases",
        },
        {
            name: "directory",
            value: "FOLDER",
            help: "verify: every file in it and below, by the artefact's name",
        },
        {
            name: "timeout",
            value: "SECONDS",
            help: `limit of one attempt of a download, ${defaultTimeoutSeconds} unless given`,
        },
    ],
    operands: {
        name: "ACTION [FILE…]",
        help: "list, install, verify or mirror; verify takes files, and without any fetches every artefact",
    },
    run: async (options, context) => {
        const [name = "", ...files] = options.operands;
        const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
        if (action === undefined) {
            const known = Object.keys(actions).join(", ");
            throw new UsageError(name === "" ? `say what to do: ${known}` : `"${name}" is none of ${known}`);
        }
        for (const flag of options.flags) {
            if (!action.options.includes(flag))
                throw new UsageError(`--${flag} does not go with gate tools ${name}`);
        }
        if (files.length > 0 && !action.takesFiles) throw new UsageError(`Unexpected argument '${files[0]}'`);
        const interruption = new AbortController();
        const interrupt = (): void => interruption.abort();
        // A build that is stopped gives its steps a moment; nothing half-done may stay behind.
        for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupt);
        try {
            const timeout = readTimeout(options, defaultTimeoutSeconds, longestTimeoutSeconds) * 1_000;
            return await action.run(options, context, {
                ...defaultTransfer,
                timeout,
                signal: interruption.signal,
            });
        } finally {
            for (const signal of ["SIGINT", "SIGTERM"] as const) process.removeListener(signal, interrupt);
        }
    },
};

async function list(options: CommandOptions, { print }: CommandContext): Promise<number> {
    const rows = readTools(options).map(({ name, version, platform, licence, sha256, url }) => [
        name,
        version,
        platform,
        licence,
        sha256,
        url,
    ]);
    printTable([["TOOL", "VERSION", "PLATFORM", "LICENCE", "SHA256", "URL"], ...rows], print);
    return exitCode.pass;
}

async function install(
    options: CommandOptions,
    context: CommandContext,
    transfer: TransferOptions,
): Promise<number> {
    const request = {
        tool: options.required("tool"),
        url: options.required("url"),
        sha256: options.required("sha256"),
        member: options.optional("member"),
    };
    const folder = options.required("to");
    if (folder.includes("://")) throw new UsageError(`--to "${folder}" is no folder`);
    try {
        const plan = planInstall(request);
        const { path, sum } = await installTool(plan, folder, transfer);
        const name = [plan.tool, plan.version].filter((part) => part !== null).join(" ");
        context.print(
            `INSTALLED: ${name} as ${inOneLine(path)}, sha256 ${sum.sha256} verified, from ${textOf(plan.address)}`,
        );
        return exitCode.pass;
    } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        context.print(`NOT INSTALLED: ${inOneLine(error.message)}`);
        return exitCode.incomplete;
    }
}

async function verify(
    options: CommandOptions,
    context: CommandContext,
    transfer: TransferOptions,
): Promise<number> {
    const tools = readTools(options);
    const mirror = options.optional("mirror");
    if (mirror !== undefined) readMirror("mirror", mirror);
    const directory = options.optional("directory");
    const [, ...files] = options.operands;
    if (directory === undefined && files.length === 0) {
        return report(tools, (tool) => verifyPublished(tool, mirror ?? null, transfer), context);
    }
    if (options.flags.has("mirror")) throw new UsageError("--mirror does not go with files");
    try {
        const paths = [...files, ...(directory === undefined ? [] : await filesIn(directory))];
        if (paths.length === 0) throw new ToolError(`${directory} has no files to verify`, "unavailable");
        return await report(paths, (path) => verifyFile(path, tools), context);
    } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        context.print(`NOT VERIFIED: ${inOneLine(error.message)}`);
        return exitCode.incomplete;
    }
}

async function mirror(
    options: CommandOptions,
    context: CommandContext,
    transfer: TransferOptions,
): Promise<number> {
    const to = options.required("to");
    readMirror("to", to);
    // The AWS SDK is loaded only for a mirror.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() cannot be lazy in one CommonJS file
    const { mirrorTool } = require("../tools/fillMirror") as typeof import("../tools/fillMirror");
    return report(readTools(options), (tool) => mirrorTool(tool, to, transfer), context);
}

/** Looks at one after the other, and says of each what it is; the worst decides the exit code. */
async function report<T>(
    items: readonly T[],
    look: (item: T) => Promise<Verification>,
    { print, complain }: CommandContext,
): Promise<number> {
    const results: Verification[] = [];
    for (const item of items) {
        const result = await look(item);
        complain(`gate: ${inOneLine(`${result.place}: ${result.result}`)}`);
        results.push(result);
    }
    const words = { good: "good", refused: "REFUSED", unavailable: "NOT FETCHED" } as const;
    const rows = results.map(({ tool, version, result, place, message }) => [
        tool ?? "-",
        version ?? "-",
        words[result],
        place,
        message,
    ]);
    printTable([["TOOL", "VERSION", "RESULT", "PLACE", "WHAT"], ...rows], print);
    return { good: exitCode.pass, refused: exitCode.fail, unavailable: exitCode.incomplete }[
        worstOf(results)
    ];
}

/** The tools of the manifest that are meant: those of `--tool`, or all. @throws UsageError */
function readTools(options: CommandOptions): Tool[] {
    const tools = [...readToolManifest().values()];
    const names = options.optional("tool")?.split(",");
    for (const name of names ?? []) {
        if (!tools.some((tool) => tool.name === name))
            throw new UsageError(`--tool "${name}" is none of ${toolNames.join(", ")}`);
    }
    return tools.filter(({ name }) => names === undefined || names.includes(name));
}

function readMirror(option: string, text: string): void {
    if (mirrorSchema.safeParse(text).success) return;
    throw new UsageError(
        `--${option} "${text}" is not s3://BUCKET or s3://BUCKET/PREFIX without a slash at the end`,
    );
}

function printTable(rows: readonly (readonly string[])[], print: CommandContext["print"]): void {
    const lines = rows.map((row) => row.map(inOneLine));
    const widths =
        lines[0]?.map((_, column) => Math.max(...lines.map((row) => row[column]?.length ?? 0))) ?? [];
    for (const row of lines)
        print(
            row
                .map((cell, column) => cell.padEnd(widths[column] ?? 0))
                .join("  ")
                .trimEnd(),
        );
}
