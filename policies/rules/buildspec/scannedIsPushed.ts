/** BS-09: what is pushed is what was scanned. */
import { ImageIdentities } from "../../buildspec/imageIdentity";
import { inconclusive, notApplicable, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleExample } from "../../harness/rule";
import { buildspecOf, projectExample } from "../../pipeline/exampleResources";
import { projectType } from "../../pipeline/project";
import { commandLabel, onBuildspec } from "./onBuildspec";

const registry = "$ACCOUNT.dkr.ecr.$REGION.amazonaws.com";
const build = (...commands: string[]): ExampleResource =>
    projectExample("build", buildspecOf(commands), "builder");
const examples = (
    shows: RuleExample["shows"],
    kind: "violation" | "inconclusive" | null,
    cases: [title: string, ...commands: string[]][],
): RuleExample[] =>
    cases.map(([title, ...commands]) => ({
        title,
        shows,
        resources: [build(...commands)],
        expect: kind === null ? [] : [{ resource: "build", kind }],
    }));

const bad: [string, ...string[]][] = [
    [
        "latest is scanned in the registry, the build number is pushed",
        `docker build -t ${registry}/app:$CODEBUILD_BUILD_NUMBER .`,
        `lacework vulnerability container scan ${registry} app latest --poll --fail_on_severity high`,
        `docker push ${registry}/app:$CODEBUILD_BUILD_NUMBER`,
    ],
    [
        "latest is scanned, another tag of the repository is pushed",
        `docker build -t ${registry}/app:$TAG .`,
        `trivy image --exit-code 1 ${registry}/app:latest`,
        `docker push ${registry}/app:$TAG`,
    ],
    [
        "a public image is scanned, another one is built and pushed",
        "anchore-cli evaluate check nginx:latest",
        `docker build -t ${registry}/tested/nginx:latest .`,
        `docker push ${registry}/tested/nginx:latest`,
    ],
    ["one of two images is scanned", "docker build -t a:1 .", "docker build -t b:1 other", "grype a:1 --fail-on high", "docker push a:1", "docker push b:1"], // prettier-ignore
    ["another digest is copied", `grype registry:r.example.com/a@sha256:${"a".repeat(64)} --fail-on high`, `crane cp r.example.com/a@sha256:${"b".repeat(64)} r.example.com/prod/a:1`], // prettier-ignore
    [
        "the build number is scanned before it is there, latest was pushed under another name",
        "docker build -t app:2 .",
        "trivy image --exit-code 1 app:1",
        "docker push app:2",
    ],
];
const good: [string, ...string[]][] = [
    ["the same name", "docker build -t app:1 .", "trivy image --exit-code 1 app:1", "docker push app:1"],
    [
        "a local name that is tagged for the registry afterwards",
        "docker build -t app .",
        "grype app --fail-on high",
        `docker tag app:latest ${registry}/app:$TAG`,
        `docker push ${registry}/app:$TAG`,
    ],
    [
        "two tags of one build",
        `docker build -t ${registry}/app:latest -t ${registry}/app:$TAG .`,
        `trivy image --exit-code 1 ${registry}/app:latest`,
        `docker push ${registry}/app:$TAG`,
    ],
    [
        "one variable in both",
        `URI="${registry}/app:$TAG"`,
        'docker build -t "$URI" .',
        'trivy image --exit-code 1 "$URI"',
        `docker push ${registry}/app:$TAG`,
    ],
    ["by digest in the same repository", `docker push ${registry}/candidate:$TAG`, `grype registry:${registry}/candidate@$IMAGE_DIGEST --fail-on high`], // prettier-ignore
    ["the digest that was scanned is copied", 'grype "registry:r.example.com/a@$IMAGE_DIGEST" --fail-on high', 'crane cp "r.example.com/a@$IMAGE_DIGEST" r.example.com/prod/a:1'], // prettier-ignore
    ["an archive of it", "docker build -t app:1 .", "docker save app:1 -o app.tar", "trivy image --exit-code 1 --input app.tar", "docker push app:1"], // prettier-ignore
    ["a list of its packages", "docker build -t app:1 .", "syft app:1 -o json > sbom.json", "syft app:1 -o json | grype --fail-on high", "docker push app:1"], // prettier-ignore
    ["all tags", `docker build -t ${registry}/app:latest .`, `trivy image --exit-code 1 ${registry}/app:latest`, `docker push --all-tags ${registry}/app`], // prettier-ignore
    ["a push without a scan is another rule's matter", "docker build -t app:1 .", "docker push app:1"],
    ["sources are linted", "hadolint Dockerfile", "docker build -t app:1 .", "docker push app:1"],
];

export const scannedIsPushed: ResourceRule = {
    level: "resource",
    metadata: {
        id: "BS-09",
        family: "buildspec",
        title: "What is pushed is what was scanned",
        rationale:
            "A scan of `latest` says nothing about the build number that is pushed after it: the finding is about yesterday's image, or about somebody else's.",
        severity: "high",
        remediation:
            "Scan and push under one name: the same variable in both commands, best `repository@$IMAGE_DIGEST`.",
        references: ["OWASP CICD-SEC-9"],
    },
    types: [projectType],
    evaluate: (project) =>
        onBuildspec(project, (analysis, property) => {
            const scanners = analysis.scanners.filter(({ subject }) => subject === "image");
            const pushes = analysis.deliveries.filter(
                ({ kind, tool, source }) =>
                    kind === "push" || (kind === "copy" && tool !== "gate" && source !== null),
            );
            if (scanners.length === 0 || pushes.length === 0)
                return [notApplicable("no image is both scanned and pushed here")];
            const identities = new ImageIdentities(analysis);
            return pushes.flatMap((push): Outcome[] => {
                const answers = scanners.map((scanner) => identities.compare(scanner, push));
                if (answers.includes("same")) return [];
                const label = commandLabel(push);
                if (answers.includes("unknown"))
                    return [
                        inconclusive({ property }, `${label}: whether the image was scanned cannot be told`),
                    ];
                const looked = scanners.map(({ target }) => target ?? "something else").join(", ");
                return [
                    violation(
                        `${property}, ${label}: no scanner looks at this image, they look at ${looked}.`,
                        "Name the image by the same variable in the scan and in the push, best by its digest.",
                        { findingId: label },
                    ),
                ];
            });
        }),
    examples: [
        ...examples("bad", "violation", bad),
        ...examples("good", null, good),
        {
            title: "the tag is a variable of the project, and it is latest",
            shows: "good",
            resources: [
                projectExample(
                    "build",
                    buildspecOf([
                        "docker build -t app:$IMAGE_TAG .",
                        "trivy image --exit-code 1 app:latest",
                        "docker push app:$IMAGE_TAG",
                    ]),
                    "builder",
                    { environment: { environmentVariables: [{ name: "IMAGE_TAG", value: "latest" }] } },
                ),
            ],
            expect: [],
        },
        { title: "nothing is scanned", shows: "absent", resources: [build("make")], expect: [] },
        ...examples("unknown", "inconclusive", [
            ["two variables", 'trivy image --exit-code 1 "$SCANNED"', 'docker push "$PUSHED"'],
        ]),
        {
            title: "not known yet",
            shows: "unknown",
            resources: [projectExample("build", unknown)],
            expect: [{ resource: "build", kind: "inconclusive" }],
        },
    ],
};
