import assert from "node:assert/strict";
import type { ApprovalSettings } from "../../gate/approval/approvalSettings";
import { CallJournal } from "./callJournal";
import type { CapturedStack } from "./capturedStack";
import { CodePipelineServer } from "./codePipelineServer";
import { EventDelivery } from "./eventDelivery";
import { EvidenceServer } from "./evidenceServer";
import { FunctionRunner } from "./functionRunner";
import { Permissions } from "./permissions";
import type { PipelineDeclaration } from "./pipelineModel";
import { RegistryServer } from "./registryServer";
import { TableServer, type TableDeclaration } from "./tableServer";

/**
 * The AWS account in which the captured stack runs: its table, pipelines, registry and evidence as fakes on loopback
 * ports, its functions as processes that run the archives that would be uploaded, and its wiring.
 */
export class ApprovalCloud {
    readonly journal = new CallJournal();
    readonly permissions: Permissions;
    readonly pipelines: CodePipelineServer;
    readonly registry: RegistryServer;
    readonly evidence: EvidenceServer;
    readonly table: TableServer;
    readonly runner: FunctionRunner;
    readonly delivery: EventDelivery;
    /** What the functions work with, out of the archive. */
    readonly settings: ApprovalSettings;
    private clock = Date.now();

    private constructor(readonly stack: CapturedStack) {
        const now = (): Date => this.now;
        this.permissions = new Permissions(stack);
        this.runner = new FunctionRunner(stack, this.journal, now);
        const functions = [...this.runner.uploaded.values()];
        this.settings = JSON.parse(functions[0]?.files["settings.json"] ?? "{}") as ApprovalSettings;
        const options = {
            account: stack.account,
            journal: this.journal,
            principals: functions.map(({ name }) => name),
            now,
        };
        const declarations = stack
            .all("aws:codepipeline/pipeline:Pipeline")
            .map(({ properties }) => properties as unknown as PipelineDeclaration);
        this.pipelines = new CodePipelineServer(options, declarations);
        const { account } = stack;
        this.pipelines.sessionArn = (name) =>
            `arn:${account.partition}:sts::${account.accountId}:assumed-role/${this.roleOf(name)}/${name}`;
        this.registry = new RegistryServer(options, {
            repositories: stack
                .all("aws:ecr/repository:Repository")
                .map(({ properties }) => String(properties["name"])),
            scanType: this.settings.scanType,
        });
        this.evidence = new EvidenceServer(options, {
            name: this.settings.evidenceBucket,
            keyArn: this.keyOfBucket(this.settings.evidenceBucket),
        });
        const { properties: table } = stack.one("aws:dynamodb/table:Table", { name: this.settings.table });
        const { kmsKeyArn = null } = (table["serverSideEncryption"] ?? {}) as { kmsKeyArn?: string };
        this.table = new TableServer(options, {
            ...(table as unknown as TableDeclaration),
            arn: String(table["arn"]),
            streamArn: String(table["streamArn"]),
            keyArn: kmsKeyArn,
        });
        this.delivery = new EventDelivery(stack, this.runner, this.permissions, this.table);
        this.journal.authorize = async (principal, permission) => {
            const { isAllowed, problem } = await this.permissions.judge(
                { role: this.roleOf(principal) },
                permission,
            );
            if (problem !== null) this.journal.malformed.push(`permission ${permission.action}: ${problem}`);
            return isAllowed;
        };
    }

    static async start(stack: CapturedStack): Promise<ApprovalCloud> {
        const cloud = new ApprovalCloud(stack);
        const { pipelines, registry, evidence, table } = cloud;
        await Promise.all([pipelines, registry, evidence, table].map((server) => server.start()));
        cloud.runner.start({
            AWS_ENDPOINT_URL_CODEPIPELINE: pipelines.url,
            AWS_ENDPOINT_URL_ECR: registry.url,
            AWS_ENDPOINT_URL_S3: evidence.url,
            AWS_ENDPOINT_URL_DYNAMODB: table.url,
        });
        return cloud;
    }

    async stop(): Promise<void> {
        this.runner.stop();
        const { pipelines, registry, evidence, table } = this;
        await Promise.all([pipelines, registry, evidence, table].map((server) => server.stop()));
    }

    get now(): Date {
        return new Date(this.clock);
    }

    /** Time passes, without anything happening in it. */
    advance(minutes: number): void {
        this.clock += minutes * 60_000;
    }

    /** Everything as at the beginning: nothing released, nothing recorded, the clock at the present time. */
    async reset(): Promise<void> {
        this.clock = Date.now();
        this.pipelines.reset();
        this.registry.scans.clear();
        this.registry.pageSize = 1000;
        this.evidence.objects.clear();
        this.evidence.truncated.clear();
        await this.table.clear();
        this.journal.reset();
        this.delivery.reset();
        this.runner.finished.length = 0;
    }

    /** The watchdog's next run and what follows from it, so many minutes later. */
    async watch(minutes = 5): Promise<void> {
        this.advance(minutes);
        await this.delivery.runSchedules();
        await this.delivery.drainStream();
    }

    /** Facts that the functions reported as metrics, in their order. */
    get facts(): string[] {
        return this.runner.finished.flatMap(({ metrics }) => metrics.map(({ name }) => name));
    }

    /** Messages in all queues, by the queue's name. */
    get queued(): Record<string, number> {
        return Object.fromEntries(
            [...this.delivery.queues].flatMap(([arn, messages]) =>
                messages.length === 0 ? [] : [[arn.split(":").at(-1), messages.length]],
            ),
        );
    }

    /** Fails when a function sent something that AWS would not have taken, or was not allowed to do something. */
    assertClean(): void {
        assert.deepEqual(this.journal.malformed, []);
        assert.deepEqual(this.journal.denied, []);
    }

    /** The role that a function runs with. */
    roleOf(functionName: string): string {
        const { properties } = this.stack.one("aws:lambda/function:Function", { name: functionName });
        return String(properties["role"]).split("/").at(-1) ?? "";
    }

    private keyOfBucket(bucket: string): string {
        const found = this.stack
            .all("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")
            .find(({ properties }) => properties["bucket"] === bucket);
        const [rule] = (found?.properties["rules"] ?? []) as {
            applyServerSideEncryptionByDefault?: { kmsMasterKeyId?: string };
        }[];
        const key = rule?.applyServerSideEncryptionByDefault?.kmsMasterKeyId;
        if (key === undefined) throw new Error(`bucket ${bucket} is not encrypted with a key of ours`);
        return key;
    }
}
