import assert from "node:assert/strict";
import { uuidOf } from "../approval/testing/genuineShapes";
import { serializeCheckReport } from "../verify/checkReport";
import { assembleReview, isJudgeable, readCheckEvidence, type CheckEvidence, type Review } from "./review";
import { readExecutionAnswers } from "./reviewExecution";
import {
    after,
    allPassed,
    applicationSample,
    checkSample,
    commitOf,
    executionSample,
    policyWith,
    sampleDigest,
    scanSample,
    secretFinding,
    type ExecutionSample,
} from "./testing/reviewSamples";

const application = applicationSample();

interface Given extends ExecutionSample {
    checks?: Record<string, CheckEvidence>;
    scans?: unknown[];
    policy?: ReturnType<typeof policyWith>;
}

function reviewOf({ checks, scans = [scanSample()], policy = policyWith(), ...sample }: Given = {}): Review {
    const clean = {
        hadolint: reported(checkSample("hadolint")),
        gitleaks: reported(checkSample("gitleaks")),
    };
    return assembleReview({
        application,
        policy,
        execution: readExecutionAnswers(application, executionSample(sample)),
        checks: new Map(Object.entries({ ...clean, ...checks })),
        scans,
    });
}

const reported = (report: ReturnType<typeof checkSample>): CheckEvidence => ({ kind: "report", report });

describe("the outcome of a review", () => {
    it("is passed when every step passed and everything that they stored says so", () => {
        const review = reviewOf();
        assert.equal(review.outcome, "passed");
        assert.equal(review.image?.verdict.outcome, "pass");
        assert.equal(review.image?.verdict.judgedAt, after(10).toISOString());
        assert.deepEqual([review.isOpen, review.image?.wayToPass], [false, []]);
    });

    it("is no pass when evidence is missing, unreadable, incomplete, or another's, although every step is green", () => {
        const cases: Given[] = [
            { checks: { hadolint: { kind: "absent" } } },
            { checks: { gitleaks: { kind: "unreadable", why: "it is gone" } } },
            { checks: { hadolint: reported(checkSample("hadolint", [], { reasons: ["no answer"] })) } },
            { scans: [] },
            { scans: ["{}"] },
            { scans: [scanSample([], { digest: `sha256:${"e".repeat(64)}` })] },
            { digest: "sha256:short" },
            { steps: { ...allPassed, Grype: "InProgress" } },
            { steps: { Lint: "Succeeded", Build: "Succeeded", Grype: "Succeeded" } },
        ];
        for (const [index, given] of cases.entries())
            assert.equal(reviewOf(given).outcome, "unjudged", String(index));
    });

    it("is failed when evidence speaks against it, although every step is green", () => {
        assert.equal(reviewOf({ scans: [scanSample([{ severity: "critical" }])] }).outcome, "failed");
        assert.equal(
            reviewOf({ checks: { gitleaks: reported(checkSample("gitleaks", [secretFinding()])) } }).outcome,
            "failed",
        );
    });

    it("is failed as soon as one step is, while others still run", () => {
        const steps = { Lint: "Failed", Secrets: "InProgress" } as const;
        const review = reviewOf({ status: "InProgress", steps });
        assert.deepEqual([review.outcome, review.isOpen, review.image], ["failed", true, null]);
    });

    it("is that of the execution when nothing else says more", () => {
        const outcomes = Object.fromEntries(
            (["InProgress", "Failed", "Stopped", "Stopping", "Cancelled", "Superseded"] as const).map(
                (status) => [status, reviewOf({ status }).outcome],
            ),
        );
        assert.deepEqual(outcomes, {
            InProgress: "running",
            Failed: "failed",
            Stopped: "stopped",
            Stopping: "stopped",
            Cancelled: "stopped",
            Superseded: "superseded",
        });
    });
});

