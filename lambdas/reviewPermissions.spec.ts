/**
 * Reviews and merges as the stack wires them: the archives that would be uploaded, with their settings, roles and event
 * rules, do all that they are for, and their roles allow nothing else.
 */
import assert from "node:assert/strict";
import { matchesEventPattern } from "../gate/approval/testing/eventPatternMatcher";
import { requestItem } from "../gate/approval/tableItems";
import { uuidOf } from "../gate/approval/testing/genuineShapes";
import type { MergeSettings } from "../gate/merge/mergeSettings";
import {
    approvalRecord,
    publishedCommit,
    releaseActions,
    releaseId,
} from "../gate/merge/testing/mergeSamples";
import type { ReviewedApplication, ReviewSettings } from "../gate/review/reviewSettings";
import {
    actionEvent,
    buildEvent,
    executionEvent,
    pullRequestEvent,
} from "../gate/review/testing/reviewEvents";
import {
    allPassed,
    buildIdOf,
    checkSample,
    commitOf,
    executionSample,
    scanSample,
} from "../gate/review/testing/reviewSamples";
import { captureStack, type CapturedStack } from "./testing/capturedStack";
import type { UploadedFunction } from "./testing/functionProcess";
import { unusedGrants } from "./testing/grantUse";
import { Permissions } from "./testing/permissions";
import { ReviewCloud } from "./testing/reviewCloud";
import { TableServer, type TableDeclaration } from "./testing/tableServer";

const connection = (name: string) => ({
    type: "connection",
    connectionArn:
        "arn:aws:codeconnections:eu-west-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef",
    repository: name,
    branch: "development",
});

/** An application of each code host, all of which are reviewed and merged. */
const applications = [
    { name: "orders", source: { type: "codecommit", branch: "development" }, mergeInto: "main" },
    {
        name: "billing",
        source: connection("example-org/billing"),
        mergeInto: "main",
        review: { feedback: { host: "github", tokenSecret: "portcullis/github-token" } },
    },
    {
        name: "ledger",
        source: connection("example-group/payments/ledger"),
        mergeInto: "main",
        review: { feedback: { host: "gitlab", tokenSecret: "portcullis/gitlab-token" } },
    },
];

/** What Lambda and AWS X-Ray do in a function's name, and what AWS Lambda does with events that failed. */
const doneByLambda = [
    "WriteOwnLog logs:CreateLogStream",
    "WriteOwnLog logs:PutLogEvents",
    "SendTraces xray:PutTelemetryRecords",
    "SendTraces xray:PutTraceSegments",
    "KeepFailedEvents sqs:SendMessage",
];

