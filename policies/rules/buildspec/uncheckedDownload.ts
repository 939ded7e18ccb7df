/** BS-12: what is fetched is compared with a checksum before it runs. */
import { inconclusive, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleExample } from "../../harness/rule";
import { buildspecOf, projectExample, verifyCommand } from "../../pipeline/exampleResources";
import { projectType } from "../../pipeline/project";
import { commandLabel, onBuildspec } from "./onBuildspec";

const scan = (...commands: string[]) => projectExample("scan", buildspecOf(commands), "scanner");
const sum = "a".repeat(64);
const compare = (...files: string[]): string =>
    `set -eo pipefail\nprintf '%s  %s\\n' ${files.map((file) => `${sum} ${file}`).join(" ")} | sha256sum --check --strict`;
const archive = "https://example.com/releases/v1/tool.tar.gz";
const install = (...rest: string[]): string =>
    ["gate tools install --tool grype", `--url ${archive}`, ...rest, "--to ."].join(" ");

/** Fetched and used, and nobody compared. */
const unchecked: [title: string, ...commands: string[]][] = [
    [
        "an installer piped into a shell",
        "curl -sSfL https://example.com/main/install.sh | sh -s -- -b /usr/local/bin",
    ],
    ["an installer piped into a shell, by wget", "wget -qO- https://example.com/install.sh | bash"],
    [
        "an installer piped into the shell of another user",
        "curl -s https://example.com/install.sh | sudo bash",
    ],
    ["an installer in a substitution", 'bash -c "$(curl -fsSL https://example.com/install.sh)"'],
    ["an installer that is evaluated", 'eval "$(curl -fsSL https://example.com/install.sh)"'],
    ["an installer read by a process substitution", "bash <(curl -fsSL https://example.com/install.sh)"],
    ["an installer read into the shell", "source <(curl -fsSL https://example.com/install.sh)"],
    ["an archive unpacked from the pipe", `curl -sSfL ${archive} | tar xz`],
    ["a script piped into python", "curl -s https://example.com/get.py | python3 -"],
    ["an archive that is never compared", `curl -sSfLo tool.tar.gz ${archive}`, "tar -xzf tool.tar.gz"],
    ["a name taken from the address", `curl -LO ${archive}`, "tar -xzf tool.tar.gz"],
    ["fetched by wget", `wget ${archive}`, "tar -xzf tool.tar.gz"],
    ["fetched by a redirection", `curl -s ${archive} > tool.tar.gz`, "tar -xzf tool.tar.gz"],
    ["fetched from a bucket", "aws s3 cp s3://tools/tool.tar.gz .", "tar -xzf tool.tar.gz"],
    ["a program made executable", "curl -o tool https://example.com/tool", "chmod +x tool"],
    [
        "a program moved to where programs are",
        "curl -o tool https://example.com/tool",
        "mv tool /usr/local/bin/",
    ],
    ["a script that is fetched, then run", "curl -o install.sh https://example.com/x", "bash install.sh"],
    ["a package", "curl -o tool.deb https://example.com/tool.deb", "dpkg -i tool.deb"],
    ["renamed in between", `curl -o a.tar.gz ${archive}`, "mv a.tar.gz b.tar.gz", "tar -xzf b.tar.gz"],
    ["compared too late", `curl -o tool.tar.gz ${archive}`, "tar -xzf tool.tar.gz", compare("tool.tar.gz")],
    ["another file is compared", `curl -o tool.tar.gz ${archive}`, compare("other"), "tar -xzf tool.tar.gz"],
    ["compared with a list that came along", `curl -O ${archive}`, "curl -O https://example.com/sums", "sha256sum -c sums", "tar -xzf tool.tar.gz"], // prettier-ignore
    ["the comparison is swallowed", `curl -o tool.tar.gz ${archive}`, `${compare("tool.tar.gz")} || true`, "tar -xzf tool.tar.gz"], // prettier-ignore
    [
        "compared, then fetched again",
        `curl -o t ${archive}`,
        compare("t"),
        `curl -o t ${archive}`,
        "tar -xzf t",
    ],
    ["a scanner of the work area", "./grype $IMAGE --fail-on high"],
    [
        "a tool of the work area that the gate is told to run",
        "gate lint --dockerfile Dockerfile --hadolint ./hadolint",
    ],
    ["a tool that the gate installs without a sum", install()],
    ["a tool that the gate installs with half a sum", install("--sha256 abc123")],
];
const checked: [title: string, ...commands: string[]][] = [
    ["an archive that is compared", `curl -o grype.tar.gz ${archive}`, compare("grype.tar.gz"), "tar -xzf grype.tar.gz", "./grype $IMAGE --fail-on high"], // prettier-ignore
    ["one member of a compared archive", `curl -o g.tar.gz ${archive}`, compare("gate.cjs", "g.tar.gz"), "tar --extract --gzip --file g.tar.gz grype", "./grype $IMAGE --fail-on high"], // prettier-ignore
    ["a program that is compared", "curl -o hadolint https://example.com/h", compare("hadolint"), "chmod +x hadolint", "./hadolint Dockerfile"], // prettier-ignore
    ["the gate installs a tool", install(`--sha256 ${sum}`), "./grype $IMAGE --fail-on high"],
    [
        "the gate installs a tool for itself",
        `gate tools install --tool hadolint --url https://example.com/h --sha256 ${sum} --to .`,
        "gate lint --dockerfile Dockerfile --hadolint ./hadolint",
    ],
    ["a signature is verified", `curl -o t.tar.gz ${archive}`, "cosign verify-blob --key k.pub --signature s t.tar.gz", "tar -xzf t.tar.gz"], // prettier-ignore
    ["data is fetched", "curl -o data.json https://example.com/data.json", "jq . data.json"],
    ["an answer is read", "curl -s https://example.com/health | grep ok"],
    [
        "the gate itself is compared",
        "aws s3 cp s3://bucket/gate.cjs gate.cjs",
        verifyCommand,
        "node gate.cjs --version",
    ],
    ["an installed scanner", "grype $IMAGE --fail-on high"],
    ["a script of the source", "./gradlew build"],
];