describe("the image of a review", () => {
    it("is judged when every scanner has ended, and not before", () => {
        const judgeable = (
            steps: ExecutionSample["steps"],
            status: ExecutionSample["status"] = "InProgress",
        ) =>
            isJudgeable(
                readExecutionAnswers(application, executionSample({ status, ...(steps && { steps }) })),
            );
        assert.equal(judgeable({ ...allPassed }), true);
        assert.equal(judgeable({ ...allPassed, Grype: "Failed" }), true);
        assert.equal(judgeable({ ...allPassed, Grype: "InProgress" }), false);
        assert.equal(judgeable({ Lint: "Succeeded", Build: "Succeeded" }), false);
        assert.equal(judgeable({ Lint: "Succeeded", Build: "Failed" }, "Failed"), false);
        assert.equal(judgeable({ Lint: "Succeeded", Build: "Succeeded" }, "Stopped"), false);
    });

    it("has every vulnerability once, the worst first, with the scanners that found it and the worst that one says", () => {
        const openssl = { id: "CVE-2021-3711", package: { name: "openssl", version: "1.1.1", type: "apk" } };
        const { image } = reviewOf({
            scans: [
                scanSample([
                    { ...openssl, severity: "medium", fixedIn: null },
                    { id: "CVE-2", severity: "low" },
                    { id: "CVE-1", severity: "low" },
                    { id: "CVE-3", severity: "unknown" },
                ]),
                scanSample([{ ...openssl, severity: "critical", fixedIn: "1.1.2" }], { name: "anchore" }),
            ],
        });
        assert.deepEqual(
            image?.vulnerabilities.map(({ id, severity, fixedIn, scanners }) => [
                id,
                severity,
                fixedIn,
                scanners,
            ]),
            [
                ["CVE-2021-3711", "critical", "1.1.2", ["anchore", "grype"]],
                ["CVE-3", "unknown", image?.vulnerabilities[1]?.fixedIn, ["grype"]],
                ["CVE-1", "low", image?.vulnerabilities[2]?.fixedIn, ["grype"]],
                ["CVE-2", "low", image?.vulnerabilities[3]?.fixedIn, ["grype"]],
            ],
        );
    });

    it("lists nothing that was found in another image", () => {
        const other = scanSample([{ id: "CVE-9" }], { name: "anchore", digest: `sha256:${"e".repeat(64)}` });
        assert.deepEqual(reviewOf({ scans: [scanSample(), other] }).image?.vulnerabilities, []);
    });

    it("shows which waivers excused what, and for the application's own name", () => {
        const waiver = {
            id: "CVE-2021-3711",
            package: "openssl",
            applications: ["orders"],
            reason: "The code path is not reachable from outside.",
            owner: "payments-team",
            created: "2026-11-20",
            expires: "2026-11-28",
        };
        const found = {
            id: "CVE-2021-3711",
            severity: "high" as const,
            package: { name: "openssl", version: "1.1.1", type: "apk" },
        };
        const { image, outcome } = reviewOf({ policy: policyWith(waiver), scans: [scanSample([found])] });
        assert.equal(outcome, "passed");
        assert.deepEqual(image?.waivers, [
            { id: "CVE-2021-3711", package: "openssl", owner: "payments-team", expires: "2026-11-28" },
        ]);
        assert.deepEqual(
            image?.vulnerabilities.map(({ waived }) => waived),
            [true],
        );
        const other = reviewOf({
            policy: policyWith({ ...waiver, applications: ["billing"] }),
            scans: [scanSample([found])],
        });
        assert.deepEqual([other.outcome, other.image?.waivers], ["failed", []]);
    });
});

describe("the state of a step", () => {
    const stateOf = (sample: ExecutionSample, name: string) =>
        readExecutionAnswers(application, executionSample(sample)).steps.find((step) => step.name === name);

    it("is what CodeBuild says where it says more than CodePipeline", () => {
        const states = (
            [
                ["Failed", "FAILED"],
                ["Failed", "TIMED_OUT"],
                ["Failed", "FAULT"],
                ["Failed", "STOPPED"],
                ["Abandoned", "STOPPED"],
                ["InProgress", "SUCCEEDED"],
                ["InProgress", "FAILED"],
                ["InProgress", "IN_PROGRESS"],
                ["Succeeded", "SUCCEEDED"],
                ["Succeeded", "FAILED"],
                ["Failed", "SUCCEEDED"],
                ["Failed", null],
                ["Succeeded", "NEW_WORD"],
            ] as const
        ).map(
            ([status, build]) =>
                stateOf({ status: "InProgress", steps: { Lint: { status, build } } }, "Lint")?.state,
        );
        assert.deepEqual(states, [
            "failed",
            "timedOut",
            "fault",
            "stopped",
            "stopped",
            "passed",
            "failed",
            "running",
            "passed",
            "failed",
            "failed",
            "failed",
            "failed",
        ]);
    });

    it("is waiting or not run when the action has not begun, as the execution goes on or not", () => {
        assert.equal(stateOf({ status: "InProgress", steps: {} }, "Build")?.state, "waiting");
        assert.equal(stateOf({ status: "Failed", steps: {} }, "Build")?.state, "notRun");
    });

    it("is that of the newest run in this execution", () => {
        const answers = executionSample({ steps: { Lint: "Failed" } });
        const [, lint] = answers.actions;
        const again = { ...lint!, status: "Succeeded" as const, startTime: after(20), output: {} };
        const foreign = {
            ...again,
            pipelineExecutionId: uuidOf(9),
            status: "Failed" as const,
            startTime: after(30),
        };
        for (const actions of [
            [...answers.actions, again, foreign],
            [foreign, again, ...answers.actions],
        ]) {
            const { steps } = readExecutionAnswers(application, { ...answers, actions });
            assert.equal(steps[1]?.state, "passed");
        }
    });

    it("says why: what CodeBuild says of its phase, else what CodePipeline says", () => {
        const message = "Error while executing command: docker build. Reason: exit status 1";
        const told = (sample: ExecutionSample["steps"]) => stateOf({ steps: sample! }, "Build")?.detail;
        assert.equal(
            told({ Build: { status: "Failed", message } }),
            `BUILD: COMMAND_EXECUTION_ERROR: ${message}`,
        );
        assert.equal(told({ Build: "Failed" }), "Build terminated with state: FAILED");
        assert.equal(told({ Build: "Succeeded" }), null);
    });

    it("has the log of its build, and what CodePipeline links to where the build never got as far as one", () => {
        const answers = executionSample({
            status: "Failed",
            steps: { Lint: { status: "Failed", build: "FAULT" } },
        });
        const linked = (deepLink: string) => {
            const builds = answers.builds.map((build) => ({ ...build, logs: { deepLink } }));
            const actions = answers.actions.map((run) => ({
                ...run,
                output: {
                    ...run.output,
                    executionResult: {
                        ...run.output?.executionResult,
                        externalExecutionUrl: "https://build",
                    },
                },
            }));
            return readExecutionAnswers(application, { ...answers, actions, builds }).steps[1]?.log;
        };
        const at = "https://console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logEvent:group=";
        assert.equal(
            linked(`${at}/aws/codebuild/x;stream=1e81d092`),
            `${at}/aws/codebuild/x;stream=1e81d092`,
        );
        assert.equal(linked(`${at}null;stream=null`), "https://build");
        assert.equal(linked(`${at}/aws/codebuild/x;stream=null`), "https://build");
    });

    it("takes no build of another project for its own", () => {
        const answers = executionSample({ steps: { Lint: "Succeeded" } });
        const builds = answers.builds.map((build) => ({
            ...build,
            projectName: "other",
            buildStatus: "FAILED" as const,
        }));
        assert.equal(readExecutionAnswers(application, { ...answers, builds }).steps[1]?.state, "passed");
    });
});

