import { CheckError, type ScanRepository } from "./gitRepository";

/** Where the commit comes from up to which everything was scanned before. */
export type BaseChoice =
    /** Said by the caller: it has to be right. */
    | { from: "caller"; commit: string }
    /** From the pipeline's history: null when no earlier execution has passed. It may be gone after a forced push. */
    | { from: "pipeline"; commit: string | null }
    /** Where a pull request leads to, which has been scanned on its own way: the last commit there. */
    | { from: "destination"; commit: string }
    /** The same, as the clone knows the branch. */
    | { from: "destinationBranch"; branch: string };

/** The commits to look at: those reachable from the head and not from the base. */
export interface PushedRange {
    /** Null: everything reachable from the head. */
    base: string | null;
    head: string;
    /** Number of commits, by git. */
    commits: number;
    notes: string[];
}

/**
 * Which commits were pushed since the last ones that were scanned; of a pull request, those that its destination does
 * not have, which are the ones after the merge base. When that cannot be told, more is looked at, never less: the whole
 * history after a forced push or on the first run; the head again when there is nothing new.
 * @throws CheckError when the caller's base is not there or no ancestor of the head, or git fails.
 */
export async function pushedRange(repository: ScanRepository, choice: BaseChoice): Promise<PushedRange> {
    const { head } = repository;
    const notes: string[] = [];
    let base = await knownBase(repository, choice, notes);
    if (base === head) {
        base = await repository.firstParent(head);
        notes.push(
            choice.from === "destination" || choice.from === "destinationBranch"
                ? `the destination has ${head} already; that commit is scanned again`
                : `nothing was pushed since ${head} was scanned; that commit is scanned again`,
        );
    }
    const counted = await repository.git(["rev-list", "--count", ...rangeArguments({ base, head })]);
    const commits = Number(counted.toString("utf8").trim());
    if (!Number.isSafeInteger(commits) || commits < 1)
        throw new CheckError(
            `git counts ${counted.toString("utf8").trim()} commits up to ${head}; there has to be one`,
        );
    return { base, head, commits, notes };
}

/** The range as git's commands take it. */
export function rangeArguments({ base, head }: Pick<PushedRange, "base" | "head">): string[] {
    return [head, ...(base === null ? [] : [`^${base}`]), "--"];
}

const everything = "everything reachable from the head is scanned";

async function knownBase(
    repository: ScanRepository,
    choice: BaseChoice,
    notes: string[],
): Promise<string | null> {
    if (choice.from === "destination" || choice.from === "destinationBranch")
        return destinationBase(repository, choice, notes);
    const { commit } = choice;
    if (commit === null) {
        notes.push(`no earlier execution of the pipeline has passed the secret scan; ${everything}`);
        return null;
    }
    const present = await repository.hasCommit(commit);
    if (present && (await repository.isAncestor(commit, repository.head))) return commit;
    if (choice.from === "caller") {
        throw new CheckError(
            present
                ? `--base ${commit} is no ancestor of ${repository.head}; give one, or use --pipeline`
                : `--base ${commit} is not in the clone; clone the whole history, or use --pipeline`,
        );
    }
    notes.push(
        `${commit}, which was scanned last, is ${present ? "no ancestor of the head" : "not in the clone"} ` +
            `(a forced push, or another branch); ${everything}`,
    );
    return null;
}

/** The destination moves on by itself, so its last commit is mostly no ancestor of the head; what both have is left out. */
async function destinationBase(
    repository: ScanRepository,
    choice: Extract<BaseChoice, { from: "destination" | "destinationBranch" }>,
    notes: string[],
): Promise<string | null> {
    const commit =
        choice.from === "destination" ? choice.commit : await repository.branchOfOrigin(choice.branch);
    if (commit === null || !(await repository.hasCommit(commit))) {
        const what = choice.from === "destination" ? choice.commit : `branch ${choice.branch}`;
        notes.push(`the destination of the pull request, ${what}, is not in the clone; ${everything}`);
        return null;
    }
    return (await repository.isAncestor(repository.head, commit)) ? repository.head : commit;
}
