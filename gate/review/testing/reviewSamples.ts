/** A review as AWS and the evidence bucket tell about it. */
import type { Build } from "@aws-sdk/client-codebuild";
import type { ActionExecutionDetail, PipelineExecution } from "@aws-sdk/client-codepipeline";
import { digestOf, exampleAccount, exampleSettings, uuidOf } from "../../approval/testing/genuineShapes";
import type { Waiver } from "../../policy/waiver";
import type { Finding, ScannerName, ScanReport } from "../../report/scanReport";
import { findingOf } from "../../report/testing/sampleFinding";
import { checkReport, type CheckFinding, type CheckReport } from "../../verify/checkReport";
import type { CodeHostSettings } from "../codeHostSettings";
import type { ExecutionAnswers } from "../reviewExecution";
import type { ReviewedApplication, ReviewSettings } from "../reviewSettings";

export const commitOf = (digit: string): string => digit.repeat(40);

export const sampleDigest = digestOf("d");

/** When the sample review began. */
export const started = new Date("2026-11-22T10:00:00Z");
export const after = (minutes: number): Date => new Date(started.getTime() + minutes * 60_000);

const prefix = "portcullis-dev";

export function applicationSample(name = "orders", host?: CodeHostSettings): ReviewedApplication {
    const project = (step: string): string => `${prefix}-${name}-review-${step}`;
    return {
        name,
        pipeline: `${prefix}-${name}-review`,
        host: host ?? { type: "codecommit", repository: `${prefix}-${name}` },
        steps: [
            { kind: "lint", tool: "hadolint", stage: "Verify", action: "Lint", project: project("lint") },
            {
                kind: "secrets",
                tool: "gitleaks",
                stage: "Verify",
                action: "Secrets",
                project: project("secrets"),
            },
            { kind: "build", stage: "Build", action: "Build", project: project("build") },
            { kind: "scan", tool: "grype", stage: "Test", action: "Grype", project: project("scan-grype") },
        ],
    };
}

export function settingsSample(changes: Partial<ReviewSettings> = {}): ReviewSettings {
    return {
        version: 1,
        account: exampleAccount,
        stack: prefix,
        role: `${prefix}-review`,
        policy: exampleSettings().policy,
        evidenceBucket: exampleSettings().evidenceBucket,
        applications: [
            applicationSample("orders"),
            applicationSample("billing", {
                type: "github",
                repository: "example-org/billing",
                tokenSecret: "portcullis/github-token",
            }),
            applicationSample("ledger", {
                type: "gitlab",
                repository: "example-group/payments/ledger",
                tokenSecret: "portcullis/gitlab-token",
            }),
        ],
        ...changes,
    };
}

/** The sample policy with waivers. */
export function policyWith(...waivers: Waiver[]): ReviewSettings["policy"] {
    return { ...exampleSettings().policy, waivers };
}

/** How one action stands; its build has the status that belongs to it, unless said otherwise. */
export interface StepSample {
    status: "Succeeded" | "Failed" | "InProgress" | "Abandoned";
    build?: string | null;
    /** What CodeBuild says about the phase that failed. */
    message?: string;
}

const buildStatuses = {
    Succeeded: "SUCCEEDED",
    Failed: "FAILED",
    InProgress: "IN_PROGRESS",
    Abandoned: "STOPPED",
};

export interface ExecutionSample {
    application?: ReviewedApplication;
    id?: string;
    status?: NonNullable<PipelineExecution["status"]>;
    pullRequest?: string;
    commit?: string;
    digest?: string;
    /** Minutes after the beginning of the samples. */
    at?: number;
    /** Actions that have begun, by name; the source action has always. */
    steps?: Record<string, StepSample | StepSample["status"]>;
}

/** Everything green. */
export const allPassed = {
    Lint: "Succeeded",
    Secrets: "Succeeded",
    Build: "Succeeded",
    Grype: "Succeeded",
} as const;

export function buildIdOf(application: ReviewedApplication, action: string, execution: string): string {
    const step = application.steps.find((each) => each.action === action);
    return (
        `${step?.project}:${uuidOf(700 + application.steps.indexOf(step!))}`.slice(0, -4) +
        execution.slice(-4)
    );
}

