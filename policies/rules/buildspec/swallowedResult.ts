/** BS-02: a failed scan fails the build. */
import { violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, ResourceRule, RuleExample } from "../../harness/rule";
import { buildspecOf, projectExample, scanCommand } from "../../pipeline/exampleResources";
import { projectType } from "../../pipeline/project";
import { commandLabel, onScanners } from "./onBuildspec";

const scan = (...commands: unknown[]): ExampleResource =>
    projectExample("scan", buildspecOf(commands), "scanner");

/** Ways to lose the result that must all be found. */
const losses: [title: string, ...commands: string[]][] = [
    ["or true", `${scanCommand} || true`],
    ["or nothing, without blanks", `${scanCommand}||:`],
    ["or a message", `${scanCommand} || echo "findings"`],
    ["or exit 0", `${scanCommand} || exit 0`],
    [
        "the Lacework design",
        "lacework vulnerability container scan index.docker.io demo/app latest --fail_on_severity critical || true",
    ],
    ["another command after it on the line", `${scanCommand}; true`],
    ["another command after it on the next line", `${scanCommand}\necho done`],
    ["exit 0 after it", `${scanCommand}\nexit 0`],
    ["exit 0 before it", "exit 0", scanCommand],
    ["in the background", `${scanCommand} & wait`],
    ["nohup in the background", `nohup ${scanCommand} &`],
    ["set +e around it", `set +e\n${scanCommand}\nset -e`],
    ["set +e in a command before it", "set +e", scanCommand],
    ["a function around it", 'scan() { "$@" || return 0; }', `scan ${scanCommand}`],
    ["a function that returns 0", `scan() { ${scanCommand}; return 0; }`, "scan"],
    ["inside a shell", `bash -c '${scanCommand.replaceAll('"', "")} || true'`],
    ["inside eval", `eval "${scanCommand.replaceAll('"', "")} || true"`],
    ["a here-document into a shell", `sh <<'EOF'\n${scanCommand}\ntrue\nEOF`],
    ["as a condition without consequence", `if ${scanCommand}; then :; fi`],
    ["as a condition whose else only talks", `if ${scanCommand}; then echo good; else echo bad; fi`],
    ["inside echo", `echo "$(${scanCommand})"`],
    ["inside export", `export RESULT=$(${scanCommand})`],
    ["inside a process substitution", `cat <(${scanCommand})`],
    ["negated", `! ${scanCommand}`],
    ["wrapped, then swallowed", `env LANG=C timeout 600 ${scanCommand} || true`],
    ["behind a line continuation", `${scanCommand} \\\n  || true`],
    ["a trap on the exit", "trap 'exit 0' EXIT", scanCommand],
    ["a trap on the error", `trap 'exit 0' ERR; ${scanCommand}`],
    ["taken from a variable", `SCAN='${scanCommand.replaceAll('"', "")}'; $SCAN || true`],
    ["a loop that forgets the last result", `for i in 1 2 3; do ${scanCommand} && break; sleep 5; done`],
    ["only one of the exit codes counts", `${scanCommand}; rc=$?; if [ $rc -eq 1 ]; then exit 1; fi`],
    [
        "a condition that has nothing to do with it",
        `if [ "$SCAN_ENABLED" = "true" ]; then ${scanCommand}; fi`,
    ],
    ["a comparison of two texts that are never equal", `if [ '$SCAN' = "true" ]; then ${scanCommand}; fi`],
    ["behind false", `false && ${scanCommand}; true`],
    ["in a function that nobody calls", `scan() { ${scanCommand}; }`],
    ["a case that may not match", `case "$STAGE" in prod) ${scanCommand} ;; esac`],
    ["a subshell that is swallowed", `(${scanCommand}) || true`],
    ["detached from the shell", `setsid ${scanCommand}`],
    ["lint by the gate", "gate lint --dockerfile Dockerfile --hadolint ./hadolint || true"],
    ["search for secrets by the gate", "gate secrets --repository . --tool gitleaks; true"],
    ["run by find", `find . -name report.json -exec ${scanCommand} \\;`],
];

/** What is right, or not a scanner. */
const sound: [title: string, ...commands: string[]][] = [
    ["the command alone", scanCommand],
    ["another command may be allowed to fail", "rm -rf cache || true", scanCommand],
    ["with a time limit", `timeout 600 ${scanCommand}`],
    ["set -e in the block", `set -e\n${scanCommand}\necho done`],
    ["the exit code is kept and used", `${scanCommand}; rc=$?; cp report.json evidence/; exit $rc`],
    ["or a failure of its own", `${scanCommand} || { echo "findings"; exit 1; }`],
    ["a condition with a failing else", `if ${scanCommand}; then echo good; else exit 1; fi`],
    ["waiting for the job itself", `${scanCommand} & wait $!`],
    ["assigned, which keeps the status", `RESULT=$(${scanCommand})`],
    ["a function that passes it on", 'run() { echo "$1"; "$@"; }', `run ${scanCommand}`],
    ["a shell that stops at errors", `bash -ec '${scanCommand.replaceAll('"', "")}; echo done'`],
];

/** What cannot be read is never a pass. */
const unreadable: [title: string, ...commands: string[]][] = [
    ["an alias takes its place", "alias grype=true", 'grype "$IMAGE" --fail-on high'],
    ["another file is read into the shell", "source ./lib.sh", scanCommand],
    ["run by something that is not understood", `parallel ::: grype`],
    ["text that is no shell", `${scanCommand} $(`],
];

const examples = (
    shows: RuleExample["shows"],
    kind: "violation" | "inconclusive" | null,
    cases: [string, ...string[]][],
): RuleExample[] =>
    cases.map(([title, ...commands]) => ({
        title,
        shows,
        resources: [scan(...commands)],
        expect: kind === null ? [] : [{ resource: "scan", kind }],
    }));

export const swallowedResult: ResourceRule = {
    level: "resource",
    metadata: {
        id: "BS-02",
        family: "buildspec",
        title: "The result of a scanner is not swallowed",
        rationale:
            "A scan whose exit status is lost reports its findings and lets every image pass; so does a scan that a condition can leave out.",
        severity: "critical",
        remediation:
            "Let the scanner be a command of its own, so that its exit status is that of the command.",
        references: ["NIST SP 800-190 4.1.1", "OWASP CICD-SEC-1"],
        neverExempt: true,
    },
    types: [projectType],
    evaluate: (project) =>
        onScanners(project, (scanner, property) => {
            const label = commandLabel(scanner);
            const more = { findingId: label };
            const fix =
                "Make the scanner a command of its own: no ||, no ;, no &, no condition and no substitution around it.";
            if (scanner.swallowed && !scanner.hiddenByPipe)
                return [
                    violation(
                        `${property}, ${label}: the build can succeed although this command failed, because its exit status is lost.`,
                        fix,
                        more,
                    ),
                ];
            if (scanner.skippable)
                return [
                    violation(
                        `${property}, ${label}: the build can succeed without running this command.`,
                        fix,
                        more,
                    ),
                ];
            return [];
        }),
    examples: [
        ...examples("bad", "violation", losses),
        ...examples("good", null, sound),
        ...examples("unknown", "inconclusive", unreadable),
        { title: "no scanner", shows: "absent", resources: [scan("rm -rf cache || true")], expect: [] },
        {
            title: "a buildspec that is not known yet",
            shows: "unknown",
            resources: [projectExample("scan", unknown, "scanner")],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};
