import type { CheckFinding } from "./checkReport";
import type { Dockerfile } from "./dockerfile";

/*
 * Comments of a Dockerfile that are instructions to a tool. What the file asks of its own judge is reported:
 * - hadolint: `# hadolint [stage|global] ignore=…` (switched off by --disable-ignore-pragma) and
 *   `# hadolint shell=…` (nothing switches it off; with a shell that ShellCheck does not know, no SC rule is tried);
 * - ShellCheck, inside of RUN here-documents: `# shellcheck disable=…` (nothing switches it off);
 * - BuildKit: `# check=skip=…`, and `# syntax=IMAGE`, which has the build run a frontend image from anywhere.
 * Recognised more generously than by the tools, whose versions differ.
 */
const hadolintPragma = /^\s*#+\s*hadolint\s+(?:(?:stage|global)\s+)?(ignore|shell)\s*=\s*(.*?)\s*$/i;
const shellcheckDirective = /#\s*shellcheck\s+[a-z-]+\s*=/i;
const buildkitDirective = /^\s*(?:#|\/\/)\s*(syntax|check)\s*=\s*(.+?)\s*$/i;

/** Frontends that Docker publishes. */
const officialFrontend =
    /^(?:(?:registry-1\.|index\.)?docker\.io\/)?docker\/dockerfile(?:-upstream)?(?:[:@].+)?$/;

/**
 * What a Dockerfile asks of the tools that judge and build it.
 * - `pragma`, warning: asks for rules to be switched off. They stay on; exceptions belong to the pipeline.
 * - `frontend`: names the image that the build runs to read the file. Docker's own: info; any other: error.
 */
export function directiveFindings({ text, path }: Dockerfile): CheckFinding[] {
    const findings: CheckFinding[] = [];
    const add = (
        at: number,
        rule: string,
        level: CheckFinding["level"],
        message: string,
        url: string,
    ): void => {
        findings.push({
            rule,
            level,
            message,
            file: path,
            line: at + 1,
            column: 1,
            url,
            source: `file:${at + 1}`,
        });
    };
    let atTop = true;
    for (const [at, line] of text.split("\n").entries()) {
        const pragma = hadolintPragma.exec(line);
        if (pragma !== null) add(at, "pragma", "warning", askedOff(line), pragmaHelp);
        else if (shellcheckDirective.test(line)) add(at, "pragma", "warning", askedOff(line), shellcheckHelp);
        // BuildKit reads its directives above the first instruction only, the JSON form in the first lines.
        if (atTop) {
            const [, key, value] = buildkitDirective.exec(line) ?? [];
            if (value !== undefined && key?.toLowerCase() === "check")
                add(at, "pragma", "warning", askedOff(line), checkHelp);
            else if (value !== undefined) addFrontend(at, value);
            if (line.trim().startsWith("{")) {
                const [, json] = /"syntax"\s*:\s*"([^"]*)"/i.exec(line) ?? [];
                addFrontend(at, json ?? line.trim());
            }
        }
        if (!/^\s*(#|\/\/|\{|$)/.test(line)) atTop = false;
    }
    return findings;

    function addFrontend(at: number, value: string): void {
        const image = value.split(/\s/)[0] ?? "";
        const official = officialFrontend.test(image);
        add(
            at,
            "frontend",
            official ? "info" : "error",
            `the build would run ${shortened(image)} to read this file` +
                (official ? "" : "; only Docker's own frontend, docker/dockerfile, may be named"),
            syntaxHelp,
        );
    }
}

const pragmaHelp = "https://github.com/hadolint/hadolint#inline-ignores";
const shellcheckHelp = "https://www.shellcheck.net/wiki/Directive";
const checkHelp = "https://docs.docker.com/reference/dockerfile/#check";
const syntaxHelp = "https://docs.docker.com/reference/dockerfile/#syntax";

function askedOff(line: string): string {
    return (
        `"${shortened(line.trim())}" asks for rules to be switched off; they stay on: ` +
        "remove it, exceptions belong to the pipeline's configuration"
    );
}

function shortened(text: string): string {
    return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/**
 * The text that is linted: the file's own, line by line, without those comments that hadolint and ShellCheck obey
 * whatever options they are given. Line numbers stay as they are.
 */
export function withoutDirectives(text: string): string {
    return text
        .split("\n")
        .map((line) => {
            const [, kind] = hadolintPragma.exec(line) ?? [];
            if (kind?.toLowerCase() === "shell") return "#";
            return line.replace(/(#\s*shell)(check)(?=\s+[a-z-]+\s*=)/gi, "$1_$2");
        })
        .join("\n");
}
