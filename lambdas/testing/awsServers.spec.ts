import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
    CodePipelineClient,
    GetPipelineStateCommand,
    ListActionExecutionsCommand,
    PutApprovalResultCommand,
    type PutApprovalResultCommandInput,
} from "@aws-sdk/client-codepipeline";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DescribeImageScanFindingsCommand, ECRClient } from "@aws-sdk/client-ecr";
import { GetObjectCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CallJournal } from "./callJournal";
import { CodePipelineServer } from "./codePipelineServer";
import { EvidenceServer } from "./evidenceServer";
import type { PipelineModel } from "./pipelineModel";
import { RegistryServer } from "./registryServer";
import { credentialsOf } from "./signature";
import { TableServer } from "./tableServer";

const account = { partition: "aws", region: "us-east-1", accountId: "123456789012" };
const digest = `sha256:${"a".repeat(64)}`;

/** What the SDK's own clients, which send what AWS takes, are answered; and what is refused. */
describe("Fakes of AWS", () => {
    const journal = new CallJournal();
    let time = new Date("2026-11-21T12:00:00Z");
    const options = { account, journal, principals: ["gate"], now: () => time };
    const client = (url: string, change: object = {}) => ({
        region: account.region,
        endpoint: url,
        credentials: credentialsOf("gate"),
        maxAttempts: 1,
        ...change,
    });

    beforeEach(() => {
        journal.reset();
        journal.malformed.length = 0;
    });

    /** The code of the error that a call ends with, and its HTTP status. */
    async function refusal(call: Promise<unknown>): Promise<string> {
        try {
            await call;
            return "accepted";
        } catch (error) {
            const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
            return `${name} ${$metadata?.httpStatusCode ?? ""}`.trim();
        }
    }

    describe("CodePipeline", () => {
        const approval = (name: string) => ({
            name,
            category: "Approval",
            owner: "AWS",
            provider: "Manual",
            version: "1",
            configuration: { CustomData: "for #{codepipeline.PipelineExecutionId}" },
            timeoutInMinutes: 60,
        });
        const declaration = {
            name: "orders",
            executionMode: "QUEUED",
            stages: [
                {
                    name: "Source",
                    actions: [{ ...approval("Source"), category: "Source", provider: "CodeCommit" }],
                },
                { name: "Approve", actions: [approval("GateApproval"), approval("HumanApproval")] },
            ],
        };
        const server = new CodePipelineServer(options, [declaration]);
        let codepipeline: CodePipelineClient;
        let pipeline: PipelineModel;
        let execution: string;
        let token: string;

        before(async () => {
            await server.start();
            codepipeline = new CodePipelineClient(client(server.url));
        });
        after(() => server.stop());
        beforeEach(() => {
            time = new Date("2026-11-21T12:00:00Z");
            server.reset();
            pipeline = server.pipelines.get("orders") as PipelineModel;
            execution = pipeline.startExecution("Approve", {});
            token = pipeline.startApproval(execution, "Approve", "GateApproval").approval?.token ?? "";
        });

        const answer = (change: object = {}): Promise<string> =>
            refusal(
                codepipeline.send(
                    new PutApprovalResultCommand({
                        pipelineName: "orders",
                        stageName: "Approve",
                        actionName: "GateApproval",
                        token,
                        result: { status: "Approved", summary: "fine" },
                        ...change,
                    } as PutApprovalResultCommandInput),
                ),
            );

        it("accepts one answer for each token, and says who gave it", async () => {
            assert.equal(await answer(), "accepted");
            assert.equal(await answer(), "ApprovalAlreadyCompletedException 400");
            const { stageStates } = await codepipeline.send(new GetPipelineStateCommand({ name: "orders" }));
            const latest = stageStates?.[1]?.actionStates?.[0]?.latestExecution;
            assert.deepEqual(
                [latest?.status, latest?.summary, latest?.lastUpdatedBy, latest?.token],
                ["Succeeded", "fine", "arn:aws:sts::123456789012:assumed-role/gate/gate", undefined],
            );
            assert.equal(server.answers.length, 1);
        });

        const refused: { title: string; change: object; code: string }[] = [
            {
                title: "a token of nobody",
                change: { token: "0".repeat(8) + "-1111-4222-8333-444444444444" },
                code: "InvalidApprovalTokenException 400",
            },
            {
                title: "a token that is no UUID",
                change: { token: "1a2b3c4d-573f-4ea7-a67E-XAMPLETOKEN" },
                code: "ValidationException 400",
            },
            {
                title: "a name with a blank",
                change: { stageName: "My stage" },
                code: "ValidationException 400",
            },
            {
                title: "a name of 101 letters",
                change: { actionName: "a".repeat(101) },
                code: "ValidationException 400",
            },
            {
                title: "a summary of 513 characters",
                change: { result: { status: "Approved", summary: "a".repeat(513) } },
                code: "ValidationException 400",
            },
            {
                title: "no summary",
                change: { result: { status: "Approved" } },
                code: "ValidationException 400",
            },
            {
                title: "another status",
                change: { result: { status: "approved", summary: "" } },
                code: "ValidationException 400",
            },
            {
                title: "an unknown stage",
                change: { stageName: "Nowhere" },
                code: "StageNotFoundException 400",
            },
            {
                title: "an unknown action",
                change: { actionName: "Nothing" },
                code: "ActionNotFoundException 400",
            },
            {
                title: "another action's token",
                change: { actionName: "HumanApproval" },
                code: "InvalidApprovalTokenException 400",
            },
            {
                title: "an unknown pipeline",
                change: { pipelineName: "other" },
                code: "PipelineNotFoundException 400",
            },
        ];
        for (const { title, change, code } of refused) {
            it(`refuses ${title}`, async () => {
                assert.equal(await answer(change), code);
                assert.deepEqual(server.answers, []);
                assert.equal(await answer(), "accepted");
            });
        }

        it("refuses a token whose time is up, and one of a run that was stopped", async () => {
            time = new Date("2026-11-21T13:00:00Z");
            assert.equal(await answer(), "InvalidApprovalTokenException 400");
            token = pipeline.startApproval(execution, "Approve", "GateApproval").approval?.token ?? "";
            pipeline.stop(execution, "arn:aws:iam::123456789012:user/alice");
            assert.equal(await answer(), "InvalidApprovalTokenException 400");
        });

        it("lists runs with their questions filled in, newest first, in pages", async () => {
            server.pageSize = 1;
            const list = (nextToken?: string) =>
                codepipeline.send(
                    new ListActionExecutionsCommand({
                        pipelineName: "orders",
                        filter: { pipelineExecutionId: execution },
                        nextToken,
                    }),
                );
            const first = await list();
            assert.equal(
                first.actionExecutionDetails?.[0]?.input?.resolvedConfiguration?.["CustomData"],
                `for ${execution}`,
            );
            const second = await list(first.nextToken);
            assert.equal(second.actionExecutionDetails?.[0]?.actionName, "Source");
            assert.equal(second.nextToken, undefined);
            assert.equal(await refusal(list("nonsense")), "InvalidNextTokenException 400");
            execution = "11111111-2222-4333-8444-555555555555";
            assert.equal(await refusal(list()), "PipelineExecutionNotFoundException 400");
        });

        it("refuses whoever has not signed for it", async () => {
            const wrong = [
                { region: "eu-west-1" },
                { credentials: credentialsOf("somebody") },
                { credentials: { ...credentialsOf("gate"), secretAccessKey: "guessed" } },
                { credentials: { ...credentialsOf("gate"), sessionToken: "old" } },
            ];
            for (const change of wrong) {
                const stranger = new CodePipelineClient(client(server.url, change));
                const call = stranger.send(new GetPipelineStateCommand({ name: "orders" }));
                assert.equal(await refusal(call), "InvalidSignatureException 400");
            }
            assert.equal(journal.malformed.length, wrong.length);
            assert.deepEqual(journal.calls, []);
        });

        it("asks whether the signer may, and names the action's own ARN", async () => {
            const asked: string[] = [];
            journal.authorize = async (_principal, { action, resource }) => {
                asked.push(`${action} ${resource}`);
                return false;
            };
            assert.equal(await answer(), "AccessDeniedException 400");
            journal.authorize = async () => true;
            assert.deepEqual(asked, [
                "codepipeline:PutApprovalResult arn:aws:codepipeline:us-east-1:123456789012:orders/Approve/GateApproval",
            ]);
            assert.deepEqual(server.answers, []);
        });
    });

    it("of ECR: scans in pages, and every way to have none", async () => {
        const server = new RegistryServer(options, { repositories: ["orders"], scanType: "ENHANCED" });
        await server.start();
        const ecr = new ECRClient(client(server.url));
        const ask = (repositoryName: string, nextToken?: string) =>
            ecr.send(
                new DescribeImageScanFindingsCommand({
                    repositoryName,
                    imageId: { imageDigest: digest },
                    maxResults: 2,
                    nextToken,
                }),
            );
        assert.equal(await refusal(ask("other")), "RepositoryNotFoundException 400");
        assert.equal(await refusal(ask("orders")), "ImageNotFoundException 400");
        server.scans.set(`orders@${digest}`, { status: null, findings: [] });
        assert.equal(await refusal(ask("orders")), "ScanNotFoundException 400");
        assert.equal(await refusal(ask("UPPER")), "InvalidParameterException 400");
        const findings = [{ id: "CVE-1" }, { id: "CVE-2" }, { id: "CVE-3", severity: "LOW" }];
        server.scans.set(`orders@${digest}`, { status: "ACTIVE", completedAt: time, findings });
        const first = await ask("orders");
        assert.equal(first.imageScanFindings?.enhancedFindings?.length, 2);
        assert.deepEqual(first.imageScanFindings?.findingSeverityCounts, { CRITICAL: 2, LOW: 1 });
        const second = await ask("orders", first.nextToken);
        assert.deepEqual(
            [second.imageScanFindings?.enhancedFindings?.length, second.nextToken],
            [1, undefined],
        );
        await server.stop();
    });

    it("of S3: objects with their sums, and who may not list is not told that one is missing", async () => {
        const server = new EvidenceServer(options, {
            name: "evidence",
            keyArn: "arn:aws:kms:us-east-1:123456789012:key/k",
        });
        await server.start();
        const s3 = new S3Client(client(server.url, { forcePathStyle: true }));
        const where = { Bucket: "evidence", Key: "a b/report.json" };
        assert.equal(await refusal(s3.send(new GetObjectCommand(where))), "NoSuchKey 404");
        journal.authorize = async (_principal, { action }) => action !== "s3:ListBucket";
        assert.equal(await refusal(s3.send(new GetObjectCommand(where))), "AccessDenied 403");
        journal.authorize = async () => true;
        const content = Buffer.from("{}");
        server.objects.set(where.Key, content);
        const { Body: body } = await s3.send(new GetObjectCommand(where));
        assert.equal(await body?.transformToString(), "{}");
        const head = await s3.send(new HeadObjectCommand({ ...where, ChecksumMode: "ENABLED" }));
        assert.equal(head.ChecksumSHA256, createHash("sha256").update(content).digest("base64"));
        server.truncated.add(where.Key);
        const half = await s3.send(new GetObjectCommand(where));
        await assert.rejects(async () => half.Body?.transformToString());
        await server.stop();
    });

    it("of DynamoDB: conditions hold, and what changed is in the stream", async () => {
        const server = new TableServer(options, {
            name: "approvals",
            hashKey: "digest",
            rangeKey: "record",
            attributes: [
                { name: "digest", type: "S" },
                { name: "record", type: "S" },
            ],
            streamEnabled: true,
            streamViewType: "NEW_IMAGE",
            arn: "arn:aws:dynamodb:us-east-1:123456789012:table/approvals",
            streamArn: "arn:aws:dynamodb:us-east-1:123456789012:table/approvals/stream/1",
            keyArn: null,
        });
        await server.start();
        const dynamodb = new DynamoDBClient(client(server.url));
        const key = { digest: { S: digest }, record: { S: "r" } };
        const put = (revision: string, condition?: string): Promise<string> =>
            refusal(
                dynamodb.send(
                    new PutItemCommand({
                        TableName: "approvals",
                        Item: { ...key, revision: { N: revision } },
                        ConditionExpression: condition,
                    }),
                ),
            );
        assert.equal(await put("1", "attribute_not_exists(digest)"), "accepted");
        assert.equal(await put("2", "attribute_not_exists(digest)"), "ConditionalCheckFailedException 400");
        assert.equal(await put("1"), "accepted");
        assert.equal(await put("2"), "accepted");
        const { Item: item } = await dynamodb.send(
            new GetItemCommand({ TableName: "approvals", Key: key, ConsistentRead: true }),
        );
        assert.deepEqual(item?.["revision"], { N: "2" });
        assert.deepEqual(
            server.stream.map(({ eventName, dynamodb: { Keys, NewImage, OldImage } }) => [
                eventName,
                Keys,
                NewImage?.["revision"]?.N,
                OldImage,
            ]),
            [
                ["INSERT", key, "1", undefined],
                ["MODIFY", key, "2", undefined],
            ],
        );
        const other = dynamodb.send(new GetItemCommand({ TableName: "other", Key: key }));
        assert.equal(await refusal(other), "ResourceNotFoundException 400");
        await server.stop();
    });
});
