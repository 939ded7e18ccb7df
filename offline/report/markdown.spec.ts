import assert from "node:assert/strict";
import fc from "fast-check";
import { exemptedRun } from "./fixtures/findingsRun";
import { hostileNames, hostileText } from "./fixtures/hostile";
import { StackBuilder, diagnostic, policyInfo } from "./fixtures/stackBuilder";
import { commentLimit, commentMarker, markdownOf } from "./markdown";
import { codeSpan, runningText } from "./markdownText";
import { policyReportOf } from "./policyReport";

const golden = `<!-- portcullis-policies:portcullis/dev -->
## Policies: FAIL, stack \`dev\` of \`portcullis\`

- 2 mandatory violations

| blocking | advice | inconclusive | exempted | rules passed | not applicable | disabled |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| 2 | 1 | 2 | 2 | 0 of 6 | 0 | 1 |

### What blocks (2)

- **\`ECR-01\`** critical: \`demo-candidate\` (ecr Repository), \`infra/repositories/repositories.ts:40\`\\
  scanOnPush is false.\\
  Fix: Set \`imageScanningConfiguration.scanOnPush\` to true.
- **\`PIPE-01\`** high: the stack\\
  No pipeline has an approval.\\
  Fix: Add an action of category Approval.

### Inconclusive (2)

A value is not known before the update, so these are neither passed nor violated.

- **\`ECR-02\`** high: \`demo-candidate\` (ecr Repository), \`infra/repositories/repositories.ts:40\`\\
  The tag mutability is not known.
- **\`PIPE-01\`** high: \`demo-build\` (iam Role)\\
  Not known.

### Exempted (2)

Violations that a reviewed entry excuses until the day named.

- **\`KMS-01\`** high: \`demo-build\` (iam Role)\\
  Excuse: exempted by \`EX-7\` until 2026-12-01 (1 day left): key is being replaced, see \`SEC-12\`\\
  Rotation is off.\\
  Fix: Set enableKeyRotation.
- **\`PIPE-01\`** high: \`demo-candidate\` (ecr Repository), \`infra/repositories/repositories.ts:40\`\\
  Excuse: exempted by \`EX-7\` until 2026-12-01 (1 day left): key is being replaced, see \`SEC-12\`\\
  No approval either.

<details>
<summary>Advice (1)</summary>

- **\`IAM-01\`** medium: \`demo-build\` (iam Role)\\
  Statement 0 allows \`<any>\` action \`&\` resource.

</details>

<details>
<summary>Controls that the rules refer to (1 framework)</summary>

A passed control means that these rules found nothing, not that a framework is met.

- FSBP: 1 control (1 failed)

</details>

<details>
<summary>Types that no rule covers (1 of 2)</summary>

- \`aws:iam/role:Role\` ×3

</details>

<sub>This is an offline simulation, not AWS: 3 resources, preview. Pack \`portcullis 0.1.0\`. A preview with credentials has the last word.</sub>
`;

/** The document without its code spans; a span ends at a run of as many backticks as it began with (CommonMark 6.1). */
function withoutCode(markdown: string): string {
    let rest = "";
    let at = 0;
    while (at < markdown.length) {
        const run = /^`+/.exec(markdown.slice(at))?.[0];
        if (run === undefined) {
            rest += markdown[at];
            at += 1;
            continue;
        }
        const end = new RegExp(`(?<!\`)\`{${run.length}}(?!\`)`, "g");
        end.lastIndex = at + run.length;
        const close = end.exec(markdown);
        assert.ok(close, `a run of ${run.length} backticks is never closed`);
        const content = markdown.slice(at + run.length, close.index);
        assert.ok(!content.includes("\n"), "a span over two lines");
        rest += "code";
        at = close.index + run.length;
    }
    return rest;
}

