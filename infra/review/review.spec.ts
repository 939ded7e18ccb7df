import assert from "node:assert/strict";
import { readReviewSettings } from "../../gate/review/reviewSettings";
import {
    codecommitApplication,
    connectionApplication,
    exampleConfig,
    exampleGate,
    exampleLiterals,
    examplePlatform,
} from "../application/testing/examplePlatform";
import { GateAlarms } from "../approval/gateAlarms";
import { approvalNames } from "../approval/approvalNames";
import { functionEnvironment } from "../function/functionEnvironment";
import { permissions } from "../pipeline/testing/permissionLines";
import { only, recordStack, type RecordedResource } from "../testing/recordedStack";
import { reviewPatterns } from "./eventPatterns";
import { Review } from "./review";
import { reviewedApplications } from "./reviewedApplications";
import { reviewNames } from "./reviewNames";
import { reviewStatements } from "./roleDocuments";
import { reviewSettings } from "./settings";
import { forbiddenInReviews } from "./testing/reviewContext";

const told = {
    ...connectionApplication,
    review: { pullRequests: true, feedback: { host: "gitlab", tokenSecret: "example/token" } },
} as const;
const silent = { ...connectionApplication, name: "store" };
const closed = { ...codecommitApplication, name: "closed", review: { pullRequests: false } };
const all = [codecommitApplication, told, silent, closed];
const literals = (applications: readonly unknown[] = all) => exampleLiterals(exampleConfig({ applications }));
const names = () => {
    const { account, naming } = literals();
    return reviewNames(account, naming);
};
const arn = (service: string, resource: string) => `arn:aws:${service}:eu-central-1:123456789012:${resource}`;

describe("role of the function that tells about reviews", () => {
    const own = [
        `Allow logs:CreateLogStream ${arn("logs", "log-group:/aws/lambda/portcullis-dev-review:log-stream:*")}`,
        `Allow logs:PutLogEvents ${arn("logs", "log-group:/aws/lambda/portcullis-dev-review:log-stream:*")}`,
        `Allow sqs:SendMessage ${arn("sqs", "portcullis-dev-review-failed")}`,
        "Allow xray:PutTelemetryRecords *",
        "Allow xray:PutTraceSegments *",
        "Allow s3:GetObject arn:aws:s3:::example-evidence/*--review/*",
        "Allow s3:ListBucket arn:aws:s3:::example-evidence",
        `Allow kms:Decrypt ${arn("kms", "key/*")} {"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/example-pipeline"}}`,
    ];
    const read = (pipeline: string) =>
        ["GetPipelineExecution", "ListActionExecutions", "ListPipelineExecutions"].map(
            (action) => `Allow codepipeline:${action} ${arn("codepipeline", pipeline)}`,
        );
    const codecommit = [
        `Allow codepipeline:StartPipelineExecution ${arn("codepipeline", "portcullis-dev-demo-review")}`,
        ...read("portcullis-dev-demo-review"),
        `Allow codebuild:BatchGetBuilds ${arn("codebuild", "project/portcullis-dev-demo-review-*")}`,
        ...["GetCommentsForPullRequest", "GetPullRequest", "PostCommentForPullRequest", "UpdateComment"].map(
            (action) => `Allow codecommit:${action} ${arn("codecommit", "portcullis-dev-demo")}`,
        ),
    ];
    const connected = [
        ...read("portcullis-dev-shop-front-review"),
        `Allow codebuild:BatchGetBuilds ${arn("codebuild", "project/portcullis-dev-shop-front-review-*")}`,
        `Allow secretsmanager:GetSecretValue ${arn("secretsmanager", "secret:example/token-??????")}`,
    ];

    it("starts reviews of CodeCommit repositories, reads how reviews went, and comments; nothing else", () => {
        assert.deepEqual(
            permissions(reviewStatements(literals(), names())),
            [...own, ...codecommit, ...connected].sort(),
        );
    });

    it("has no token without a code host, and starts nothing of a connection", () => {
        assert.deepEqual(
            permissions(reviewStatements(literals([codecommitApplication]), names())),
            [...own, ...codecommit].sort(),
        );
        assert.deepEqual(
            permissions(reviewStatements(literals([told]), names())),
            [...own, ...connected].sort(),
        );
    });

    it("reads each token once, and none that is not named", () => {
        const second = { ...told, name: "second" };
        const third = {
            ...told,
            name: "third",
            review: { ...told.review, feedback: { host: "github", tokenSecret: "b" } },
        };
        const lines = permissions(reviewStatements(literals([second, told, third]), names()));
        assert.deepEqual(
            lines.filter((line) => line.includes("secretsmanager")),
            ["secret:b-??????", "secret:example/token-??????"].map(
                (secret) => `Allow secretsmanager:GetSecretValue ${arn("secretsmanager", secret)}`,
            ),
        );
    });

    it("has no way to what is released", () => {
        const lines = permissions(reviewStatements(literals(), names()));
        for (const line of lines.filter((each) => !each.includes("secretsmanager:GetSecretValue")))
            assert.doesNotMatch(line, forbiddenInReviews);
    });

    it("names each project where their names had to be cut", () => {
        const long = exampleLiterals(exampleConfig({ applications: [codecommitApplication] }));
        const cut = {
            ...long,
            naming: {
                ...long.naming,
                physical: (...parts: Parameters<typeof long.naming.physical>) =>
                    long.naming.physical(...parts).replace("demo-review-", "demo-cut-"),
            },
        };
        assert.deepEqual(
            reviewedApplications(cut).flatMap(({ projectArns }) => projectArns),
            ["lint", "secrets", "build", "scan-anchore", "scan-grype"].map((step) =>
                arn("codebuild", `project/portcullis-dev-demo-cut-${step}`),
            ),
        );
    });
});

