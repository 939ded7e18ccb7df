/**
 * Starts the real policy pack server as the language host does and asks it about every resource while the program is
 * still running, and about the stack at the end.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { scrubbedEnvironment, startNode } from "./childProcess";
import type { LineProcess } from "./childProcess";
import { analyzerMessages, connectAnalyzer, Empty, grpc } from "./engine/protocol";
import type { AnalyzerClient, Struct } from "./engine/protocol";
import type { EngineResource } from "./engine/registration";
import { decode } from "./engine/wire";
import type { EnforcementLevel, PolicyDiagnostic, PolicyResult, RunResult } from "./model";
import { Applicability } from "./policyApplicability";
import type { GivenConfiguration } from "./policyConfiguration";
import { noConfiguration, reconcile } from "./policyConfiguration";
import { notApplicableIn, parseDiagnostic, policyInfo } from "./policyMessages";
import { analyzeRequest, configureRequest, remediatedState, setAll, stackResource } from "./policyRequests";
import { configurationEnvironment, sdkDirectory } from "./program";
import type { Project, StackConfiguration } from "./project";

export interface PolicyClientOptions {
    directory: string;
    project: Project;
    configuration: StackConfiguration;
    mode: RunResult["mode"];
    engineAddress: string;
    cacheDirectory: string;
    /** What the file of `--policy-config` says; nothing = the pack's own levels and defaults. */
    policyConfiguration?: GivenConfiguration;
    /** How long the pack may take to listen, and to answer one call, in milliseconds. */
    timeout?: number;
}

/** The pack could not be run or did not answer: nothing was judged, which must never look like a pass. */
export class PolicyPackError extends Error {}

export class PolicyClient {
    /** Milliseconds from the start of the process to the end of the handshake. */
    bootMilliseconds = 0;
    private readonly pending: Promise<PolicyDiagnostic[]>[] = [];
    private readonly ready: Promise<{ client: AnalyzerClient; info: analyzerMessages.AnalyzerInfo }>;
    private readonly applicability = new Applicability();
    private readonly remediations: NonNullable<PolicyResult["remediations"]> = [];
    /** Inputs by URN as remediations left them. */
    private readonly remediated = new Map<string, Struct>();
    private levels = new Map<string, EnforcementLevel>();
    private connected: AnalyzerClient | undefined;

    private constructor(
        private readonly options: PolicyClientOptions,
        private readonly server: LineProcess,
        address: Promise<string>,
    ) {
        const started = performance.now();
        this.ready = address.then(async (text) => {
            const client = connectAnalyzer(text);
            this.connected = client;
            const info = await this.handshake(client);
            this.bootMilliseconds = performance.now() - started;
            return { client, info };
        });
        // A failure is reported by `finish`; until then it must not count as unhandled.
        this.ready.catch(() => undefined);
    }

    static start(options: PolicyClientOptions): PolicyClient {
        const directory = resolve(options.directory);
        if (!existsSync(join(directory, "PulumiPolicy.yaml"))) {
            throw new PolicyPackError(`${directory} is no policy pack: it has no PulumiPolicy.yaml`);
        }
        const output: string[] = [];
        let resolveAddress: (address: string) => void;
        let rejectAddress: (error: Error) => void;
        const address = new Promise<string>((done, failed) => {
            resolveAddress = done;
            rejectAddress = failed;
        });
        address.catch(() => undefined);
        const { configuration, mode, project } = options;
        const server = startNode(
            [join(sdkDirectory(directory), "cmd", "run-policy-pack"), options.engineAddress, directory],
            {
                cwd: directory,
                env: scrubbedEnvironment(options.cacheDirectory, {
                    ...configurationEnvironment(configuration),
                    PULUMI_NODEJS_ORGANIZATION: "organization",
                    PULUMI_NODEJS_PROJECT: project.name,
                    PULUMI_NODEJS_STACK: configuration.stack,
                    PULUMI_NODEJS_DRY_RUN: String(mode === "preview"),
                }),
                onLine: (stream, line) => {
                    if (stream === "stdout" && /^\d+$/.test(line)) {
                        resolveAddress(`127.0.0.1:${line}`);
                    } else {
                        output.push(line);
                    }
                },
            },
        );
        const ended = (reason: string) => {
            const details = output.slice(-15).join("\n");
            rejectAddress(
                new PolicyPackError(`the policy pack in ${directory} ${reason}\n${details}`.trim()),
            );
        };
        server.exited.then(
            (code) => ended(`ended with exit code ${code} before it listened`),
            (error: Error) => ended(`could not be started: ${error.message}`),
        );
        const timeout = options.timeout ?? 120_000;
        setTimeout(() => ended(`did not listen within ${timeout / 1000} s`), timeout).unref();
        return new PolicyClient(options, server, address);
    }

    /** Queues the question about one resource; answers are collected by `finish`. */
    analyze(resource: EngineResource): void {
        const request = analyzeRequest(resource);
        const [first] = this.pending;
        const answer = this.ready.then(async ({ client, info }) => {
            // A pack reads its settings while it judges, so the first answer comes before anything else is mended.
            if (first !== undefined && this.remediates()) {
                await first;
            }
            const diagnostics = this.remediates() ? await this.remediate(client, request, info) : [];
            const response = await this.call<analyzerMessages.AnalyzeResponse>(client, "analyze", request);
            this.applicability.resource(notApplicableIn(response));
            return [...diagnostics, ...this.read(response, info, resource.captured.urn)];
        });
        answer.catch(() => undefined);
        this.pending.push(answer);
    }

