/**
 * Options by which a scanner that can fail still overlooks things. Each was seen by running the tool or stands in its
 * reference: gitleaks and trufflehog end with 0 and nothing when a commit of the range is not there; `--fail-on critical`
 * of grype never counts a finding without a severity.
 */
import { hasOption, optionValue, optionValues } from "./arguments";
import type { Argument } from "./invocation";
import { switchedOn, type Environment, type Weakness } from "./scannerUse";

type Finder = (words: readonly Argument[], environment: Environment) => Weakness[];

const judge =
    "Leave the choice to the gate policy: let the tool report everything and judge it with the gate.";
const threshold = (why: string, fix = judge): Weakness => ({ about: "threshold", why, fix });
const range =
    "Use gate secrets: it counts the commits of the range with git and requires that the scanner saw as many.";
const history = (why: string): Weakness => ({ about: "history", why, fix: range });
const when = (found: boolean, weakness: Weakness): Weakness[] => (found ? [weakness] : []);

/** Only the worst severity counts, and none whose severity is not known. */
function onlyCritical(value: string | undefined, tool: string): Weakness[] {
    return when(
        /^critical$/i.test(value ?? ""),
        threshold(
            `${tool} is told to mind critical findings only`,
            "Name high, or judge its report with gate scan.",
        ),
    );
}

const finders: Record<string, Finder> = {
    grype: (words, environment) => [
        ...when(
            hasOption(words, "--only-fixed", "--only-notfixed") ||
                switchedOn(environment("GRYPE_ONLY_FIXED")) ||
                switchedOn(environment("GRYPE_ONLY_NOTFIXED")),
            threshold("it leaves findings out by whether a fix exists"),
        ),
        ...when(
            (optionValue(words, "--ignore-states") ?? environment("GRYPE_IGNORE_STATES") ?? "") !== "",
            threshold("it leaves findings out by the state of their fix"),
        ),
        ...when(hasOption(words, "--vex"), threshold("a VEX document takes findings out of the result")),
        ...onlyCritical(
            optionValue(words, "--fail-on", "-f") ?? environment("GRYPE_FAIL_ON_SEVERITY"),
            "grype",
        ),
    ],
    trivy: (words, environment) => {
        const severities = optionValue(words, "--severity", "-s") ?? environment("TRIVY_SEVERITY");
        const ignoring = hasOption(words, "--ignore-unfixed") && optionValue(words, "--ignore-unfixed") !== "false"; // prettier-ignore
        const listed = severities?.toUpperCase().split(/[,\s]+/) ?? [];
        const missing = ["CRITICAL", "HIGH"].filter((name) => !listed.includes(name));
        return [
            ...when(
                ignoring || switchedOn(environment("TRIVY_IGNORE_UNFIXED")),
                threshold("--ignore-unfixed leaves out what has no fix yet, however bad"),
            ),
            ...when(
                severities !== undefined && !severities.includes("$") && missing.length > 0,
                threshold(`--severity ${severities ?? ""} leaves out ${missing.join(" and ")}`),
            ),
            ...when(
                hasOption(words, "--ignorefile", "--ignore-policy", "--vex", "--ignore-status"),
                threshold("a file or option of the command takes findings out of the result"),
            ),
        ];
    },
    lacework: (words) => {
        const limit = optionValue(words, "--fail_on_severity");
        return [
            ...onlyCritical(limit, "lacework"),
            ...when(
                limit === undefined && hasOption(words, "--fail_on_fixable"),
                threshold("it fails on findings with a fix only", "Add --fail_on_severity high."),
            ),
        ];
    },
    hadolint: (words, environment) => [
        ...when(
            optionValues(words, "--ignore").length > 0 || (environment("HADOLINT_IGNORE") ?? "") !== "",
            threshold(
                "rules are switched off on the command line",
                "Write the rules that do not apply, with their reasons, into the pipeline's own configuration.",
            ),
        ),
    ],
    dockle: (words) =>
        when(
            hasOption(words, "--ignore", "-i", "--accept-key", "--accept-file"),
            threshold("checks are left out"),
        ),
    snyk: (words) => onlyCritical(optionValue(words, "--severity-threshold"), "snyk"),
    checkov: (words) =>
        when(
            hasOption(words, "--skip-check", "--skip-path", "--baseline"),
            threshold("checks or paths are left out"),
        ),
    gitleaks: (words) => [
        ...when(
            hasOption(words, "--no-git") || ["dir", "directory", "files"].includes(words[0]?.text ?? ""),
            history(
                "it looks at the files of today: what a commit added and a later one took away stays unseen",
            ),
        ),
        ...when(
            hasOption(words, "--log-opts"),
            history(
                "when the range cannot be resolved, gitleaks scans no commit, reports [] and ends with 0",
            ),
        ),
        ...when(
            hasOption(words, "--baseline-path", "-b", "--gitleaks-ignore-path", "-i"),
            threshold("a list takes findings out of the result"),
        ),
    ],
    trufflehog: (words) => [
        ...when(
            hasOption(words, "--since-commit", "--branch"),
            history(
                "when the commit is not there, trufflehog prints nothing and ends with 0, also with --fail",
            ),
        ),
        ...when(
            hasOption(words, "--max-depth", "--max_depth"),
            history("it stops after a number of commits, so an older secret stays unseen"),
        ),
        ...when(
            hasOption(words, "--only-verified") || /^verified$/.test(optionValue(words, "--results") ?? ""),
            threshold("only secrets that still work today are reported"),
        ),
    ],
};

/**
 * What the options of a scanner leave out.
 * @param tool its program name
 * @param words its options and operands
 */
export function weaknesses(tool: string, words: readonly Argument[], environment: Environment): Weakness[] {
    return Object.hasOwn(finders, tool) ? (finders[tool]?.(words, environment) ?? []) : [];
}