describe("events of reviews", () => {
    const { account } = literals();
    const parsed = (patterns: string[]) => patterns.map((pattern) => JSON.parse(pattern) as unknown);
    const common = (source: string, detailType: string) => ({
        source: [source],
        "detail-type": [detailType],
        account: ["123456789012"],
        region: ["eu-central-1"],
    });

    it("are those of our repositories, pipelines and projects alone", () => {
        const patterns = reviewPatterns(account, reviewedApplications(literals()), ["b", "a"]);
        assert.deepEqual(parsed(patterns["pull-requests"]), [
            {
                ...common("aws.codecommit", "CodeCommit Pull Request State Change"),
                resources: [arn("codecommit", "portcullis-dev-demo")],
                detail: { event: ["pullRequestCreated", "pullRequestSourceBranchUpdated"] },
            },
        ]);
        assert.deepEqual(parsed(patterns.executions), [
            {
                ...common("aws.codepipeline", "CodePipeline Pipeline Execution State Change"),
                detail: {
                    pipeline: ["portcullis-dev-demo-review", "portcullis-dev-shop-front-review"],
                    state: ["SUCCEEDED", "FAILED", "STOPPED", "SUPERSEDED", "CANCELED"],
                },
            },
        ]);
        assert.deepEqual(parsed(patterns.builds), [
            {
                ...common("aws.codebuild", "CodeBuild Build State Change"),
                detail: {
                    "project-name": ["a", "b"],
                    "build-status": ["SUCCEEDED", "FAILED", "STOPPED", "TIMED_OUT", "FAULT"],
                },
            },
        ]);
    });

    it("have no pattern without names, and as many as keep within the quota", () => {
        const connections = reviewedApplications(literals([told]));
        assert.deepEqual(reviewPatterns(account, connections, ["a"])["pull-requests"], []);
        const projects = Array.from(
            { length: 100 },
            (_, index) => `portcullis-dev-demo-review-step-${index}`,
        );
        const { builds } = reviewPatterns(account, connections, projects);
        assert.equal(builds.length > 1 && builds.every(({ length }) => length <= 2_048), true);
        const found = builds.flatMap(
            (pattern) =>
                (JSON.parse(pattern) as { detail: { "project-name": string[] } }).detail["project-name"],
        );
        assert.deepEqual(found, projects.sort());
    });
});

describe("settings of the function that tells about reviews", () => {
    it("are what the function reads, about every application that can be commented on", () => {
        const settings = reviewSettings(literals(), exampleGate, names());
        const text = JSON.stringify(settings);
        assert.deepEqual(readReviewSettings(text, functionEnvironment(settings, "x")), settings);
        const { policy, ...rest } = settings;
        assert.deepEqual(policy, literals().config.gatePolicy);
        const step = (
            kind: string,
            tool: string | undefined,
            stage: string,
            action: string,
            project: string,
        ) => ({
            kind,
            ...(tool === undefined ? {} : { tool }),
            stage,
            action,
            project,
        });
        const steps = (name: string) => [
            step("lint", "hadolint", "Verify", "Lint", `portcullis-dev-${name}-review-lint`),
            step("secrets", "gitleaks", "Verify", "Secrets", `portcullis-dev-${name}-review-secrets`),
            step("build", undefined, "Build", "Build", `portcullis-dev-${name}-review-build`),
            step("scan", "anchore", "Test", "Anchore", `portcullis-dev-${name}-review-scan-anchore`),
            step("scan", "grype", "Test", "Grype", `portcullis-dev-${name}-review-scan-grype`),
        ];
        assert.deepEqual(rest, {
            version: 1,
            account: { partition: "aws", region: "eu-central-1", accountId: "123456789012" },
            stack: "portcullis-dev",
            role: "portcullis-dev-review",
            evidenceBucket: "example-evidence",
            applications: [
                {
                    name: "demo",
                    pipeline: "portcullis-dev-demo-review",
                    host: { type: "codecommit", repository: "portcullis-dev-demo" },
                    steps: steps("demo"),
                },
                {
                    name: "shop-front",
                    pipeline: "portcullis-dev-shop-front-review",
                    host: { type: "gitlab", repository: "example/shop-front", tokenSecret: "example/token" },
                    steps: steps("shop-front"),
                },
            ],
        });
    });

    it("name the tool for secrets and the address of a code host of one's own", () => {
        const feedback = { ...told.review.feedback, apiUrl: "https://git.example.com/api/v4" };
        const platform = exampleLiterals(
            exampleConfig({
                applications: [{ ...told, review: { pullRequests: true, feedback } }],
                verify: { secrets: { tool: "trufflehog" } },
            }),
        );
        const [application] = reviewSettings(platform, exampleGate, names()).applications;
        assert.deepEqual(application?.host, {
            type: "gitlab",
            repository: "example/shop-front",
            tokenSecret: "example/token",
            apiUrl: "https://git.example.com/api/v4",
        });
        assert.equal(application?.steps.find(({ kind }) => kind === "secrets")?.kind, "secrets");
        assert.deepEqual(
            application?.steps.flatMap((step) => (step.kind === "secrets" ? [step.tool] : [])),
            ["trufflehog"],
        );
    });
});

