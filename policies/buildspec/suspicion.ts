/** Commands that are neither a scanner nor a delivery, and may run one all the same. */
import { isGateWithoutJudgement } from "./gateCommand";
import { programName, type Invocation } from "./invocation";
import { scannerPrograms } from "./scanners";

/** Programs that may name a scanner without running it. */
const harmless = new Set(
    "apt apt-get yum dnf microdnf apk brew pip pip3 npm go curl wget tar unzip gunzip chmod chown mv cp ln rm mkdir install which type test cat grep egrep sed awk jq ls sha256sum shasum cosign aws docker podman git tee echo printf command touch stat file head tail".split(
        " ",
    ),
);

/** Programs that run what is written elsewhere. */
const opaque = new Set(
    "make just task python python3 node ruby perl php ansible-playbook gradle mvn tox invoke ssh parallel npx".split(
        " ",
    ),
);
const packageScripts = new Set(["run", "run-script", "exec", "start", "test", "x", "dlx"]);

function runsOtherCommands(name: string, operands: Invocation["words"]): boolean {
    if (operands.length === 1 && /^(?:--version|-v|-V|--help)$/.test(operands[0]?.text ?? "")) return false;
    if (name === "npm" || name === "yarn" || name === "pnpm")
        return operands.some((word) => packageScripts.has(word.text));
    return opaque.has(name) || (name === "go" && operands[0]?.text === "run");
}

/** What is not understood about a command: a scanner's name as its argument (`parallel grype`, `ssh host grype`), a script; else null. */
export function suspicion(invocation: Invocation): string | null {
    const [program, ...rest] = invocation.words;
    const name = programName(program?.text ?? "");
    // Lists packages and runs nothing; where its file is from is asked elsewhere.
    if (name === "syft") return null;
    if (scannerPrograms.has(name) || isGateWithoutJudgement(invocation.words)) return null;
    if (/^node(?:js)?$/.test(name) && /^(?:--check|-c|--version|-v|--help|-h)$/.test(rest[0]?.text ?? ""))
        return null;
    const named = rest.find((word) => scannerPrograms.has(programName(word.text.split(/\s/)[0] ?? "")));
    if (named && !harmless.has(name)) return `it cannot be told how ${name} runs ${named.text}`;
    else if (/^\.{0,2}\/|\.sh$/.test(program?.text ?? "") || runsOtherCommands(name, rest))
        return `${name} runs commands that are not in the buildspec`;
    return null;
}
