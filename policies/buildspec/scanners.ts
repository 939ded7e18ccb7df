/**
 * The scanners and judges that the rules recognise, and when each of them fails the build. Flags and exit codes: the
 * tools' own references, see `docs` of each; a tool that only lists findings never counts.
 */
import { hasOption, maybeOption, operands, optionValue } from "./arguments";
import { containerRun } from "./containerRun";
import { programName, type Argument, type Invocation } from "./invocation";

/** Whether bad findings make the command fail. */
export type Failing =
    { kind: "yes" } | { kind: "no"; why: string; fix: string } | { kind: "unknown"; why: string };

export interface ScannerUse {
    /** Program, e.g. `grype`. */
    tool: string;
    /** `image`: vulnerabilities of an image; `source`: lint, secrets, configuration; `verdict`: judges stored reports. */
    subject: "image" | "source" | "verdict";
    failing: Failing;
    /** What is scanned, when it is written in the command. */
    target: string | null;
    /** File that the findings are written to. */
    writes: string | null;
    /** Report file that this command judges. */
    judges: string | null;
    /** Variables that switch the failing off, whoever sets them (project or pipeline action). */
    switches: string[];
}

type Environment = (name: string) => string | undefined;
type Recogniser = (words: Argument[], environment: Environment) => Omit<ScannerUse, "tool" | "writes"> | null;

const yes: Failing = { kind: "yes" };
const no = (why: string, fix: string): Failing => ({ kind: "no", why, fix });
const numeric = (value: string | undefined): Failing | null =>
    value === undefined ? null : /^\d+$/.test(value) ? (Number(value) > 0 ? yes : no("its exit code is set to 0", "Set it to 1.")) : { kind: "unknown", why: `its exit code comes from ${value}` }; // prettier-ignore

function use(
    subject: ScannerUse["subject"],
    failing: Failing,
    extra: Partial<ScannerUse> = {},
): Omit<ScannerUse, "tool" | "writes"> {
    return { subject, failing, target: null, judges: null, switches: [], ...extra };
}

const informational = new Set([
    "version",
    "help",
    "completion",
    "config",
    "db",
    "explain",
    "plugin",
    "cache",
    "clean",
]);

/** What grype reads instead of an image: files, directories, lists of packages (grype README, "Supported sources"). */
const notAnImage = /^(?:dir|file|sbom|purl|pkg|cpe):|^(?:\.{0,2}\/|\.{1,2}$)/;

