import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { AdmissionSettings, AdmittedService } from "../../gate/admission/admissionSettings";
import { overrideItem, type Override } from "../../gate/admission/breakGlass";
import { clusterArnOf, serviceArnOf } from "../../gate/admission/hookEvent";
import { productionImage } from "../../gate/admission/imageReference";
import { approvalSample } from "../../gate/admission/testing/deploymentSamples";
import type { RecordChange } from "../../gate/approval/testing/recordSamples";
import type { RequestRecord } from "../../gate/approval/records";
import { requestItem } from "../../gate/approval/tableItems";
import type { AwsServerOptions } from "./awsServer";
import { CallJournal } from "./callJournal";
import type { CapturedStack } from "./capturedStack";
import { EcsServer, type Task } from "./ecsServer";
import {
    FunctionProcess,
    removeUnpacked,
    unpack,
    type Invocation,
    type UploadedFunction,
} from "./functionProcess";
import { Permissions } from "./permissions";
import { RegistryServer, type ImageScan } from "./registryServer";
import { SecurityHubServer } from "./securityHubServer";
import { TableServer, type TableDeclaration } from "./tableServer";

export type AdmissionFunction = "admission" | "running";

/** An invocation, and everything that can be seen of it. */
export interface Finished {
    invocation: Invocation;
    /** `service Operation`, in their order. */
    calls: string[];
    /** What was reported as a metric, with what the log says of it. */
    facts: { fact: string; details: Record<string, unknown> }[];
}

/**
 * The AWS account as far as admission and the continuous check see it: Amazon ECS, the two tables, the registry and
 * Security Hub as fakes, and both functions as they would be uploaded, with the roles that they have.
 */
export class AdmissionCloud {
    readonly journal = new CallJournal();
    readonly permissions: Permissions;
    readonly settings: AdmissionSettings;
    readonly ecs: EcsServer;
    readonly registry: RegistryServer;
    readonly hub: SecurityHubServer;
    readonly approvals: TableServer;
    readonly overrides: TableServer;
    private readonly uploaded: Record<AdmissionFunction, UploadedFunction>;
    private readonly running = new Map<AdmissionFunction, FunctionProcess>();
    private readonly folders: string[] = [];
    private readonly database: Server;
    private clock = Date.now();

    private constructor(readonly stack: CapturedStack) {
        this.permissions = new Permissions(stack);
        this.uploaded = { admission: stack.uploaded("-admission"), running: stack.uploaded("-running") };
        this.settings = JSON.parse(
            this.uploaded.admission.files["settings.json"] ?? "{}",
        ) as AdmissionSettings;
        const options: AwsServerOptions = {
            account: stack.account,
            journal: this.journal,
            principals: Object.values(this.uploaded).map(({ name }) => name),
            now: () => this.now,
        };
        this.ecs = new EcsServer(options);
        for (const service of this.settings.services) {
            const cluster = clusterArnOf(this.settings, service);
            this.ecs.services.set(
                cluster,
                (this.ecs.services.get(cluster) ?? new Set()).add(service.service),
            );
        }
        this.registry = new RegistryServer(options, {
            repositories: stack
                .all("aws:ecr/repository:Repository")
                .map(({ properties }) => String(properties["name"])),
            scanType: this.settings.scanType,
        });
        this.hub = new SecurityHubServer(options);
        const table = (name: string): TableServer => {
            const { properties } = stack.one("aws:dynamodb/table:Table", { name });
            const { kmsKeyArn = null } = (properties["serverSideEncryption"] ?? {}) as { kmsKeyArn?: string };
            return new TableServer(options, {
                ...(properties as unknown as TableDeclaration),
                arn: String(properties["arn"]),
                streamArn: String(properties["streamArn"]),
                keyArn: kmsKeyArn,
            });
        };
        this.approvals = table(this.settings.table);
        this.overrides = table(this.settings.breakGlassTable);
        this.database = oneOf({
            [this.settings.table]: this.approvals,
            [this.settings.breakGlassTable]: this.overrides,
        });
        this.journal.authorize = async (principal, permission) => {
            const { properties } = stack.one("aws:lambda/function:Function", { name: principal });
            const role = String(properties["role"]).split("/").at(-1) ?? "";
            const { isAllowed, problem } = await this.permissions.judge({ role }, permission);
            if (problem !== null) this.journal.malformed.push(`permission ${permission.action}: ${problem}`);
            return isAllowed;
        };
    }