describe("Reviews and merges as the stack wires them", function () {
    // The program is captured first, which takes long on a machine that is busy.
    this.timeout(300_000);
    let stack: CapturedStack;
    let permissions: Permissions;
    const clouds: ReviewCloud[] = [];
    let tables: TableServer;

    before(async () => {
        stack = await captureStack({ applications });
        permissions = new Permissions(stack);
    });
    after(async () => {
        await Promise.all(clouds.map((cloud) => cloud.stop()));
        await tables?.stop();
    });

    /** A cloud with the function as it was captured; only the addresses of the code hosts are those of the fakes. */
    async function cloudOf<Settings extends { applications: { host: { type: string } }[] }>(
        part: "review" | "merge",
        bucket: string,
        endpoints: (cloud: ReviewCloud) => Promise<Record<string, string>> = async () => ({}),
    ): Promise<{ cloud: ReviewCloud; settings: Settings; uploaded: UploadedFunction; role: string }> {
        const uploaded = stack.uploaded(`-${part}`);
        const role =
            String(stack.one("aws:lambda/function:Function", { name: uploaded.name }).properties["role"])
                .split("/")
                .at(-1) ?? "";
        const cloud = new ReviewCloud(part, { account: stack.account, bucket, keyArn: keyOf(bucket) });
        clouds.push(cloud);
        cloud.journal.authorize = async (_principal, permission) => {
            const { isAllowed, problem } = await permissions.judge({ role }, permission);
            if (problem !== null) cloud.journal.malformed.push(`${permission.action}: ${problem}`);
            return isAllowed;
        };
        const { partition, accountId } = stack.account;
        cloud.codeCommit.sessionArn = (principal) =>
            `arn:${partition}:sts::${accountId}:assumed-role/${role}/${principal}`;
        const settings = JSON.parse(uploaded.files["settings.json"] ?? "{}") as Settings;
        await cloud.start(
            ({ gitHub, gitLab }) => {
                const urls: Record<string, string> = { github: gitHub, gitlab: gitLab };
                for (const { host } of settings.applications)
                    if (urls[host.type] !== undefined) Object.assign(host, { apiUrl: urls[host.type] });
                return settings;
            },
            await endpoints(cloud),
        );
        return { cloud, settings, uploaded, role };
    }

    function keyOf(bucket: string): string {
        const found = stack
            .all("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")
            .find(({ properties }) => properties["bucket"] === bucket);
        const [rule] = (found?.properties["rules"] ?? []) as {
            applyServerSideEncryptionByDefault?: { kmsMasterKeyId?: string };
        }[];
        return rule?.applyServerSideEncryptionByDefault?.kmsMasterKeyId ?? "";
    }

    /** The event as it would come from this account and region. */
    function here<Event extends { resources: string[]; detail: object }>(event: Event): Event {
        const { region, accountId } = stack.account;
        return JSON.parse(
            JSON.stringify(event).replaceAll("eu-west-1", region).replaceAll("123456789012", accountId),
        ) as Event;
    }

    /** Whether a rule of the stack hands the event to the function. */
    function isDelivered(event: object, uploaded: UploadedFunction): boolean {
        const targets = stack
            .all("aws:cloudwatch/eventTarget:EventTarget")
            .filter(({ properties }) => properties["arn"] === uploaded.arn);
        const rules = new Set(targets.map(({ properties }) => properties["rule"]));
        return stack
            .all("aws:cloudwatch/eventRule:EventRule")
            .some(
                ({ properties }) =>
                    rules.has(properties["name"]) &&
                    matchesEventPattern(String(properties["eventPattern"]), event),
            );
    }

    async function assertExact(cloud: ReviewCloud, role: string, conditional: string[] = []): Promise<void> {
        cloud.assertClean();
        assert.deepEqual(cloud.journal.denied, []);
        const used = new Set<string>();
        for (const { permissions: needed } of cloud.journal.calls)
            for (const permission of needed)
                for (const grant of (await permissions.judge({ role }, permission)).grants) used.add(grant);
        const unused = unusedGrants(permissions.statementsOf(role), used)
            .map((grant) => grant.split(" ").slice(0, 2).join(" "))
            .filter((grant) => !doneByLambda.includes(grant) && !conditional.includes(grant));
        assert.deepEqual(unused, []);
    }

    it("tell reviews of every code host, with a role that allows exactly that", async () => {
        const { evidenceBucket } = JSON.parse(
            stack.uploaded("-review").files["settings.json"] ?? "{}",
        ) as ReviewSettings;
        const { cloud, settings, uploaded, role } = await cloudOf<ReviewSettings>("review", evidenceBucket);
        assert.deepEqual(
            settings.applications.map(({ name }) => name),
            ["orders", "billing", "ledger"],
        );
        const send = async (event: Parameters<typeof here>[0]): Promise<string[]> => {
            const own = here(event);
            assert.ok(
                isDelivered(own, uploaded),
                `no rule hands over ${own.detail && JSON.stringify(own.detail)}`,
            );
            return (await cloud.handle(own)).map(({ fact }) => fact);
        };
        const find = (name: string): ReviewedApplication =>
            settings.applications.find((each) => each.name === name)!;
        const orders = find("orders");
        cloud.codeCommit.pullRequests.set("7", {
            repository: orders.host.repository,
            status: "OPEN",
            sourceBranch: "feature",
            sourceCommit: commitOf("a"),
            destinationBranch: "development",
            destinationCommit: commitOf("b"),
        });
        for (const server of [cloud.gitHub, cloud.gitLab])
            server.pullRequests.set(7, {
                number: 7,
                isOpen: true,
                sourceBranch: "feature",
                sourceCommit: commitOf("a"),
                destinationBranch: "development",
                destinationCommit: commitOf("b"),
            });
        const opened = pullRequestEvent({ repository: orders.host.repository });
        assert.deepEqual(await send(opened), ["ReviewStarted", "ReviewTold"]);
        assert.ok(!isDelivered(here(pullRequestEvent({ repository: "another" })), uploaded));
        assert.ok(
            !isDelivered(
                here(
                    pullRequestEvent({
                        repository: orders.host.repository,
                        event: "pullRequestStatusChanged",
                    }),
                ),
                uploaded,
            ),
        );
        cloud.pipelines.executions.clear();
        for (const application of settings.applications) {
            const id = uuidOf(1);
            const secrets = application.steps.find(({ kind }) => kind === "secrets");
            assert.ok(secrets !== undefined && secrets.kind === "secrets");
            for (const steps of [{ Lint: "Succeeded" } as const, allPassed]) {
                const status = steps === allPassed ? "Succeeded" : "InProgress";
                cloud.put(executionSample({ application, id, steps, status }));
                if (steps !== allPassed) {
                    const build = buildIdOf(application, "Lint", id);
                    await send(buildEvent({ build, status: "SUCCEEDED", pipeline: application.pipeline }));
                    continue;
                }
                cloud.storeCheck(checkSample("hadolint"), application.name, id);
                cloud.storeCheck(checkSample(secrets.tool), application.name, id);
                cloud.storeScan(scanSample(), application.name, id);
                await send(
                    executionEvent({ pipeline: application.pipeline, execution: id, state: "SUCCEEDED" }),
                );
            }
        }
        for (const bodies of [
            cloud.codeCommit.commentsOn("7").map(({ content }) => content),
            ...[cloud.gitHub, cloud.gitLab].map(({ comments }) => comments.map(({ body }) => body)),
        ]) {
            assert.equal(bodies.length, 1);
            assert.match(
                bodies[0] ?? "",
                /^## Review of `(orders|billing|ledger)`: (passed|failed|could not be judged)$/m,
            );
        }
        assert.ok(
            !isDelivered(here(executionEvent({ pipeline: "portcullis-dev-orders-delivery" })), uploaded),
        );
        await assertExact(cloud, role);
    });

    it("merge what was published at every code host, with a role that allows exactly that", async () => {
        const { table } = JSON.parse(
            stack.uploaded("-merge").files["settings.json"] ?? "{}",
        ) as MergeSettings;
        const { properties } = stack.one("aws:dynamodb/table:Table", { name: table });
        const { kmsKeyArn = null } = (properties["serverSideEncryption"] ?? {}) as { kmsKeyArn?: string };
        const { cloud, settings, uploaded, role } = await cloudOf<MergeSettings>(
            "merge",
            "unused-here",
            async (made) => {
                tables = new TableServer(
                    {
                        account: stack.account,
                        journal: made.journal,
                        principals: [made.functionName],
                        now: () => made.now,
                    },
                    {
                        ...(properties as unknown as TableDeclaration),
                        arn: String(properties["arn"]),
                        streamArn: String(properties["streamArn"]),
                        keyArn: kmsKeyArn,
                    },
                );
                await tables.start();
                return { AWS_ENDPOINT_URL_DYNAMODB: tables.url };
            },
        );
        for (const { name, pipeline, host } of settings.applications) {
            await tables.clear();
            cloud.pipelines.executions.set(pipeline, [
                {
                    execution: {
                        pipelineName: pipeline,
                        pipelineExecutionId: releaseId,
                        status: "InProgress",
                    },
                    actions: releaseActions(),
                    startTime: cloud.now,
                },
            ]);
            const record = approvalRecord();
            const { subject } = record.request;
            assert.ok(subject !== null);
            const request = { ...record.request, pipeline, subject: { ...subject, application: name } };
            await tables.put(requestItem({ ...record, request }));
            if (host.type === "codecommit")
                cloud.codeCommit.pullRequests.set("7", {
                    repository: host.repository,
                    status: "OPEN",
                    sourceBranch: "development",
                    sourceCommit: publishedCommit,
                    destinationBranch: "main",
                    destinationCommit: commitOf("b"),
                });
            else
                (host.type === "github" ? cloud.gitHub : cloud.gitLab).pullRequests.set(7, {
                    number: 7,
                    isOpen: true,
                    sourceBranch: "development",
                    sourceCommit: publishedCommit,
                    destinationBranch: "main",
                    destinationCommit: commitOf("b"),
                });
            const event = here(actionEvent({ pipeline, execution: releaseId }));
            assert.ok(isDelivered(event, uploaded), pipeline);
            assert.deepEqual(
                (await cloud.handle(event)).map(({ fact }) => fact),
                ["PullRequestMerged"],
                name,
            );
        }
        const [{ pipeline } = { pipeline: "" }] = settings.applications;
        for (const change of [{ state: "FAILED" }, { action: "Deploy" }, { pipeline: "another" }])
            assert.ok(
                !isDelivered(here(actionEvent({ pipeline, ...change })), uploaded),
                JSON.stringify(change),
            );
        await assertExact(cloud, role);
        // Into no other branch.
        const [orders] = settings.applications;
        const resource = `arn:${stack.account.partition}:codecommit:${stack.account.region}:${stack.account.accountId}:${orders?.host.repository}`;
        const merging = (branch: string) =>
            permissions.judge(
                { role },
                {
                    action: "codecommit:MergePullRequestByFastForward",
                    resource,
                    context: { "codecommit:References": `refs/heads/${branch}` },
                },
            );
        assert.deepEqual(
            [(await merging("main")).isAllowed, (await merging("development")).isAllowed],
            [true, false],
        );
    });
});