const examples = (shows: "bad" | "good", cases: [string, ...string[]][]): RuleExample[] =>
    cases.map(([title, ...commands]) => ({
        title,
        shows,
        resources: [scan(...commands)],
        expect: shows === "bad" ? [{ resource: "scan", kind: "violation" }] : [],
    }));

export const uncheckedDownload: ResourceRule = {
    level: "resource",
    metadata: {
        id: "BS-12",
        family: "buildspec",
        title: "What is fetched is compared with a checksum before it runs",
        rationale:
            "Whoever can change an installer, a release or the way to it runs commands with the role of the build; and a scanner that somebody replaced finds nothing.",
        severity: "high",
        remediation:
            "Fetch one release by its version and compare it with a checksum that stands in the buildspec: `gate tools install --tool … --url … --sha256 …`, or `printf '%s  %s\\n' <sha256> FILE | sha256sum --check --strict`.",
        references: ["OWASP CICD-SEC-3", "OWASP CICD-SEC-8"],
    },
    types: [projectType],
    evaluate: (project) =>
        onBuildspec(project, ({ unchecked: found }, property) =>
            found.map((each): Outcome => {
                const label = commandLabel(each);
                if (!each.certain) return inconclusive({ property }, `${label}: ${each.what}`);
                return violation(
                    `${property}, ${label}: ${each.what}.`,
                    "Compare it with a checksum that stands in the buildspec before it is used.",
                    { findingId: `${label}|${each.what}` },
                );
            }),
        ),
    examples: [
        ...examples("bad", unchecked),
        ...examples("good", checked),
        { title: "nothing is fetched", shows: "absent", resources: [scan("make")], expect: [] },
        {
            title: "the sum is in a variable",
            shows: "unknown",
            resources: [scan(install('--sha256 "$SUM"'))],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [projectExample("scan", unknown)],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};
