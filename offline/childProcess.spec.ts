import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startNode } from "./childProcess";

/** Processes by id, with the id of each one's parent. */
function parents(): Map<number, number> {
    const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
    return new Map(lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]));
}

function childrenOf(parent: number): number[] {
    return [...parents()].filter(([, ppid]) => ppid === parent).map(([pid]) => pid);
}

/** Waits until something holds; gives up after 400 looks. */
async function until(holds: () => boolean): Promise<void> {
    for (let look = 0; !holds(); look += 1) {
        assert.ok(look < 400, "waited in vain");
        await pause(50);
    }
}

describe("processes of a run", () => {
    it("end with the engine that was killed, even if they never come back to their event loop", async () => {
        const run = `require(${JSON.stringify(join(__dirname, "run"))}).runOffline(${JSON.stringify({
            cwd: join(__dirname, "fixtures", "cases"),
            stack: "dev",
            mode: "preview",
            policyPack: join(__dirname, "fixtures", "pack"),
            config: { case: "spinning" },
        })})`;
        const engine = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", run], {
            stdio: "ignore",
        });
        assert.ok(engine.pid);
        const { pid } = engine;
        await until(() => childrenOf(pid).length === 2);
        const children = childrenOf(pid);
        const ended = once(engine, "exit");
        engine.kill("SIGKILL");
        await ended;
        try {
            await until(() => children.every((child) => !parents().has(child)));
        } finally {
            children
                .filter((child) => parents().has(child))
                .forEach((child) => process.kill(child, "SIGKILL"));
        }
    });

    it("are not kept alive by the watch, and their own children are left alone", async () => {
        const lines: string[] = [];
        const started = startNode([join(__dirname, "fixtures", "forked.cjs")], {
            cwd: __dirname,
            env: process.env,
            onLine: (_stream, line) => lines.push(line),
        });
        assert.equal(await started.exited, 0);
        assert.deepEqual(lines, ["0 null"]);
    });
});