/** What CodePipeline and CodeBuild answer about an execution. */
export function executionSample(given: ExecutionSample = {}): ExecutionAnswers {
    const { application = applicationSample(), id = uuidOf(1), status = "Succeeded", at = 0 } = given;
    const { pullRequest = "7", commit = commitOf("a"), digest = sampleDigest, steps = allPassed } = given;
    const isCodeCommit = application.host.type === "codecommit";
    const run = (
        stageName: string,
        actionName: string,
        part: Partial<ActionExecutionDetail>,
    ): ActionExecutionDetail => ({
        pipelineExecutionId: id,
        actionExecutionId: `${actionName}-${id}`,
        pipelineVersion: 1,
        stageName,
        actionName,
        startTime: after(at),
        lastUpdateTime: after(at + 10),
        status: "Succeeded",
        ...part,
    });
    const source = run("Source", "Source", {
        output: {
            outputVariables: {
                CommitId: commit,
                BranchName: "feature",
                CommitMessage: "A change",
                ...(isCodeCommit ? {} : { PullRequestId: pullRequest, PullRequestTitle: "A change" }),
            },
        },
    });
    const builds: Build[] = [];
    const actions = Object.entries(steps).map(([action, sample]) => {
        const { status: state, build, message } = typeof sample === "string" ? { status: sample } : sample;
        const step = application.steps.find((each) => each.action === action);
        if (step === undefined) throw new Error(`no step is called ${action}`);
        const buildId = buildIdOf(application, action, id);
        if (build !== null)
            builds.push(buildSample(step.project, buildId, build ?? buildStatuses[state], message, at));
        return run(step.stage, action, {
            status: state,
            output: {
                executionResult: {
                    ...(build === null ? {} : { externalExecutionId: buildId }),
                    ...(state === "Failed"
                        ? {
                              errorDetails: {
                                  code: "JobFailed",
                                  message: `Build terminated with state: ${build ?? "FAILED"}`,
                              },
                          }
                        : {}),
                },
                ...(step.kind === "build" && state === "Succeeded"
                    ? {
                          outputVariables: {
                              IMAGE_DIGEST: digest,
                              IMAGE_URI: `example@${digest}`,
                              IMAGE_TAG: "review-1",
                          },
                      }
                    : {}),
            },
        });
    });
    return {
        execution: {
            pipelineName: application.pipeline,
            pipelineExecutionId: id,
            pipelineVersion: 1,
            status,
            artifactRevisions: [{ name: "Src", revisionId: commit, revisionSummary: "A change" }],
            ...(isCodeCommit
                ? {
                      variables: [
                          { name: "PULL_REQUEST_ID", resolvedValue: pullRequest },
                          { name: "SOURCE_COMMIT", resolvedValue: commit },
                          { name: "DESTINATION_COMMIT", resolvedValue: commitOf("b") },
                      ],
                  }
                : {}),
        },
        actions: [source, ...actions],
        builds,
    };
}

export function logLinkOf(project: string, build: string): string {
    return `https://console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Faws$252Fcodebuild$252F${project}/log-events/${build.split(":")[1]}`;
}

function buildSample(
    projectName: string,
    id: string,
    buildStatus: string,
    message: string | undefined,
    at: number,
): Build {
    return {
        id,
        arn: `arn:aws:codebuild:eu-west-1:123456789012:build/${id}`,
        projectName,
        buildStatus: buildStatus as NonNullable<Build["buildStatus"]>,
        buildComplete: buildStatus !== "IN_PROGRESS",
        startTime: after(at),
        ...(buildStatus === "IN_PROGRESS" ? {} : { endTime: after(at + 9) }),
        logs: { groupName: `/aws/codebuild/${projectName}`, deepLink: logLinkOf(projectName, id) },
        phases: [
            {
                phaseType: "PROVISIONING",
                phaseStatus: "SUCCEEDED",
                contexts: [{ statusCode: "", message: "" }],
            },
            {
                phaseType: "BUILD",
                phaseStatus: message === undefined ? "SUCCEEDED" : "FAILED",
                contexts: message === undefined ? [] : [{ statusCode: "COMMAND_EXECUTION_ERROR", message }],
            },
        ],
    };
}

export function lintFinding(rule: string, line: number, change: Partial<CheckFinding> = {}): CheckFinding {
    return {
        rule,
        level: "warning",
        message: `about ${rule}`,
        file: "Dockerfile",
        line,
        source: "/0",
        ...change,
    };
}

export function secretFinding(change: Partial<CheckFinding> = {}): CheckFinding {
    return {
        rule: "aws-access-token",
        level: "error",
        message: "Identified a pattern that may indicate AWS credentials",
        file: "src/config.ts",
        line: 12,
        commit: commitOf("a"),
        source: "/0",
        ...change,
    };
}

export function checkSample(
    tool: "hadolint" | "gitleaks" | "trufflehog",
    findings: CheckFinding[] = [],
    { reasons = [], commit = commitOf("a") }: { reasons?: string[]; commit?: string } = {},
): CheckReport {
    return checkReport({
        tool: { name: tool, version: "1.0.0" },
        subject: { commit, ...(tool === "hadolint" ? { file: "Dockerfile" } : {}) },
        startedAt: after(1).toISOString(),
        finishedAt: after(2).toISOString(),
        raw: null,
        notes: [],
        threshold: tool === "hadolint" ? "warning" : "error",
        findings,
        reasons,
    });
}

export function scanSample(
    findings: Partial<Finding>[] = [],
    { name = "grype", digest = sampleDigest }: { name?: ScannerName; digest?: string } = {},
): ScanReport {
    return {
        version: 1,
        scanner: { name, version: "1.0.0" },
        subject: {
            image: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/portcullis-dev-orders-candidate@${digest}`,
            digest,
        },
        startedAt: after(5).toISOString(),
        finishedAt: after(6).toISOString(),
        raw: { sha256: "0".repeat(64), bytes: 1 },
        dataBuiltAt: after(-60).toISOString(),
        complete: true,
        incompleteReasons: [],
        findings: findings.map(findingOf),
        refusals: [],
    };
}
