import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ScanRepository } from "./gitRepository";
import { pushedRange, type BaseChoice } from "./pushedRange";
import { SampleRepository } from "./testing/sampleRepository";
import { useScratchFolder } from "./testing/scratchFolder";

const nowhere = "0".repeat(40);

describe("pushed range", () => {
    const at = useScratchFolder();
    let sample: SampleRepository;
    let first: string;
    let second: string;
    let third: string;
    beforeEach(() => {
        sample = new SampleRepository(at("repository"));
        first = sample.commit({ a: "1\n" });
        second = sample.commit({ a: "2\n" });
        third = sample.commit({}, "empty");
    });
    let opened = 0;
    const open = (head: string, folder = at("repository")) => {
        const scratch = at(`scratch${(opened += 1)}`);
        mkdirSync(scratch);
        return ScanRepository.open(folder, { head, scratch, timeoutSeconds: 60 });
    };
    const range = async (head: string, choice: BaseChoice) => pushedRange(await open(head), choice);
    const refused = (work: Promise<unknown>, message: RegExp) =>
        assert.rejects(work, { name: "CheckError", message });

    it("is what is reachable from the head and not from the base, empty commits and merges included", async () => {
        assert.deepEqual(await range(third, { from: "caller", commit: first }), {
            base: first,
            head: third,
            commits: 2,
            notes: [],
        });
        sample.git("checkout", "--quiet", "-b", "branch", first);
        sample.commit({ b: "1\n" });
        sample.git("checkout", "--quiet", "main");
        const merge = sample.merge("branch", {});
        assert.equal((await range(merge, { from: "caller", commit: third })).commits, 2);
        assert.equal((await range(merge, { from: "pipeline", commit: first })).commits, 4);
    });

    it("is what the commits say, whatever a commit-graph says about their parents", async () => {
        sample.git("commit-graph", "write", "--reachable");
        const path = join(at("repository"), ".git", "objects", "info", "commit-graph");
        const graph = readFileSync(path);
        // gitformat-commit-graph(5): chunks are found by a table of id and offset; of a commit, 20 bytes of tree id
        // come before the place of its first parent, and 0x70000000 says that there is none.
        const entry = graph.indexOf("CDAT");
        const start = Number(graph.readBigUInt64BE(entry + 4));
        for (let commit = 0; commit < 3; commit += 1)
            graph.writeUInt32BE(0x70000000, start + commit * 36 + 20);
        chmodSync(path, 0o644);
        writeFileSync(path, graph);
        assert.equal(sample.git("rev-list", "--count", third), "1");
        assert.equal((await range(third, { from: "pipeline", commit: null })).commits, 3);
    });

    it("is the whole history when the pipeline has scanned nothing before", async () => {
        const { base, commits, notes } = await range(third, { from: "pipeline", commit: null });
        assert.deepEqual([base, commits], [null, 3]);
        assert.deepEqual(notes, [
            "no earlier execution of the pipeline has passed the secret scan; everything reachable from the head is scanned",
        ]);
    });

    it("is the head again when nothing was pushed, and never nothing", async () => {
        for (const [head, base, commits] of [
            [third, second, 1],
            [first, null, 1],
        ] as const) {
            const answer = await range(head, { from: "pipeline", commit: head });
            assert.deepEqual([answer.base, answer.commits, answer.notes.length], [base, commits, 1]);
        }
    });

    it("is the whole history after a forced push, whether the old commit is still there or not", async () => {
        sample.git("checkout", "--quiet", "-B", "main", first);
        const other = sample.commit({ a: "other\n" });
        for (const [commit, note] of [
            [third, /^[0-9a-f]{40}, which was scanned last, is no ancestor of the head \(a forced push/],
            [nowhere, /^0{40}, which was scanned last, is not in the clone \(a forced push/],
        ] as const) {
            const answer = await range(other, { from: "pipeline", commit });
            assert.deepEqual([answer.base, answer.commits], [null, 2]);
            assert.match(answer.notes.join(), note);
        }
    });

    it("takes a base of the caller's only when it is right", async () => {
        await refused(range(third, { from: "caller", commit: nowhere }), /^--base 0{40} is not in the clone/);
        await refused(range(first, { from: "caller", commit: third }), /is no ancestor of/);
        const tree = sample.git("rev-parse", `${first}^{tree}`);
        await refused(range(third, { from: "caller", commit: tree }), /is not in the clone/);
    });

    describe("of a pull request", () => {
        let fork: string;
        let pulled: string;
        beforeEach(() => {
            sample.git("checkout", "--quiet", "-b", "feature", second);
            sample.commit({ b: "a token\n" });
            fork = sample.commit({ b: null });
            sample.git("checkout", "--quiet", "main");
            sample.git("checkout", "--quiet", "-b", "criss", fork);
            pulled = sample.merge("main", {});
        });

        it("is what came after the merge base, a commit that the next one takes back included", async () => {
            assert.deepEqual(await range(fork, { from: "destination", commit: third }), {
                base: third,
                head: fork,
                commits: 2,
                notes: [],
            });
            assert.equal((await range(fork, { from: "destination", commit: second })).commits, 2);
        });

        it("leaves out what was merged into it from the destination, and nothing else", async () => {
            assert.equal((await range(pulled, { from: "destination", commit: third })).commits, 3);
            assert.equal((await range(pulled, { from: "destination", commit: first })).commits, 5);
        });

        it("is its last commit where the destination has it already", async () => {
            sample.git("checkout", "--quiet", "main");
            const merged = sample.merge("feature", {});
            for (const commit of [merged, fork]) {
                const { base, commits, notes } = await range(fork, { from: "destination", commit });
                assert.deepEqual([base === sample.git("rev-parse", `${fork}^`), commits], [true, 1]);
                assert.deepEqual(notes, [
                    `the destination has ${fork} already; that commit is scanned again`,
                ]);
            }
        });

        it("is the whole history where the destination is not in the clone, or shares nothing with it", async () => {
            const { base, commits, notes } = await range(fork, { from: "destination", commit: nowhere });
            assert.deepEqual([base, commits], [null, 4]);
            assert.deepEqual(notes, [
                `the destination of the pull request, ${nowhere}, is not in the clone; everything reachable from the head is scanned`,
            ]);
            sample.git("checkout", "--quiet", "--orphan", "other");
            const other = sample.commit({ c: "1\n" });
            assert.equal((await range(fork, { from: "destination", commit: other })).commits, 4);
        });

        it("takes the destination from the origin of the clone, not from a branch or tag of that name", async () => {
            sample.git("checkout", "--quiet", "main");
            sample.git("clone", "--quiet", at("repository"), at("clone"));
            const clone = new SampleRepository(at("clone"), 9);
            clone.git("checkout", "--quiet", "-B", "main", fork);
            clone.git("tag", "main", fork);
            const asked = (branch: string) =>
                open(fork, at("clone")).then((opened) =>
                    pushedRange(opened, { from: "destinationBranch", branch }),
                );
            assert.deepEqual(await asked("main"), { base: third, head: fork, commits: 2, notes: [] });
            for (const branch of ["release", "main/x", "-x", "../../heads/main", "main --all"]) {
                const answer = await asked(branch);
                assert.deepEqual([answer.base, answer.commits, answer.notes.length], [null, 4, 1], branch);
            }
        });
    });

    it("needs a whole repository with the head in it", async () => {
        await refused(open(nowhere), /^commit 0{40} is not in .*; fetch the branch/);
        sample.git("clone", "--quiet", "--depth", "1", `file://${at("repository")}`, at("shallow"));
        await refused(open(third, at("shallow")), /is a shallow clone; clone it whole/);
        await refused(open(third, at("nowhere")), /is no git working copy \(no \.git\).*CODEBUILD_CLONE_REF/);
        mkdirSync(at("repository", "inside"));
        await refused(open(third, at("repository", "inside")), /is no git working copy/);
        writeFileSync(at("repository", "inside", ".git"), "no repository\n");
        await refused(open(third, at("repository", "inside")), /is no git repository/);
    });

    it("does not take a bare repository that the application has committed for the clone", async () => {
        sample.git("clone", "--quiet", "--bare", at("repository"), at("copy"));
        await refused(open(third, at("copy")), /is no git working copy/);
    });

    it("notices that a commit of the range is missing", async () => {
        rmSync(at("repository", ".git", "objects", second.slice(0, 2), second.slice(2)));
        await refused(
            range(third, { from: "pipeline", commit: null }),
            /^git rev-list failed .*is the clone complete\?$/,
        );
        await refused(range(third, { from: "pipeline", commit: first }), /is the clone complete\?$/);
    });

    it("sees through replaced commits, grafts and settings of the clone", async () => {
        sample.git("replace", third, first);
        writeFileSync(at("repository", ".git", "info", "grafts"), `${third}\n`);
        sample.git("config", "core.worktree", "/");
        assert.equal((await range(third, { from: "pipeline", commit: null })).commits, 3);
    });

    it("reads a working copy that is a linked one", async () => {
        sample.git("worktree", "add", "--quiet", "--detach", at("linked"), second);
        const { base, commits } = await pushedRange(await open(second, at("linked")), {
            from: "caller",
            commit: first,
        });
        assert.deepEqual([base, commits], [first, 1]);
    });
});