describe("function that tells about reviews", () => {
    let resources: RecordedResource[];
    before(async () => {
        resources = await recordStack(() => {
            const platform = examplePlatform({ applications: all });
            const { alarmTopic } = new GateAlarms("gate", {
                names: approvalNames(platform.account, platform.naming),
                platform,
            });
            new Review("review", { platform, gate: exampleGate, alarmTopic });
        });
    });

    it("is these resources and no other", () => {
        const events = ["pull-requests", "executions", "builds"].flatMap((event) => [
            `aws:cloudwatch/eventRule:EventRule review-${event}`,
            `aws:cloudwatch/eventTarget:EventTarget review-${event}-target`,
            `aws:lambda/permission:Permission review-${event}-permission`,
        ]);
        assert.deepEqual(
            resources
                .filter(({ name }) => name.startsWith("review"))
                .map(({ type, name }) => `${type} ${name}`)
                .sort(),
            [
                ...events,
                "aws:cloudwatch/logGroup:LogGroup review-logs",
                ...["errors", "failed", "throttles"].map(
                    (what) => `aws:cloudwatch/metricAlarm:MetricAlarm review-alarms-function-${what}`,
                ),
                "aws:iam/role:Role review-role",
                "aws:iam/rolePolicy:RolePolicy review-role-policy",
                "aws:lambda/function:Function review",
                "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig review-events",
                "aws:sqs/queue:Queue review-failed",
                "aws:sqs/queuePolicy:QueuePolicy review-failed-policy",
            ].sort(),
        );
    });

    it("runs one event at a time, with two minutes for each", () => {
        const { name, timeout, reservedConcurrentExecutions, environment, tags } = only(
            resources,
            "review",
        ).inputs;
        assert.deepEqual(
            { name, timeout, reservedConcurrentExecutions },
            { name: "portcullis-dev-review", timeout: 120, reservedConcurrentExecutions: 1 },
        );
        assert.equal((tags as Record<string, string>)["gate:role"], "reviewer");
        const { variables } = environment as { variables: Record<string, string> };
        assert.equal(variables["POWERTOOLS_SERVICE_NAME"], "portcullis-dev-review");
        assert.equal(only(resources, "review-role").inputs["name"], "portcullis-dev-review");
    });

    it("is started by its own rules alone, and they put what they could not deliver into its queue", () => {
        for (const event of ["pull-requests", "executions", "builds"]) {
            const rule = arn("events", `rule/portcullis-dev-review-${event}`);
            assert.deepEqual(only(resources, `review-${event}-permission`).inputs, {
                statementId: `${event}-1`,
                function: "portcullis-dev-review",
                action: "lambda:InvokeFunction",
                principal: "events.amazonaws.com",
                sourceArn: rule,
            });
            const { deadLetterConfig, arn: target } = only(resources, `review-${event}-target`).inputs;
            assert.deepEqual(deadLetterConfig, { arn: arn("sqs", "portcullis-dev-review-failed") });
            assert.equal(target, arn("lambda", "function:portcullis-dev-review"));
        }
        const policy = JSON.parse(only(resources, "review-failed-policy").inputs["policy"] as string) as {
            Statement: { Sid: string; Condition: { ArnEquals?: Record<string, string[]> } }[];
        };
        assert.deepEqual(
            policy.Statement.find(({ Sid }) => Sid === "UndeliveredEvents")?.Condition.ArnEquals?.[
                "aws:SourceArn"
            ],
            ["pull-requests", "executions", "builds"].map((event) =>
                arn("events", `rule/portcullis-dev-review-${event}`),
            ),
        );
    });

    it("raises its alarms where the gate does", () => {
        for (const what of ["errors", "failed", "throttles"]) {
            const { name, alarmActions } = only(resources, `review-alarms-function-${what}`).inputs;
            assert.equal(name, `portcullis-dev-review-function-${what}`);
            assert.deepEqual(alarmActions, [arn("sns", "portcullis-dev-gate-alarms")]);
        }
    });
});
