/** How to fix what a review finds, in our own words. */
import type { CheckFinding } from "../verify/checkReport";

/** Rules of hadolint that every newcomer meets first. */
const lintHints: Readonly<Record<string, string>> = {
    DL3002: "DL3002: create a user and a group in the Dockerfile, and make the last `USER` that one instead of root.",
    DL3007: "DL3007: name a release of the base image instead of `latest`, best with its digest.",
    DL3026:
        "DL3026: use a base image from a registry that the stack's rules trust, or have the registry added to " +
        "`trustedRegistries` in the rules of the stack; a rule file in the repository has no effect.",
};

/** What to do about lint findings, each rule once; the others have a link. */
export function lintFixes(findings: readonly CheckFinding[]): string[] {
    return [...new Set(findings.map(({ rule }) => rule))]
        .sort()
        .flatMap((rule) => (Object.hasOwn(lintHints, rule) ? (lintHints[rule] ?? []) : []));
}

/** A rule of hadolint or ShellCheck as a link to its explanation; null for anything else. */
export function ruleLink(rule: string): string | null {
    if (/^DL\d{4}$/.test(rule)) return `[${rule}](https://github.com/hadolint/hadolint/wiki/${rule})`;
    if (/^SC\d{4}$/.test(rule)) return `[${rule}](https://www.shellcheck.net/wiki/${rule})`;
    return null;
}

/** What to do about secrets. */
export const secretFixes = [
    "Take each of them out of use now, and issue another: whoever can read the repository has it.",
    "Then remove it from the commits themselves, by an interactive rebase for example, and push again. A commit that only " +
        "deletes it leaves it in the history, and every commit of the pull request is looked through.",
    "Have the application read it from AWS Secrets Manager or Parameter Store when it runs.",
];
