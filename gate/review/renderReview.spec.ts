import assert from "node:assert/strict";
import fc from "fast-check";
import type { CheckFinding } from "../verify/checkReport";
import { commentMarker, renderReview } from "./renderReview";
import { assembleReview, type CheckEvidence, type Review } from "./review";
import { readExecutionAnswers } from "./reviewExecution";
import {
    allPassed,
    applicationSample,
    buildIdOf,
    checkSample,
    executionSample,
    lintFinding,
    logLinkOf,
    policyWith,
    sampleDigest,
    scanSample,
    secretFinding,
    settingsSample,
    type ExecutionSample,
} from "./testing/reviewSamples";
import { uuidOf } from "../approval/testing/genuineShapes";

const application = applicationSample();
const settings = settingsSample();
const roomy = 1_000_000;

interface Given extends ExecutionSample {
    lint?: CheckFinding[];
    secrets?: CheckFinding[];
    checks?: Record<string, CheckEvidence>;
    scans?: unknown[];
    policy?: ReturnType<typeof policyWith>;
}

function reviewOf({
    lint,
    secrets,
    checks,
    scans = [scanSample()],
    policy = policyWith(),
    ...sample
}: Given): Review {
    const evidence: Record<string, CheckEvidence> = {
        hadolint: { kind: "report", report: checkSample("hadolint", lint) },
        gitleaks: { kind: "report", report: checkSample("gitleaks", secrets) },
        ...checks,
    };
    return assembleReview({
        application,
        policy,
        execution: readExecutionAnswers(application, executionSample(sample)),
        checks: new Map(Object.entries(evidence)),
        scans,
    });
}

const render = (given: Given, limit = roomy): string =>
    renderReview(reviewOf(given), settings, application.pipeline, limit);

