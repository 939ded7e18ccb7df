/** From the words of a simple command to the program that really runs: `env A=b timeout 5 grype x` runs `grype x`. */
import type { Operand } from "./shellTestExpressions";
import type { Redirect, SimpleCommand } from "./shellSyntax";

export type Argument = Operand;

export interface Invocation {
    /** Program and arguments after expansion; parts that are not certain stand as `$NAME` or `$()`. */
    words: Argument[];
    /** Variables set for this command only. */
    environment: ReadonlyMap<string, string>;
    /** `>` and `<` with their targets, e.g. `{operator: ">", target: "grype.json"}`. */
    redirects: { operator: string; descriptor: string; target: string }[];
    /** What it reads, where the buildspec writes it out: the words of a `printf` before the pipe, a here-document. */
    input: readonly Argument[] | null;
    /** The words of the command that writes into the pipe that this one reads. */
    pipedFrom: readonly Argument[] | null;
    /** What it prints is in the log of the build, not in a pipe, a file or a variable. */
    logged: boolean;
    /** Its status decides what runs next: a condition, a part of an and-or list, a substitution. */
    tested: boolean;
    /** The command in the source: its identity. */
    node: SimpleCommand;
}

/** What the words of a command start. */
export type Resolution =
    | {
          kind: "program";
          words: Argument[];
          environment: Map<string, string>;
          bypassesFunctions: boolean;
          mayNotRun: boolean;
      }
    /** Text run by a shell: `sh -c`, `eval`, a here-document. `inherits` = runs in the current shell. */
    | {
          kind: "script";
          text: string;
          inherits: boolean;
          errexit: boolean;
          pipefail: boolean;
          statusLost: boolean;
      }
    /** `exec X`: nothing after it runs. */
    | { kind: "replace"; words: Argument[] }
    /** The status is not that of the program: `setsid X`, `find -exec X`. */
    | { kind: "detached"; words: Argument[] }
    /** `shell`: it may change the shell that the following commands run in; `child`: only a process of its own. */
    | { kind: "unreadable"; reason: string; scope: "shell" | "child" };

/** The old way to sign in to ECR: AWS prints a `docker login`, which the shell then runs. */
const registryLogin = /^\$\(\s*aws\b[^)]*\becr\s+get-login\b/;
const dockerLogin: Argument[] = ["docker", "login"].map((text) => ({ text, known: true }));

const shells = new Set(["sh", "bash", "dash", "ash", "zsh", "ksh"]);
const assignment = /^([A-Za-z_]\w*)=/s;

export function programName(path: string): string {
    return path.slice(path.lastIndexOf("/") + 1);
}

/** Options of wrappers that take a value in the next word. */
const wrappers: Record<string, { valued: string[]; operands?: number; assignments?: boolean }> = {
    command: { valued: [] },
    builtin: { valued: [] },
    env: { valued: ["-u", "--unset", "-C", "--chdir"], assignments: true },
    sudo: { valued: ["-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T"], assignments: true },
    doas: { valued: ["-u", "-C"] },
    nohup: { valued: [] },
    nice: { valued: ["-n", "--adjustment"] },
    ionice: { valued: ["-c", "-n", "--class", "--classdata"] },
    stdbuf: { valued: ["-i", "-o", "-e", "--input", "--output", "--error"] },
    time: { valued: ["-o", "-f", "--output", "--format"] },
    timeout: { valued: ["-k", "-s", "--kill-after", "--signal"], operands: 1 },
    gtimeout: { valued: ["-k", "-s"], operands: 1 },
    chronic: { valued: [] },
    busybox: { valued: [] },
    toybox: { valued: [] },
    flock: { valued: ["-w", "--timeout", "-E"], operands: 1 },
    chroot: { valued: [], operands: 1 },
    taskset: { valued: [], operands: 1 },
    strace: { valued: ["-o", "-e", "-s", "-p"] },
    xargs: { valued: ["-n", "-P", "-I", "-L", "-d", "-a", "-s", "-E"] },
};

/**
 * Follows wrappers until a program, a script or something unreadable is left.
 * @param words expanded words, at least one
 * @param redirects of the same command: a shell without arguments reads its here-document
 */
