import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DescribeTasksCommand, ECSClient } from "../bundling/ecsClient";
import { GetFindingsCommand, SecurityHubClient } from "../bundling/securityHubClient";
import { callService, ServiceError } from "./serviceCalls";
import { JsonService } from "./testing/jsonService";

const never = new AbortController().signal;

describe("calls over signed JSON", () => {
    let service: JsonService;
    const before = { ...process.env };
    const client = new ECSClient();
    const ask = (abortSignal = never): Promise<unknown> =>
        client.send(new DescribeTasksCommand({ tasks: ["a"] }), { abortSignal });

    beforeEach(async () => {
        service = await JsonService.start();
        Object.assign(process.env, {
            AWS_ENDPOINT_URL_ECS: service.url,
            AWS_REGION: "eu-west-1",
            AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
            AWS_SECRET_ACCESS_KEY: "example",
        });
    });
    afterEach(async () => {
        await service.stop();
        for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
        Object.assign(process.env, before);
    });

    async function errorOf(call: Promise<unknown>): Promise<Record<string, unknown>> {
        try {
            await call;
        } catch (error) {
            const { name, message, $metadata } = error as Error & { $metadata: unknown };
            return { name, message, $metadata };
        }
        return assert.fail("it did not throw");
    }

    it("give the answer as it came", async () => {
        service.replies["DescribeTasks"] = [{ body: { tasks: [{ startedAt: 1.5 }] } }];
        assert.deepEqual(await ask(), { tasks: [{ startedAt: 1.5 }] });
        assert.deepEqual(service.requests, [{ operation: "DescribeTasks", input: { tasks: ["a"] } }]);
    });

    it("are repeated where that can help, four times at most", async () => {
        service.replies["DescribeTasks"] = [
            { error: "ServerException", status: 500 },
            { cut: true },
            { error: "ThrottlingException" },
            { body: {} },
        ];
        assert.deepEqual(await ask(), {});
        assert.equal(service.requests.length, 4);
        service.replies["DescribeTasks"] = [{ error: "ServerException", status: 503 }];
        const { $metadata, name } = await errorOf(ask());
        assert.deepEqual([name, $metadata, service.requests.length], ["ServerException", { attempts: 4 }, 8]);
    });

    it("are not repeated where it cannot, and tell the service's own code", async () => {
        service.replies["DescribeTasks"] = [
            { error: "ClusterNotFoundException", message: "Cluster not found." },
        ];
        assert.deepEqual(await errorOf(ask()), {
            name: "ClusterNotFoundException",
            message: "Cluster not found.",
            $metadata: { attempts: 1 },
        });
        service.replies["DescribeTasks"] = [{ error: "AccessDeniedException", message: "no" }];
        await assert.rejects(
            callService("Amazon ECS DescribeTasks", () => ask()),
            (error: unknown) =>
                error instanceof ServiceError &&
                error.message ===
                    "Amazon ECS DescribeTasks failed (AccessDeniedException: no); see the function's role",
        );
    });

    it("end when the caller's time is up", async () => {
        service.replies["DescribeTasks"] = [{ silent: true }];
        const { name, $metadata } = await errorOf(ask(AbortSignal.timeout(50)));
        assert.deepEqual([name, $metadata], ["AbortError", { attempts: 1 }]);
        assert.equal((await errorOf(ask(AbortSignal.abort())))["name"], "AbortError");
    });

    it("fail for an answer that is not JSON", async () => {
        const server = createServer((_request, response) => response.end("<html>"));
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        process.env["AWS_ENDPOINT_URL_ECS"] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        assert.equal((await errorOf(ask()))["name"], "SyntaxError");
        server.closeAllConnections();
        server.close();
    });

    it("name the error that a header tells, as REST services do", async () => {
        const server = createServer((request, response) => {
            response.writeHead(401, {
                "x-amzn-errortype": "InvalidAccessException:http://internal.amazon.com/coral/",
                "x-amzn-requestid": "r-1",
            });
            response.end(JSON.stringify({ Message: `${request.method} ${request.url}` }));
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        process.env["AWS_ENDPOINT_URL_SECURITYHUB"] =
            `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const call = new SecurityHubClient().send(new GetFindingsCommand({}), { abortSignal: never });
        assert.deepEqual(await errorOf(call), {
            name: "InvalidAccessException",
            message: "POST /findings",
            $metadata: { attempts: 1, requestId: "r-1" },
        });
        server.closeAllConnections();
        server.close();
    });
});