/** The comment without its frame: from the first heading after the table of steps, to the last line. */
function bodyOf(text: string): string {
    const [, body = ""] =
        /\n\n(###[\s\S]*)\nThis comment is edited in place while the review goes on\.\n$/.exec(text) ?? [];
    return body;
}

const log = (action: string): string => {
    const { project } = application.steps.find((step) => step.action === action) ?? { project: "" };
    return `[log](${logLinkOf(project, buildIdOf(application, action, uuidOf(1)))})`;
};

describe("the comment about a review", () => {
    it("that passed", () => {
        assert.equal(
            render({}),
            `[//]: # (portcullis-review portcullis-dev/orders)

## Review of \`orders\`: passed

Commit \`${"a".repeat(40)}\`, [pipeline execution](https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/portcullis-dev-orders-review/executions/${uuidOf(1)}/timeline?region=eu-west-1)

| Step | Result | Log |
| --- | --- | --- |
| \`Source\` | passed | – |
| \`Lint\` | passed | ${log("Lint")} |
| \`Secrets\` | passed | ${log("Secrets")} |
| \`Build\` | passed | ${log("Build")} |
| \`Grype\` | passed | ${log("Grype")} |

### Lint of \`Dockerfile\` (hadolint): no findings

### Secrets (gitleaks): no findings

### Image: passes

Digest \`${sampleDigest}\`, judged by the gate policy \`${reviewOf({}).image?.verdict.policySha256.slice(0, 12)}\`.
Counted: critical 0, high 0, medium 0, low 0, negligible 0.

This comment is edited in place while the review goes on.
`,
        );
    });

    it("that is in progress", () => {
        const text = render({ status: "InProgress", steps: { Lint: "Succeeded", Secrets: "InProgress" } });
        assert.match(text, /^## Review of `orders`: in progress$/m);
        assert.ok(
            text.includes(`| \`Secrets\` | running | ${log("Secrets")} |\n| \`Build\` | waiting | – |\n`),
        );
        assert.equal(bodyOf(text), "### Lint of `Dockerfile` (hadolint): no findings\n");
    });

    it("names every lint finding with rule, line and level, and says how to fix the three that everybody meets", () => {
        const lint = [
            lintFinding("DL3026", 1, {
                level: "error",
                message: "Use only an allowed registry in the FROM image",
            }),
            lintFinding("DL3007", 1, { message: "Using latest is prone to errors" }),
            lintFinding("DL3002", 9, { message: "Last USER should not be root" }),
            lintFinding("SC2086", 4, { level: "info", message: "Double quote" }),
            lintFinding("pragma", 0, { message: "an ignored rule" }),
        ];
        const message = "Error while executing command: node gate.cjs lint. Reason: exit status 1";
        const text = render({
            status: "Failed",
            lint,
            steps: { Lint: { status: "Failed", message }, Secrets: "Abandoned" },
        });
        assert.match(text, /^## Review of `orders`: failed$/m);
        assert.ok(text.includes(`\n- \`Lint\`: \`BUILD: COMMAND_EXECUTION_ERROR: ${message}\`\n`));
        assert.ok(text.includes("- `Secrets`: its build was stopped: push again to start a new review\n"));
        assert.ok(text.includes("| `Build` | not run | – |\n"));
        assert.equal(
            bodyOf(text).split("\n### ")[0],
            `### Lint of \`Dockerfile\` (hadolint): 4 findings fail, 5 in all

| Rule | Line | Level | Finding |
| --- | --- | --- | --- |
| [DL3026](https://github.com/hadolint/hadolint/wiki/DL3026) | 1 | error | \`Use only an allowed registry in the FROM image\` |
| \`pragma\` | – | warning | \`an ignored rule\` |
| [DL3007](https://github.com/hadolint/hadolint/wiki/DL3007) | 1 | warning | \`Using latest is prone to errors\` |
| [DL3002](https://github.com/hadolint/hadolint/wiki/DL3002) | 9 | warning | \`Last USER should not be root\` |
| [SC2086](https://www.shellcheck.net/wiki/SC2086) | 4 | info | \`Double quote\` |

How to fix:

- DL3002: create a user and a group in the Dockerfile, and make the last \`USER\` that one instead of root.
- DL3007: name a release of the base image instead of \`latest\`, best with its digest.
- DL3026: use a base image from a registry that the stack's rules trust, or have the registry added to \`trustedRegistries\` in the rules of the stack; a rule file in the repository has no effect.
`,
        );
    });

    it("says where a secret is and never what it is", () => {
        const secret = "AKIA" + "ABCDEFGHIJKLMNOP";
        const text = render({
            secrets: [secretFinding({ message: `found ${secret}` }), secretFinding({ file: "", line: 0 })],
            steps: { Secrets: "Failed" },
        });
        assert.ok(!text.includes(secret));
        assert.ok(
            bodyOf(text).includes(`### Secrets (gitleaks): 2 findings fail

| Rule | File | Line | Commit |
| --- | --- | --- | --- |
| \`aws-access-token\` | \`src/config.ts\` | 12 | \`aaaaaaaaaaaa\` |
| \`aws-access-token\` | commit message | – | \`aaaaaaaaaaaa\` |

How to fix:

- Take each of them out of use now, and issue another: whoever can read the repository has it.
`),
        );
    });

    it("lists vulnerabilities with their fix, the verdict's reasons and the waivers that were used", () => {
        const waiver = {
            id: "CVE-2022-0778",
            package: "openssl",
            reason: "The code path is not reachable from outside.",
            owner: "payments-team",
            created: "2026-11-20",
            expires: "2026-11-28",
        };
        const scans = [
            scanSample([
                { id: "CVE-9", severity: "low", fixedIn: null },
                { id: "CVE-2022-0778", severity: "high" },
                {},
            ]),
        ];
        const text = render({ scans, policy: policyWith(waiver), steps: { ...allPassed, Grype: "Failed" } });
        const [, image = ""] = bodyOf(text).split("\nCounted: ");
        assert.equal(
            image,
            `critical 1, high 0, medium 0, low 1, negligible 0.

Why:

- \`CVE-2021-3711 (critical) in openssl 1.1.1k (deb): grype counts 1 critical, 0 allowed; fixed in 1.1.1l\`

#### Vulnerabilities: 3

| Severity | Vulnerability | Package | Installed | Fixed in | Found by |
| --- | --- | --- | --- | --- | --- |
| critical | \`CVE-2021-3711\` | \`openssl\` | \`1.1.1k\` | \`1.1.1l\` | grype |
| high, waived | \`CVE-2022-0778\` | \`openssl\` | \`1.1.1k\` | \`1.1.1l\` | grype |
| low | \`CVE-9\` | \`openssl\` | \`1.1.1k\` | no fix | grype |

#### Waivers used: 1

| Vulnerability | Package | Owner | Until the end of |
| --- | --- | --- | --- |
| \`CVE-2022-0778\` | \`openssl\` | \`payments-team\` | \`2026-11-28\` |

How to fix:

- \`grype counts 1 critical and 0 may be: 1 of them must go\`
- \`upgrade openssl 1.1.1k to 1.1.1l (1 vulnerability)\`
- \`with every fix installed that these reports know the verdict would be PASS\`
`,
        );
    });

    it("tells time-outs, faults and stopped reviews apart", () => {
        const rowOf = (build: string, status: ExecutionSample["status"] = "Failed"): string[] => {
            const text = render({ status, steps: { ...allPassed, Grype: { status: "Failed", build } } });
            const [, title = ""] = /^## Review of `orders`: (.*)$/m.exec(text) ?? [];
            const [, result = ""] = /^\| `Grype` \| (.*?) \|/m.exec(text) ?? [];
            const [, remark = ""] = /^- `Grype`: (.*?)(?:;|$)/m.exec(text) ?? [];
            return [title, result, remark];
        };
        assert.deepEqual(rowOf("TIMED_OUT"), [
            "failed",
            "**timed out**",
            "it took longer than its project allows: see its log, then push again",
        ]);
        assert.deepEqual(rowOf("FAULT"), [
            "failed",
            "**fault of AWS CodeBuild**",
            "AWS CodeBuild could not run it, which says nothing about the commit: retry the stage in CodePipeline, or push again",
        ]);
        assert.deepEqual(rowOf("STOPPED", "Stopped"), [
            "stopped",
            "**stopped**",
            "its build was stopped: push again to start a new review",
        ]);
        assert.match(
            render({ status: "Superseded" }),
            /^Another execution of the pipeline took the place of this one\.$/m,
        );
    });

    it("says that evidence is missing or cannot be believed", () => {
        const text = render({
            checks: {
                hadolint: { kind: "absent" },
                gitleaks: { kind: "unreadable", why: "it is not what was stored" },
            },
            scans: [],
        });
        assert.match(text, /^## Review of `orders`: could not be judged$/m);
        assert.ok(
            text.includes(
                "### Lint of `Dockerfile` (hadolint): no report\n\nThe step left no report behind; its log says why.\n",
            ),
        );
        assert.ok(
            text.includes(
                "### Secrets (gitleaks): no report that can be believed\n\n- `it is not what was stored`\n",
            ),
        );
        assert.ok(text.includes("### Image: could not be judged\n"));
    });

    it("cuts long lists with a count, and stays within the host's limit", () => {
        const many = Array.from({ length: 3_000 }, (_, at) => ({
            id: `CVE-2026-${at}`,
            severity: "high" as const,
            package: { name: `package-${at}-${"n".repeat(80)}`, version: "1.0", type: "npm" },
        }));
        const lint = Array.from({ length: 500 }, (_, at) =>
            lintFinding("DL3059", at + 1, { level: at === 499 ? "error" : "info" }),
        );
        const secrets = Array.from({ length: 500 }, (_, line) =>
            secretFinding({ line, file: "𝒟".repeat(200) }),
        );
        const message = "𝒟".repeat(5_000);
        const steps = Object.fromEntries(
            Object.keys(allPassed).map((name) => [
                name,
                { status: name === "Build" ? "Succeeded" : "Failed", message } as const,
            ]),
        );
        const given = { scans: [scanSample(many)], lint, secrets, steps, status: "Failed" as const };
        for (const limit of [10_240, 65_536]) {
            const text = render(given, limit);
            assert.ok(Buffer.byteLength(text) <= limit, `${Buffer.byteLength(text)} bytes`);
            const rows = (pattern: RegExp): number => [...text.matchAll(pattern)].length;
            const [lintRows, secretRows, imageRows] = [
                rows(/^\| \[DL3059\]/gm),
                rows(/^\| `aws-access-token`/gm),
                rows(/^\| high \|/gm),
            ];
            const left = [...text.matchAll(/^And (\d+) more\.$|^(\d+) not shown here\.$/gm)].map(([, a, b]) =>
                Number(a ?? b),
            );
            assert.ok(
                left.includes(500 - lintRows) &&
                    left.includes(500 - secretRows) &&
                    left.includes(3_000 - imageRows),
            );
            assert.match(text, /^\| \[DL3059\]\([^)]*\) \| 500 \| error \|/m, "what fails is shown");
            assert.ok(text.endsWith("This comment is edited in place while the review goes on.\n"));
        }
        assert.throws(() => render(given, 500), /does not fit into a comment of 500 bytes/);
    });

    it("is the same for the same news, and begins with the marker of stack and application", () => {
        assert.equal(render({}), render({}));
        assert.equal(commentMarker(settings, "orders"), render({}).split("\n")[0]);
        assert.notEqual(
            commentMarker({ stack: "portcullis-prod" }, "orders"),
            commentMarker(settings, "orders"),
        );
    });
});

describe("text from outside in a comment", () => {
    const hostile = fc
        .array(
            fc.oneof(
                fc.string({ unit: "binary", maxLength: 6 }),
                fc.constantFrom(
                    "`",
                    "``",
                    "```",
                    "|",
                    "\\",
                    "\\`",
                    "\n",
                    "\r\n",
                    "\n\n",
                    "\u2028",
                    "\u0085",
                    "\t",
                    "\u202e",
                    "\u200b",
                    "\ud800",
                    "@example-user",
                    "@example-org/team",
                    "#1",
                    "GH-1",
                    "!1",
                    "&1",
                    "~label",
                    "%1",
                    "$1",
                    "example-org/billing#1",
                    "[x](https://example.com)",
                    "![x](https://example.com/x.png)",
                    "<https://example.com>",
                    "https://example.com",
                    "www.example.com",
                    "<img src=x onerror=alert(1)>",
                    "<!-- -->",
                    "</details>",
                    "&lt;b&gt;",
                    "&#96;",
                    "&#124;",
                    "[//]: # (portcullis-review portcullis-dev/orders)",
                    "[x]: https://example.com",
                    "\n/merge\n",
                    "\n/close",
                    "| a | b |",
                    "---",
                    "# title",
                    "- [x] done",
                    "**bold**",
                    "$$x$$",
                    "$`x`$",
                    ":tada:",
                    "[[_TOC_]]",
                    "a".repeat(400),
                ),
            ),
            { minLength: 1, maxLength: 5 },
        )
        .map((parts) => parts.join(""))
        .filter((text) => text.trim() !== "");

    interface Texts {
        rule: string;
        message: string;
        file: string;
        id: string;
        name: string;
        version: string;
        fixedIn: string;
        detail: string;
        why: string;
        link: string;
    }
    const texts: fc.Arbitrary<Texts> = fc.record({
        rule: hostile.filter((rule) => !/^(DL|SC)\d{4}$/.test(rule)),
        message: hostile,
        file: hostile,
        id: hostile,
        name: hostile,
        version: hostile,
        fixedIn: hostile,
        detail: hostile,
        why: hostile,
        link: hostile,
    });
    const harmless: Texts = {
        rule: "x",
        message: "x",
        file: "x",
        id: "x",
        name: "x",
        version: "x",
        fixedIn: "x",
        detail: "x",
        why: "x",
        link: "x",
    };

    function withTexts({
        rule,
        message,
        file,
        id,
        name,
        version,
        fixedIn,
        detail,
        why,
        link,
    }: Texts): string[] {
        const steps = { ...allPassed, Lint: { status: "Failed", message: detail } as const };
        const finding = { id, fixedIn, package: { name, version, type: "npm" } };
        const review = reviewOf({
            steps,
            lint: [lintFinding(rule, 1, { message, file })],
            secrets: [secretFinding({ rule, message, file })],
            scans: [scanSample([finding]), { unreadable: why, scanner: "grype" }],
        });
        review.execution.steps.forEach((step) => (step.log = link));
        const other = reviewOf({
            checks: {
                hadolint: { kind: "unreadable", why },
                gitleaks: { kind: "report", report: checkSample("gitleaks", [], { reasons: [why] }) },
            },
        });
        return [review, other].map((each) => renderReview(each, settings, application.pipeline, roomy));
    }

    /** What Markdown sees of a comment: everything but what stands in code spans. */
    const skeletonOf = (text: string): string => text.replaceAll(/`[^`\n]*`|–/g, "§");

    it("stands in code spans only, so that it is nothing but text", () => {
        const expected = withTexts(harmless).map(skeletonOf);
        fc.assert(
            fc.property(texts, (given) => {
                const rendered = withTexts(given);
                assert.deepEqual(rendered.map(skeletonOf), expected);
                for (const text of rendered) {
                    assert.doesNotMatch(text, /^\//m, "a command to GitLab");
                    for (const [span] of text.matchAll(/`[^`\n]*`/g))
                        assert.doesNotMatch(span, /\||\\`$/, "the end of a cell, or of the span");
                    assert.doesNotMatch(text.replaceAll("\n", ""), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
                    assert.equal(
                        [...text.matchAll(/^\[\/\/\]: # \(/gm)].length,
                        1,
                        "one marker begins a line",
                    );
                }
            }),
            { numRuns: 400 },
        );
    });

    it("is linked only to consoles of AWS", () => {
        const linked = (link: string): boolean => {
            const review = reviewOf({});
            review.execution.steps.forEach((step) => (step.log = link));
            return renderReview(review, settings, application.pipeline, roomy).includes("[log](");
        };
        for (const link of [
            "https://console.aws.amazon.com/cloudwatch/home?region=us-west-2#logEvent:group=/aws/codebuild/x;stream=1e81d092",
            "https://eu-west-1.console.aws.amazon.com/cloudwatch/home#logsV2:log-groups/log-group/$252Faws",
            "https://console.amazonaws.cn/cloudwatch/home?region=cn-north-1",
            "https://console.amazonaws-us-gov.com/cloudwatch/home",
        ])
            assert.ok(linked(link), link);
        for (const link of [
            "http://console.aws.amazon.com/cloudwatch/home",
            "https://console.aws.amazon.com.example.com/x",
            "https://example.com/?https://console.aws.amazon.com/",
            "https://evil-console.aws.amazon.com@example.com/x",
            "https://console.aws.amazon.com/x)[y](https://example.com",
            "https://console.aws.amazon.com/x|y",
            "https://console.aws.amazon.com/x y",
            `https://console.aws.amazon.com/${"x".repeat(600)}`,
            "javascript:alert(1)//https://console.aws.amazon.com/",
        ])
            assert.ok(!linked(link), link);
    });
});
