/**
 * Starts the real policy pack server, as the language host does: the SDK's own runner in the folder of the pack. For
 * specs only.
 */
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import * as grpc from "@grpc/grpc-js";
import * as messages from "@pulumi/pulumi/proto/analyzer_pb";
import * as struct from "google-protobuf/google/protobuf/struct_pb";
import {
    analyzeRequest,
    analyzeStackRequest,
    answerOf,
    remediationsOf,
    type Answer,
    type RemediationAnswer,
} from "./analyzerRequests";
import type { ResourceDescription } from "../reader";

/* eslint-disable @typescript-eslint/no-require-imports -- no type declarations that fit their use */
const { AnalyzerClient } = require("@pulumi/pulumi/proto/analyzer_grpc_pb") as {
    AnalyzerClient: new (address: string, credentials: grpc.ChannelCredentials) => Client;
};
const { Empty } = require("google-protobuf/google/protobuf/empty_pb") as { Empty: new () => unknown };
/* eslint-enable @typescript-eslint/no-require-imports */

type Client = grpc.Client &
    Record<string, (request: unknown, callback: (error: Error | null, response: never) => void) => void>;

export interface PolicyLevel {
    level: "advisory" | "mandatory" | "remediate" | "disabled";
    properties?: Record<string, unknown>;
}

export class PackServer {
    private constructor(
        private readonly client: Client,
        private readonly stop: () => void,
        /** Of the pack, for measurements. */
        readonly processId: number | undefined,
    ) {}

    /** `stack` and `project` as the engine passes them; the server previews unless told otherwise. Rejects with what the pack printed. */
    static start(pack: string, { preview = true }: { preview?: boolean } = {}): Promise<PackServer> {
        // As the language host looks for it: from the folder of the pack.
        const sdk = require.resolve("@pulumi/pulumi/package.json", { paths: [pack] });
        const runner = join(sdk, "..", "cmd", "run-policy-pack");
        const child = spawn(process.execPath, [runner, "127.0.0.1:0", resolve(pack)], {
            cwd: pack,
            env: {
                ...process.env,
                PULUMI_NODEJS_ORGANIZATION: "organization",
                PULUMI_NODEJS_PROJECT: "project",
                PULUMI_NODEJS_STACK: "dev",
                PULUMI_NODEJS_DRY_RUN: String(preview),
                PULUMI_CONFIG: "{}",
            },
            stdio: ["ignore", "pipe", "pipe"],
        });
        let printed = "";
        let output = "";
        child.stderr.on("data", (data: Buffer) => (printed += data.toString()));
        return new Promise((done, failed) => {
            child.once("exit", (code) =>
                failed(new Error(`the pack ended with exit code ${code}: ${printed}`)),
            );
            child.stdout.on("data", (data: Buffer) => {
                printed += data.toString();
                output += data.toString();
                const port = /^(\d+)\n/m.exec(output)?.[1];
                if (port === undefined) return;
                const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
                done(
                    new PackServer(
                        client,
                        () => {
                            client.close();
                            child.kill();
                        },
                        child.pid,
                    ),
                );
            });
        });
    }

    info(): Promise<messages.AnalyzerInfo> {
        return this.call("getAnalyzerInfo", new Empty());
    }

    /** What the engine sends for a policy configuration file: levels and properties by policy. */
    async configure(policies: Record<string, PolicyLevel>): Promise<void> {
        const request = new messages.ConfigureAnalyzerRequest();
        for (const [name, { level, properties }] of Object.entries(policies)) {
            const config = new messages.PolicyConfig();
            const { ADVISORY, MANDATORY, REMEDIATE, DISABLED } = messages.EnforcementLevel;
            config.setEnforcementlevel(
                { advisory: ADVISORY, mandatory: MANDATORY, remediate: REMEDIATE, disabled: DISABLED }[level],
            );
            config.setProperties(struct.Struct.fromJavaScript((properties ?? {}) as Record<string, never>));
            request.getPolicyconfigMap().set(name, config);
        }
        await this.call("configure", request);
    }

    async analyze(resource: ResourceDescription): Promise<Answer> {
        return answerOf(await this.call("analyze", analyzeRequest(resource)));
    }

    async remediate(resource: ResourceDescription): Promise<RemediationAnswer> {
        return remediationsOf(await this.call("remediate", analyzeRequest(resource)));
    }

    async analyzeStack(resources: readonly ResourceDescription[]): Promise<Answer> {
        return answerOf(await this.call("analyzeStack", analyzeStackRequest(resources)));
    }

    close(): void {
        this.stop();
    }

    private call<T>(method: string, request: unknown): Promise<T> {
        return new Promise((done, failed) => {
            this.client[method]?.(request, (error, response) => (error ? failed(error) : done(response)));
        });
    }
}
