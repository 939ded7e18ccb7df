/** Programs that look for vulnerabilities of images, and when each of them fails. Flags: the tools' own references. */
import { hasOption, operands, optionValue } from "./arguments";
import type { Argument } from "./invocation";
import { exitCodeFailing, no, use, yes, type Recognised, type Recogniser } from "./scannerUse";

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

/** Options of grype with a value. */
export const grypeValued: readonly string[] = ["-f", "--fail-on", "-o", "--output", "-c", "--config", "--file", "-s", "--scope", "--platform", "-t", "--template", "--add-cpes-if-none", "--distro", "--name", "--exclude", "--vex", "--profile", "--from"]; // prettier-ignore

export const imageScanners: Record<string, Recogniser> = {
    grype(words, environment) {
        const rest = words.slice(1);
        const names = operands(rest, grypeValued);
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
        const names = operands(words.slice(1), ["--severity", "-s", "--exit-code", "-f", "--format", "-o", "--output", "--cache-dir", "--timeout", "-c", "--config", "--input", "-i", "--ignorefile", "--scanners", "--image-src", "--db-repository", "--skip-dirs", "--skip-files", "--vuln-type", "--pkg-types", "--template", "-t", "--server", "--token", "--username", "--password", "--platform"]); // prettier-ignore
        const command = names[0]?.text ?? "";
        const image = ["image", "i", "rootfs", "vm"].includes(command);
        if (
            !image &&
            ![
                "sbom",
                "fs",
                "filesystem",
                "repo",
                "repository",
                "config",
                "conf",
                "k8s",
                "kubernetes",
            ].includes(command)
        )
            return null;
        if (hasOption(words, "--download-db-only", "--download-java-db-only", "--help", "-h")) return null;
        const failing =
            exitCodeFailing(optionValue(words, "--exit-code") ?? environment("TRIVY_EXIT_CODE")) ??
            no("trivy exits 0 whatever it finds unless it is given --exit-code", "Add --exit-code 1.");
        // Without the vulnerability scanner its results look like those of an image without vulnerabilities.
        const scanners =
            optionValue(words, "--scanners", "--security-checks") ?? environment("TRIVY_SCANNERS");
        const vulnerabilities = scanners === undefined || /\bvuln\b|\$/.test(scanners);
        return use(image && vulnerabilities ? "image" : "source", failing, {
            target: names[1]?.text ?? optionValue(words, "--input", "-i") ?? null,
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
        const failing = exitCodeFailing(optionValue(words, "--fail-on-violation-exit-code"));
        return use(
            "image",
            failing ??
                no(
                    "lw-scanner only reports unless it is given --fail-on-violation-exit-code",
                    "Add --policy --fail-on-violation-exit-code 1.",
                ),
        );
    },
    dockle(words) {
        if (words.length === 1 || hasOption(words, "--version", "-v", "--help", "-h")) return null;
        const archive = optionValue(words, "--input");
        const names = operands(words.slice(1), ["--exit-code", "-c", "--exit-level", "-l", "--format", "-f", "--output", "-o", "--ignore", "-i", "--accept-key", "-ak", "--input", "--timeout", "-t"]); // prettier-ignore
        return use(
            "image",
            exitCodeFailing(optionValue(words, "--exit-code", "-c")) ??
                no("dockle exits 0 unless it is given --exit-code", "Add --exit-code 1."),
            { target: names[0]?.text ?? archive ?? null },
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
        const listing = ["ecr describe-image-scan-findings", "inspector2 list-findings"];
        if (!listing.includes(`${texts[0] ?? ""} ${texts[1] ?? ""}`)) return null;
        return use(
            "image",
            no(
                `${texts[1] ?? ""} only reports`,
                "Compare the counts with a number and exit with 1 when they are above it, or use gate scan.",
            ),
            { target: registryTarget(words) },
        );
    },
    "docker-scout": (words) => scout(words.slice(1)),
};

/** `--repository-name app --image-id imageTag=1` as a reference. */
function registryTarget(words: readonly Argument[]): string | null {
    const repository = optionValue(words, "--repository-name");
    const id = /image(Tag|Digest)=([^,\s]+)/.exec(words.map(({ text }) => text).join(" "));
    if (!repository || !id) return null;
    return `${repository}${id[1] === "Tag" ? ":" : "@"}${id[2] ?? ""}`;
}

/** @param words after `docker scout` */
export function scout(words: Argument[]): Recognised {
    if (!["cves", "quickview", "compare", "policy"].includes(words[0]?.text ?? "")) return null;
    const failing = words[0]?.text !== "quickview" && hasOption(words, "--exit-code", "-e");
    return use(
        "image",
        failing ? yes : no("docker scout only lists unless it is given --exit-code", "Add --exit-code."),
        {
            target:
                operands(words.slice(1), ["--only-severity", "--format", "--output", "-o"])[0]?.text ?? null,
        },
    );
}
