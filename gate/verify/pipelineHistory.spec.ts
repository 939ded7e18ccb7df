import assert from "node:assert/strict";
import { lastScannedCommit } from "./pipelineHistory";
import { PipelineServer, type ActionExecution } from "./testing/pipelineServer";

const commit = (digit: number): string => String(digit).repeat(40);
const source = (execution: string, digit: number, more: Partial<ActionExecution> = {}): ActionExecution => ({
    execution,
    stage: "Source",
    action: "Source",
    variables: { CommitId: commit(digit), BranchName: "main" },
    ...more,
});

describe("last scanned commit of a pipeline", () => {
    let server: PipelineServer;
    beforeEach(async () => {
        server = await PipelineServer.start();
    });
    afterEach(() => server.stop());
    const ask = (execution?: string) =>
        lastScannedCommit(server.client(), { pipeline: "demo-delivery", execution });

    it("is that of the latest execution whose secret scan succeeded, not of a later one that failed", async () => {
        server.executions = [
            { execution: "e4", status: "InProgress", startTime: 1_700_000_400 },
            source("e4", 4),
            { execution: "e3", status: "Failed", startTime: 1_700_000_300 },
            source("e3", 3),
            { execution: "e2", startTime: 1_700_000_200 },
            { execution: "e2", action: "Lint", status: "Failed" },
            source("e2", 2),
            { execution: "e1", startTime: 1_700_000_100 },
            source("e1", 1),
        ];
        assert.equal(await ask("e4"), commit(2));
        assert.deepEqual(server.requests, [{ pipelineName: "demo-delivery", maxResults: 100 }]);
        server.executions.reverse();
        assert.equal(await ask("e4"), commit(2));
    });

    it("is none when no scan has succeeded: not abandoned, not superseded, not another action or stage", async () => {
        for (const more of [
            { status: "Failed" },
            { status: "Abandoned" },
            { status: "InProgress" },
            { action: "Lint" },
            { stage: "Test" },
        ]) {
            server.executions = [{ execution: "e1", ...more }, source("e1", 1)];
            assert.equal(await ask(), null, JSON.stringify(more));
        }
        server.executions = [];
        assert.equal(await ask(), null);
    });

    it("is not that of an earlier attempt of the same execution", async () => {
        server.executions = [{ execution: "e2" }, source("e2", 2), { execution: "e1" }, source("e1", 1)];
        assert.equal(await ask("e2"), commit(1));
        assert.equal(await ask(), commit(2));
    });

    it("follows the pages, as when an execution lies on two of them", async () => {
        server.pageSize = 1;
        server.executions = [
            { execution: "e2", status: "Failed" },
            source("e2", 2),
            { execution: "e1" },
            source("e1", 1),
        ];
        assert.equal(await ask(), commit(1));
        assert.deepEqual(
            server.requests.map(({ nextToken }) => nextToken),
            [undefined, "1", "2", "3"],
        );
    });

    it("passes over an execution whose commit is not known, or which had several", async () => {
        server.executions = [
            { execution: "e3" },
            { execution: "e2" },
            source("e2", 2),
            source("e2", 3, { action: "Configuration" }),
            { execution: "e1" },
            source("e1", 1),
        ];
        assert.equal(await ask(), commit(1));
        for (const CommitId of ["main", "1234567", ""]) {
            server.executions = [{ execution: "e1" }, source("e1", 1, { variables: { CommitId } })];
            assert.equal(await ask(), null);
        }
    });

    it("gives up after a bounded number of pages", async () => {
        server.endless = true;
        assert.equal(await ask(), null);
        assert.equal(server.requests.length, 50);
    });

    it("says what went wrong and what to do", async () => {
        for (const [failure, hint] of [
            ["AccessDeniedException", "the role needs codepipeline:ListActionExecutions on it"],
            ["PipelineNotFoundException", "is --pipeline its name, and the region right?"],
            ["InvalidNextTokenException", "try again, or give --base COMMIT"],
        ] as const) {
            server.failure = failure;
            const message = `the executions of pipeline demo-delivery cannot be listed (${failure}: not for you); ${hint}`;
            await assert.rejects(ask(), { name: "CheckError", message });
        }
    });
});
