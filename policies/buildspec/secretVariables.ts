/** Which variables of a build carry a secret, and which commands give one away (BS-15). */
import { hasOption, operands, optionValue, optionValues } from "./arguments";
import type { BuildspecAnalysis } from "./analysis";
import { awsCommand } from "./awsCall";
import type { CommandFinding } from "./commands";
import { programName, type Argument } from "./invocation";
import { expandWord } from "./shellExpansion";
import { initialState } from "./shellState";
import { variablesIn } from "./standsFor";

/** Calls whose answer is a secret. */
const secretCalls = new Set([
    "secretsmanager get-secret-value",
    "secretsmanager batch-get-secret-value",
    "secretsmanager get-random-password",
    "ecr get-login-password",
    "ecr get-authorization-token",
    "ecr-public get-login-password",
    "sts assume-role",
    "sts get-session-token",
    "codeartifact get-authorization-token",
]);

/** Variables that the shell fills from such a call; `ssm get-parameter` where it decrypts. */
function fetched({ assignments }: BuildspecAnalysis): string[] {
    return assignments.flatMap(({ name, from }) => {
        const secret = from.some((node) => {
            const words = node.words.flatMap((word) => expandWord(word, initialState, []));
            const call = awsCommand(words);
            return (
                call !== null &&
                (secretCalls.has(call) ||
                    (/^ssm get-parameter/.test(call) && hasOption(words, "--with-decryption")))
            );
        });
        return secret ? [name] : [];
    });
}

/**
 * Names of the variables that carry a secret.
 * @param declared variables that the project takes from Secrets Manager
 * @param isSecretName whether the name says so
 */
export function secretVariables(
    analysis: BuildspecAnalysis,
    declared: readonly string[],
    isSecretName: (name: string) => boolean,
): ReadonlySet<string> {
    const { buildspec, assignments, variables } = analysis;
    const named = [
        ...Object.keys(variables),
        ...Object.keys(buildspec?.env.secrets ?? {}),
        ...assignments.map(({ name }) => name),
    ].filter(isSecretName);
    return new Set([
        ...declared,
        ...(buildspec?.env.fromSecretsManager ?? []),
        ...named,
        ...fetched(analysis),
    ]);
}

/** A way in which a command gives a secret away. */
export interface Disclosure {
    /** `value`: a secret itself; `everything`: whatever the build knows, secret or not. */
    about: "value" | "everything";
    what: string;
    fix: string;
}

const shells = new Set(["sh", "bash", "dash", "ash", "zsh", "ksh"]);
/** Programs that write what they read to their output. */
const passingOn = new Set(["sort", "cat", "tee", "nl", "head", "tail", "less", "more", "column", "base64"]);
const listing = "prints every variable of the build, the secrets among them";
const tracing = "prints every command with the values of its variables";
const trace: Disclosure = {
    about: "everything",
    what: tracing,
    fix: "Remove it, or switch it on for commands without secrets only.",
};
const list: Disclosure = { about: "everything", what: listing, fix: "Print the one variable that you need." };

/** How the command gives a secret away; empty when it does not. */
export function disclosures(command: CommandFinding, isSecret: (name: string) => boolean): Disclosure[] {
    const { words, input, logged, pipedFrom } = command;
    const name = programName(words[0]?.text ?? "");
    const rest = words.slice(1);
    const found: Disclosure[] = [];
    const secretIn = (texts: readonly Argument[]): string | undefined =>
        texts
            .filter(({ known }) => !known)
            .flatMap(({ text }) => variablesIn(text))
            .find((each) => isSecret(each) && valueIsUsed(each, command.text));
    if (traces(name, rest)) found.push(trace);
    if (logged && listsEverything(name, rest)) found.push(list);
    if (logged && passingOn.has(name) && pipedFrom && listsEverything(programName(pipedFrom[0]?.text ?? ""), pipedFrom.slice(1))) found.push(list); // prettier-ignore
    const printed =
        name === "echo" || (name === "printf" && rest[0]?.text !== "-v")
            ? secretIn(rest)
            : name === "printenv"
              ? rest.map(({ text }) => text).find(isSecret)
              : name === "cat" && input
                ? secretIn(input)
                : undefined;
    if (logged && printed !== undefined)
        found.push({
            about: "value",
            what: `writes ${printed} into the log`,
            fix: `Do not print ${printed}.`,
        });
    found.push(...logsIn(name, rest), ...buildArguments(name, rest, isSecret, secretIn));
    return found;
}

/** `${#NAME}` and `${NAME:+text}` say that there is one, not which. */
function valueIsUsed(name: string, text: string): boolean {
    return new RegExp(`\\$(?:${name}\\b|\\{${name}(?!:?\\+)\\W)`).test(text) || !text.includes(name);
}

function traces(name: string, rest: readonly Argument[]): boolean {
    if (name !== "set" && !shells.has(name)) return false;
    for (const [index, { text }] of rest.entries()) {
        if (text === "--" || !/^[-+]/.test(text)) return false;
        if (/^-[a-wyzA-Z]*x/.test(text) && !text.startsWith("--")) return true;
        if (/^-[a-zA-Z]*o$/.test(text) && rest[index + 1]?.text === "xtrace") return true;
    }
    return false;
}

function listsEverything(name: string, rest: readonly Argument[]): boolean {
    const names = rest.filter(({ text }) => !text.startsWith("-"));
    switch (name) {
        case "printenv":
        case "env":
            return names.length === 0 && !rest.some(({ text }) => /^--(?:help|version)$/.test(text));
        case "export":
        case "declare":
        case "typeset":
        case "set":
            return names.length === 0 && rest.every(({ text }) => /^-[px]+$/.test(text)) && (name !== "set" || rest.length === 0); // prettier-ignore
        default:
            return false;
    }
}

/** `docker login -p PASSWORD` and its kin: the password is among the arguments of a process. */
function logsIn(name: string, rest: readonly Argument[]): Disclosure[] {
    const command = [{ text: name, known: true }, ...rest];
    if (awsCommand(command) === "ecr get-login")
        return [
            {
                about: "value",
                what: "makes a docker login with the password on its command line",
                fix: "Run aws ecr get-login-password | docker login --username AWS --password-stdin REGISTRY.",
            },
        ];
    const names = operands(rest, []).map(({ text }) => text);
    if (!names.slice(0, 3).includes("login")) return [];
    if (optionValue(rest, "--password", "-p") === undefined) return [];
    return [
        {
            about: "value",
            what: `${name} login is given the password on its command line, where every process of the host and every log of commands can read it`,
            fix: 'Pipe the password into it: printf %s "$PASSWORD" | docker login --username USER --password-stdin.',
        },
    ];
}

const builders = new Set(["docker", "podman", "nerdctl", "finch", "buildah", "executor", "kaniko"]);

/** `--build-arg TOKEN=…`: build arguments stay in the history of the image. */
function buildArguments(
    name: string,
    rest: readonly Argument[],
    isSecret: (name: string) => boolean,
    secretIn: (texts: readonly Argument[]) => string | undefined,
): Disclosure[] {
    if (!builders.has(name)) return [];
    return optionValues(rest, "--build-arg").flatMap((text) => {
        const [argument = ""] = text.split("=", 1);
        const secret = isSecret(argument) ? argument : secretIn([{ text, known: !text.includes("$") }]);
        if (secret === undefined) return [];
        return [
            {
                about: "value" as const,
                what: `gives ${secret} to the image as a build argument, which stays in its history`,
                fix: "Use docker build --secret id=NAME,env=NAME and RUN --mount=type=secret.",
            },
        ];
    });
}
