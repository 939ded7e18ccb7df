import assert from "node:assert/strict";
import { readMergeSettings } from "../../gate/merge/mergeSettings";
import {
    codecommitApplication,
    connectionApplication,
    exampleConfig,
    exampleLiterals,
    examplePlatform,
} from "../application/testing/examplePlatform";
import { approvalNames } from "../approval/approvalNames";
import { GateAlarms } from "../approval/gateAlarms";
import { permissions } from "../pipeline/testing/permissionLines";
import { only, recordStack, type RecordedResource } from "../testing/recordedStack";
import { Merge } from "./merge";
import { mergedApplications, mergeSettings, publishedPatterns } from "./mergedApplications";
import { mergeNames } from "./mergeNames";
import { mergeStatements } from "./roleDocuments";

const demo = { ...codecommitApplication, mergeInto: "release" };
const shop = {
    ...connectionApplication,
    mergeInto: "main",
    review: { pullRequests: false, feedback: { host: "github", tokenSecret: "example/token" } },
};
const all = [demo, shop, { ...codecommitApplication, name: "unmerged" }];
const literals = (applications: readonly unknown[] = all) => exampleLiterals(exampleConfig({ applications }));
const arn = (service: string, resource: string) => `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
const statements = (applications?: readonly unknown[]) => {
    const platform = literals(applications);
    const { table } = approvalNames(platform.account, platform.naming);
    return permissions(mergeStatements(platform, mergeNames(platform.account, platform.naming), table));
};

describe("role of the function that merges", () => {
    const own = [
        `Allow logs:CreateLogStream ${arn("logs", "log-group:/aws/lambda/portcullis-dev-merge:log-stream:*")}`,
        `Allow logs:PutLogEvents ${arn("logs", "log-group:/aws/lambda/portcullis-dev-merge:log-stream:*")}`,
        `Allow sqs:SendMessage ${arn("sqs", "portcullis-dev-merge-failed")}`,
        "Allow xray:PutTelemetryRecords *",
        "Allow xray:PutTraceSegments *",
        `Allow dynamodb:Query ${arn("dynamodb", "table/portcullis-dev-approvals")}`,
        `Allow kms:Decrypt ${arn("kms", "key/*")} {"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/example-pipeline"}}`,
    ];
    const pipeline = (name: string) =>
        `Allow codepipeline:ListActionExecutions ${arn("codepipeline", `portcullis-dev-${name}-delivery`)}`;
    const merges = (name: string, branch: string) => [
        `Allow codecommit:GetPullRequest ${arn("codecommit", `portcullis-dev-${name}`)}`,
        `Allow codecommit:ListPullRequests ${arn("codecommit", `portcullis-dev-${name}`)}`,
        `Allow codecommit:MergePullRequestByFastForward ${arn("codecommit", `portcullis-dev-${name}`)} ` +
            `{"StringEquals":{"codecommit:References":"refs/heads/${branch}"}}`,
    ];

    it("sees what was published and approved, and merges into the one branch; nothing else", () => {
        assert.deepEqual(
            statements(),
            [
                ...own,
                pipeline("demo"),
                pipeline("shop-front"),
                ...merges("demo", "release"),
                `Allow secretsmanager:GetSecretValue ${arn("secretsmanager", "secret:example/token-??????")}`,
            ].sort(),
        );
    });

    it("merges into each repository's own branch alone", () => {
        assert.deepEqual(
            statements([demo, { ...demo, name: "other", mergeInto: "main" }]),
            [
                ...own,
                pipeline("demo"),
                pipeline("other"),
                ...merges("demo", "release"),
                ...merges("other", "main"),
            ].sort(),
        );
    });

    it("touches no repository of CodeCommit where there is none, and needs a way to the code host", () => {
        assert.deepEqual(
            statements([shop]).filter((line) => line.includes("codecommit:")),
            [],
        );
        const unreachable = { ...shop, review: { pullRequests: true } };
        assert.throws(
            () => mergedApplications(literals([unreachable])),
            /shop-front: mergeInto needs review.feedback/,
        );
    });
});

describe("settings and events of the function that merges", () => {
    it("name the pipeline, what is built and where it goes, for applications that are merged", () => {
        const settings = mergeSettings(literals(), "portcullis-dev-approvals");
        assert.deepEqual(readMergeSettings(JSON.stringify(settings)), settings);
        const actions = {
            publish: { stage: "Publish", action: "Publish" },
            build: { stage: "Build", action: "Build" },
        };
        assert.deepEqual(settings, {
            version: 1,
            account: { partition: "aws", region: "eu-central-1", accountId: "123456789012" },
            table: "portcullis-dev-approvals",
            applications: [
                {
                    name: "demo",
                    pipeline: "portcullis-dev-demo-delivery",
                    ...actions,
                    branch: "main",
                    mergeInto: "release",
                    host: { type: "codecommit", repository: "portcullis-dev-demo" },
                },
                {
                    name: "shop-front",
                    pipeline: "portcullis-dev-shop-front-delivery",
                    ...actions,
                    branch: "release",
                    mergeInto: "main",
                    host: { type: "github", repository: "example/shop-front", tokenSecret: "example/token" },
                },
            ],
        });
    });

    it("are the publications of these pipelines", () => {
        const { applications } = mergeSettings(literals(), "portcullis-dev-approvals");
        assert.deepEqual(
            publishedPatterns(literals().account, applications).map((text) => JSON.parse(text) as unknown),
            [
                {
                    source: ["aws.codepipeline"],
                    "detail-type": ["CodePipeline Action Execution State Change"],
                    account: ["123456789012"],
                    region: ["eu-central-1"],
                    detail: {
                        pipeline: ["portcullis-dev-demo-delivery", "portcullis-dev-shop-front-delivery"],
                        stage: ["Publish"],
                        action: ["Publish"],
                        state: ["SUCCEEDED"],
                    },
                },
            ],
        );
        assert.throws(() => publishedPatterns(literals().account, []), /at least one pipeline/);
    });
});

describe("function that merges", () => {
    let resources: RecordedResource[];
    before(async () => {
        resources = await recordStack(() => {
            const platform = examplePlatform({ applications: all });
            const names = approvalNames(platform.account, platform.naming);
            const { alarmTopic } = new GateAlarms("gate", { names, platform });
            new Merge("merge", { platform, table: names.table, alarmTopic });
        });
    });

    it("is these resources and no other", () => {
        assert.deepEqual(
            resources
                .filter(({ name }) => name.startsWith("merge"))
                .map(({ type, name }) => `${type} ${name}`)
                .sort(),
            [
                "aws:cloudwatch/eventRule:EventRule merge-published",
                "aws:cloudwatch/eventTarget:EventTarget merge-published-target",
                "aws:cloudwatch/logGroup:LogGroup merge-logs",
                ...["errors", "failed", "throttles"].map(
                    (what) => `aws:cloudwatch/metricAlarm:MetricAlarm merge-alarms-function-${what}`,
                ),
                "aws:iam/role:Role merge-role",
                "aws:iam/rolePolicy:RolePolicy merge-role-policy",
                "aws:lambda/function:Function merge",
                "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig merge-events",
                "aws:lambda/permission:Permission merge-published-permission",
                "aws:sqs/queue:Queue merge-failed",
                "aws:sqs/queuePolicy:QueuePolicy merge-failed-policy",
            ].sort(),
        );
    });

    it("runs one event at a time, started by its own rule", () => {
        const { name, timeout, reservedConcurrentExecutions, tags } = only(resources, "merge").inputs;
        assert.deepEqual(
            { name, timeout, reservedConcurrentExecutions },
            { name: "portcullis-dev-merge", timeout: 60, reservedConcurrentExecutions: 1 },
        );
        assert.equal((tags as Record<string, string>)["gate:role"], "merger");
        assert.deepEqual(only(resources, "merge-published-permission").inputs, {
            statementId: "published-1",
            function: "portcullis-dev-merge",
            action: "lambda:InvokeFunction",
            principal: "events.amazonaws.com",
            sourceArn: arn("events", "rule/portcullis-dev-merge-published"),
        });
    });
});
