/** The project's own gate among the commands of a buildspec: which of its commands judge, and what they judge. */
import { hasOption, maybeOption, optionValue } from "./arguments";
import { programName, type Argument } from "./invocation";
import {
    no,
    switchedOn,
    use,
    yes,
    type Environment,
    type Failing,
    type GateRun,
    type Recognised,
} from "./scannerUse";

/** The pipeline stages for which the gate gives a verdict; its policy requires a scanner in each (gate/policy). */
export const judgedStages: readonly string[] = ["test", "scanStagingImage"];

/** Commands of the gate that judge nothing: they fetch, copy, explain or record. */
const otherCommands = new Set(["promote", "sbom", "tools", "policy", "explain", "canary", "help", "sign", "imagedefinitions"]); // prettier-ignore

/** Commands that ask whether the image may go on: for the decision, and for the signature of its release. */
const askingCommands = new Set(["approved", "verify-signature"]);

/** `node …/gate.cjs scan` is `gate scan`. With an option of node in between (`--check`) it need not run at all. */
export function gateWords(words: readonly Argument[]): Argument[] {
    const isNode = /^node(?:js)?$/.test(programName(words[0]?.text ?? ""));
    if (!isNode || !/(?:^|\/)gate\.[cm]?js$/.test(words[1]?.text ?? "")) return [...words];
    return [{ text: "gate", known: true }, ...words.slice(2)];
}

/** A command of the gate that is known to judge nothing, or only says what the gate is. */
export function isGateWithoutJudgement(words: readonly Argument[]): boolean {
    const [program, command] = gateWords(words);
    if (programName(program?.text ?? "") !== "gate") return false;
    return otherCommands.has(command?.text ?? "") || /^-/.test(command?.text ?? "-");
}

function isJudging(command: string | undefined): command is GateRun["command"] {
    return (
        command !== undefined &&
        (["scan", "verdict", "lint", "secrets"].includes(command) || askingCommands.has(command))
    );
}

/** @param words with `gate` first, see `gateWords` */
export function gateCommand(words: Argument[], environment: Environment): Recognised {
    const command = words[1]?.text;
    if (!isJudging(command)) return null;
    if (hasOption(words, "--help", "-h")) return null;
    const rest = words.slice(2);
    const option = (name: string): string | null =>
        optionValue(rest, `--${name}`) ??
        environment(`GATE_${name.toUpperCase().replace(/-/g, "_")}`) ??
        null;
    const gate: GateRun = {
        command,
        scanner: command === "lint" ? "hadolint" : option(command === "secrets" ? "tool" : "scanner"),
        stage: command === "scan" || command === "verdict" ? (option("stage") ?? "test") : null,
        reads: [option("report"), option("canary-report")].flatMap((file) => file ?? []),
        evidence: option("evidence"),
        // Evidence of a review is kept apart from that of the application that it judges by.
        application: option("evidence-application") ?? option("application"),
    };
    if (command === "lint" || command === "secrets") {
        const looked = option(command === "lint" ? "dockerfile" : "repository");
        return use("source", dynamic(rest) ?? yes, { gate, target: looked });
    }
    const target = option("image");
    if (command === "verdict" || askingCommands.has(command))
        return use("verdict", dynamic(rest) ?? yes, { target, gate: { ...gate, scanner: null } });
    const advised = hasOption(rest, "--advisory") || switchedOn(environment("GATE_ADVISORY"));
    const advisory = no("with --advisory it records the verdict and always succeeds", "Remove --advisory.");
    return use("image", advised ? advisory : (dynamic(rest) ?? yes), {
        target,
        judges: option("report"),
        switches: ["GATE_ADVISORY"],
        gate,
    });
}

/** A judging command takes no operands: a bare variable among its options may be `--advisory`. */
function dynamic(words: readonly Argument[]): Failing | null {
    const index = words.findIndex(
        (word, at) => maybeOption(word) && !/^--[a-z-]+$/.test(words[at - 1]?.text ?? ""),
    );
    return index < 0
        ? null
        : { kind: "unknown", why: `its options are taken from ${words[index]?.text ?? "a variable"}` };
}
