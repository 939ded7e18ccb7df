import { parseArgs } from "node:util";
import { UsageError, type CommandContext, type CommandOption, type CommandOptions } from "./command";

/** The variable that an option can also be given by: `--anchore-url` is `GATE_ANCHORE_URL`. */
export function variableOf(name: string): string {
    return `GATE_${name.toUpperCase().replaceAll("-", "_")}`;
}

/**
 * Reads options from the command line, and those that are not there from the environment. Flags win; an empty
 * variable counts as not set, an empty flag is an error (it is an unset variable of the caller).
 * @throws UsageError for an unknown, repeated or valueless option, or anything that is no option.
 */
export function readOptions(
    specification: readonly CommandOption[],
    args: readonly string[],
    environment: CommandContext["environment"],
    takesOperands = false,
): CommandOptions {
    const { values, tokens, positionals } = parse(specification, args, takesOperands);
    const flags = new Set<string>();
    for (const token of tokens) {
        if (token.kind !== "option") continue;
        if (flags.has(token.name)) throw new UsageError(`--${token.name} is given twice`);
        if (token.value === "") throw new UsageError(`--${token.name} is empty`);
        flags.add(token.name);
    }
    const text = (name: string): string | undefined => {
        const flag = values[name];
        if (typeof flag === "string") return flag;
        const variable = environment[variableOf(name)];
        return variable === "" ? undefined : variable;
    };
    return {
        flags,
        operands: positionals,
        optional: text,
        required: (name) => {
            const value = text(name);
            if (value === undefined) throw new UsageError(`--${name} (or ${variableOf(name)}) is missing`);
            return value;
        },
        isSet: (name) => {
            if (values[name] === true) return true;
            const variable = text(name) ?? "false";
            if (["true", "1"].includes(variable)) return true;
            if (["false", "0"].includes(variable)) return false;
            throw new UsageError(`${variableOf(name)} is "${variable}"; it has to be true or false`);
        },
    };
}

/** The value of one option before the others are known: the first one on the command line, or its variable. */
export function valueOf(
    name: string,
    args: readonly string[],
    environment: CommandContext["environment"],
): string | undefined {
    const at = args.findIndex((argument) => argument === `--${name}` || argument.startsWith(`--${name}=`));
    const flag = args[at];
    if (flag === undefined) return environment[variableOf(name)] || undefined;
    return flag.includes("=") ? flag.slice(flag.indexOf("=") + 1) : args[at + 1];
}

function parse(specification: readonly CommandOption[], args: readonly string[], takesOperands: boolean) {
    try {
        return parseArgs({
            args: [...args],
            options: Object.fromEntries(
                specification.map(({ name, value }) => [
                    name,
                    { type: value === null ? ("boolean" as const) : ("string" as const) },
                ]),
            ),
            strict: true,
            allowPositionals: takesOperands,
            tokens: true,
        });
    } catch (error) {
        // Node explains positional look-alikes in further sentences; the first one is the point.
        throw new UsageError((error as Error).message.split(/[.\n]\s/)[0] ?? "");
    }
}
