import { version } from "../package.json";
import {
    exitCode,
    IncompleteWorkError,
    UsageError,
    type Command,
    type CommandContext,
    type CommandOption,
} from "./commands/command";
import { readOptions, variableOf } from "./commands/options";
import { inOneLine } from "./commands/oneLine";

/** A command is loaded when it runs, so that the gate starts fast whatever its parts need. */
interface Entry {
    /** One line for the list of commands and the head of its help. */
    summary: string;
    load: () => Command;
}

/* eslint-disable @typescript-eslint/no-require-imports -- import() cannot be lazy in one CommonJS file */
const commands = new Map<string, Entry>([
    [
        "scan",
        {
            summary: "judge what one scanner says about an image, and record it",
            load: () => (require("./commands/scan") as typeof import("./commands/scan")).scanCommand,
        },
    ],
    [
        "verdict",
        {
            summary: "judge an image by the recorded reports of all required scanners",
            load: () => (require("./commands/verdict") as typeof import("./commands/verdict")).verdictCommand,
        },
    ],
    [
        "promote",
        {
            summary: "copy an image by digest to another repository, tag it, read it back and compare",
            load: () => (require("./commands/promote") as typeof import("./commands/promote")).promoteCommand,
        },
    ],
    [
        "approved",
        {
            summary: "ask the approval table whether the gate approved this digest",
            load: () =>
                (require("./commands/approved") as typeof import("./commands/approved")).approvedCommand,
        },
    ],
    [
        "sign",
        {
            summary: "sign a released digest with a key in AWS KMS, once, and read the signature back",
            load: () => (require("./commands/sign") as typeof import("./commands/sign")).signCommand,
        },
    ],
    [
        "verify-signature",
        {
            summary: "ask whether a key signed exactly this digest for this application",
            load: () =>
                (require("./commands/verifySignature") as typeof import("./commands/verifySignature"))
                    .verifySignatureCommand,
        },
    ],
    [
        "imagedefinitions",
        {
            summary: "write down for Amazon ECS which digest a container is to run",
            load: () =>
                (require("./commands/imageDefinitions") as typeof import("./commands/imageDefinitions"))
                    .imageDefinitionsCommand,
        },
    ],
    [
        "lint",
        {
            summary: "judge an application's Dockerfile by the pipeline's own rules",
            load: () => (require("./commands/lint") as typeof import("./commands/lint")).lintCommand,
        },
    ],
    [
        "secrets",
        {
            summary: "look for secrets in the commits that were pushed, by the pipeline's own rules",
            load: () => (require("./commands/secrets") as typeof import("./commands/secrets")).secretsCommand,
        },
    ],
    [
        "tools",
        {
            summary: "list, install, verify and mirror the pinned tools of the build steps",
            load: () => (require("./commands/tools") as typeof import("./commands/tools")).toolsCommand,
        },
    ],
    [
        "sbom",
        {
            summary: "judge whether syft's bill of materials is one of this image, and record it",
            load: () => (require("./commands/sbom") as typeof import("./commands/sbom")).sbomCommand,
        },
    ],
    [
        "policy",
        {
            summary: "check a gate policy, and show what it means",
            load: () => (require("./commands/policy") as typeof import("./commands/policy")).policyCommand,
        },
    ],
    [
        "break-glass",
        {
            summary: "let one digest run for some hours without an approval; list and revoke that",
            load: () =>
                (require("./commands/breakGlass") as typeof import("./commands/breakGlass"))
                    .breakGlassCommand,
        },
    ],
    [
        "explain",
        {
            summary: "show in tables why reports give the verdict that they give",
            load: () => (require("./commands/explain") as typeof import("./commands/explain")).explainCommand,
        },
    ],
    [
        "canary",
        {
            summary: "write the canary: packages in which Trivy has to find something",
            load: () =>
                (require("./accuknox/canaryCommand") as typeof import("./accuknox/canaryCommand"))
                    .canaryCommand,
        },
    ],
]);
/* eslint-enable @typescript-eslint/no-require-imports */

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
    const entry = commands.get(name);
    try {
        if (["--help", "-h", "help"].includes(name)) {
            printOverview(context.print);
            return exitCode.pass;
        }
        if (name === "--version") {
            context.print(`gate ${version}`);
            return exitCode.pass;
        }
        if (entry === undefined) {
            throw new UsageError(name === "" ? "no command is given" : `there is no command "${name}"`);
        }
        const command = entry.load();
        const further = command.furtherOptions?.(rest, context.environment) ?? [];
        if (asksForHelp(command, rest)) {
            printHelp(entry.summary, command, further, context.print);
            return exitCode.pass;
        }
        const specification = [...command.options, ...further];
        const takesOperands = command.operands !== undefined;
        return await command.run(
            readOptions(specification, rest, context.environment, takesOperands),
            context,
        );
    } catch (error) {
        const line = inOneLine(error instanceof Error ? error.message : String(error));
        if (error instanceof UsageError) {
            context.complain(`gate: ${line}`);
            context.complain(entry === undefined ? "See: gate --help" : `See: gate ${name} --help`);
            return exitCode.usage;
        }
        const expected = error instanceof IncompleteWorkError;
        context.complain(`gate: INCOMPLETE: ${expected ? "" : "unexpected error: "}${line}`);
        if (context.environment["GATE_DEBUG"] === "1" && error instanceof Error)
            context.complain(error.stack ?? "");
        return exitCode.incomplete;
    }
}

/** `--help` alone, or behind the one option that further options depend on. Anywhere else it could be a value. */
function asksForHelp({ furtherOptions }: Command, rest: readonly string[]): boolean {
    const before = rest.length - 1;
    const alone = before === 0 || (furtherOptions !== undefined && before === 2 && rest[0] === "--scanner");
    return alone && ["--help", "-h"].includes(rest[before] ?? "");
}

function printOverview(print: CommandContext["print"]): void {
    print("gate: judges container images and promotes those that pass");
    print("");
    const width = Math.max(...[...commands.keys()].map(({ length }) => length)) + 2;
    for (const [name, { summary }] of commands) print(`  gate ${name.padEnd(width)}${summary}`);
    print("");
    print("gate COMMAND --help shows the options of a command.");
    for (const line of endings) print(line);
}

function printHelp(
    summary: string,
    { usage, operands, ...command }: Command,
    further: readonly CommandOption[],
    print: CommandContext["print"],
): void {
    const options = [...command.options, ...further];
    print(usage);
    print(`  ${summary}`);
    print("");
    const left = options.map(({ name, value }) => (value === null ? `--${name}` : `--${name} ${value}`));
    const width = Math.max(...left.map(({ length }) => length));
    options.forEach(({ help }, at) => print(`  ${(left[at] ?? "").padEnd(width)}  ${help}`));
    if (operands !== undefined) print(`  ${operands.name.padEnd(width)}  ${operands.help}`);
    if (command.furtherOptions !== undefined && further.length === 0)
        print("More options depend on the scanner: gate scan --scanner NAME --help");
    print("");
    const [example] = options.map(({ name }) => name);
    if (example !== undefined) {
        print(
            `Every option can also be given as a variable, --${example} as ${variableOf(example)}; options win.`,
        );
    }
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