const recognisers: Record<string, Recogniser> = {
    gate(words, environment) {
        const command = words[1]?.text;
        if (command !== "scan" && command !== "verdict") return null;
        if (hasOption(words, "--help", "-h")) return null;
        const rest = words.slice(2);
        const target = optionValue(rest, "--image") ?? environment("GATE_IMAGE") ?? null;
        if (command === "verdict") return use("verdict", dynamic(rest) ?? yes, { target });
        const advised = hasOption(rest, "--advisory") || switchedOn(environment("GATE_ADVISORY"));
        const advisory = no(
            "with --advisory it records the verdict and always succeeds",
            "Remove --advisory.",
        );
        return use("image", advised ? advisory : (dynamic(rest) ?? yes), {
            target,
            judges: optionValue(rest, "--report") ?? environment("GATE_REPORT") ?? null,
            switches: ["GATE_ADVISORY"],
        });
    },
    grype(words, environment) {
        const rest = words.slice(1);
        const names = operands(rest, ["-f", "--fail-on", "-o", "--output", "-c", "--config", "--file", "-s", "--scope", "--platform", "-t", "--template", "--add-cpes-if-none", "--distro", "--name", "--exclude", "--vex", "--profile", "--from"]); // prettier-ignore
        if (
            names.length === 0 ||
            informational.has(names[0]?.text ?? "") ||
            hasOption(rest, "--version", "--help", "-h")
        )
            return null;
        const limit = optionValue(rest, "--fail-on", "-f") ?? environment("GRYPE_FAIL_ON_SEVERITY");
        const failing = limit
            ? yes
            : no(
                  "grype exits 0 whatever it finds unless it is given --fail-on",
                  "Add --fail-on <severity>, or judge its report with gate scan --report.",
              );
        const target = names[0]?.text ?? "";
        return use(notAnImage.test(target) ? "source" : "image", failing, { target });
    },
    trivy(words, environment) {
        const names = operands(words.slice(1), ["--severity", "-s", "--exit-code", "-f", "--format", "-o", "--output", "--cache-dir", "--timeout", "-c", "--config", "--input", "-i", "--ignorefile", "--scanners", "--vuln-type", "--pkg-types", "--template", "-t", "--server", "--token", "--username", "--password", "--platform"]); // prettier-ignore
        const command = names[0]?.text ?? "";
        const image = ["image", "i", "sbom", "rootfs", "vm"].includes(command);
        if (
            !image &&
            !["fs", "filesystem", "repo", "repository", "config", "conf", "k8s", "kubernetes"].includes(
                command,
            )
        )
            return null;
        if (hasOption(words, "--download-db-only", "--download-java-db-only", "--help", "-h")) return null;
        const failing =
            numeric(optionValue(words, "--exit-code") ?? environment("TRIVY_EXIT_CODE")) ??
            no("trivy exits 0 whatever it finds unless it is given --exit-code", "Add --exit-code 1.");
        return use(image ? "image" : "source", failing, {
            target: names[1]?.text ?? null,
        });
    },
    lacework(words) {
        const names = operands(words.slice(1), []).map((word) => word.text);
        if (
            !/^vuln/.test(names[0] ?? "") ||
            !/^(?:c|container|ctr)/.test(names[1] ?? "") ||
            !["scan", "show-assessment"].includes(names[2] ?? "")
        )
            return null;
        const failing = hasOption(words, "--fail_on_severity", "--fail_on_fixable")
            ? yes
            : no(
                  "the command only lists unless it is given --fail_on_severity",
                  "Add --fail_on_severity high (CLI 1.30.1 or later).",
              );
        return use("image", failing, { target: names.slice(3).join(" ") || null });
    },
    "lw-scanner"(words) {
        if (!words.some((word) => word.text === "evaluate")) return null;
        const failing = numeric(optionValue(words, "--fail-on-violation-exit-code"));
        return use(
            "image",
            failing ??
                no(
                    "lw-scanner only reports unless it is given --fail-on-violation-exit-code",
                    "Add --policy --fail-on-violation-exit-code 1.",
                ),
        );
    },
    "docker-scout": (words) => scout(words.slice(1)),
    trufflehog(words) {
        if (hasOption(words, "--version", "--help", "-h") || words.length === 1) return null;
        return use(
            "source",
            hasOption(words, "--fail")
                ? yes
                : no("trufflehog exits 0 whatever it finds unless it is given --fail", "Add --fail."),
        );
    },
    gitleaks(words) {
        if (!["detect", "git", "dir", "protect", "stdin", "directory"].includes(words[1]?.text ?? ""))
            return null;
        return use("source", numeric(optionValue(words, "--exit-code")) ?? yes);
    },
    hadolint(words, environment) {
        if (hasOption(words, "--version", "-v", "--help", "-h")) return null;
        const off = hasOption(words, "--no-fail") || environment("HADOLINT_NOFAIL") !== undefined;
        return use(
            "source",
            off ? no("--no-fail makes it succeed whatever it finds", "Remove --no-fail.") : yes,
            { switches: ["HADOLINT_NOFAIL"] },
        );
    },
    checkov(words) {
        if (hasOption(words, "--version", "-v", "--help", "-h", "--list", "-l")) return null;
        const off = hasOption(words, "--soft-fail", "-s", "--soft-fail-on");
        return use(
            "source",
            off ? no("--soft-fail makes it succeed whatever it finds", "Remove --soft-fail.") : yes,
        );
    },
    dockle(words) {
        if (words.length === 1 || hasOption(words, "--version", "-v", "--help", "-h")) return null;
        return use(
            "image",
            numeric(optionValue(words, "--exit-code", "-c")) ??
                no("dockle exits 0 unless it is given --exit-code", "Add --exit-code 1."),
        );
    },
    snyk(words) {
        const texts = words.map((word) => word.text);
        if (texts.includes("monitor"))
            return use("image", no("snyk monitor only records", "Use snyk container test."));
        return texts.includes("test") ? use(texts[1] === "container" ? "image" : "source", yes) : null;
    },
    "anchore-cli"(words) {
        const names = operands(words.slice(1), [
            "--u",
            "--p",
            "--url",
            "--as-account",
            "--tag",
            "--policy",
        ]).map((word) => word.text);
        if (names[0] === "evaluate" && names[1] === "check")
            return use("image", yes, { target: names[2] ?? null });
        if (names[0] === "image" && names[1] === "vuln")
            return use(
                "image",
                no(
                    "listing vulnerabilities never fails",
                    "Judge with anchore-cli evaluate check, or gate scan.",
                ),
                { target: names[2] ?? null },
            );
        return null;
    },
    anchorectl(words) {
        const names = operands(words.slice(1), []).map((word) => word.text);
        if (names[0] !== "image" || !["check", "vulnerabilities", "vuln"].includes(names[1] ?? ""))
            return null;
        const failing = names[1] === "check" && hasOption(words, "--fail-based-on-results", "-f");
        return use(
            "image",
            failing ? yes : no("it only lists", "Use anchorectl image check --fail-based-on-results."),
        );
    },
    "accuknox-aspm-scanner"(words) {
        if (!words.some((word) => word.text === "scan")) return null;
        const off = hasOption(words, "--softfail", "--soft-fail");
        return use(
            "image",
            off
                ? no("soft-fail accepts findings", "Remove the soft-fail option.")
                : { kind: "unknown", why: "its soft-fail default depends on the release" },
        );
    },
    aws(words) {
        const texts = operands(words.slice(1), ["--region", "--profile", "--output", "--query"]).map(
            (word) => word.text,
        );
        if (texts[0] !== "ecr" || texts[1] !== "describe-image-scan-findings") return null;
        return use(
            "image",
            no(
                "describe-image-scan-findings only reports",
                "Compare the counts with a number and exit with 1 when they are above it, or use gate scan.",
            ),
        );
    },
};

