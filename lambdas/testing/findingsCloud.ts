import assert from "node:assert/strict";
import { matchesEventPattern } from "../../gate/approval/testing/eventPatternMatcher";
import { recordSample } from "../../gate/approval/testing/recordSamples";
import { requestItem } from "../../gate/approval/tableItems";
import { evidenceKey, scanPlace } from "../../gate/evidence/evidencePlace";
import { describeBytes, piecesOf, type EvidenceContent } from "../../gate/evidence/evidenceStore";
import { storeScan } from "../../gate/evidence/scanEvidence";
import type { FindingsSettings } from "../../gate/findings/findingsSettings";
import { storedField } from "../../gate/findings/storedFinding";
import { scanOf, type ScanParts } from "../../gate/findings/testing/findingSamples";
import { CallJournal } from "./callJournal";
import type { CapturedStack } from "./capturedStack";
import { EvidenceServer } from "./evidenceServer";
import {
    FunctionProcess,
    removeUnpacked,
    unpack,
    type Invocation,
    type UploadedFunction,
} from "./functionProcess";
import { Permissions } from "./permissions";
import { SecurityHubServer } from "./securityHubServer";
import { TableServer, type TableDeclaration } from "./tableServer";

/**
 * The AWS account as far as the import of findings sees it: evidence, the approval table and Security Hub as fakes, and
 * the function as it would be uploaded, with the role that it has and the rules that start it.
 */
export class FindingsCloud {
    readonly journal = new CallJournal();
    readonly permissions: Permissions;
    readonly settings: FindingsSettings;
    readonly hub: SecurityHubServer;
    readonly evidence: EvidenceServer;
    readonly table: TableServer;
    readonly uploaded: UploadedFunction;
    readonly role: string;
    now = new Date("2026-03-04T15:00:00Z");
    private running!: FunctionProcess;
    private folder = "";

    private constructor(readonly stack: CapturedStack) {
        this.permissions = new Permissions(stack);
        this.uploaded = stack.uploaded("-findings");
        this.settings = JSON.parse(this.uploaded.files["settings.json"] ?? "{}") as FindingsSettings;
        const { properties: own } = stack.one("aws:lambda/function:Function", { name: this.uploaded.name });
        this.role = String(own["role"]).split("/").at(-1) ?? "";
        const options = {
            account: stack.account,
            journal: this.journal,
            principals: [this.uploaded.name],
            now: () => this.now,
        };
        const { properties: table } = stack.one("aws:dynamodb/table:Table", { name: this.settings.table });
        const { kmsKeyArn = null } = (table["serverSideEncryption"] ?? {}) as { kmsKeyArn?: string };
        this.table = new TableServer(options, {
            ...(table as unknown as TableDeclaration),
            arn: String(table["arn"]),
            streamArn: String(table["streamArn"]),
            keyArn: kmsKeyArn,
        });
        // One key encrypts the table and the evidence.
        this.evidence = new EvidenceServer(options, {
            name: this.settings.evidenceBucket,
            keyArn: kmsKeyArn ?? "",
        });
        this.hub = new SecurityHubServer(options);
        this.journal.authorize = async (_principal, permission) => {
            const { isAllowed, problem } = await this.permissions.judge({ role: this.role }, permission);
            if (problem !== null) this.journal.malformed.push(`permission ${permission.action}: ${problem}`);
            return isAllowed;
        };
    }

    static async start(stack: CapturedStack): Promise<FindingsCloud> {
        const cloud = new FindingsCloud(stack);
        const { hub, evidence, table, uploaded } = cloud;
        await Promise.all([hub, evidence, table].map((server) => server.start()));
        cloud.folder = unpack(uploaded);
        cloud.running = await FunctionProcess.start(uploaded, cloud.folder, stack.account.region, {
            AWS_ENDPOINT_URL_S3: evidence.url,
            AWS_ENDPOINT_URL_DYNAMODB: table.url,
            AWS_ENDPOINT_URL_SECURITYHUB: hub.url,
        });
        return cloud;
    }

    async stop(): Promise<void> {
        this.running?.kill();
        removeUnpacked(this.folder);
        await Promise.all([this.hub, this.evidence, this.table].map((server) => server.stop()));
    }

    async reset(): Promise<void> {
        this.hub.reset();
        this.evidence.objects.clear();
        this.evidence.truncated.clear();
        await this.table.clear();
        this.journal.reset();
    }

    /** Fails when the function sent something that AWS would not have taken, or was not allowed to do something. */
    assertClean(): void {
        assert.deepEqual(this.journal.malformed, []);
        assert.deepEqual(this.journal.denied, []);
    }

    /** The one application of the stack. */
    get application(): FindingsSettings["applications"][number] {
        const [application] = this.settings.applications;
        assert(application);
        return application;
    }

    /** Stores a scan as the build step does. @returns the key of its manifest. */
    async store(parts: Omit<ScanParts, "application">): Promise<string> {
        const scan = scanOf({ application: this.application.name, ...parts });
        const { accountId, region } = this.stack.account;
        const raw = Buffer.from("{}");
        const { digest, report } = scan;
        const [candidate = "", staging = ""] = this.application.repositories;
        const repository = scan.stage === "test" ? candidate : staging;
        const image = `${accountId}.dkr.ecr.${region}.amazonaws.com/${repository}@${digest}`;
        await storeScan(this.objects, scan, {
            report: { ...report, subject: { image, digest }, raw: describeBytes(raw) },
            raw,
        });
        return evidenceKey(scanPlace(scan, report.scanner.name), "manifest.json");
    }

