/** Programs that look at source files, Dockerfiles and commits, and when each of them fails. Flags: their references. */
import { hasOption, optionValue } from "./arguments";
import { exitCodeFailing, no, use, yes, type Recogniser } from "./scannerUse";

/** Options of truffleHog 2, which fails when it finds something and knows no --fail; version 3 refuses them. */
const secondVersion = ["--regex", "--entropy", "--max_depth", "--since_commit", "--do_not_entropy"];

export const sourceScanners: Record<string, Recogniser> = {
    trufflehog(words) {
        if (hasOption(words, "--version", "--help", "-h") || words.length === 1) return null;
        return use(
            "source",
            hasOption(words, "--fail") || hasOption(words, ...secondVersion)
                ? yes
                : no("trufflehog exits 0 whatever it finds unless it is given --fail", "Add --fail."),
        );
    },
    gitleaks(words) {
        if (
            !["detect", "git", "dir", "protect", "stdin", "directory", "files"].includes(words[1]?.text ?? "")
        )
            return null;
        return use("source", exitCodeFailing(optionValue(words, "--exit-code")) ?? yes);
    },
    hadolint(words, environment) {
        if (hasOption(words, "--version", "-v", "--help", "-h")) return null;
        const off = hasOption(words, "--no-fail") || environment("HADOLINT_NOFAIL") !== undefined;
        const limit =
            optionValue(words, "--failure-threshold", "-t") ?? environment("HADOLINT_FAILURE_THRESHOLD");
        const failing = off
            ? no("--no-fail makes it succeed whatever it finds", "Remove --no-fail.")
            : limit === "none" || limit === "ignore"
              ? no(
                    `with the threshold ${limit} it succeeds whatever it finds`,
                    "Name error, warning or info.",
                )
              : limit?.includes("$")
                ? ({ kind: "unknown", why: `its threshold comes from ${limit}` } as const)
                : yes;
        return use("source", failing, { switches: ["HADOLINT_NOFAIL"] });
    },
    checkov(words) {
        if (hasOption(words, "--version", "-v", "--help", "-h", "--list", "-l")) return null;
        const off = hasOption(words, "--soft-fail", "-s", "--soft-fail-on");
        return use(
            "source",
            off ? no("--soft-fail makes it succeed whatever it finds", "Remove --soft-fail.") : yes,
        );
    },
};
