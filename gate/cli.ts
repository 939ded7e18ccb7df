import {
    exitCode,
    IncompleteWorkError,
    UsageError,
    type Command,
    type CommandContext,
} from "./commands/command";
import { readOptions, variableOf } from "./commands/options";
import { inOneLine } from "./commands/printVerdict";
import { promoteCommand } from "./commands/promote";
import { scanCommand } from "./commands/scan";
import { verdictCommand } from "./commands/verdict";

const commands = new Map<string, Command>([
    ["scan", scanCommand],
    ["verdict", verdictCommand],
    ["promote", promoteCommand],
]);

const endings = [
    "Exit codes: 0 pass, 1 fail (judged and refused), 2 incomplete (could not be judged), 64 wrong usage.",
    "GATE_DEBUG=1 shows where an unexpected error comes from.",
];

/**
 * Runs the `gate` command.
 * @param args the arguments after the program's name.
 * @returns the exit code; never throws.
 */
export async function runGate(args: readonly string[], context: CommandContext): Promise<number> {
    const [name = "", ...rest] = args;
    const command = commands.get(name);
    try {
        if (["--help", "-h", "help"].includes(name)) {
            printOverview(context.print);
            return exitCode.pass;
        }
        if (command === undefined) {
            throw new UsageError(name === "" ? "no command is given" : `there is no command "${name}"`);
        }
        if (rest.length === 1 && ["--help", "-h"].includes(rest[0] ?? "")) {
            printHelp(command, context.print);
            return exitCode.pass;
        }
        return await command.run(readOptions(command.options, rest, context.environment), context);
    } catch (error) {
        const line = inOneLine(error instanceof Error ? error.message : String(error));
        if (error instanceof UsageError) {
            context.complain(`gate: ${line}`);
            context.complain(command === undefined ? "See: gate --help" : `See: gate ${name} --help`);
            return exitCode.usage;
        }
        const expected = error instanceof IncompleteWorkError;
        context.complain(`gate: INCOMPLETE: ${expected ? "" : "unexpected error: "}${line}`);
        if (context.environment["GATE_DEBUG"] === "1" && error instanceof Error)
            context.complain(error.stack ?? "");
        return exitCode.incomplete;
    }
}

function printOverview(print: CommandContext["print"]): void {
    print("gate: judges container images and promotes those that pass");
    print("");
    for (const [name, { summary }] of commands) print(`  gate ${name.padEnd(9)}${summary}`);
    print("");
    print("gate COMMAND --help shows the options of a command.");
    for (const line of endings) print(line);
}

function printHelp({ summary, usage, options }: Command, print: CommandContext["print"]): void {
    print(usage);
    print(`  ${summary}`);
    print("");
    const left = options.map(({ name, value }) => (value === null ? `--${name}` : `--${name} ${value}`));
    const width = Math.max(...left.map(({ length }) => length));
    options.forEach(({ help }, at) => print(`  ${(left[at] ?? "").padEnd(width)}  ${help}`));
    print("");
    const [example = ""] = options.map(({ name }) => name);
    print(
        `Every option can also be given as a variable, --${example} as ${variableOf(example)}; options win.`,
    );
    for (const line of endings) print(line);
}

if (require.main === module) {
    // Should the event loop ever run dry before the end, that must not look like a pass.
    process.exitCode = exitCode.incomplete;
    const context: CommandContext = {
        environment: process.env,
        now: () => new Date(),
        print: (line) => process.stdout.write(`${line}\n`),
        complain: (line) => process.stderr.write(`${line}\n`),
        colours: process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined,
    };
    process.on("uncaughtException", (error) => {
        context.complain(`gate: INCOMPLETE: unexpected error: ${inOneLine(String(error.message))}`);
        if (process.env["GATE_DEBUG"] === "1") context.complain(error.stack ?? "");
        process.exit(exitCode.incomplete);
    });
    // Connections that are kept alive would hold the process for seconds.
    void runGate(process.argv.slice(2), context).then((code) => process.exit(code));
}
