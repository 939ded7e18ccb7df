import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the command prints for one call, and how it ends. */
export interface CliReply {
    /** First arguments of the call, e.g. `api post`. */
    to: string;
    out?: string;
    err?: string;
    code?: number;
    /** Does not end, and starts a process that does not end either. */
    hangs?: boolean;
    /** Prints without end. */
    floods?: boolean;
}

/** One call of the command. */
export interface CliCall {
    args: string[];
    environment: Record<string, string>;
}

/** The `lacework` command as an executable script that gives prepared replies, in their order, and notes its calls. */
export class FakeLacework {
    private constructor(readonly folder: string) {}

    static async create(): Promise<FakeLacework> {
        const fake = new FakeLacework(await mkdtemp(join(tmpdir(), "fake-lacework-")));
        await writeFile(fake.cli, script(fake.folder));
        await chmod(fake.cli, 0o755);
        return fake;
    }

    get cli(): string {
        return join(this.folder, "lacework");
    }

    at(name: string): string {
        return join(this.folder, name);
    }

    async reply(replies: CliReply[]): Promise<void> {
        await writeFile(this.at("replies.json"), JSON.stringify(replies));
        await writeFile(this.at("calls.jsonl"), "");
    }

    async calls(): Promise<CliCall[]> {
        const lines = (await readFile(this.at("calls.jsonl"), "utf8")).trim().split("\n");
        return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as CliCall);
    }

    remove(): Promise<void> {
        return rm(this.folder, { recursive: true });
    }
}

function script(folder: string): string {
    return `#!${process.execPath}
const { appendFileSync, readFileSync, writeFileSync } = require("node:fs");
const { spawn } = require("node:child_process");
const at = (name) => ${JSON.stringify(folder)} + "/" + name;
const args = process.argv.slice(2);
const calls = readFileSync(at("calls.jsonl"), "utf8").trim().split("\\n").filter((line) => line !== "").length;
appendFileSync(at("calls.jsonl"), JSON.stringify({ args, environment: process.env }) + "\\n");
const reply = JSON.parse(readFileSync(at("replies.json"), "utf8"))[calls];
if (reply === undefined || !args.join(" ").startsWith(reply.to)) {
    process.stderr.write("ERROR unexpected call " + args.join(" "));
    process.exit(70);
}
process.stdout.write(reply.out ?? "");
process.stderr.write(reply.err ?? "");
if (reply.hangs) {
    const child = spawn("sleep", ["300"], { stdio: "inherit" });
    writeFileSync(at("child.pid"), String(child.pid));
    setInterval(() => {}, 1000);
} else if (reply.floods) {
    const line = "x".repeat(65536);
    const more = () => { while (process.stdout.write(line)); process.stdout.once("drain", more); };
    more();
} else {
    process.exitCode = reply.code ?? 0;
}
`;
}
