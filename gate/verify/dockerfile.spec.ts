import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { largestDockerfile, readDockerfile } from "./dockerfile";
import { useScratchFolder } from "./testing/scratchFolder";

describe("reading a Dockerfile", () => {
    const at = useScratchFolder();
    const problem = async (path: string): Promise<string> => {
        const file = await readDockerfile(at("repository"), path);
        return "problem" in file ? file.problem : `no problem: ${file.text}`;
    };
    beforeEach(() => mkdir(at("repository", "app"), { recursive: true }));

    it("gives its text without a byte order mark and its path with slashes", async () => {
        await writeFile(at("repository", "app", "Dockerfile"), "\ufefffrom debian:13 # ü\r\n");
        for (const path of [
            "app/Dockerfile",
            "./app/../app/Dockerfile",
            at("repository", "app", "Dockerfile"),
        ]) {
            assert.deepEqual(await readDockerfile(at("repository"), path), {
                path: "app/Dockerfile",
                text: "from debian:13 # ü\r\n",
            });
        }
    });

    it("follows a link in the repository, and none that leads out of it", async () => {
        await writeFile(at("repository", "real"), "FROM debian:13\n");
        await writeFile(at("outside"), "FROM debian:13\n");
        await symlink("real", at("repository", "inner"));
        await symlink(at("outside"), at("repository", "outer"));
        await symlink("..", at("repository", "up"));
        assert.equal(await problem("inner"), "no problem: FROM debian:13\n");
        for (const path of ["outer", "up/outside", "../outside", at("outside"), "."])
            assert.equal(await problem(path), `the Dockerfile ${path} leads out of the repository`);
    });

    it("refuses what is no readable text file", async () => {
        execFileSync("mkfifo", [at("repository", "pipe")]);
        await writeFile(at("repository", "utf16"), Buffer.from("\ufeffFROM debian:13\n", "utf16le"));
        await writeFile(at("repository", "latin1"), Buffer.from("FROM debian:13 # \u00fc\n", "latin1"));
        await writeFile(at("repository", "large"), `FROM x\n#${"x".repeat(largestDockerfile)}`);
        await symlink("absent", at("repository", "dangling"));
        assert.equal(await problem("app"), "the Dockerfile app is not a file");
        assert.equal(await problem("pipe"), "the Dockerfile pipe is not a file");
        assert.equal(await problem("absent"), "there is no Dockerfile absent in the repository");
        assert.equal(await problem("dangling"), "there is no Dockerfile dangling in the repository");
        assert.equal(await problem("utf16"), "the Dockerfile utf16 is not UTF-8 text");
        assert.equal(await problem("latin1"), "the Dockerfile latin1 is not UTF-8 text");
        assert.match(
            await problem("large"),
            /^the Dockerfile large has 1048584 bytes, more than the 1048576 allowed$/,
        );
    });

    it("refuses a file that has nothing to lint", async () => {
        for (const text of ["", "\n", "# FROM debian:13\n", "ARG X=1\n", "RUN echo FROM x\n"]) {
            await writeFile(at("repository", "Dockerfile"), text);
            assert.match(
                await problem("Dockerfile"),
                /^the Dockerfile Dockerfile has no FROM instruction/,
                text,
            );
        }
    });

    it("says when there is no repository", async () => {
        const file = await readDockerfile(at("nowhere"), "Dockerfile");
        assert.match(
            "problem" in file ? file.problem : "",
            /^the repository .*nowhere cannot be read \(ENOENT/,
        );
    });
});
