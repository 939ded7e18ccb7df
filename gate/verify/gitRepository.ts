import { mkdir, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { commitPattern } from "./checkReport";
import { lastWords, runTool, type ToolEnd } from "./toolProcess";

/** A check cannot be made. The message is one line with what to do; the report is incomplete because of it. */
export class CheckError extends Error {
    override name = "CheckError";
}

/**
 * Settings of git while the pushed commits are looked at. `safe.directory`: a build step often runs as another user
 * than the one who cloned. A commit-graph lies among the objects that are borrowed, and git believes what it says about
 * parents: commits could be hidden by it. The rest keeps git from starting anything and from fetching.
 */
const settings = `[safe]
	directory = *
[core]
	fsmonitor = false
	hooksPath = /dev/null
	quotePath = true
	attributesFile = /dev/null
	commitGraph = false
[gc]
	auto = 0
[maintenance]
	auto = false
[protocol]
	allow = never
[diff]
	external =
	mnemonicPrefix = false
	noprefix = false
[log]
	showRoot = true
	showSignature = false
`;

/**
 * The commits of a repository, seen through a bare repository of our own that only borrows its objects. What else
 * stands in the given one has no effect on git or on a scanner: its settings, hooks, attributes (`*.env -diff` would
 * hide a file), replace refs, grafts, a `.gitleaks.toml` or `.gitleaksignore` in its working copy.
 */
export class ScanRepository {
    private constructor(
        /** The bare repository; its HEAD is the head that is checked. */
        readonly folder: string,
        /** Full id of the commit that was pushed last. */
        readonly head: string,
        /** For git, and for tools that start git. */
        readonly environment: Readonly<Record<string, string>>,
        /** The `.git` of the working copy. */
        private readonly source: string,
        private readonly scratch: string,
        private readonly timeoutSeconds: number,
    ) {}

    /**
     * @param source folder with the working copy; its `.git` has to be right there.
     * @param scratch an empty folder that only we can write to.
     * @throws CheckError when there is no repository, it is shallow, or the head is not in it.
     */
    static async open(
        source: string,
        { head, scratch, timeoutSeconds }: { head: string; scratch: string; timeoutSeconds: number },
    ): Promise<ScanRepository> {
        const home = join(scratch, "home");
        await mkdir(home);
        await writeFile(join(home, "gitconfig"), settings);
        const environment = {
            HOME: home,
            XDG_CONFIG_HOME: home,
            TMPDIR: scratch,
            GIT_CONFIG_GLOBAL: join(home, "gitconfig"),
            GIT_CONFIG_NOSYSTEM: "1",
            GIT_ATTR_NOSYSTEM: "1",
            GIT_NO_REPLACE_OBJECTS: "1",
            GIT_NO_LAZY_FETCH: "1",
            GIT_OPTIONAL_LOCKS: "0",
            GIT_TERMINAL_PROMPT: "0",
        };
        const call = { program: "git", folder: scratch, environment, timeoutSeconds };
        // No search for a repository: neither one above nor a bare one that the application itself has committed.
        const place = join(resolve(source), ".git");
        if (
            await stat(place).then(
                () => false,
                () => true,
            )
        ) {
            throw new CheckError(
                `${source} is no git working copy (no .git); give the step a full clone, in CodePipeline by the ` +
                    "output artifact format CODEBUILD_CLONE_REF",
            );
        }
        const asked = await runTool({
            ...call,
            args: [
                `--git-dir=${place}`,
                "rev-parse",
                "--path-format=absolute",
                "--is-shallow-repository",
                "--show-object-format",
                "--git-path",
                "objects",
            ],
        });
        const [shallow, format, objects, ...rest] = asked.stdout.toString("utf8").trimEnd().split("\n");
        if (asked.code !== 0 || shallow === undefined || format === undefined || objects === undefined)
            throw new CheckError(`${source} is no git repository (${failureOf(asked)})`);
        if (shallow !== "false")
            throw new CheckError(
                `${source} is a shallow clone; clone it whole (git fetch --unshallow) and scan again`,
            );
        if (rest.length > 0) throw new CheckError(`the path of ${source} has a line break`);
        const folder = join(scratch, "commits.git");
        const made = await runTool({
            ...call,
            args: ["init", "--quiet", "--bare", "--template=", `--object-format=${format}`, folder],
        });
        if (made.code !== 0)
            throw new CheckError(`no repository can be made for the scan (${failureOf(made)})`);
        await mkdir(join(folder, "objects", "info"), { recursive: true });
        await writeFile(join(folder, "objects", "info", "alternates"), `${objects}\n`);
        const repository = new ScanRepository(folder, head, environment, place, scratch, timeoutSeconds);
        if (!(await repository.hasCommit(head)))
            throw new CheckError(`commit ${head} is not in ${source}; fetch the branch that was pushed`);
        await writeFile(join(folder, "refs", "heads", "head"), `${head}\n`);
        await writeFile(join(folder, "HEAD"), "ref: refs/heads/head\n");
        return repository;
    }

    /**
     * Runs git in the repository.
     * @returns standard output, unless `onOutput` takes it.
     * @throws CheckError when git fails or complains.
     */
    async git(
        args: readonly string[],
        onOutput?: (chunk: Buffer) => void,
        input?: Uint8Array,
    ): Promise<Buffer> {
        const end = await this.attempt(args, { onOutput, input });
        // git goes on after some errors, as with an object that is missing; what it complains about is not scanned.
        if (end.code !== 0 || end.stderr.trim() !== "")
            throw new CheckError(`git ${args[0] ?? ""} failed (${failureOf(end)}); is the clone complete?`);
        return end.stdout;
    }

    /** Whether a full id is that of a commit which is there. */
    async hasCommit(commit: string): Promise<boolean> {
        if (!commitPattern.test(commit)) return false;
        return (await this.attempt(["cat-file", "-e", `${commit}^{commit}`])).code === 0;
    }

    /** Whether one commit is reachable from another. @throws CheckError */
    async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
        const end = await this.attempt(["merge-base", "--is-ancestor", ancestor, descendant]);
        if (end.code !== 0 && end.code !== 1)
            throw new CheckError(`git merge-base failed (${failureOf(end)}); is the clone complete?`);
        return end.code === 0;
    }

    /** The commit's first parent; null for the first commit of a history. @throws CheckError */
    async firstParent(commit: string): Promise<string | null> {
        const line = (await this.git(["rev-list", "--parents", "--max-count=1", commit, "--"])).toString(
            "utf8",
        );
        return line.trim().split(" ")[1] ?? null;
    }

    /**
     * The commit at which the clone's `origin` had a branch, as git wrote it down when it cloned; null when the clone
     * knows no such branch.
     */
    async branchOfOrigin(branch: string): Promise<string | null> {
        const end = await this.attempt(
            [
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                `refs/remotes/origin/${branch}^{commit}`,
            ],
            { gitFolder: this.source },
        );
        const commit = end.stdout.toString("utf8").trim();
        return end.code === 0 && commitPattern.test(commit) ? commit : null;
    }

    private attempt(
        args: readonly string[],
        {
            gitFolder = this.folder,
            onOutput,
            input,
        }: {
            gitFolder?: string;
            onOutput?: ((chunk: Buffer) => void) | undefined;
            input?: Uint8Array | undefined;
        } = {},
    ): Promise<ToolEnd> {
        return runTool({
            program: "git",
            args: [`--git-dir=${gitFolder}`, "--no-pager", ...args],
            folder: this.scratch,
            environment: this.environment,
            timeoutSeconds: this.timeoutSeconds,
            ...(onOutput === undefined ? {} : { onOutput }),
            ...(input === undefined ? {} : { input }),
        });
    }
}

function failureOf(end: ToolEnd): string {
    return end.problem ?? (lastWords(end) || `exit ${end.code}`);
}