    /** Stores a scan, and EventBridge tells the function. */
    async scanned(parts: Omit<ScanParts, "application">): Promise<Invocation> {
        const invocation = await this.deliver(this.objectCreated(await this.store(parts)));
        assert(invocation);
        return invocation;
    }

    /** The event about an object, as Amazon S3 hands it to EventBridge. */
    objectCreated(key: string): object {
        const { accountId: account, region } = this.stack.account;
        const bucket = this.settings.evidenceBucket;
        return {
            version: "0",
            id: "17793124-05d4-b198-2fde-7ededc63b103",
            "detail-type": "Object Created",
            source: "aws.s3",
            account,
            time: "2026-03-04T12:00:00Z",
            region,
            resources: [`arn:aws:s3:::${bucket}`],
            detail: {
                version: "0",
                bucket: { name: bucket },
                object: {
                    key,
                    size: 612,
                    etag: "b1946ac92492d2347c6235b4d2611184",
                    sequencer: "617f08299329d189",
                },
                "request-id": "N4N7GDK58NMKJ12R",
                requester: account,
                "source-ip-address": "192.0.2.1",
                reason: "PutObject",
            },
        };
    }

    /** The gate has approved a digest in an execution. */
    async approve(digest: string, execution: string, decidedAt: Date): Promise<void> {
        const decision = { decidedAt: decidedAt.toISOString() };
        const record = recordSample({ digest, execution, decision });
        assert(record.request.subject);
        record.request.subject.application = this.application.name;
        await this.table.put(requestItem(record));
    }

    /** The pipeline has published, and EventBridge tells the function. */
    async released(execution: string, at: Date): Promise<Invocation> {
        const { accountId: account, region } = this.stack.account;
        const { pipeline, publish } = this.application;
        const invocation = await this.deliver({
            version: "0",
            id: "0f6a4c8e-5c1e-4a5f-9f2e-7ededc63b103",
            "detail-type": "CodePipeline Action Execution State Change",
            source: "aws.codepipeline",
            account,
            time: at.toISOString().replace(/\.\d+Z$/, "Z"),
            region,
            resources: [`arn:aws:codepipeline:${region}:${account}:${pipeline}`],
            detail: {
                pipeline,
                version: 1,
                "execution-id": execution,
                stage: publish.stage,
                action: publish.action,
                state: "SUCCEEDED",
                region,
                type: { owner: "AWS", category: "Build", provider: "CodeBuild", version: "1" },
            },
        });
        assert(invocation);
        return invocation;
    }

    /** Hands an event to the function where a rule of the stack does and may; null where none does. */
    async deliver(event: object): Promise<Invocation | null> {
        const targets = this.stack
            .all("aws:cloudwatch/eventTarget:EventTarget")
            .filter(({ properties }) => properties["arn"] === this.uploaded.arn)
            .map(({ properties }) => String(properties["rule"]));
        for (const name of targets) {
            const { properties: rule } = this.stack.one("aws:cloudwatch/eventRule:EventRule", { name });
            if (!matchesEventPattern(String(rule["eventPattern"]), event)) continue;
            const service = { service: "events.amazonaws.com", sourceArn: String(rule["arn"]) };
            const invoke = { action: "lambda:InvokeFunction", resource: this.uploaded.arn };
            assert.ok((await this.permissions.judge(service, invoke)).isAllowed, `${name} may not start it`);
            return this.invoke(event);
        }
        return null;
    }

    invoke(event: unknown): Promise<Invocation> {
        return this.running.invoke(event, { now: this.now });
    }

    /** `<digit of the digest> <scanner> <vulnerability>` of what Security Hub has active. */
    get active(): string[] {
        return this.hub
            .stored()
            .filter(({ RecordState }) => RecordState === "ACTIVE")
            .map((finding) =>
                [
                    storedField(finding, "digest")?.at(-1),
                    storedField(finding, "scanner"),
                    storedField(finding, "vulnerability"),
                ].join(" "),
            )
            .sort();
    }

    /** Grants of its role that the function's calls needed so far, as `unusedGrants` compares them. */
    async usedGrants(): Promise<Set<string>> {
        const used = new Set<string>();
        for (const { permissions } of this.journal.calls) {
            for (const permission of permissions) {
                const { grants } = await this.permissions.judge({ role: this.role }, permission);
                for (const grant of grants) used.add(grant);
            }
        }
        return used;
    }

    /** The bucket as the build steps fill it: without a request over the network. */
    private get objects() {
        const { objects } = this.evidence;
        return {
            async put(key: string, content: EvidenceContent) {
                const pieces: Uint8Array[] = content instanceof Uint8Array ? [content] : [];
                if (!(content instanceof Uint8Array))
                    for await (const piece of piecesOf(content)) pieces.push(piece);
                objects.set(key, Buffer.concat(pieces));
            },
            get: async (key: string) => objects.get(key) ?? null,
            describe: async (key: string) => {
                const content = objects.get(key);
                return content === undefined ? null : describeBytes(content);
            },
            locate: (key: string) => `s3://evidence/${key}`,
        };
    }
}
