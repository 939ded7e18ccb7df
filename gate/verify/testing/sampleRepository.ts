import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * A token that gitleaks and trufflehog report and that opens nothing. Made here, so that no file of this repository
 * holds one.
 */
export function madeUpToken(seed: string): string {
    const letters = createHash("sha512").update(seed).digest("hex").slice(0, 72);
    const mixed = letters.replace(/../g, (pair) => {
        const number = Number.parseInt(pair, 16) % 62;
        return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"[number] ?? "";
    });
    return `${["gh", "p_"].join("")}${mixed}`;
}

/** A git repository with a working copy, for specs. Every commit has its own time, a minute after the last. */
export class SampleRepository {
    /** @param commits number of commits that the folder already has; it is made when there is none. */
    constructor(
        readonly folder: string,
        private commits = 0,
    ) {
        if (commits > 0) return;
        mkdirSync(folder, { recursive: true });
        this.git("init", "--quiet", "--initial-branch=main", "--template=");
        mkdirSync(join(folder, ".git", "info"));
    }

    /** Runs git, undisturbed by the settings of whoever runs the spec. @returns its output. */
    git(...args: string[]): string {
        const when = new Date(Date.UTC(2026, 0, 1, 0, this.commits)).toISOString();
        const person = { NAME: "Sample", EMAIL: "sample@example.org", DATE: when };
        const identity = ["AUTHOR", "COMMITTER"].flatMap((role) =>
            Object.entries(person).map(([key, value]) => [`GIT_${role}_${key}`, value]),
        );
        return execFileSync("git", ["-C", this.folder, ...args], {
            encoding: "utf8",
            stdio: ["ignore", "pipe", "pipe"],
            env: {
                PATH: process.env["PATH"],
                HOME: this.folder,
                GIT_CONFIG_GLOBAL: "/dev/null",
                GIT_CONFIG_NOSYSTEM: "1",
                ...Object.fromEntries(identity),
            },
        }).trim();
    }

    write(path: string, content: string | Uint8Array): void {
        mkdirSync(dirname(join(this.folder, path)), { recursive: true });
        writeFileSync(join(this.folder, path), content);
    }

    /** Makes a commit. @param files content by path; null deletes. @returns its id. */
    commit(files: Record<string, string | Uint8Array | null>, message = "change"): string {
        this.commits += 1;
        for (const [path, content] of Object.entries(files)) {
            if (content === null) rmSync(join(this.folder, path));
            else this.write(path, content);
        }
        if (Object.keys(files).length > 0) this.git("add", "--all", "--force");
        this.git("commit", "--quiet", "--allow-empty", "--message", message);
        return this.git("rev-parse", "HEAD");
    }

    /** Merges a branch and puts files of its own into the merge. @returns the merge's id. */
    merge(branch: string, files: Record<string, string | Uint8Array | null>): string {
        this.commits += 1;
        this.git("merge", "--quiet", "--no-commit", "--no-ff", branch);
        return this.commit(files, `merge ${branch}`);
    }
}
