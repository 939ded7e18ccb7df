/** The workflows of examples/workflows: what they may do, and what the one that writes comments really does. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
    chmodSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    readdirSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import { commentMarker } from "./report/markdown";

const folder = join(__dirname, "..", "examples", "workflows");

interface Step {
    name?: string;
    uses?: string;
    run?: string;
    with?: Record<string, unknown>;
    env?: Record<string, unknown>;
}
interface Job {
    if?: string;
    permissions?: Record<string, string>;
    environment?: string;
    steps: Step[];
    "timeout-minutes"?: number;
    "runs-on"?: string;
}
interface Workflow {
    name: string;
    on: Record<string, unknown>;
    permissions: unknown;
    concurrency?: { group: string };
    jobs: Record<string, Job>;
}

const texts = new Map(
    readdirSync(folder)
        .filter((name) => name.startsWith("policy-"))
        .sort()
        .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
);
const workflows = new Map([...texts].map(([name, text]) => [name, parse(text) as Workflow]));
const jobsOf = (name: string): Record<string, Job> => workflows.get(name)!.jobs;

/** Tags of the actions' repositories, as they stood when the workflows were written. */
const pinned: Record<string, string> = {
    "actions/checkout": "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
    "actions/setup-node": "820762786026740c76f36085b0efc47a31fe5020 # v7.0.0",
    "actions/upload-artifact": "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0",
    "actions/download-artifact": "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1",
    "github/codeql-action/upload-sarif": "8aad20d150bbac5944a9f9d289da16a4b0d87c1e # v4.36.2",
    "aws-actions/configure-aws-credentials": "e6de054238d6b7531b4efff3b6587d9aade6a06c # v6.2.3",
    "pulumi/actions": "8e5e406f4007fca908480587cb9893c07090f58d # v7.0.0",
};

