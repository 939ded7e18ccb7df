import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Refusal, type AwsCall, type AwsService, type CallJournal } from "./callJournal";
import { verifySignature } from "./signature";

/** Where a fake stands and whom it knows. */
export interface AwsServerOptions {
    account: { partition: string; region: string; accountId: string };
    journal: CallJournal;
    /** Names of the principals whose signatures are accepted. */
    principals: readonly string[];
    /** The time of this cloud. */
    now: () => Date;
}

/** What a request asks for, before anything is done. */
export type AwsRequest = Pick<AwsCall, "operation" | "input" | "permissions">;

/**
 * A fake of one AWS service on a loopback port. It takes a request only when its signature is right, writes it into the
 * journal, asks whether the signer may, and then carries it out.
 */
export abstract class AwsServer {
    protected readonly server: Server = createServer();

    constructor(
        readonly service: AwsService,
        protected readonly options: AwsServerOptions,
    ) {
        this.server.on("request", (request, response) => {
            void this.serve(request, response).catch((error: unknown) => {
                options.journal.malformed.push(
                    `${service}: the fake failed: ${String((error as Error).stack)}`,
                );
                response.destroy();
            });
        });
    }

    async start(): Promise<void> {
        await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    }

    async stop(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }

    get url(): string {
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    /** @throws Refusal when the service cannot make sense of it. */
    protected abstract understand(request: IncomingMessage, body: Buffer): AwsRequest;

    /** Answers a call that was admitted. @throws Refusal */
    protected abstract carryOut(
        call: AwsCall,
        request: IncomingMessage,
        body: Buffer,
    ): Promise<(response: ServerResponse) => void>;

    /** Errors in the service's own shape. */
    protected abstract refuse(response: ServerResponse, refusal: Refusal): void;

    private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const { journal } = this.options;
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const body = Buffer.concat(chunks);
        response.setHeader("x-amzn-requestid", randomUUID());
        const { region } = this.options.account;
        let call: AwsCall;
        try {
            const { principals } = this.options;
            const principal = await verifySignature(request, body, {
                service: this.service,
                region,
                principals,
            });
            call = { service: this.service, principal, outcome: "ok", ...this.understand(request, body) };
        } catch (error) {
            const { message } = error as Error;
            journal.malformed.push(`${this.service} ${request.method} ${request.url}: ${message}`);
            const refusal =
                error instanceof Refusal
                    ? error
                    : new Refusal(
                          this.service === "s3" ? "SignatureDoesNotMatch" : "InvalidSignatureException",
                          message,
                          this.service === "s3" ? 403 : 400,
                      );
            return this.refuse(response, refusal);
        }
        let answer: (response: ServerResponse) => void;
        try {
            await journal.admit(call);
            answer = await this.carryOut(call, request, body);
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            call.outcome = error.code.replace(/^.*#/, "");
            answer = (response) => this.refuse(response, error);
        }
        if (journal.carriedOut(call)) {
            response.destroy();
            return;
        }
        answer(response);
    }
}

/** Services that speak AWS JSON 1.0 or 1.1: one address, the operation in a header, errors with `__type`. */
export abstract class AwsJsonServer extends AwsServer {
    constructor(
        service: AwsService,
        options: AwsServerOptions,
        private readonly protocol: { version: "1.0" | "1.1"; target: string },
    ) {
        super(service, options);
    }

    /** The operation's input, checked. @throws Refusal */
    protected abstract check(operation: string, input: Record<string, unknown>): AwsRequest;

    protected understand(request: IncomingMessage, body: Buffer): AwsRequest {
        if (request.method !== "POST" || request.url !== "/")
            throw new Refusal("UnknownOperationException", `${request.method} ${request.url}`, 404);
        const type = request.headers["content-type"];
        if (type !== `application/x-amz-json-${this.protocol.version}`)
            throw new Refusal("UnknownOperationException", `content type ${type}`, 404);
        const [target, operation] = String(request.headers["x-amz-target"]).split(".");
        if (target !== this.protocol.target || operation === undefined)
            throw new Refusal("UnknownOperationException", `target ${request.headers["x-amz-target"]}`, 404);
        let input: unknown;
        try {
            input = JSON.parse(body.toString("utf8"));
        } catch {
            throw new Refusal("SerializationException", "the body is not JSON");
        }
        if (input === null || typeof input !== "object" || Array.isArray(input))
            throw new Refusal("SerializationException", "the body is not an object");
        return this.check(operation, input as Record<string, unknown>);
    }

    protected refuse(response: ServerResponse, { code, message, status }: Refusal): void {
        this.answer(response, { __type: code, message }, status);
    }

    protected answer(response: ServerResponse, body: unknown, status = 200): void {
        response.writeHead(status, { "content-type": `application/x-amz-json-${this.protocol.version}` });
        response.end(JSON.stringify(body));
    }
}
