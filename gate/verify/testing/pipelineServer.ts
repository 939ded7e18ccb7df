import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CodePipelineClient } from "@aws-sdk/client-codepipeline";

/** One action execution as ListActionExecutions gives it. */
export interface ActionExecution {
    execution: string;
    stage?: string;
    action?: string;
    status?: string;
    /** Seconds since 1970. */
    startTime?: number;
    /** Output variables, as those of a source action. */
    variables?: Record<string, string>;
}

/** ListActionExecutions of AWS CodePipeline on a loopback port, with pages of a given size. */
export class PipelineServer {
    /** Bodies of the requests. */
    readonly requests: Record<string, unknown>[] = [];
    executions: ActionExecution[] = [];
    pageSize = 100;
    /** Answer instead of a list: name of an exception of the API. */
    failure: string | null = null;
    /** Always one more page. */
    endless = false;

    private constructor(
        private readonly server: Server,
        readonly url: string,
    ) {}

    static async start(): Promise<PipelineServer> {
        const server = createServer();
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const fake = new PipelineServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
        server.on("request", (request, response) => {
            const chunks: Buffer[] = [];
            request.on("data", (chunk: Buffer) => chunks.push(chunk));
            request.on("end", () => {
                const target = String(request.headers["x-amz-target"]);
                const [status, body] = fake.answer(target, Buffer.concat(chunks).toString("utf8"));
                response
                    .writeHead(status, { "content-type": "application/x-amz-json-1.1" })
                    .end(JSON.stringify(body));
            });
        });
        return fake;
    }

    client(): CodePipelineClient {
        return new CodePipelineClient({
            region: "eu-central-1",
            endpoint: this.url,
            credentials: { accessKeyId: "example", secretAccessKey: "example" },
            maxAttempts: 1,
        });
    }

    async stop(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }

    private answer(target: string, text: string): [number, object] {
        if (target !== "CodePipeline_20150709.ListActionExecutions")
            return [400, { __type: "UnknownOperationException" }];
        const body = JSON.parse(text) as { pipelineName?: string; maxResults?: number; nextToken?: string };
        this.requests.push(body);
        if (this.failure !== null) return [400, { __type: this.failure, message: "not for you" }];
        const from = Number(body.nextToken ?? 0);
        const to = from + Math.min(this.pageSize, body.maxResults ?? 100);
        const details = this.executions.slice(from, to).map((each) => ({
            pipelineExecutionId: each.execution,
            stageName: each.stage ?? "Verify",
            actionName: each.action ?? "Secrets",
            status: each.status ?? "Succeeded",
            startTime: each.startTime ?? 1_700_000_000,
            ...(each.variables === undefined ? {} : { output: { outputVariables: each.variables } }),
        }));
        const more = this.endless || to < this.executions.length;
        return [200, { actionExecutionDetails: details, ...(more ? { nextToken: String(to) } : {}) }];
    }
}
