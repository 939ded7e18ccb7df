/** BS-13: tools are of a version that somebody chose. */
import { imageUses } from "../../buildspec/foreignImage";
import { unpinnedPackages } from "../../buildspec/packageInstall";
import { violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleExample } from "../../harness/rule";
import { buildspecOf, projectExample } from "../../pipeline/exampleResources";
import { projectType } from "../../pipeline/project";
import { commandLabel, onBuildspec } from "./onBuildspec";

const scan = (...commands: string[]): ExampleResource =>
    projectExample("scan", buildspecOf(commands), "scanner");
const digest = `sha256:${"a".repeat(64)}`;
const examples = (shows: "bad" | "good", cases: [title: string, ...commands: string[]][]): RuleExample[] =>
    cases.map(([title, ...commands]) => ({
        title,
        shows,
        resources: [scan(...commands)],
        expect: shows === "bad" ? [{ resource: "scan", kind: "violation" }] : [],
    }));

export const pinnedTools: ResourceRule = {
    level: "resource",
    metadata: {
        id: "BS-13",
        family: "buildspec",
        title: "Tools and their images are pinned to a version",
        rationale:
            "A build that takes the newest tool of the day runs whatever its publisher, or whoever took the publisher's account, put there last, with the role of the build.",
        severity: "medium",
        remediation:
            "Name images as `image@sha256:…` and packages with their exact version (`trufflehog==…`, `jq=…`, `tool@1.2.3`), or take them from a lock file.",
        references: ["OWASP CICD-SEC-3"],
    },
    types: [projectType],
    evaluate: (project) =>
        onBuildspec(project, (analysis, property) => {
            const images = imageUses(analysis)
                .filter(({ owner, pinned }) => owner === "other" && !pinned)
                .map(({ command, image }): [string, Outcome] => [
                    `${command.phase}|${image}`,
                    violation(
                        `${property}, ${commandLabel(command)}: the image ${image} is not pinned by digest, so what runs is decided elsewhere.`,
                        "Name it as image@sha256:….",
                        { findingId: `${command.phase}|${image}` },
                    ),
                ]);
            const packages = analysis.commands.flatMap((command): [string, Outcome][] => {
                const loose = unpinnedPackages(command.words);
                const label = commandLabel(command);
                if (loose.length === 0) return [];
                return [
                    [
                        label,
                        violation(
                            `${property}, ${label}: ${loose.join(", ")} ${loose.length > 1 ? "have" : "has"} no exact version.`,
                            "Give the version, or install from a lock file with checksums.",
                            { findingId: label },
                        ),
                    ],
                ];
            });
            return [...new Map([...images, ...packages]).values()];
        }),
    examples: [
        ...examples("bad", [
            ["latest", "docker pull accuknox/accuknox-container-scan:latest"],
            ["a tag", "docker run --rm -i hadolint/hadolint:v2.12.0 < Dockerfile"],
            ["no tag", "docker container run aquasec/trivy image --exit-code 1 $IMAGE"],
            ["a tag that is a variable", "docker run aquasec/trivy:$VERSION image --exit-code 1 $IMAGE"],
            ["pip", "pip install trufflehog"],
            ["pip by python, one of two", "python3 -m pip install --upgrade awscli==1.40.1 boto3"],
            ["pip with a range", "pip3 install 'trufflehog>=2.1,<3'"],
            ["apt", "apt-get update && apt-get install -y jq"],
            ["apk", "apk add --no-cache curl"],
            ["npm", "npm install -g snyk"],
            ["npm with a range", "npm i -g snyk@^1.1000.0"],
            ["npx", "npx --yes license-checker --json"],
            ["go", "go install github.com/example/tool@latest"],
        ]),
        ...examples("good", [
            ["by digest", `docker run --rm aquasec/trivy@${digest} image --exit-code 1 $IMAGE`],
            ["the image that was built here", "docker build -t app .", "docker run app:test npm test"],
            ["the image that is judged", 'docker pull "$IMAGE_URI"'],
            ["an image of the private registry", "docker pull $ACCOUNT.dkr.ecr.$REGION.amazonaws.com/app:1"],
            ["pip with a version", "pip install trufflehog==2.2.1 'boto3==1.40.0'"],
            ["pip from a list", "pip install -r requirements.txt"],
            ["pip of the source itself", "pip install ."],
            ["npm from the lock file", "npm ci", "npm install"],
            ["npm with a version", "npm install -g @cyclonedx/cyclonedx-npm@4.0.2"],
            ["apt with a version", "apt-get install -y jq=1.7.1-3build1"],
            ["a script of npm", "npm run build", "npx --version"],
        ]),
        { title: "nothing is installed", shows: "absent", resources: [scan("make")], expect: [] },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [projectExample("scan", unknown)],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};
