import { chmodSync, writeFileSync } from "node:fs";

/**
 * Writes a program that a spec runs in place of a real tool.
 * @param body of a Node script; `args` are its arguments, `fs`, `stdin()` and `run(program, ...args)` are there.
 */
export function writeFakeTool(path: string, body: string): string {
    const head = [
        `#!${process.execPath}`,
        'const fs = require("node:fs");',
        'const { execFileSync } = require("node:child_process");',
        "const args = process.argv.slice(2);",
        'const stdin = () => fs.readFileSync(0, "latin1");',
        'const run = (program, ...rest) => execFileSync(program, rest, { encoding: "latin1", maxBuffer: 1e9 });',
    ];
    writeFileSync(path, `${head.join("\n")}\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
}