describe("workflows to copy", () => {
    it("are these", () => {
        assert.deepEqual(
            [...texts.keys()],
            ["policy-comment.yml", "policy-preview.yml", "policy-review.yml"],
        );
    });

    for (const [name, text] of texts) {
        const workflow = workflows.get(name)!;
        const jobs = Object.entries(workflow.jobs);

        it(`${name}: every action is pinned by commit, with its version beside it`, () => {
            const uses = [...text.matchAll(/^\s*(?:- )?uses: *(\S+)@(.*)$/gm)];
            assert.equal(
                uses.length,
                jobs.flatMap(([, { steps }]) => steps).filter((step) => step.uses).length,
            );
            for (const [line, action = "", pin = ""] of uses) {
                assert.match(pin, /^[0-9a-f]{40} # v\d+\.\d+\.\d+$/, line);
                assert.equal(pin, pinned[action], line);
            }
        });

        it(`${name}: nothing may more than it needs, for a limited time`, () => {
            assert.deepEqual(workflow.permissions, {});
            assert.ok(workflow.concurrency?.group);
            for (const [, job] of jobs) {
                assert.ok(job.permissions);
                assert.ok((job["timeout-minutes"] ?? 0) > 0 && (job["timeout-minutes"] ?? 99) <= 30);
                assert.match(job["runs-on"] ?? "", /^ubuntu-\d+\.\d+$/);
                for (const step of job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"))) {
                    assert.equal(step.with?.["persist-credentials"], false);
                }
            }
        });

        it(`${name}: no text of a stranger becomes part of a script`, () => {
            for (const { run } of jobs.flatMap(([, { steps }]) => steps)) {
                assert.doesNotMatch(run ?? "", /\$\{\{/);
            }
            assert.doesNotMatch(text, /pull_request_target|secrets\./);
        });
    }

    it("the review has no credentials, and the code of the pull request no permission to write", () => {
        assert.deepEqual(Object.keys(workflows.get("policy-review.yml")!.on), ["pull_request"]);
        const { review, "code-scanning": scanning, ...others } = jobsOf("policy-review.yml");
        assert.deepEqual(others, {});
        assert.deepEqual(review?.permissions, { contents: "read" });
        assert.deepEqual(scanning?.permissions, {
            actions: "read",
            contents: "read",
            "security-events": "write",
        });
        // What may write runs no script and has none of the pull request's code.
        assert.ok(scanning?.steps.every(({ run, uses }) => run === undefined && !uses?.includes("checkout")));
        assert.doesNotMatch(texts.get("policy-review.yml")!, /id-token|GH_TOKEN|GITHUB_TOKEN|github\.token/);
    });

    it("the comment is written without the code of the pull request", () => {
        assert.deepEqual(workflows.get("policy-comment.yml")!.on, {
            workflow_run: { workflows: ["policy-review"], types: ["completed"] },
        });
        const { comment, ...others } = jobsOf("policy-comment.yml");
        assert.deepEqual(others, {});
        assert.deepEqual(comment?.permissions, { actions: "read", "pull-requests": "write" });
        assert.ok(comment?.steps.every(({ uses }) => uses === undefined));
        const review = workflows.get("policy-review.yml")!;
        assert.equal(review.name, "policy-review");
        const stack = (review.jobs["review"] as unknown as { env: { STACK: string } }).env.STACK;
        assert.equal(comment?.steps[0]?.env?.["MARKER"], commentMarker({ project: "portcullis", stack }));
    });

    it("the preview has short credentials, after a person agreed, and never for a fork", () => {
        const { preview, ...others } = jobsOf("policy-preview.yml");
        assert.deepEqual(others, {});
        assert.equal(preview?.if, "github.event.pull_request.head.repo.full_name == github.repository");
        assert.equal(preview?.environment, "policy-preview");
        assert.deepEqual(preview?.permissions, { contents: "read", "id-token": "write" });
        const steps = preview?.steps ?? [];
        const at = (part: string): number =>
            steps.findIndex(({ uses, run }) => (uses ?? run ?? "").includes(part));
        const credentials = at("configure-aws-credentials");
        assert.ok(at("npm ci") < credentials && credentials < at("pulumi preview"));
        assert.equal(steps[credentials]?.with?.["role-duration-seconds"], 900);
        assert.ok(!Object.keys(steps[credentials]?.with ?? {}).some((key) => key.includes("access-key")));
        assert.match(steps[at("pulumi preview")]?.run ?? "", /--policy-pack policies/);
    });

    it("GitLab has the same review", () => {
        const { "policy-review": job } = parse(readFileSync(join(folder, "gitlab-ci.yml"), "utf8")) as Record<
            string,
            { script: string[]; artifacts: { when: string; reports: { junit: string } } }
        >;
        assert.deepEqual(job?.script, ["npm ci", 'npm start -- --stack "$STACK" --out policy-review']);
        assert.deepEqual(
            [job?.artifacts.when, job?.artifacts.reports.junit],
            ["always", "policy-review/policies.junit.xml"],
        );
    });
});

/** A `gh` that answers from files and notes what it is told to write. */
const fakeGh = `#!/usr/bin/env bash
set -euo pipefail
method=GET; query=; body=; endpoint=
shift
while (( $# )); do
  case "$1" in
    --method) method=$2; shift 2 ;;
    --jq) query=$2; shift 2 ;;
    -F) body=\${2#body=@}; shift 2 ;;
    --paginate|--silent) shift ;;
    *) endpoint=$1; shift ;;
  esac
done
echo "$method $endpoint" >> "$FAKE/calls"
case "$method $endpoint" in
  "GET "*/artifacts\\?*) answer=artifacts.json ;;
  "GET "*/zip) cat "$FAKE/report.zip"; exit 0 ;;
  "GET "*/pulls/*) answer=pull.json ;;
  "GET "*/comments\\?*) answer=comments.json ;;
  "POST "*|"PATCH "*) cp "$body" "$FAKE/written"; exit 0 ;;
  *) echo "unexpected: $method $endpoint" >&2; exit 1 ;;
esac
jq -r "$query" "$FAKE/$answer"
`;

describe("the step that writes the comment", function () {
    this.timeout(60_000);
    const step = jobsOf("policy-comment.yml")["comment"]!.steps[0]!;
    const marker = String(step.env?.["MARKER"]);
    const sha = "a".repeat(40);
    let root = "";

    before(function () {
        const missing = ["bash", "jq", "unzip", "zip", "sed"].filter((program) =>
            (process.env["PATH"] ?? "").split(delimiter).every((each) => !existsSync(join(each, program))),
        );
        if (missing.length > 0) {
            console.log(`      skipped: ${missing.join(", ")} missing`);
            this.skip();
        }
    });
    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "portcullis-comment-"));
        mkdirSync(join(root, "bin"));
        writeFileSync(join(root, "bin", "gh"), fakeGh);
        chmodSync(join(root, "bin", "gh"), 0o755);
    });
    afterEach(() => rmSync(root, { recursive: true, force: true }));

    interface Situation {
        files?: Record<string, string>;
        artifacts?: object[];
        pull?: object;
        comments?: object[];
    }

    function run({ files, artifacts, pull, comments }: Situation): {
        output: string;
        written: string | null;
        calls: string[];
    } {
        const received = { "pull-request": "7\n", "policies.md": `${marker}\n## Policies: PASS\n`, ...files };
        const source = join(root, "files");
        mkdirSync(source);
        for (const [name, content] of Object.entries(received)) {
            writeFileSync(join(source, name), content);
        }
        execFileSync("zip", ["-q", join(root, "report.zip"), ...Object.keys(received)], { cwd: source });
        const json = (name: string, value: unknown): void =>
            writeFileSync(join(root, name), JSON.stringify(value));
        json("artifacts.json", {
            artifacts: artifacts ?? [{ id: 11, name: "policy-review", expired: false, size_in_bytes: 900 }],
        });
        json("pull.json", pull ?? { state: "open", head: { sha } });
        json("comments.json", comments ?? []);
        const ended = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", step.run ?? ""], {
            encoding: "utf8",
            env: {
                PATH: `${join(root, "bin")}${delimiter}${process.env["PATH"] ?? ""}`,
                ...Object.fromEntries(
                    Object.entries(step.env ?? {}).map(([name, value]) => [name, String(value)]),
                ),
                FAKE: root,
                GH_TOKEN: "",
                REPOSITORY: "owner/name",
                RUN_ID: "99",
                HEAD_SHA: sha,
            },
        });
        assert.equal(ended.status, 0, ended.stderr + ended.stdout);
        const written = join(root, "written");
        return {
            output: ended.stdout,
            written: existsSync(written) ? readFileSync(written, "utf8") : null,
            calls: readFileSync(join(root, "calls"), "utf8").trim().split("\n"),
        };
    }
    const bot = { login: "github-actions[bot]" };

    it("writes a comment where there is none", () => {
        const { written, calls } = run({});
        assert.equal(written, `${marker}\n## Policies: PASS\n`);
        assert.deepEqual(calls, [
            "GET repos/owner/name/actions/runs/99/artifacts?name=policy-review&per_page=100",
            "GET repos/owner/name/actions/artifacts/11/zip",
            "GET repos/owner/name/pulls/7",
            "GET repos/owner/name/issues/7/comments?per_page=100",
            "POST repos/owner/name/issues/7/comments",
        ]);
    });

    it("brings its own comment up to date, never one of somebody else", () => {
        const { calls } = run({
            comments: [
                { id: 1, user: { login: "mallory" }, body: `${marker}\nmine` },
                { id: 2, user: bot, body: `another ${marker}` },
                { id: 3, user: bot, body: `${marker}\nold` },
                { id: 4, user: bot, body: `${marker}\nolder` },
            ],
        });
        assert.equal(calls.at(-1), "PATCH repos/owner/name/issues/comments/3");
    });

    const refused: [string, Situation, RegExp][] = [
        ["there is no artifact", { artifacts: [] }, /the run has no report/],
        [
            "the artifact has expired",
            { artifacts: [{ id: 1, name: "policy-review", expired: true, size_in_bytes: 1 }] },
            /the run has no report/,
        ],
        [
            "the artifact is huge",
            { artifacts: [{ id: 1, name: "policy-review", expired: false, size_in_bytes: 20_000_001 }] },
            /too large/,
        ],
        ["no pull request is named", { files: { "pull-request": "" } }, /names no pull request/],
        [
            "the number is a path or a command",
            { files: { "pull-request": "7/../../issues/1" } },
            /names no pull request/,
        ],
        ["the number is a script", { files: { "pull-request": "$(touch pwned)" } }, /names no pull request/],
        [
            "another commit was pushed since",
            { pull: { state: "open", head: { sha: "b".repeat(40) } } },
            /has another head by now/,
        ],
        ["the pull request is closed", { pull: { state: "closed", head: { sha } } }, /is closed/],
        [
            "the report is of another stack",
            { files: { "policies.md": "<!-- portcullis-policies:portcullis/dev -->\nx" } },
            /not of the expected stack/,
        ],
        [
            "the report does not begin with the marker",
            { files: { "policies.md": `x\n${marker}\n` } },
            /not of the/,
        ],
        [
            "the report is too long",
            { files: { "policies.md": `${marker}\n${"x".repeat(70_000)}` } },
            /too long/,
        ],
        [
            "the report is endless",
            { files: { "policies.md": `${marker}\n${"x".repeat(3_000_000)}` } },
            /too long/,
        ],
    ];
    for (const [what, situation, reason] of refused) {
        it(`writes nothing when ${what}`, () => {
            const { written, output } = run(situation);
            assert.equal(written, null);
            assert.match(output, reason);
            assert.ok(!existsSync("pwned"));
        });
    }

    it("writes the text as data: no expansion, no mention, no control characters", () => {
        const { written } = run({
            files: {
                "policies.md": `${marker}\n$(touch pwned) \`id\` \${HOME} @octocat a@b.c repo@sha256:1 \u001b[31m漢字\u0000\n@team`,
            },
        });
        assert.equal(
            written,
            `${marker}\n$(touch pwned) \`id\` \${HOME} @\u200boctocat a@b.c repo@sha256:1 [31m漢字\n@\u200bteam`,
        );
        assert.ok(!existsSync("pwned"));
    });
});
