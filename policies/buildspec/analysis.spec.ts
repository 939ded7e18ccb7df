import { deepEqual, equal, notEqual } from "node:assert/strict";
import fc from "fast-check";
import { analyseBuildspec, type BuildspecAnalysis } from "./analysis";

const analyse = (
    commands: string[],
    phases: Record<string, unknown> = {},
    env: Record<string, unknown> = { shell: "bash" },
): BuildspecAnalysis =>
    analyseBuildspec(JSON.stringify({ version: 0.2, env, phases: { build: { commands }, ...phases } }));

const scan = "trivy image --exit-code 1 app";

/** Whether the build can end well although the scan failed, or without it. */
const verdictOf = (analysis: BuildspecAnalysis): string => {
    const [scanner, ...more] = analysis.scanners;
    equal(more.length, 0);
    if (!scanner) return "no scanner";
    return scanner.swallowed
        ? scanner.hiddenByPipe
            ? "pipe"
            : "swallowed"
        : scanner.skippable
          ? "skippable"
          : "sound";
};

describe("what becomes of the exit status of a scanner", () => {
    const cases: [string, string[], string][] = [
        ["set -e of an earlier command is not relied on", ["set -e", `${scan}\ntrue`], "swallowed"],
        ["errexit does not act in a condition", [`set -e\nif ${scan}; then :; fi`], "swallowed"],
        [
            "errexit does not act before the last of an and-or list",
            [`set -e\n${scan} && echo good\necho end`],
            "swallowed",
        ],
        ["errexit acts on the last of an and-or list", [`set -e\ntrue && ${scan}\necho end`], "sound"],
        ["errexit does not act on the first of one", [`set -e\ncd app && ${scan}\necho end`], "skippable"],
        ["errexit acts in a function", [`set -e\nf() { ${scan}; echo x; }\nf\necho end`], "sound"],
        [
            "errexit does not act in a function that is tested",
            [`set -e\nf() { ${scan}; echo x; }\nif f; then :; fi`],
            "swallowed",
        ],
        ["a subshell keeps the status", [`(cd app; ${scan})`], "sound"],
        ["a group keeps the status", [`{ echo a; ${scan}; }`], "sound"],
        ["the last status of a group counts", [`{ ${scan}; echo a; }`], "swallowed"],
        ["a function returns its last status", [`f() { echo a; ${scan}; }`, "f"], "sound"],
        ["return passes the status on", [`f() { ${scan}; return $?; }`, "f"], "sound"],
        ["exit passes the status on", [`${scan}; exit $?`], "sound"],
        ["the status is tested", [`${scan}\nif [ $? -ne 0 ]; then exit 1; fi`], "sound"],
        [
            "the status is tested with double brackets",
            [`${scan}; rc=$?; if [[ "$rc" != "0" ]]; then exit "$rc"; fi`],
            "sound",
        ],
        ["the status is tested by arithmetic", [`${scan}; rc=$?; (( rc == 0 )) || exit 1`], "sound"],
        [
            "the status of something else is tested",
            [`${scan}; echo a; if [ $? -ne 0 ]; then exit 1; fi`],
            "swallowed",
        ],
        ["only statuses above 1", [`${scan}; rc=$?; if [ $rc -gt 1 ]; then exit 1; fi`], "swallowed"],
        ["a retry that gives up in the end", [`for i in 1 2 3; do ${scan} && exit 0; done; exit 1`], "sound"],
        [
            "a loop over an unknown list may do nothing",
            [`for i in $LIST; do ${scan} || exit 1; done`],
            "skippable",
        ],
        ["a loop over a given list runs", [`for i in a b; do ${scan} || exit 1; done`], "sound"],
        ["while read may do nothing", [`while read -r i; do ${scan} || exit 1; done < list`], "skippable"],
        ["until it succeeds", [`until ${scan}; do sleep 1; done`], "sound"],
        ["break leaves the loop well", [`while true; do ${scan} || break; done`], "swallowed"],
        ["case with a default that exits", [`case "$MODE" in on) ${scan};; *) exit 1;; esac`], "sound"],
        ["an impossible condition", [`if [ a = b ]; then ${scan}; fi`], "skippable"],
        ["a condition that is always true", [`if [ a = a ]; then ${scan}; fi`], "sound"],
        ["skipped unless a variable is set", [`[ -z "$SKIP" ] || exit 0`, scan], "skippable"],
        ["exec replaces the shell", [`exec ${scan}`], "sound"],
        ["exec in a list", [`exec ${scan} || true`], "sound"],
        ["a wrapper keeps the status", [`sudo -E nice -n 5 env A=b timeout -k 5 60 ${scan}`], "sound"],
        ["xargs may not run it", [`cat list | xargs ${scan}`], "skippable"],
        ["script without -e loses the status", [`script -qc "${scan}" log`], "swallowed"],
        ["script with -e keeps it", [`script -qec "${scan}" log`], "sound"],
        ["flock keeps it", [`flock lock ${scan}`], "sound"],
        ["a trap that only cleans up", ["trap 'rm -f x' EXIT", scan], "sound"],
        ["a trap that was taken back", ["trap 'exit 0' EXIT", "trap - EXIT", scan], "sound"],
        ["local loses the status", [`f() { local r=$(${scan}); }`, "f"], "swallowed"],
        ["the second of two pipes", [`echo a | ${scan} | cat`], "pipe"],
        ["the last of a pipe", [`echo a | ${scan}`], "sound"],
        ["bash -c without pipefail", [`bash -c '${scan} | cat'`], "pipe"],
        ["bash -o pipefail -c", [`bash -o pipefail -c '${scan} | cat'`], "sound"],
        ["a here-string into a shell", [`bash <<< '${scan}'`], "sound"],
        ["a nested shell in a nested shell", [`sh -c "bash -c '${scan} || :'"`], "swallowed"],
        ["eval of a sound command", [`eval "${scan}"`], "sound"],
        ["a background job that nobody waits for", [`${scan} &`], "swallowed"],
        ["waiting for any job", [`${scan} & wait -n`], "swallowed"],
        ["break outside a loop does nothing", [`break; ${scan} || true`], "swallowed"],
        ["return outside a function may or may not end the command", [`return 0; ${scan}`], "skippable"],
        ["a negated job", [`! ${scan} & wait $!`], "swallowed"],
        ["double negation", [`! ! ${scan}`], "sound"],
    ];
    for (const [title, commands, expected] of cases) {
        it(title, () => {
            equal(verdictOf(analyse(commands)), expected);
        });
    }

    it("set -o pipefail is an error in a shell that is not bash", () => {
        equal(verdictOf(analyse([`set -o pipefail; ${scan} | cat`], {}, {})), "pipe");
    });

    it("follows the status into the next phase", () => {
        const keep = analyse([`${scan} || rc=1`], {
            post_build: { commands: ['if [ "$rc" = 1 ]; then exit 1; fi'] },
        });
        equal(verdictOf(keep), "sound");
    });

    it("a phase that was never reached is not a pass", () => {
        equal(
            verdictOf(analyse([scan], { pre_build: { commands: ['[ -n "$READY" ] || exit 1'] } })),
            "sound",
        );
    });

    it("appending a command never turns a lost status into a sound one unless it ends the build", () => {
        const tail = fc.constantFrom(
            "true",
            ":",
            "echo done",
            "rm -f x || true",
            "date",
            "cd /",
            "export A=b",
        );
        const lost = fc.constantFrom(
            `${scan} || true`,
            `${scan} &`,
            `echo $(${scan})`,
            `if ${scan}; then :; fi`,
        );
        fc.assert(
            fc.property(lost, fc.array(tail, { maxLength: 4 }), (command, more) => {
                equal(verdictOf(analyse([command, ...more])), "swallowed");
            }),
            { numRuns: 60 },
        );
    });

    it("never throws and always ends", () => {
        const piece = fc.constantFrom(
            scan,
            "a",
            "||",
            "&&",
            ";",
            "|",
            "&",
            "(",
            ")",
            "{ ",
            " }",
            "if ",
            "; then ",
            "; fi",
            "while ",
            "; do ",
            "; done",
            "f() ",
            "f",
            "trap 'f' EXIT",
            "$(",
            "!",
            "exit $?",
            "set +e",
            "\n",
            "eval f",
        );
        fc.assert(
            fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
                notEqual(analyse([pieces.join(" ")]), undefined);
            }),
            { numRuns: 300 },
        );
    });

    it("says when a script has too many ways to run", () => {
        const many = Array.from({ length: 14 }, (_, index) => `a${index} || v${index}=1`).join("\n");
        const analysis = analyse([`${many}\n${scan}`]);
        equal(
            analysis.unreadable.some(({ reason }) => reason.includes("too many")),
            true,
        );
    });
});