/** Images that carry a scanner as their own program. */
const scannerImages: [RegExp, string][] = [
    [/(?:^|\/)aquasec(?:urity)?\/trivy(?:[:@]|$)|(?:^|\/)trivy(?:[:@]|$)/, "trivy"],
    [/(?:^|\/)grype(?:[:@]|$)/, "grype"],
    [/(?:^|\/)hadolint(?:[:@]|$)/, "hadolint"],
    [/(?:^|\/)gitleaks(?:[:@]|$)/, "gitleaks"],
    [/(?:^|\/)trufflehog(?:[:@]|$)/, "trufflehog"],
    [/(?:^|\/)dockle(?:[:@]|$)/, "dockle"],
    [/(?:^|\/)checkov(?:[:@]|$)/, "checkov"],
    [/(?:^|\/)lacework-inline-scanner(?:[:@]|$)|(?:^|\/)lw-scanner(?:[:@]|$)/, "lw-scanner"],
    [/(?:^|\/)lacework-cli(?:[:@]|$)/, "lacework"],
];
const scannerOf = (image: string): string | undefined =>
    scannerImages.find(([pattern]) => pattern.test(image))?.[1];
const reportOnlyImages = /(?:^|\/)accuknox[\w-]*(?:[/:@]|$)|accuknox-container-scan/;

/** Programs whose name, as an argument of something not understood, makes that something suspicious. */
export const scannerPrograms: ReadonlySet<string> = new Set([
    ...Object.keys(recognisers).filter((name) => name !== "aws"),
    "gate.cjs",
]);

