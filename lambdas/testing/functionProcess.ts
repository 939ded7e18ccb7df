import { fork, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { credentialsOf } from "./signature";

/** A function as it would be uploaded. */
export interface UploadedFunction {
    /** Physical name; also the principal under which it signs. */
    name: string;
    arn: string;
    /** File and export, for example `index.handler`. */
    handler: string;
    timeoutSeconds: number;
    memoryMegabytes: number;
    logGroup: string;
    /** Files of the code archive. */
    files: Record<string, string>;
    /** Environment variables of the function's configuration. */
    environment: Record<string, string>;
}

/** How an invocation ended; `crashed` when the process was gone before it answered. */
export type Invocation =
    | { kind: "returned"; result: unknown; log: string[] }
    | { kind: "failed"; errorType: string; errorMessage: string; log: string[] }
    | { kind: "crashed"; log: string[] };

interface Reply {
    ready?: true;
    result?: unknown;
    error?: { errorType: string; errorMessage: string; stackTrace: string[] };
}

/** Node 24, which Lambda runs functions on, whatever runs the specs. */
const node = join(dirname(require.resolve("node/package.json")), "bin", "node");

/** Unpacks the archive as Lambda does. @returns the folder; the caller deletes it. */
export function unpack({ files }: UploadedFunction): string {
    const folder = mkdtempSync(join(tmpdir(), "portcullis-function-"));
    for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), content);
    }
    return folder;
}

/** One execution environment of a function: a process that handles one event at a time, like Lambda's. */
export class FunctionProcess {
    private log: string[] = [];
    private logEnded: () => void = () => {};
    private ended = false;

    private constructor(
        private readonly uploaded: UploadedFunction,
        private readonly child: ChildProcess,
    ) {
        for (const stream of [child.stdout, child.stderr]) {
            let rest = "";
            stream?.setEncoding("utf8").on("data", (text: string) => {
                const lines = (rest + text).split("\n");
                rest = lines.pop() ?? "";
                for (const line of lines) {
                    if (line === "\0") this.logEnded();
                    else this.log.push(line);
                }
            });
        }
        child.on("exit", () => (this.ended = true));
    }

    /**
     * @param folder where `unpack` put the code.
     * @param endpoints addresses of the fakes, by the names that the AWS SDK reads (`AWS_ENDPOINT_URL_S3`, …).
     */
    static async start(
        uploaded: UploadedFunction,
        folder: string,
        region: string,
        endpoints: Record<string, string>,
    ): Promise<FunctionProcess> {
        const { accessKeyId, secretAccessKey, sessionToken } = credentialsOf(uploaded.name);
        const child = fork(join(__dirname, "functionRuntime.cjs"), [], {
            execPath: node,
            execArgv: [],
            cwd: folder,
            stdio: ["ignore", "pipe", "pipe", "ipc"],
            // Lambda Developer Guide, "Defined runtime environment variables".
            env: {
                ...uploaded.environment,
                ...endpoints,
                _HANDLER: uploaded.handler,
                AWS_REGION: region,
                AWS_DEFAULT_REGION: region,
                AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
                AWS_LAMBDA_FUNCTION_NAME: uploaded.name,
                AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
                AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(uploaded.memoryMegabytes),
                AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
                AWS_LAMBDA_LOG_GROUP_NAME: uploaded.logGroup,
                AWS_LAMBDA_LOG_STREAM_NAME: "2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef",
                AWS_ACCESS_KEY_ID: accessKeyId,
                AWS_SECRET_ACCESS_KEY: secretAccessKey,
                AWS_SESSION_TOKEN: sessionToken,
                LAMBDA_TASK_ROOT: folder,
                LANG: "en_US.UTF-8",
                PATH: "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
                TZ: ":UTC",
            },
        });
        const started = new FunctionProcess(uploaded, child);
        await started.reply();
        return started;
    }

    get isAlive(): boolean {
        return !this.ended;
    }

    /** @param now the time that the function sees; its clock goes on from there. */
    async invoke(
        event: unknown,
        { now, requestId = randomUUID() }: { now: Date; requestId?: string },
    ): Promise<Invocation> {
        const { name, arn, memoryMegabytes, logGroup, timeoutSeconds } = this.uploaded;
        this.log = [];
        const reply = this.reply();
        let pipes = 0;
        const logged = new Promise<void>((resolve) => {
            this.logEnded = () => (++pipes === 2 ? resolve() : undefined);
        });
        this.child.send({
            // As JSON, like everything that Lambda hands over.
            event: JSON.parse(JSON.stringify(event)),
            context: {
                awsRequestId: requestId,
                functionName: name,
                functionVersion: "$LATEST",
                invokedFunctionArn: arn,
                memoryLimitInMB: String(memoryMegabytes),
                logGroupName: logGroup,
                logStreamName: "2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef",
                timeoutMilliseconds: timeoutSeconds * 1000,
            },
            now: now.getTime(),
            trace: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
        });
        const answer = await reply;
        const log = this.log;
        if (answer === null) return { kind: "crashed", log };
        await logged;
        if (answer.error !== undefined) {
            const { errorType, errorMessage, stackTrace } = answer.error;
            return { kind: "failed", errorType, errorMessage, log: [...log, ...stackTrace] };
        }
        return { kind: "returned", result: answer.result, log };
    }

    /** At once, as when the machine is lost. */
    kill(): void {
        this.child.kill("SIGKILL");
    }

    /** Null when the process ends first. */
    private reply(): Promise<Reply | null> {
        return new Promise((resolve) => {
            const onMessage = (reply: Reply): void => finish(reply);
            const onExit = (): void => finish(null);
            const finish = (reply: Reply | null): void => {
                this.child.off("message", onMessage);
                this.child.off("exit", onExit);
                resolve(reply);
            };
            this.child.on("message", onMessage);
            this.child.on("exit", onExit);
        });
    }
}

/** Deletes what `unpack` made. */
export function removeUnpacked(folder: string): void {
    rmSync(folder, { recursive: true, force: true });
}
