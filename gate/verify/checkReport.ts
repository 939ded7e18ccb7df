import * as z from "zod";

/** Version of the check report document. Raised when a reader of the old version would misjudge the new one. */
export const checkReportVersion = 1;

/** Tools whose findings a check report can carry. */
export const checkToolNames = ["hadolint", "gitleaks", "trufflehog"] as const;
export type CheckToolName = (typeof checkToolNames)[number];

/** Levels of a finding as hadolint names them, the most severe first. A secret is always an `error`. */
export const lintLevels = ["error", "warning", "info", "style"] as const;
export type LintLevel = (typeof lintLevels)[number];

/** Whether a level is at least as severe as a threshold. */
export function reaches(level: LintLevel, threshold: LintLevel): boolean {
    return lintLevels.indexOf(level) <= lintLevels.indexOf(threshold);
}

/** A commit id of git: 40 hexadecimal digits, or 64 in a repository of the sha256 object format. */
export const commitPattern = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
const commit = z.string().regex(commitPattern, "must be the full id of a commit");
const timestamp = z.iso.datetime({ offset: true });

/** One thing that a check does not accept. It never carries the text of a secret. */
export const checkFindingSchema = z.strictObject({
    /** Rule as the tool names it, e.g. `DL3007` or `aws-access-token`; `pragma` and `frontend` are the gate's own. */
    rule: z.string().min(1),
    level: z.enum(lintLevels),
    message: z.string(),
    /** Path in the repository; empty when it stands in no file, as in a commit message. */
    file: z.string(),
    /** From 1; 0 when the tool does not say. */
    line: z.int().min(0),
    column: z.int().min(0).optional(),
    /** Commit that brought it in; for secrets only. */
    commit: commit.optional(),
    /** Where the rule is explained. */
    url: z.string().optional(),
    /** Where it stands in the raw report, as a JSON pointer (RFC 6901); `file:<line>` when the gate found it itself. */
    source: z.string(),
});

/** What one check of the Verify stage said about one commit, or about the commits of one push. */
export const checkReportSchema = z.strictObject({
    version: z.literal(checkReportVersion),
    tool: z.strictObject({ name: z.enum(checkToolNames), version: z.string() }),
    subject: z.strictObject({
        /** Commit that is checked; null when a lint is run outside of a pipeline. */
        commit: commit.nullable(),
        /** Dockerfile that was linted; absent for secrets. */
        file: z.string().optional(),
        /** Commits that were looked through; absent for lint. */
        range: z
            .strictObject({
                /** Last commit that is not looked at; null when the whole history is. */
                base: commit.nullable(),
                head: commit,
                /** Number of commits in it, by git. */
                commits: z.int().min(0),
            })
            .optional(),
    }),
    startedAt: timestamp,
    finishedAt: timestamp,
    /** The tool's answer as it is stored beside the report, without secrets; null when there was none to store. */
    raw: z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().min(0) }).nullable(),
    complete: z.boolean(),
    /** Why nothing can be concluded; empty exactly when `complete` is true. */
    incompleteReasons: z.array(z.string().min(1)),
    /** What a reader should know, e.g. why more was looked at than was pushed. Changes no outcome. */
    notes: z.array(z.string().min(1)),
    /** Lowest level that fails. */
    threshold: z.enum(lintLevels),
    findings: z.array(checkFindingSchema),
    /** Findings that reach the threshold; none is allowed. */
    counted: z.int().min(0),
    outcome: z.enum(["pass", "fail", "incomplete"]),
});

export type CheckFinding = z.infer<typeof checkFindingSchema>;

/** Stands for an entry that cannot be read: of what is in it nothing is known, also not what is no secret. */
export function unreadableFinding(source: string): CheckFinding {
    return {
        rule: "unreadable finding",
        level: "error",
        message: "an entry of another format",
        file: "",
        line: 0,
        source,
    };
}
export type CheckReport = z.infer<typeof checkReportSchema>;

/** What a check has seen, before it is judged. */
export type CheckResult = Omit<
    CheckReport,
    "version" | "complete" | "incompleteReasons" | "counted" | "outcome"
> & {
    /** Why nothing can be concluded. */
    reasons: readonly string[];
};

/**
 * Judges what a check has seen: incomplete when there is any reason to doubt it, else fail when any finding reaches
 * the threshold, else pass. Findings are kept in every case.
 */
export function checkReport({ reasons, ...seen }: CheckResult): CheckReport {
    const incompleteReasons = [...new Set(reasons)];
    const complete = incompleteReasons.length === 0;
    const counted = seen.findings.filter(({ level }) => reaches(level, seen.threshold)).length;
    return {
        version: checkReportVersion,
        ...seen,
        complete,
        incompleteReasons,
        counted,
        outcome: !complete ? "incomplete" : counted > 0 ? "fail" : "pass",
    };
}

/** The text of a check report as it is stored. */
export function serializeCheckReport(report: CheckReport): string {
    return `${JSON.stringify(report, null, 2)}\n`;
}