/** The scanner or judge that a command is, or null. `environment` answers for variables set in the buildspec itself. */
export function scannerUse(invocation: Invocation, environment: Environment): ScannerUse | null {
    const words = gateWords(invocation.words);
    const tool = programName(words[0]?.text ?? "");
    const read: Environment = (name) => invocation.environment.get(name) ?? environment(name);
    const output = invocation.redirects.findLast(
        ({ operator, descriptor }) =>
            /^(?:>|>>|>\||&>|&>>)$/.test(operator) && (descriptor === "" || descriptor === "1"),
    );
    const run = containerRun(words);
    const writes = run ? fileOption(scannerOf(run.image.text) ?? "", run.arguments) : fileOption(tool, words);
    const finish = (found: ReturnType<Recogniser>, name: string): ScannerUse | null =>
        found && { ...found, tool: name, writes: output?.target ?? writes };
    if (tool === "docker" && words[1]?.text === "scout") return finish(scout(words.slice(2)), "docker scout");
    if (run) return finish(containerised(run, read), "container");
    const recogniser = Object.hasOwn(recognisers, tool) ? recognisers[tool] : undefined;
    return recogniser ? finish(recogniser(words, read), tool) : null;
}

/** How the gate reads a switch from its environment; anything that is not clearly off counts as on. */
export function switchedOn(value: string | undefined): boolean {
    return value !== undefined && !["", "false", "0", "no"].includes(value.toLowerCase());
}

/** The file that a scanner writes, by its own options. */
function fileOption(tool: string, words: readonly Argument[]): string | null {
    if (tool !== "grype") return optionValue(words, "--output", "-o") ?? null;
    const formatted = optionValue(words, "--output", "-o") ?? "";
    return (
        optionValue(words, "--file") ??
        (formatted.includes("=") ? formatted.slice(formatted.indexOf("=") + 1) : null)
    );
}

/** `node …/gate.cjs scan` is `gate scan`. With an option of node in between (`--check`) it need not run at all. */
export function gateWords(words: readonly Argument[]): Argument[] {
    const isNode = /^node(?:js)?$/.test(programName(words[0]?.text ?? ""));
    if (!isNode || !/(?:^|\/)gate\.[cm]?js$/.test(words[1]?.text ?? "")) return [...words];
    return [{ text: "gate", known: true }, ...words.slice(2)];
}

/** The gate takes no operands: a bare variable among its options may be `--advisory`. */
function dynamic(words: readonly Argument[]): Failing | null {
    const index = words.findIndex(
        (word, at) => maybeOption(word) && !/^--[a-z-]+$/.test(words[at - 1]?.text ?? ""),
    );
    return index < 0
        ? null
        : { kind: "unknown", why: `its options are taken from ${words[index]?.text ?? "a variable"}` };
}

function scout(words: Argument[]): ReturnType<Recogniser> {
    if (!["cves", "quickview", "compare", "policy"].includes(words[0]?.text ?? "")) return null;
    const failing = words[0]?.text !== "quickview" && hasOption(words, "--exit-code", "-e");
    return use(
        "image",
        failing ? yes : no("docker scout only lists unless it is given --exit-code", "Add --exit-code."),
    );
}

function containerised(
    run: NonNullable<ReturnType<typeof containerRun>>,
    environment: Environment,
): ReturnType<Recogniser> {
    const image = run.image.text;
    if (reportOnlyImages.test(image))
        return use("image", {
            kind: "no",
            why: "the container writes a report and nothing judges it",
            fix: "Judge the report with gate scan.",
        });
    const tool = scannerOf(image);
    if (!tool) return null;
    const found = recognisers[tool]?.([{ text: tool, known: true }, ...run.arguments], environment) ?? null;
    if (!found) return null;
    if (run.detached)
        return {
            ...found,
            failing: no("a detached container reports nothing to the build", "Run it without --detach."),
        };
    if (run.entrypoint)
        return {
            ...found,
            failing: { kind: "unknown", why: `another entry point runs (${run.entrypoint})` },
        };
    return found;
}
