/** BS-19: what was found, and what the image is made of, outlives the build. */
import { reportKeeping, statements } from "../../buildspec/evidence";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { targetRepository } from "../../pipeline/deliveryTarget";
import { buildBuildspec, buildspecOf, projectExample } from "../../pipeline/exampleResources";
import { projectBuildspec, projectType } from "../../pipeline/project";
import { onBuildspec } from "./onBuildspec";

const metadata: RuleMetadata = {
    id: "BS-19",
    family: "buildspec",
    title: "Reports are kept, and builds say what the image is made of",
    rationale:
        "When a vulnerability is published the question is which images have it, and when an image is doubted who let it pass. A log that scrolled by answers neither.",
    severity: "medium",
    remediation:
        "Write the report into a file and keep it (`artifacts`, `reports`, an upload, or `gate scan --evidence`); make an SBOM or provenance of every image (`syft`, `docker buildx build --provenance --sbom`, `cosign attest`).",
    references: ["SLSA 1.0 Build L1", "OWASP CICD-SEC-10"],
};

const scan = (commands: string[], more: Record<string, unknown> = {}): ExampleResource =>
    projectExample(
        "scan",
        JSON.stringify({ version: 0.2, phases: { build: { commands } }, ...more }),
        "scanner",
    );
const toFile = "trivy image --exit-code 1 --format json --output report.json $IMAGE";
const artifacts = { artifacts: { files: ["report.json"] } };
const finding = [{ resource: "scan", kind: "violation" as const }];

export const reportsKept: ResourceRule = {
    level: "resource",
    metadata,
    types: [projectType],
    evaluate: (project) =>
        onBuildspec(project, (analysis, property): Outcome[] => {
            const scanners = analysis.scanners.filter(({ subject }) => subject !== "verdict");
            if (scanners.length === 0) return [notApplicable("no command is a scanner")];
            const keeping = reportKeeping(analysis);
            if (keeping === "kept") return [];
            const doubt = analysis.unreadable.find(({ ownText }) => ownText);
            if (doubt) return [inconclusive({ property }, `${doubt.reason}: what it keeps cannot be told`)];
            return [
                violation(
                    keeping === "console"
                        ? `${property}: what ${scanners[0]?.tool ?? "the scanner"} finds is printed and nowhere else.`
                        : `${property}: the report of ${scanners[0]?.tool ?? "the scanner"} is written into a file that goes with the build.`,
                    "Write the report into a file and name it under artifacts or reports, or upload it.",
                ),
            ];
        }),
    examples: [
        { title: "printed only", shows: "bad", resources: [scan(["trivy image --exit-code 1 $IMAGE"])], expect: finding }, // prettier-ignore
        {
            title: "a file that goes with the build",
            shows: "bad",
            resources: [scan([toFile])],
            expect: finding,
        },
        {
            title: "printed, beside artifacts of something else",
            shows: "bad",
            resources: [scan(["grype $IMAGE --fail-on high"], { artifacts: { files: ["app.zip"] } })],
            expect: finding,
        },
        {
            title: "a file among the artifacts",
            shows: "good",
            resources: [scan([toFile], artifacts)],
            expect: [],
        },
        {
            title: "a report group",
            shows: "good",
            resources: [scan([toFile], { reports: { trivy: { files: ["report.json"] } } })],
            expect: [],
        },
        {
            title: "uploaded",
            shows: "good",
            resources: [scan([toFile, "aws s3 cp report.json s3://evidence/$CODEBUILD_BUILD_ID/"])],
            expect: [],
        },
        {
            title: "stored by the gate",
            shows: "good",
            resources: [scan(["gate scan --scanner anchore --image $IMAGE --policy p.json --evidence s3://evidence"])], // prettier-ignore
            expect: [],
        },
        { title: "no scanner", shows: "absent", resources: [scan(["make"])], expect: [] },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [projectExample("scan", unknown)],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};

const sbomOf = (image: string): ExampleResource =>
    projectExample("sbom", buildspecOf([`syft ${image} -o cyclonedx-json=sbom.json`]), "scanner");
const builder = projectExample("build", buildBuildspec, "builder");
const repository = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/demo/candidate";

export const buildsDescribed: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [projectType],
    evaluate: (graph) => {
        const described = subjects(graph);
        return graph.ofType(projectType).flatMap((project) => about(project, judged(project, described)));
    },
    examples: [
        {
            title: "an image without an SBOM or provenance",
            shows: "bad",
            resources: [builder],
            expect: [{ resource: "build", kind: "violation" }],
        },
        {
            title: "another image has one",
            shows: "bad",
            resources: [builder, sbomOf("registry.example.com/other/app:1")],
            expect: [{ resource: "build", kind: "violation" }],
        },
        {
            title: "provenance switched off",
            shows: "bad",
            resources: [projectExample("build", buildspecOf(["docker buildx build --provenance=false --push -t r.example.com/app:1 ."]))], // prettier-ignore
            expect: [{ resource: "build", kind: "violation" }],
        },
        {
            title: "provenance of the build",
            shows: "good",
            resources: [projectExample("build", buildspecOf(["docker buildx build --provenance=mode=max --sbom=true --push -t r.example.com/app:1 ."]))], // prettier-ignore
            expect: [],
        },
        {
            title: "an SBOM made by another step, by digest",
            shows: "good",
            resources: [builder, sbomOf(`"${repository}@$IMAGE_DIGEST"`)],
            expect: [],
        },
        {
            title: "an SBOM of an image in a variable",
            shows: "good",
            resources: [builder, sbomOf('"$IMAGE_URI"')],
            expect: [],
        },
        {
            title: "an image that is not pushed",
            shows: "good",
            resources: [projectExample("build", buildspecOf(["docker build -t app ."]))],
            expect: [],
        },
        { title: "no builds", shows: "absent", resources: [], expect: [] },
        {
            title: "another step is not known yet",
            shows: "unknown",
            resources: [builder, projectExample("other", unknown)],
            expect: [{ resource: "build", kind: "inconclusive" }],
        },
    ],
};