describe("what a buildspec delivers", () => {
    const deliveriesOf = (...commands: string[]) =>
        analyse(commands).deliveries.map(({ kind, source, target, pinning }) => ({
            kind,
            source,
            target,
            pinning,
        }));
    const cases: [string, ReturnType<typeof deliveriesOf>][] = [
        ["docker push reg/app:1", [{ kind: "push", source: null, target: "reg/app:1", pinning: "unknown" }]],
        [
            "docker --context x image push reg/app:1",
            [{ kind: "push", source: null, target: "reg/app:1", pinning: "unknown" }],
        ],
        ["docker build -t app .", [{ kind: "build", source: null, target: "app", pinning: "unknown" }]],
        [
            "docker buildx build --push -t reg/app:1 .",
            [
                { kind: "build", source: null, target: "reg/app:1", pinning: "unknown" },
                { kind: "push", source: null, target: "reg/app:1", pinning: "unknown" },
            ],
        ],
        ["docker tag a:1 b:2", [{ kind: "tag", source: "a:1", target: "b:2", pinning: "tag" }]],
        [
            "crane cp a@$DIGEST b:1",
            [{ kind: "copy", source: "a@${DIGEST}", target: "b:1", pinning: "digest" }],
        ],
        [
            "skopeo copy docker://a:1 docker://b:1",
            [{ kind: "copy", source: "a:1", target: "b:1", pinning: "tag" }],
        ],
        [
            "skopeo copy oci:layout docker://b:1",
            [{ kind: "push", source: null, target: "b:1", pinning: "unknown" }],
        ],
        [
            "docker buildx imagetools create -t b:1 a@sha256:0",
            [{ kind: "copy", source: "a@sha256:0", target: "b:1", pinning: "digest" }],
        ],
        [
            "node gate.cjs promote --from a@$D --to b --tag 1",
            [{ kind: "copy", source: "a@${D}", target: "b", pinning: "digest" }],
        ],
        [
            "aws ecs update-service --service shop --cluster c",
            [{ kind: "deploy", source: null, target: "shop", pinning: "unknown" }],
        ],
        [
            "kubectl apply -f app.yaml",
            [{ kind: "deploy", source: null, target: "app.yaml", pinning: "unknown" }],
        ],
        ["kubectl get pods", []],
        ["aws ecs describe-services", []],
        ["docker login -u AWS --password-stdin reg", []],
        ["echo docker push reg/app:1", []],
    ];
    for (const [command, expected] of cases) {
        it(command, () => {
            deepEqual(deliveriesOf(command), expected);
        });
    }
});
