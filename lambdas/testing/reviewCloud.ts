import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { selfSignedCertificate } from "../../gate/anchore/testing/certificate";
import { limitEnvironment } from "../../gate/approval/settingsSchema";
import { describeBytes } from "../../gate/evidence/evidenceStore";
import { evidenceKey, scanPlace, verifyPlace, type EvidencePlace } from "../../gate/evidence/evidencePlace";
import { serializeManifest } from "../../gate/evidence/manifest";
import type { ScanReport } from "../../gate/report/scanReport";
import type { ExecutionAnswers } from "../../gate/review/reviewExecution";
import type { ReviewSettings } from "../../gate/review/reviewSettings";
import { after, applicationSample, settingsSample } from "../../gate/review/testing/reviewSamples";
import type { CheckReport } from "../../gate/verify/checkReport";
import { bundleFunction, type FunctionName } from "../bundle";
import { CallJournal } from "./callJournal";
import { CodeBuildServer } from "./codeBuildServer";
import { CodeCommitServer } from "./codeCommitServer";
import { EvidenceServer } from "./evidenceServer";
import { FunctionProcess, removeUnpacked, unpack, type Invocation } from "./functionProcess";
import { GitHubServer } from "./gitHubServer";
import { GitLabServer } from "./gitLabServer";
import { ReviewPipelineServer } from "./reviewPipelineServer";
import { SecretsServer } from "./secretsServer";

export const gitHubToken = "github_pat_11EXAMPLE0000000000";
export const gitLabToken = "glpat-EXAMPLE00000000000000";

/** Where the function runs, and where the evidence is. */
export interface ReviewPlace {
    account: ReviewSettings["account"];
    bucket: string;
    keyArn: string;
}

/** The services and code hosts that a function of reviews talks to, as fakes on loopback ports, and the function itself. */
export class ReviewCloud {
    readonly journal = new CallJournal();
    readonly pipelines: ReviewPipelineServer;
    readonly builds: CodeBuildServer;
    readonly codeCommit: CodeCommitServer;
    readonly secrets: SecretsServer;
    readonly evidence: EvidenceServer;
    readonly gitHub: GitHubServer;
    readonly gitLab: GitLabServer;
    now = after(30);
    /** Every line that the function wrote, of all invocations. */
    readonly log: string[] = [];
    private readonly folder = mkdtempSync(join(tmpdir(), "portcullis-review-"));
    private readonly region: string;
    private running: FunctionProcess | undefined;
    private unpacked = "";
    private settings: object = {};

    constructor(
        readonly part: FunctionName & ("review" | "merge"),
        {
            account = settingsSample().account,
            bucket = settingsSample().evidenceBucket,
            keyArn = "arn:aws:kms:eu-west-1:123456789012:key/0a0a0a0a-0000-4000-8000-000000000000",
        }: Partial<ReviewPlace> = {},
    ) {
        this.region = account.region;
        const options = {
            account,
            journal: this.journal,
            principals: [this.functionName],
            now: () => this.now,
        };
        const certificate = selfSignedCertificate();
        writeFileSync(join(this.folder, "ca.pem"), certificate.cert);
        this.pipelines = new ReviewPipelineServer(options);
        this.builds = new CodeBuildServer(options);
        this.codeCommit = new CodeCommitServer(options);
        this.secrets = new SecretsServer(options);
        this.evidence = new EvidenceServer(options, { name: bucket, keyArn });
        this.gitHub = new GitHubServer(certificate, "example-org/billing");
        this.gitLab = new GitLabServer(certificate, "example-group/payments/ledger");
    }

    get functionName(): string {
        return `portcullis-dev-${this.part}`;
    }

    private get servers() {
        const { pipelines, builds, codeCommit, secrets, evidence, gitHub, gitLab } = this;
        return [pipelines, builds, codeCommit, secrets, evidence, gitHub, gitLab];
    }

    /**
     * Starts everything and uploads the function.
     * @param settingsOf its settings, which need the addresses of the code hosts.
     * @param endpoints of further services.
     */
    async start(
        settingsOf: (hosts: { gitHub: string; gitLab: string }) => object,
        endpoints: Record<string, string> = {},
    ): Promise<void> {
        await Promise.all(this.servers.map((server) => server.start()));
        this.settings = settingsOf({ gitHub: this.gitHub.url, gitLab: this.gitLab.url });
        const code = Buffer.from(bundleFunction(this.part).code).toString("utf8");
        this.unpacked = unpack({
            ...this.uploaded,
            files: { "index.cjs": code, "settings.json": JSON.stringify(this.settings) },
        });
        this.endpoints = {
            AWS_ENDPOINT_URL_CODEPIPELINE: this.pipelines.url,
            AWS_ENDPOINT_URL_CODEBUILD: this.builds.url,
            AWS_ENDPOINT_URL_CODECOMMIT: this.codeCommit.url,
            AWS_ENDPOINT_URL_SECRETS_MANAGER: this.secrets.url,
            AWS_ENDPOINT_URL_S3: this.evidence.url,
            // What trusts the fakes' certificate beside all others.
            NODE_EXTRA_CA_CERTS: join(this.folder, "ca.pem"),
            ...endpoints,
        };
        this.reset();
    }

    private endpoints: Record<string, string> = {};