interface Described {
    /** Images that a command of the stack describes; null for one in a variable. */
    images: (string | null)[];
    /** A buildspec of the stack that may describe more, and cannot be read. */
    unread: string | null;
}

function subjects(graph: StackGraph): Described {
    const found: Described = { images: [], unread: null };
    for (const project of graph.ofType(projectType)) {
        const buildspec = projectBuildspec(project);
        if (buildspec.kind === "unknown") found.unread = `${project.name}.${buildspec.property}`;
        if (buildspec.kind === "inline") found.images.push(...statements(buildspec.analysis).map(({ subject }) => subject)); // prettier-ignore
    }
    return found;
}

function judged(project: ResourceReader, described: Described): Outcome {
    const buildspec = projectBuildspec(project);
    if (buildspec.kind !== "inline") return notApplicable("the buildspec is not in-line (CB-08)");
    const { analysis, property } = buildspec;
    const builds = analysis.deliveries.some(({ kind }) => kind === "build");
    const pushed = analysis.deliveries.filter(({ kind }) => kind === "push");
    if (!builds || pushed.length === 0) return notApplicable("no image is built and pushed here");
    if (statements(analysis).length > 0) return pass;
    const repositories = pushed.map((push) => targetRepository(push, analysis) ?? "");
    const hit = described.images.some(
        (image) =>
            image === null ||
            /^["']?\$/.test(image) ||
            repositories.some((name) => name !== "" && image.includes(name)),
    );
    if (hit) return pass;
    if (described.unread !== null)
        return inconclusive(
            { property: described.unread },
            "whether another step describes the image is not known yet",
        );
    return violation(
        `${property}: nothing says what the image in ${repositories[0] ?? "the registry"} is made of, or how it was made.`,
        "Add syft or cosign attest to a step of the pipeline, or --provenance and --sbom to docker buildx build.",
    );
}