describe("which pull request an execution is about", () => {
    const about = (answers: ReturnType<typeof executionSample>, of = application) => {
        const { pullRequest, commit } = readExecutionAnswers(of, answers);
        return [pullRequest, commit];
    };

    it("is what the function said when it started the pipeline of a CodeCommit repository", () => {
        assert.deepEqual(about(executionSample()), ["7", commitOf("a")]);
        const withoutSource = { ...executionSample(), actions: [] };
        assert.deepEqual(about(withoutSource), ["7", commitOf("a")]);
    });

    it("is none when somebody started it by hand, or it looks at another commit than it was started for", () => {
        const answers = executionSample();
        const byHand = { ...answers, execution: { ...answers.execution, variables: [] } };
        assert.deepEqual(about(byHand), [null, null]);
        const other = executionSample({ commit: commitOf("c") });
        assert.equal(about({ ...answers, actions: other.actions })[0], null);
        const strange = executionSample({ pullRequest: "7) [x](y" });
        assert.equal(about(strange)[0], null);
    });

    it("is what the source action of a connection says", () => {
        const billing = applicationSample("billing", {
            type: "github",
            repository: "example-org/billing",
            tokenSecret: "token",
        });
        assert.deepEqual(about(executionSample({ application: billing }), billing), ["7", commitOf("a")]);
        const pushed = executionSample({ application: billing });
        delete pushed.actions[0]?.output?.outputVariables?.["PullRequestId"];
        assert.deepEqual(about(pushed, billing), [null, commitOf("a")]);
    });
});

describe("the evidence of a check", () => {
    const expected = { tool: "hadolint", commit: commitOf("a") };
    const stored = (text: string) => readCheckEvidence({ report: Buffer.from(text), raw: null }, expected);

    it("is the report as it was stored", () => {
        const report = checkSample("hadolint");
        assert.deepEqual(stored(serializeCheckReport(report)), { kind: "report", report });
        assert.deepEqual(readCheckEvidence(null, expected), { kind: "absent" });
    });

    it("is nothing to believe when it is not JSON, of another format, tool or commit", () => {
        const texts = [
            "{",
            "{}",
            "null",
            serializeCheckReport(checkSample("gitleaks")),
            serializeCheckReport(checkSample("hadolint", [], { commit: commitOf("f") })),
            JSON.stringify({ ...checkSample("hadolint"), extra: 1 }),
        ];
        for (const text of texts) assert.equal(stored(text).kind, "unreadable", text.slice(0, 60));
        assert.deepEqual(readCheckEvidence({ unreadable: "changed" }, expected), {
            kind: "unreadable",
            why: "changed",
        });
    });
});

describe("the sample", () => {
    it("is about the digest that the build step put out", () => {
        assert.equal(readExecutionAnswers(application, executionSample()).digest, sampleDigest);
    });
});
