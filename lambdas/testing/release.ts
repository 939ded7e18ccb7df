import { createHash, randomUUID } from "node:crypto";
import { storeScan } from "../../gate/evidence/scanEvidence";
import { describeBytes, type EvidenceContent, type EvidenceStore } from "../../gate/evidence/evidenceStore";
import { piecesOf } from "../../gate/evidence/evidenceStore";
import { ecrScanEvent, inspectorScanEvent } from "../../gate/approval/testing/genuineShapes";
import type { RequestRecord, ScanRecord } from "../../gate/approval/records";
import type { ApplicationGate } from "../../gate/approval/approvalSettings";
import type { ScanStage } from "../../gate/policy/scanStage";
import {
    scanReportVersion,
    type Finding,
    type ScannerName,
    type ScanReport,
} from "../../gate/report/scanReport";
import { findingOf } from "../../gate/report/testing/sampleFinding";
import type { ApprovalCloud } from "./approvalCloud";
import type { ActionRun, PipelineModel } from "./pipelineModel";
import type { ImageScan } from "./registryServer";

const minute = 60_000;

/** A finding as a scanner of a build step reports it. */
export function reportedFinding(change: Partial<Finding> = {}): Finding {
    return findingOf({
        id: "CVE-2026-1000",
        severity: "high",
        package: { name: "libexample", version: "1.2.3", type: "deb" },
        fixedIn: "1.2.4",
        ...change,
    });
}

/**
 * One image on its way through a pipeline, up to the approval: makes what the steps before have left (evidence, the
 * registry's scan) and what AWS sends about it.
 */
export class Release {
    readonly digest: string;
    readonly commit = createHash("sha1").update(randomUUID()).digest("hex");
    readonly gate: ApplicationGate;
    readonly pipeline: PipelineModel;
    execution = "";
    run!: ActionRun;

    constructor(
        private readonly cloud: ApprovalCloud,
        {
            digest = `sha256:${createHash("sha256").update(randomUUID()).digest("hex")}`,
        }: { digest?: string } = {},
    ) {
        this.digest = digest;
        const [gate] = cloud.settings.applications;
        const pipeline = cloud.pipelines.pipelines.get(gate?.pipeline ?? "");
        if (gate === undefined || pipeline === undefined) throw new Error("the stack has no application");
        [this.gate, this.pipeline] = [gate, pipeline];
    }

    /** A release that nothing stands against, waiting for its approval; nobody was told yet. */
    static async ready(cloud: ApprovalCloud, options: { digest?: string } = {}): Promise<Release> {
        const release = new Release(cloud, options);
        release.enter();
        await release.store("test");
        await release.store("scanStagingImage");
        release.scanned();
        return release;
    }

    get token(): string {
        return this.run.approval?.token ?? "";
    }

    get registry(): string {
        const { accountId, region } = this.cloud.stack.account;
        return `${accountId}.dkr.ecr.${region}.amazonaws.com`;
    }

    /** The pipeline's execution gets as far as the approval. */
    enter(): void {
        const { stage, action } = this.gate;
        const candidate = this.gate.repository.replace(/-staging$/, "-candidate");
        const variables = {
            "Build.IMAGE_DIGEST": this.digest,
            "Build.IMAGE_URI": `${this.registry}/${candidate}@${this.digest}`,
            "Build.IMAGE_TAG": this.commit,
            "Source.CommitId": this.commit,
            "Source.BranchName": "main",
        };
        this.execution = this.pipeline.startExecution(stage, variables);
        this.run = this.pipeline.startApproval(this.execution, stage, action);
    }

    /** The stage is retried: the same execution asks anew. */
    retry(): void {
        this.run = this.pipeline.startApproval(this.execution, this.gate.stage, this.gate.action);
    }

    /** Evidence of one scan, stored as the build step stores it. */
    async store(
        stage: ScanStage,
        { by = "grype", findings = [], ...change }: { by?: ScannerName } & Partial<ScanReport> = {},
    ): Promise<void> {
        const at = (minutes: number): string =>
            new Date(this.cloud.now.getTime() - minutes * minute).toISOString();
        const repository = stage === "test" ? "candidate" : "staging";
        const image = `${this.registry}/${this.gate.repository.replace(/-staging$/, `-${repository}`)}@${this.digest}`;
        const raw = Buffer.from(JSON.stringify({ matches: findings.map(({ id }) => id) }));
        const report: ScanReport = {
            version: scanReportVersion,
            scanner: { name: by, version: "0.116.0" },
            subject: { image, digest: this.digest },
            startedAt: at(21),
            finishedAt: at(20),
            raw: describeBytes(raw),
            dataBuiltAt: at(600),
            complete: true,
            incompleteReasons: [],
            findings,
            refusals: [],
            ...change,
        };
        const { name: application } = this.gate;
        const { digest, execution } = this;
        await storeScan(storeOf(this.cloud), { application, digest, execution, stage }, { report, raw });
    }