/** Everything outside code that is not ours must be words: nothing here can become a link, a mention or HTML. */
function assertOnlyWords(markdown: string): void {
    const ours = withoutCode(markdown)
        .replace(/^<!-- portcullis-policies:[\w.-]*\/[\w.-]* -->$/m, "")
        .replace(/^<\/?details>$|^<summary>[^<>]*<\/summary>$|^<sub>|<\/sub>$/gm, "")
        .replace(/^\|[ a-z|:\d-]*\|$/gm, "")
        .replace(/\\$/gm, "");
    const odd = /[^\p{L}\p{N}\p{M}\s.,;:!?()"'’*×…#-]|www\.|:\/\/|\p{L}\.\p{L}/u.exec(ours);
    assert.ok(!odd, `${odd?.[0]} in ${ours.slice((odd?.index ?? 0) - 30, (odd?.index ?? 0) + 30)}`);
    // Commit ids, keys of trackers, and numbers that would begin a list.
    const linked = /\b(?=[a-f]*\d)[0-9a-f]{7,}\b|\b[a-z][a-z0-9]*-\d+\b|^\s*\d+[.)] /im.exec(ours);
    assert.equal(linked?.[0], undefined);
    for (const line of ours.split("\n").filter((each) => each.startsWith("#"))) {
        assert.match(line, /^##/);
    }
    assert.doesNotMatch(ours.replace(/^#{2,3} /gm, ""), /#/);
}

describe("the comment on a pull request", () => {
    it("is exactly this for findings of every kind", () => {
        const types = [
            { type: "aws:ecr/repository:Repository", resources: 1, judgedBy: 9, consultedBy: 1 },
            { type: "aws:iam/role:Role", resources: 3, judgedBy: 0, consultedBy: 0 },
        ];
        const report = policyReportOf(exemptedRun(), { types: { known: true, types } });
        assert.equal(markdownOf(report), golden);
    });

    it("says what was not judged, and what is not known", () => {
        const text = markdownOf(policyReportOf(new StackBuilder().run({ policy: null })));
        assert.match(text, /^## Policies: NOT JUDGED, stack `dev` of `portcullis`$/m);
        assert.match(text, /^- the policy pack was not asked$/m);
        assert.match(text, /^Which resource types no rule covers is not known: it was not asked for\.$/m);
    });

    it("says at the findings that strict mode made them block", () => {
        const text = markdownOf(policyReportOf(exemptedRun(), { strict: true }));
        assert.match(text, /^### What blocks \(4\)$/m);
        assert.match(text, /^- \*\*`ECR-02`\*\* high, inconclusive: `demo-candidate`/m);
        assert.doesNotMatch(text, /^### Inconclusive/m);
    });

    it("is cut to the limit, with a count for every kind of finding, and what blocks comes first", () => {
        const stack = new StackBuilder();
        const diagnostics = Array.from({ length: 3_000 }, (_, position) => {
            const key = stack.add("aws:kms/key:Key", `key-${position}`);
            const kind = position % 3;
            return diagnostic("KMS-01", key.urn, {
                message: "m".repeat(position % 7 === 0 ? 5_000 : 60),
                enforcement: kind === 0 ? "mandatory" : "advisory",
                inconclusive: kind === 1,
            });
        });
        const policy = { ...stack.run().policy!, policies: [policyInfo("KMS-01")], diagnostics };
        const report = policyReportOf(stack.run({ policy }));
        for (const limit of [commentLimit, 20_000, 4_000]) {
            const text = markdownOf(report, limit);
            assert.ok(text.length <= limit, `${text.length}`);
            assert.ok(text.endsWith("</sub>\n"));
            assertOnlyWords(text);
            for (const [title, folded] of [
                ["What blocks", false],
                ["Inconclusive", false],
                ["Advice", true],
            ] as const) {
                const heading = folded ? `<summary>${title} (1000)</summary>` : `### ${title} (1000)`;
                const start = text.indexOf(heading);
                const next = text.slice(start).search(/\n(?:### |<\/details>|<details>\n<summary>C|<sub>)/);
                const part = text.slice(start, next < 0 ? undefined : start + next);
                const shown = part.match(/^- \*\*/gm)?.length ?? 0;
                const left = Number(/^- … and (\d+) more, in `policies\.html`/m.exec(part)?.[1]);
                assert.equal(shown + left, 1_000, `${title} at ${limit}`);
            }
            if (limit > 4_000) {
                assert.ok(
                    (/### What blocks[\s\S]*?### Inc/.exec(text)?.[0].match(/^- \*\*/gm)?.length ?? 0) > 9,
                );
            }
        }
    });

    const hostile = [
        ...hostileNames,
        "@octocat see #12 and GH-7, GH-8x (SEC-9) 1) x octo/cat#1, a5c3785ed8d6a35868bc169f07e40e889087fd2e",
        "[click](https://evil.example) ![x](https://evil.example/x.png) www.evil.example a@evil.example",
        "</details><img src=x onerror=alert(1)> <!-- x --> --> | cell | *b* _i_ ~s~ `tick ``two ```three",
        "1. list\n# heading\n| a |\n|---|\n===\n/close\n> quote\n- item\n    code",
        ":smile: $x^2$ !12 ~label %1 &epic \\[x\\]\\(y\\)",
        "unclosed [{ (",
        "``",
        "`",
        " ` ",
    ];

    it("lets no name, message, reason or rule make links, mentions, HTML, images or tables", () => {
        const check = (name: string, message: string): void => {
            const stack = new StackBuilder(name, name);
            const key = stack.add(`aws:${name}`, name, { source: { file: `infra/${name}`, line: 3 } });
            const exempted = { id: name, until: "2026-12-01", daysLeft: 2, reason: message };
            const text = markdownOf(
                policyReportOf(
                    stack.run({
                        policy: {
                            pack: { name, version: name },
                            policies: [
                                policyInfo(name, {
                                    displayName: message,
                                    references: [`CIS AWS 1.0 ${name}`],
                                }),
                            ],
                            diagnostics: [
                                diagnostic(name, key.urn, { message, fix: message, findingId: name }),
                                diagnostic(name, name, { message, enforcement: "advisory", exempted }),
                                diagnostic(name, "", {
                                    message,
                                    inconclusive: true,
                                    enforcement: "advisory",
                                }),
                            ],
                            notApplicable: 0,
                            remediations: [{ policy: name, urn: key.urn }],
                        },
                    }),
                    {
                        types: {
                            known: true,
                            types: [{ type: name, resources: 1, judgedBy: 0, consultedBy: 0 }],
                        },
                    },
                ),
            );
            assertOnlyWords(text);
            assert.equal(text.split("\n")[0], commentMarker({ project: name, stack: name }));
        };
        hostile.forEach((each) => check(each, each));
        fc.assert(fc.property(hostileText, hostileText, check));
    });

    it("has a marker that no name can end or stretch over lines", () => {
        assert.equal(
            commentMarker({ project: "a--b", stack: "--><script>\nx" }),
            "<!-- portcullis-policies:a_b/_script_x -->",
        );
        assert.equal(
            commentMarker({ project: "portcullis", stack: "pr-12" }),
            "<!-- portcullis-policies:portcullis/pr-12 -->",
        );
    });
});

describe("text of others in Markdown", () => {
    it("keeps words as words and everything else, in whole pieces, as code", () => {
        assert.deepEqual(
            [
                "Set rotation to true.",
                'imageTagMutability is "MUTABLE": anybody can move a tag.',
                "Pin repo@sha256:abc, then push.",
                'Set settings: [{ name: "containerInsights", value: "enhanced" }], and wait (a day).',
                "see #12",
                "1. no list",
                "half [ open",
            ].map((text) => runningText(text)),
            [
                "Set rotation to true.",
                'imageTagMutability is "MUTABLE": anybody can move a tag.',
                "Pin `repo@sha256:abc`, then push.",
                'Set settings: `[{ name: "containerInsights", value: "enhanced" }]`, and wait (a day).',
                "see `#12`",
                "`1`. no list",
                "half `[ open`",
            ],
        );
    });

    it("is cut when it is endless, never inside a character", () => {
        assert.equal(runningText("x".repeat(10), 4), "xxxx …");
        assert.equal(runningText("abc🚪", 4), "abc …");
    });

    it("shows code as it is, with a fence that it does not have", () => {
        assert.deepEqual(["a", "", "a`b", "``x``", "a\nb", "\u001b[31m"].map(codeSpan), [
            "`a`",
            "`(empty)`",
            "``a`b``",
            "``` ``x`` ```",
            "`a b`",
            "`\ufffd[31m`",
        ]);
    });
});