    static async start(stack: CapturedStack): Promise<AdmissionCloud> {
        const cloud = new AdmissionCloud(stack);
        const { ecs, registry, hub, approvals, overrides, database } = cloud;
        await Promise.all([ecs, registry, hub, approvals, overrides].map((server) => server.start()));
        await new Promise<void>((resolve) => database.listen(0, "127.0.0.1", resolve));
        const endpoints = {
            AWS_ENDPOINT_URL_ECS: ecs.url,
            AWS_ENDPOINT_URL_ECR: registry.url,
            AWS_ENDPOINT_URL_SECURITYHUB: hub.url,
            AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${(database.address() as AddressInfo).port}`,
        };
        for (const [name, uploaded] of Object.entries(cloud.uploaded) as [
            AdmissionFunction,
            UploadedFunction,
        ][]) {
            const folder = unpack(uploaded);
            cloud.folders.push(folder);
            const { region } = stack.account;
            cloud.running.set(name, await FunctionProcess.start(uploaded, folder, region, endpoints));
        }
        return cloud;
    }

    async stop(): Promise<void> {
        for (const running of this.running.values()) running.kill();
        this.folders.forEach(removeUnpacked);
        this.database.closeAllConnections();
        await new Promise((resolve) => this.database.close(resolve));
        const { ecs, registry, hub, approvals, overrides } = this;
        await Promise.all([ecs, registry, hub, approvals, overrides].map((server) => server.stop()));
    }

    get now(): Date {
        return new Date(this.clock);
    }

    advance(minutes: number): void {
        this.clock += minutes * 60_000;
    }

    async reset(): Promise<void> {
        this.clock = Date.now();
        this.ecs.reset();
        this.registry.scans.clear();
        this.hub.reset();
        await Promise.all([this.approvals.clear(), this.overrides.clear()]);
        this.journal.reset();
    }

    /** Fails when a function sent something that AWS would not have taken, or was not allowed to do something. */
    assertClean(): void {
        assert.deepEqual(this.journal.malformed, []);
        assert.deepEqual(this.journal.denied, []);
    }

    async invoke(name: AdmissionFunction, event: unknown): Promise<Finished> {
        const running = this.running.get(name) ?? assert.fail(`${name} does not run`);
        const first = this.journal.calls.length;
        const invocation = await running.invoke(event, { now: this.now });
        const calls = this.journal.calls
            .slice(first)
            .map(({ service, operation }) => `${service} ${operation}`);
        return { invocation, calls, facts: factsIn(invocation.log) };
    }

    /** Grants that the calls of a role needed so far, as `unusedGrants` compares them. */
    async usedGrants(role: string): Promise<Set<string>> {
        const used = new Set<string>();
        for (const { principal, permissions } of this.journal.calls) {
            if (principal !== role) continue;
            for (const permission of permissions) {
                const { grants } = await this.permissions.judge({ role }, permission);
                for (const grant of grants) used.add(grant);
            }
        }
        return used;
    }

    /** The first event of a function that was uploaded otherwise than it is. */
    async invokeChanged(
        name: AdmissionFunction,
        change: { environment?: Record<string, string>; files?: Record<string, string> },
        event: unknown,
    ): Promise<Finished> {
        const { environment, files, ...rest } = this.uploaded[name];
        const changed = {
            ...rest,
            environment: { ...environment, ...change.environment },
            files: { ...files, ...change.files },
        };
        const folder = unpack(changed);
        const started = await FunctionProcess.start(changed, folder, this.stack.account.region, {});
        try {
            const invocation = await started.invoke(event, { now: this.now });
            return { invocation, calls: [], facts: factsIn(invocation.log) };
        } finally {
            started.kill();
            removeUnpacked(folder);
        }
    }

    /** The service of an application. */
    serviceOf(application: string): AdmittedService {
        return this.settings.services.find((one) => one.application === application) ?? assert.fail();
    }

    imageOf(application: string, digest: string): string {
        return productionImage(this.settings, this.serviceOf(application), digest);
    }

    /** The gate approves, by the function's own clock; `required` scanners as the policy has them. */
    async approve(application: string, digest: string, change: RecordChange = {}): Promise<RequestRecord> {
        const sample = approvalSample({ application: "orders", digest, ...change });
        const { subject } = sample.request;
        const record: RequestRecord = {
            ...sample,
            request: { ...sample.request, subject: subject && { ...subject, application } },
        };
        await this.approvals.put(requestItem(record));
        return record;
    }

    async breakGlass(application: string, digest: string, change: Partial<Override> = {}): Promise<Override> {
        const override: Override = {
            id: randomUUID(),
            application,
            digest,
            reason: "The payment provider changed its certificates today.",
            who: "arn:aws:sts::123456789012:assumed-role/portcullis-dev-break-glass/alice",
            issuedAt: new Date(this.clock - 60_000).toISOString(),
            until: new Date(this.clock + 3_600_000).toISOString(),
            ...change,
        };
        await this.overrides.put(overrideItem(override));
        return override;
    }

    /** The registry scanned the image; without findings unless said otherwise. */
    scanned(
        application: string,
        digest: string,
        change: Partial<ImageScan> = {},
        tier: "production" | "staging" = "production",
    ): void {
        const completedAt = new Date(this.clock - 60_000);
        const status = this.settings.scanType === "ENHANCED" ? "ACTIVE" : "COMPLETE";
        const repository = this.serviceOf(application).repositories[tier];
        this.registry.scans.set(`${repository}@${digest}`, { status, completedAt, findings: [], ...change });
    }

    /** Somebody deploys: the revision and its task definition, and the payload that Amazon ECS hands to the hook. */
    deploy(
        application: string,
        containers: Record<string, string>,
        change: { revision?: Record<string, unknown>; event?: Record<string, unknown> } = {},
    ): Record<string, unknown> {
        const service = this.serviceOf(application);
        const serviceArn = serviceArnOf(this.settings, service);
        const id = String(9_313_423_515_462_893_900n + BigInt(this.ecs.revisions.size));
        const serviceRevisionArn = `${serviceArnOf(this.settings, service, "service-revision")}/${id}`;
        const taskDefinitionArn = this.define(application, containers);
        this.ecs.revisions.set(serviceRevisionArn, {
            serviceRevisionArn,
            serviceArn,
            clusterArn: clusterArnOf(this.settings, service),
            taskDefinition: taskDefinitionArn,
            launchType: "FARGATE",
            platformVersion: "1.4.0",
            platformFamily: "Linux",
            containerImages: Object.entries(containers).map(([containerName, image]) => ({
                containerName,
                image,
                ...(image.includes("@") ? { imageDigest: image.split("@")[1] } : {}),
            })),
            guardDutyEnabled: false,
            createdAt: this.clock / 1_000,
            ...change.revision,
        });
        const deployment = serviceArnOf(this.settings, service, "service-deployment");
        return {
            executionId: randomUUID(),
            lifecycleStage: "PRE_SCALE_UP",
            resourceArn: `${deployment}/EZe5RNVLH6PPzHXINuP28`,
            executionDetails: {
                serviceArn,
                targetServiceRevisionArn: serviceRevisionArn,
                testTrafficWeights: {},
                productionTrafficWeights: {},
            },
            ...change.event,
        };
    }

    /** A task of the service runs these images; digests as Amazon ECS resolved them. */
    run(
        application: string,
        containers: Record<string, { image: string; imageDigest?: string }>,
        change: Record<string, unknown> = {},
        added: Record<string, { image: string }> = {},
    ): Task {
        const service = this.serviceOf(application);
        const { region, accountId, partition } = this.settings.account;
        const taskArn = `arn:${partition}:ecs:${region}:${accountId}:task/${service.cluster}/${randomUUID().replaceAll("-", "")}`;
        const defined = Object.fromEntries(
            Object.entries(containers).map(([name, { image }]) => [name, image]),
        );
        const task: Task = {
            taskArn,
            clusterArn: clusterArnOf(this.settings, service),
            group: `service:${service.service}`,
            desiredStatus: "RUNNING",
            lastStatus: "RUNNING",
            taskDefinitionArn: this.define(application, defined),
            startedAt: this.clock / 1_000 - 30,
            launchType: "FARGATE",
            containers: Object.entries({ ...containers, ...added }).map(([name, container]) => ({
                containerArn: taskArn.replace(":task/", ":container/"),
                taskArn,
                name,
                lastStatus: "RUNNING",
                runtimeId: "ad64cbc71c7fb31c55507ec24c9f7794",
                ...container,
            })),
            ...change,
        };
        this.ecs.tasks.set(taskArn, task);
        return task;
    }

    /** What Amazon ECS tells EventBridge about a task (developer guide, "Task state change events"). */
    taskEvent(task: Task, change: Record<string, unknown> = {}): Record<string, unknown> {
        const { accountId, region } = this.settings.account;
        const startedAt = task["startedAt"];
        return {
            version: "0",
            id: randomUUID(),
            "detail-type": "ECS Task State Change",
            source: "aws.ecs",
            account: accountId,
            time: this.now.toISOString(),
            region,
            resources: [task.taskArn],
            detail: {
                ...task,
                version: 4,
                startedAt:
                    typeof startedAt === "number" ? new Date(startedAt * 1_000).toISOString() : startedAt,
            },
            ...change,
        };
    }

    private define(application: string, containers: Record<string, string>): string {
        const { region, accountId, partition } = this.settings.account;
        const revision = this.ecs.definitions.size + 1;
        const family = `${this.settings.stack}-${application}-production`;
        const taskDefinitionArn = `arn:${partition}:ecs:${region}:${accountId}:task-definition/${family}:${revision}`;
        const containerDefinitions = Object.entries(containers).map(([name, image]) => ({
            name,
            image,
            essential: true,
        }));
        this.ecs.definitions.set(taskDefinitionArn, {
            taskDefinitionArn,
            family,
            revision,
            containerDefinitions,
            status: "ACTIVE",
        });
        return taskDefinitionArn;
    }
}

/** DynamoDB has one address: hands each request on, as it came, to the table that it names. */
function oneOf(tables: Record<string, TableServer>): Server {
    return createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
            const body = Buffer.concat(chunks);
            const { TableName: name } = JSON.parse(body.toString("utf8")) as { TableName: string };
            const { hostname, port } = new URL(tables[name]?.url ?? "http://127.0.0.1:1");
            const { method, url: path, headers } = request;
            const forwarded = httpRequest({ hostname, port, method, path, headers }, (answer) => {
                response.writeHead(answer.statusCode ?? 500, answer.headers);
                answer.pipe(response);
            });
            forwarded.on("error", () => response.destroy());
            forwarded.end(body);
        });
    });
}

/** Log entries that are facts; each must also be a metric that counts one. */
function factsIn(log: readonly string[]): Finished["facts"] {
    const documents = log.flatMap((line) => {
        try {
            return [JSON.parse(line) as Record<string, unknown>];
        } catch {
            return [];
        }
    });
    const facts = documents.flatMap(({ fact, details }) =>
        typeof fact === "string" ? [{ fact, details: details as Record<string, unknown> }] : [],
    );
    const metrics = documents.flatMap((document) => {
        const { CloudWatchMetrics: groups = [] } = (document["_aws"] ?? {}) as {
            CloudWatchMetrics?: { Metrics: { Name: string }[] }[];
        };
        return groups.flatMap(({ Metrics: list }) =>
            list.flatMap(({ Name: name }) => [document[name]].flat().map(() => name)),
        );
    });
    assert.deepEqual(metrics.sort(), facts.map(({ fact }) => fact).sort());
    return facts;
}
