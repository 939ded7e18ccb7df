import { CheckError } from "./gitRepository";

/** How much a scanner has to see. */
export interface PatchSize {
    /** Commits that change a file which they do not delete; a commit without changes has nothing to look at. */
    commits: ReadonlySet<string>;
    /** Bytes of the lines that are added. */
    bytes: number;
}

/** Lines are recognised by their beginning; of longer ones, as in binary files, only the length counts. */
const longestPrefix = 256;
const lineFeed = 0x0a;

/**
 * Measures the output of `git log --patch --unified=0` without keeping it, as gitleaks counts: commits with at least
 * one hunk of a file that is not deleted, and the bytes of added lines in them.
 */
export class PatchMeter {
    private readonly commits = new Set<string>();
    private bytes = 0;
    /** Beginning and length of the line that is being read. */
    private prefix: Buffer = Buffer.alloc(0);
    private length = 0;
    private commit = "";
    private deleted = false;
    /** Lines that the hunk still has. */
    private removals = 0;
    private additions = 0;
    /** Whether the last line of a hunk was an added one of a file that counts. */
    private afterAddition = false;

    /** Takes the next piece of output. @throws CheckError when it is not a patch. */
    add(chunk: Buffer): void {
        let from = 0;
        while (from < chunk.length) {
            const end = chunk.indexOf(lineFeed, from);
            const to = end === -1 ? chunk.length : end + 1;
            if (this.prefix.length < longestPrefix) {
                const piece = chunk.subarray(from, Math.min(to, from + longestPrefix - this.prefix.length));
                this.prefix = Buffer.concat([this.prefix, piece]);
            }
            this.length += to - from;
            if (end !== -1) this.line();
            from = to;
        }
    }

    /** @throws CheckError when the output ends inside of a hunk. */
    end(): PatchSize {
        if (this.length > 0) this.line();
        if (this.removals > 0 || this.additions > 0)
            throw new CheckError("git's patch ends in the middle of a change");
        return { commits: this.commits, bytes: this.bytes };
    }

    private line(): void {
        const { prefix, length } = this;
        this.prefix = Buffer.alloc(0);
        this.length = 0;
        const first = prefix[0];
        // "\ No newline at end of file" takes back the line feed of the line before it.
        if (first === 0x5c) {
            if (this.afterAddition) this.bytes -= 1;
            this.afterAddition = false;
            return;
        }
        this.afterAddition = false;
        if (this.removals > 0 || this.additions > 0) {
            if (first === 0x2b && this.additions > 0) {
                this.additions -= 1;
                if (this.deleted) return;
                this.bytes += length - 1;
                this.afterAddition = true;
            } else if (first === 0x2d && this.removals > 0) this.removals -= 1;
            else throw new CheckError("git's patch has another form than expected");
            return;
        }
        const text = prefix.toString("latin1");
        const [, commit] = /^commit ([0-9a-f]{40}|[0-9a-f]{64})\b/.exec(text) ?? [];
        if (commit !== undefined) this.commit = commit;
        else if (text.startsWith("diff --git ")) this.deleted = false;
        else if (text.startsWith("deleted file mode ")) this.deleted = true;
        else if (text.startsWith("@@ ")) this.hunk(text);
    }

    private hunk(text: string): void {
        const [, removals = "1", additions = "1"] = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(text) ?? [
            text,
            "?",
        ];
        this.removals = Number(removals);
        this.additions = Number(additions);
        if (Number.isNaN(this.removals)) throw new CheckError("git's patch has another form than expected");
        if (!this.deleted) this.commits.add(this.commit);
    }
}