    /** Waits for every answer, asks about the whole stack and sums up. Rejects with `PolicyPackError`. */
    async finish(resources: EngineResource[]): Promise<PolicyResult> {
        const { client, info } = await this.ready;
        const diagnostics = (await Promise.all(this.pending)).flat();
        const request = new analyzerMessages.AnalyzeStackRequest();
        request.setResourcesList(
            resources.map((resource) => {
                const inputs = this.remediated.get(resource.captured.urn);
                return stackResource(
                    inputs === undefined
                        ? resource
                        : { ...resource, state: remediatedState(resource, decode(inputs)) },
                );
            }),
        );
        const response = await this.call<analyzerMessages.AnalyzeResponse>(client, "analyzeStack", request);
        this.applicability.stack(notApplicableIn(response));
        const policies = info.getPoliciesList();
        return {
            pack: { name: info.getName(), version: info.getVersion() },
            policies: policies.map((policy) => ({
                ...policyInfo(policy),
                enforcement: this.levels.get(policy.getName()) ?? "advisory",
            })),
            diagnostics: [...diagnostics, ...this.read(response, info, "")],
            notApplicable: this.applicability.count,
            notApplicablePolicies: this.applicability.never(policies),
            ...(this.remediations.length === 0 ? {} : { remediations: this.remediations }),
        };
    }

    /** Process of the pack's server, for measurements. */
    get processId(): number | undefined {
        return this.server.process.pid;
    }

    close(): void {
        this.connected?.close();
        this.server.kill();
    }

    private async handshake(client: AnalyzerClient): Promise<analyzerMessages.AnalyzerInfo> {
        const { configuration, mode, project, engineAddress, directory } = this.options;
        const handshake = new analyzerMessages.AnalyzerHandshakeRequest();
        handshake.setEngineAddress(engineAddress);
        handshake.setRootDirectory(resolve(directory));
        handshake.setProgramDirectory(resolve(directory));
        try {
            await this.call(client, "handshake", handshake);
        } catch (error) {
            // @pulumi/policy 1.21 has no Handshake; the engine goes on without it, too.
            if ((error as { code?: number }).code !== grpc.status.UNIMPLEMENTED) {
                throw error;
            }
        }
        const stack = new analyzerMessages.AnalyzerStackConfigureRequest();
        stack.setStack(configuration.stack);
        stack.setProject(project.name);
        stack.setOrganization("organization");
        stack.setDryRun(mode === "preview");
        stack.setConfigSecretKeysList(configuration.secretKeys);
        setAll(stack.getConfigMap(), configuration.config);
        setAll(stack.getTagsMap(), {
            "pulumi:project": project.name,
            "pulumi:runtime": "nodejs",
            ...configuration.tags,
        });
        await this.call(client, "configureStack", stack);
        const info = await this.call<analyzerMessages.AnalyzerInfo>(client, "getAnalyzerInfo", new Empty());
        const reconciled = await reconcile(info, this.options.policyConfiguration ?? noConfiguration);
        await this.call(client, "configure", configureRequest(reconciled));
        this.levels = new Map([...reconciled].map(([name, { level }]) => [name, level]));
        return info;
    }

    private remediates(): boolean {
        return [...this.levels.values()].includes("remediate");
    }

    private async remediate(
        client: AnalyzerClient,
        request: analyzerMessages.AnalyzeRequest,
        info: analyzerMessages.AnalyzerInfo,
    ): Promise<PolicyDiagnostic[]> {
        const response = await this.call<analyzerMessages.RemediateResponse>(client, "remediate", request);
        return response.getRemediationsList().flatMap((remediation) => {
            const properties = remediation.getProperties();
            const before = JSON.stringify(request.getProperties()?.toJavaScript());
            if (properties !== undefined && JSON.stringify(properties.toJavaScript()) !== before) {
                request.setProperties(properties);
                this.remediated.set(request.getUrn(), properties);
                this.remediations.push({ policy: remediation.getPolicyname(), urn: request.getUrn() });
            }
            // A text says that the policy could not do it, for instance because a value is not known yet.
            const text = remediation.getDiagnostic();
            if (text === "") {
                return [];
            }
            const diagnostic = new analyzerMessages.AnalyzeDiagnostic();
            diagnostic.setPolicyname(remediation.getPolicyname());
            diagnostic.setPolicypackname(remediation.getPolicypackname());
            diagnostic.setMessage(text);
            return [parseDiagnostic(diagnostic, info, request.getUrn())];
        });
    }

    private read(
        response: analyzerMessages.AnalyzeResponse,
        info: analyzerMessages.AnalyzerInfo,
        urn: string,
    ): PolicyDiagnostic[] {
        return response.getDiagnosticsList().map((diagnostic) => parseDiagnostic(diagnostic, info, urn));
    }

    private async call<Response>(
        client: AnalyzerClient,
        method: Parameters<AnalyzerClient["call"]>[0],
        request: unknown,
    ): Promise<Response> {
        const timeout = this.options.timeout ?? 120_000;
        let timer: NodeJS.Timeout | undefined;
        try {
            return await Promise.race([
                client.call<Response>(method, request),
                new Promise<never>((_resolve, reject) => {
                    timer = setTimeout(
                        () =>
                            reject(
                                new PolicyPackError(
                                    `the policy pack did not answer ${method} within ${timeout / 1000} s`,
                                ),
                            ),
                        timeout,
                    );
                }),
            ]);
        } catch (error) {
            const { code, details } = error as { code?: number; details?: string };
            if (
                error instanceof PolicyPackError ||
                code === undefined ||
                code === grpc.status.UNIMPLEMENTED
            ) {
                throw error;
            }
            throw new PolicyPackError(`the policy pack failed in ${method}: ${details ?? String(error)}`);
        } finally {
            clearTimeout(timer);
        }
    }
}