    /** The registry's own scan of the staging image; it has ended without findings unless said otherwise. */
    scanned(scan: Partial<ImageScan> = {}): void {
        const isEnhanced = this.cloud.settings.scanType === "ENHANCED";
        this.cloud.registry.scans.set(`${this.gate.repository}@${this.digest}`, {
            status: isEnhanced ? "ACTIVE" : "COMPLETE",
            completedAt: new Date(this.cloud.now.getTime() - 10 * minute),
            findings: [],
            ...scan,
        });
    }

    /** The registry knows the image, and has not scanned it yet. */
    unscanned(): void {
        this.cloud.registry.scans.set(`${this.gate.repository}@${this.digest}`, {
            status: null,
            findings: [],
        });
    }

    /** CodePipeline announces the approval; the topic is the one that the action names. */
    async announce(times = 1): Promise<void> {
        const { NotificationArn: topicArn = "" } = this.run.configuration;
        const text = this.message();
        await this.cloud.delivery.publish(topicArn, Array<string>(times).fill(text), this.publisher);
    }

    /** Name of the role that publishes: the pipeline's. */
    get publisher(): string {
        const { properties } = this.cloud.stack.one("aws:codepipeline/pipeline:Pipeline", {
            name: this.pipeline.name,
        });
        return String(properties["roleArn"]).split("/").at(-1) ?? "";
    }

    message(): string {
        return this.pipeline.message(this.run, this.cloud.stack.account.region);
    }

    /** The scan event of the registry's kind about this image, as AWS sends it now. */
    scanEvent(
        change: {
            status?: string;
            counts?: Record<string, number>;
            repository?: string;
            id?: string;
            time?: Date;
        } = {},
    ): object {
        const { time = this.cloud.now, ...parts } = change;
        const make = this.cloud.settings.scanType === "ENHANCED" ? inspectorScanEvent : ecrScanEvent;
        return make({
            account: this.cloud.stack.account,
            repository: this.gate.repository,
            digest: this.digest,
            time: time.toISOString().replace(/\.\d+Z$/, "Z"),
            id: randomUUID(),
            ...parts,
        });
    }

    /** The record of this request; null when there is none. */
    async record(token: string = this.token): Promise<RequestRecord | null> {
        for (const item of await this.cloud.table.items()) {
            if (!item["record"]?.S?.endsWith(`#${token}`)) continue;
            return JSON.parse(item["document"]?.S ?? "null") as RequestRecord;
        }
        return null;
    }

    async scanRecord(): Promise<ScanRecord | null> {
        for (const item of await this.cloud.table.items()) {
            if (item["digest"]?.S !== this.digest || item["record"]?.S !== `scan#${this.gate.repository}`)
                continue;
            return JSON.parse(item["document"]?.S ?? "null") as ScanRecord;
        }
        return null;
    }

    /** Answers that CodePipeline accepted for this request's token. */
    answers(token: string = this.token): { status: string; summary: string; by: string }[] {
        return this.cloud.pipelines.answers
            .filter((answer) => answer.token === token)
            .map(({ status, summary, by }) => ({ status, summary, by }));
    }
}

/** The bucket as the build steps fill it: without a request over the network. */
function storeOf({ evidence, settings }: ApprovalCloud): EvidenceStore {
    const { objects } = evidence;
    return {
        async put(key, content: EvidenceContent) {
            const pieces: Uint8Array[] = content instanceof Uint8Array ? [content] : [];
            if (!(content instanceof Uint8Array))
                for await (const piece of piecesOf(content)) pieces.push(piece);
            objects.set(key, Buffer.concat(pieces));
        },
        async get(key) {
            return objects.get(key) ?? null;
        },
        async describe(key) {
            const content = objects.get(key);
            return content === undefined ? null : describeBytes(content);
        },
        locate: (key) => `s3://${settings.evidenceBucket}/${key}`,
    };
}