    private get uploaded() {
        const { policy } = settingsSample();
        return {
            name: this.functionName,
            arn: `arn:aws:lambda:eu-west-1:123456789012:function:${this.functionName}`,
            handler: "index.handler",
            timeoutSeconds: 120,
            memoryMegabytes: 512,
            logGroup: `/aws/lambda/${this.functionName}`,
            files: {},
            environment: {
                POWERTOOLS_SERVICE_NAME: this.part,
                ...limitEnvironment((this.settings as Partial<ReviewSettings>).policy ?? policy),
            },
        };
    }

    async stop(): Promise<void> {
        this.running?.kill();
        await Promise.all(this.servers.map((server) => server.stop()));
        removeUnpacked(this.unpacked);
        rmSync(this.folder, { recursive: true });
    }

    /** Everything as at the beginning, in a process that is warm. */
    reset(): void {
        const { pipelines, codeCommit, gitHub, gitLab, builds, evidence, secrets } = this;
        for (const server of [pipelines, codeCommit, gitHub, gitLab]) server.reset();
        this.now = after(30);
        builds.builds.clear();
        evidence.objects.clear();
        this.journal.reset();
        gitHub.token = gitHubToken;
        gitLab.token = gitLabToken;
        secrets.secrets.clear();
        secrets.secrets.set("portcullis/github-token", `${gitHubToken}\n`);
        secrets.secrets.set("portcullis/gitlab-token", gitLabToken);
    }

    /** A new process for the next event. */
    cool(): void {
        this.running?.kill();
        this.running = undefined;
    }

    async send(event: unknown): Promise<Invocation> {
        if (this.running?.isAlive !== true)
            this.running = await FunctionProcess.start(
                this.uploaded,
                this.unpacked,
                this.region,
                this.endpoints,
            );
        const invocation = await this.running.invoke(event, { now: this.now });
        this.log.push(...invocation.log);
        return invocation;
    }

    /** Sends an event that has to be handled. @returns the facts that were logged, with their details. */
    async handle(event: unknown): Promise<{ fact: string; details: Record<string, unknown> }[]> {
        const invocation = await this.send(event);
        assert.equal(invocation.kind, "returned", JSON.stringify(invocation, null, 1));
        return invocation.log.flatMap((line) => {
            const entry = JSON.parse(line) as { fact?: string; details?: Record<string, unknown> };
            return entry.fact === undefined ? [] : [{ fact: entry.fact, details: entry.details ?? {} }];
        });
    }

    /** Makes an execution known to CodePipeline and CodeBuild, instead of what they knew about it before. */
    put({ execution, actions, builds }: ExecutionAnswers, minutes = 0): void {
        const { executions } = this.pipelines;
        const name = execution.pipelineName ?? "";
        const known = executions.get(name) ?? [];
        const id = execution.pipelineExecutionId;
        const sample = { execution, actions: [...actions], startTime: after(minutes) };
        const at = known.findIndex((each) => each.execution.pipelineExecutionId === id);
        executions.set(
            name,
            at < 0 ? [...known, sample] : known.with(at, { ...sample, startTime: known[at]!.startTime }),
        );
        for (const build of builds) this.builds.builds.set(build.id ?? "", build);
    }

    storeCheck(report: CheckReport, application: string, execution: string): void {
        const commit = report.subject.commit ?? "";
        this.store(
            verifyPlace({ application: `${application}--review`, commit, tool: report.tool.name, execution }),
            Buffer.from(`${JSON.stringify(report, null, 2)}\n`),
            null,
        );
    }

    storeScan(report: ScanReport, application: string, execution: string): void {
        const raw = Buffer.from("{}");
        const { name } = report.scanner;
        const subject = {
            application: `${application}--review`,
            digest: report.subject.digest,
            execution,
            stage: "test" as const,
        };
        const text = Buffer.from(JSON.stringify({ ...report, raw: describeBytes(raw) }));
        this.store(scanPlace(subject, name), text, raw);
    }

    private store(place: EvidencePlace, report: Buffer, raw: Buffer | null): void {
        const { objects } = this.evidence;
        objects.set(evidenceKey(place, "report.json"), report);
        if (raw !== null) objects.set(evidenceKey(place, "raw.json"), raw);
        const manifest = serializeManifest(place, {
            report: describeBytes(report),
            raw: raw === null ? null : describeBytes(raw),
        });
        objects.set(evidenceKey(place, "manifest.json"), Buffer.from(manifest));
    }

    /** Fails when the function sent something that AWS would not have taken, or showed a token. */
    assertClean(): void {
        assert.deepEqual(this.journal.malformed, []);
        for (const token of [gitHubToken, gitLabToken])
            assert.ok(!this.log.some((line) => line.includes(token)), "a token is in the log");
    }
}

/** Settings of the review function whose code hosts are the fakes. */
export function hostedSettings({ gitHub, gitLab }: { gitHub: string; gitLab: string }): ReviewSettings {
    const samples = settingsSample();
    const urls: Record<string, string> = { github: gitHub, gitlab: gitLab };
    return {
        ...samples,
        applications: samples.applications.map(({ name, host }) =>
            applicationSample(name, host.type === "codecommit" ? host : { ...host, apiUrl: urls[host.type] }),
        ),
    };
}