export function resolve(
    words: Argument[],
    node: SimpleCommand,
    hereDocument: (redirect: Redirect) => Argument,
): Resolution {
    const environment = new Map<string, string>();
    let rest = words;
    let bypassesFunctions = false;
    let mayNotRun = false;
    for (let step = 0; step < 20; step++) {
        const head = rest[0];
        if (!head) return { kind: "program", words: [], environment, bypassesFunctions, mayNotRun };
        if (!head.known && registryLogin.test(node.text))
            return { kind: "program", words: dockerLogin, environment, bypassesFunctions, mayNotRun };
        if (!head.known)
            return {
                kind: "unreadable",
                reason: `the command is taken from a variable (${head.text})`,
                scope: "shell",
            };
        const name = programName(head.text);
        if (name === "exec") {
            const command = withoutOptions(rest.slice(1), ["-a"]);
            return command.length === 0
                ? { kind: "program", words: rest.slice(0, 1), environment, bypassesFunctions, mayNotRun }
                : { kind: "replace", words: command };
        }
        if (name === "eval") {
            const text = rest.slice(1).map((word) => word.text).join(" "); // prettier-ignore
            return {
                kind: "script",
                text,
                inherits: true,
                errexit: false,
                pipefail: false,
                statusLost: false,
            };
        }
        if (shells.has(name)) return shell(rest, node, hereDocument);
        if (name === "source" || name === ".")
            return {
                kind: "unreadable",
                reason: `another file is read into the shell (${rest[1]?.text ?? ""})`,
                scope: "shell",
            };
        if (name === "setsid" && !rest.some((word) => word.text === "-w" || word.text === "--wait"))
            return { kind: "detached", words: withoutOptions(rest.slice(1), []) };
        if (name === "setsid") {
            rest = withoutOptions(rest.slice(1), []);
            continue;
        }
        if (name === "find") {
            const exec = rest.findIndex((word) => /^-(exec|ok)(dir)?$/.test(word.text));
            const end = rest.findIndex(
                (word, index) => index > exec && (word.text === ";" || word.text === "+"),
            );
            if (exec > 0) return { kind: "detached", words: rest.slice(exec + 1, end < 0 ? undefined : end) };
        }
        if (name === "script" || name === "su") {
            const index = rest.findIndex((word) => /^-\w*c$/.test(word.text) || word.text === "--command");
            const text = rest[index + 1]?.text;
            if (index < 0 || text === undefined)
                return { kind: "unreadable", reason: `${name} starts another shell`, scope: "child" };
            const statusLost = name === "script" && !rest.some((word) => /^-\w*e|^--return$/.test(word.text));
            return { kind: "script", text, inherits: false, errexit: false, pipefail: false, statusLost };
        }
        const wrapper = wrappers[name];
        if (!wrapper) return { kind: "program", words: rest, environment, bypassesFunctions, mayNotRun };
        if (name === "command" && rest[1] && /^-[vV]+$/.test(rest[1].text))
            return { kind: "program", words: rest, environment, bypassesFunctions, mayNotRun };
        if (name === "env") {
            const split = rest.findIndex(
                (word) => word.text === "-S" || word.text.startsWith("--split-string"),
            );
            if (split > 0) {
                const text = rest.slice(split + 1).map((word) => word.text).join(" "); // prettier-ignore
                return {
                    kind: "script",
                    text,
                    inherits: false,
                    errexit: false,
                    pipefail: false,
                    statusLost: false,
                };
            }
        }
        let inner = withoutOptions(rest.slice(1), wrapper.valued);
        if (name === "flock" && inner[1] && /^-c$|^--command$/.test(inner[1].text) && inner[2])
            return {
                kind: "script",
                text: inner[2].text,
                inherits: false,
                errexit: false,
                pipefail: false,
                statusLost: false,
            };
        inner = inner.slice(wrapper.operands ?? 0);
        while (wrapper.assignments && inner[0] && assignment.test(inner[0].text)) {
            const at = inner[0].text.indexOf("=");
            environment.set(inner[0].text.slice(0, at), inner[0].text.slice(at + 1));
            inner = withoutOptions(inner.slice(1), wrapper.valued);
        }
        if (inner.length === 0)
            return { kind: "program", words: rest, environment, bypassesFunctions, mayNotRun };
        if (name === "xargs") mayNotRun = true;
        bypassesFunctions = true;
        rest = inner;
    }
    return { kind: "unreadable", reason: "too many wrapped commands", scope: "shell" };
}

function withoutOptions(words: Argument[], valued: string[]): Argument[] {
    let index = 0;
    while (index < words.length) {
        const text = words[index]?.text ?? "";
        if (text === "--") return words.slice(index + 1);
        if (!text.startsWith("-") || text === "-") {
            if (text !== "-") break;
            index++;
        } else index += valued.includes(text) ? 2 : 1;
    }
    return words.slice(index);
}

/** `bash [options] [-c TEXT | FILE | here-document]`. */
function shell(
    words: Argument[],
    node: SimpleCommand,
    hereDocument: (redirect: Redirect) => Argument,
): Resolution {
    let errexit = false;
    let pipefail = false;
    let fromText = false;
    let runsNothing = false;
    let index = 1;
    for (; index < words.length; index++) {
        const text = words[index]?.text ?? "";
        if (text === "--norc" || text === "--noprofile" || text === "--login" || text === "--posix") continue;
        if (!/^[-+][A-Za-z]+$/.test(text)) break;
        if (text.startsWith("-") && text.includes("e")) errexit = true;
        if (text.startsWith("-") && text.includes("c")) fromText = true;
        if (text.startsWith("-") && text.includes("n")) runsNothing = true;
        if (text.endsWith("o")) {
            index++;
            if (words[index]?.text === "pipefail") pipefail = text.startsWith("-");
            if (words[index]?.text === "errexit") errexit = text.startsWith("-");
            if (words[index]?.text === "noexec" && text.startsWith("-")) runsNothing = true;
        }
    }
    if (runsNothing)
        return { kind: "unreadable", reason: "a shell that only reads its commands", scope: "child" };
    const operand = words[index];
    const common = { inherits: false, errexit, pipefail, statusLost: false } as const;
    if (fromText) {
        return operand
            ? { kind: "script", text: operand.text, ...common }
            : { kind: "unreadable", reason: "a shell without its command", scope: "child" };
    }
    if (operand && operand.text !== "-s" && operand.text !== "/dev/stdin")
        return {
            kind: "unreadable",
            reason: `another file is run by the shell (${operand.text})`,
            scope: "child",
        };
    const input = node.redirects.findLast((redirect) => redirect.operator.startsWith("<"));
    if (input && (input.body || input.operator === "<<<"))
        return { kind: "script", text: hereDocument(input).text, ...common };
    return { kind: "unreadable", reason: "a shell runs what it is given on its input", scope: "child" };
}
