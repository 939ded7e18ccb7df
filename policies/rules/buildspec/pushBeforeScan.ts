/** BS-03: an image leaves the project only after its scan. */
import type { DeliveryFinding } from "../../buildspec/analysis";
import { inconclusive, notApplicable, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleExample } from "../../harness/rule";
import { deliveryTier, targetRepository } from "../../pipeline/deliveryTarget";
import { buildspecOf, projectExample, scanCommand, verifyCommand } from "../../pipeline/exampleResources";
import { projectType } from "../../pipeline/project";
import { commandLabel, onBuildspec } from "./onBuildspec";
import { promotionJudged } from "./promotionJudged";

const run = (...commands: string[]) => projectExample("build", buildspecOf(commands), "builder");
const build = "docker build -t demo .";

const isPromotion = (delivery: DeliveryFinding): boolean =>
    (delivery.kind === "copy" || delivery.kind === "definition") && delivery.tool === "gate";

const verdict = (stage: string): string =>
    `gate verdict --image "registry.example.com/demo/candidate@$IMAGE_DIGEST" --policy gate-policy.json --stage ${stage}`;
const verdicts = [verdict("test"), verdict("scanStagingImage")] as const;
const promote = (tier: string): string =>
    `gate promote --from "registry.example.com/demo/staging@$IMAGE_DIGEST" --to registry.example.com/demo/${tier} --tag 1`;
const approved =
    'gate approved --table approvals --image "registry.example.com/demo/staging@$IMAGE_DIGEST" --application demo --execution "$EXECUTION_ID"';
const verified =
    'gate verify-signature --image "registry.example.com/demo/production@$IMAGE_DIGEST" --key awskms:///alias/demo';
const definitions = (reference = "@$IMAGE_DIGEST"): string =>
    `gate imagedefinitions --image "registry.example.com/demo/production${reference}" --container app`;
const fileOf = (command: string): string => command.replace("gate", "node gate.cjs");

/** Promotions to production that no verdict keeps back, and how many findings: one for each stage that is not judged. */
const unjudged: [title: string, stages: number, ...commands: string[]][] = [
    ["without a verdict", 2, promote("production")],
    ["verdicts after it", 2, promote("production"), ...verdicts],
    ["verdicts swallowed", 2, ...verdicts.map((each) => `${each} || true`), promote("production")],
    ["verdicts in the background", 2, ...verdicts.map((each) => `${each} & wait`), promote("production")],
    [
        "verdicts under a condition",
        2,
        `if [ -n "$JUDGE" ]; then ${verdicts[0]} && ${verdicts[1]}; fi`,
        promote("production"),
    ],
    [
        "verdict for another digest",
        1,
        verdicts[0].replace("$IMAGE_DIGEST", `sha256:${"0".repeat(64)}`),
        verdicts[1],
        promote("production"),
    ],
    ["verdicts of a file without a checksum", 2, ...verdicts.map(fileOf), fileOf(promote("production"))],
    [
        "verdict with a module loaded into it",
        1,
        verdicts[1],
        `NODE_OPTIONS=--require=./x.js ${verdicts[0]}`,
        promote("production"),
    ],
    ["one verdict, of the stage test", 1, verdicts[0], promote("production")],
    ["no stage named, which is test", 1, verdict("").replace("--stage ", ""), promote("production")],
    [
        "the verdict of the stage test twice",
        1,
        verdicts[0],
        `${verdicts[0]} --out again`,
        promote("production"),
    ],
    ["a verdict of a stage that nobody knows", 1, verdicts[0], verdict("approve"), promote("production")],
    ["only scans", 2, scanCommand, `${scanCommand} --stage scanStagingImage`, promote("production")],
    ["only an advisory scan", 2, `${scanCommand} --advisory`, promote("production")],
];
const judgedFirst: [title: string, ...commands: string[]][] = [
    ["both verdicts, then promotion", ...verdicts, promote("production")],
    ["verdicts and promotion in one command", `${verdicts[0]} && ${verdicts[1]} && ${promote("production")}`],
    ["all by a file with a checksum", verifyCommand, ...verdicts.map(fileOf), fileOf(promote("production"))],
    ["promotion to staging", promote("staging")],
];

export const pushBeforeScan: ResourceRule = {
    level: "resource",
    metadata: {
        id: "BS-03",
        family: "buildspec",
        title: "Nothing is pushed before it is scanned",
        rationale:
            "An image that is pushed before its scan is in the registry when the scan fails, and whoever pulls by tag gets it.",
        severity: "critical",
        remediation:
            "Scan first, or push only to a candidate or staging repository that nobody releases from. Before `gate promote` to production run `gate verdict` for each stage and `gate approved`; before `gate imagedefinitions` for production `gate verify-signature`.",
        references: ["OWASP CICD-SEC-9"],
    },
    types: [projectType],
    evaluate: (project, configuration) =>
        onBuildspec(project, (analysis, property) => {
            const judges = analysis.scanners.filter((scanner) => scanner.subject !== "source");
            const last = judges.findLast((scanner) => scanner.subject === "image") ?? judges.at(-1);
            const promotions = analysis.deliveries.filter(isPromotion);
            if (!last && promotions.length === 0) return [notApplicable("no command is a scanner of images")];
            return analysis.deliveries.flatMap((delivery): Outcome[] => {
                if (isPromotion(delivery)) {
                    const tier = deliveryTier(delivery, analysis, configuration);
                    if (tier === "candidate" || tier === "staging" || tier === "tooling") return [];
                    return promotionJudged(delivery, tier, analysis, property);
                }
                if (
                    !last ||
                    delivery.order > last.order ||
                    (delivery.kind !== "push" && delivery.kind !== "copy" && delivery.kind !== "deploy")
                )
                    return [];
                const tier = deliveryTier(delivery, analysis, configuration);
                if (tier === "candidate" || tier === "staging" || tier === "tooling") return [];
                const label = commandLabel(delivery);
                if (tier === "unknown")
                    return [
                        inconclusive(
                            { property },
                            `${label}: the repository is in a variable, and the scan comes later`,
                        ),
                    ];
                return [
                    violation(
                        `${property}, ${label}: ${targetRepository(delivery, analysis) ?? "the image"} is written before ${commandLabel(last)} has judged the image.`,
                        "Move the command behind the scan, or push to a candidate repository first.",
                        { findingId: label },
                    ),
                ];
            });
        }),
    examples: [
        ...unjudged.map(([title, stages, ...commands]): RuleExample => ({
            title: `promotion: ${title}`,
            shows: "bad",
            resources: [projectExample("publish", buildspecOf([approved, ...commands]), "publisher")],
            expect: Array.from({ length: stages }, () => ({ resource: "publish", kind: "violation" })),
        })),
        ...judgedFirst.map(([title, ...commands]): RuleExample => ({
            title: `promotion: ${title}`,
            shows: "good",
            resources: [projectExample("publish", buildspecOf([approved, ...commands]), "publisher")],
            expect: [],
        })),
        ...(
            [
                ["the decision is not asked for", ...verdicts, promote("production")],
                ["the decision is asked for afterwards", ...verdicts, promote("production"), approved],
                ["whoever refused, it goes on", ...verdicts, `${approved} || true`, promote("production")],
                [
                    "the decision about another digest",
                    ...verdicts,
                    approved.replace("$IMAGE_DIGEST", `sha256:${"0".repeat(64)}`),
                    promote("production"),
                ],
                ["the signature is not asked for", definitions()],
                ["whatever the signature is, it goes on", `${verified} || :`, definitions()],
                [
                    "the signature of another digest",
                    verified.replace("$IMAGE_DIGEST", "$OTHER"),
                    definitions(),
                ],
            ] as [string, ...string[]][]
        ).map(([title, ...commands]): RuleExample => ({
            title,
            shows: "bad",
            resources: [projectExample("publish", buildspecOf(commands), "publisher")],
            expect: [{ resource: "publish", kind: "violation" }],
        })),
        {
            title: "the signature, then what will be deployed",
            shows: "good",
            resources: [projectExample("deploy", buildspecOf([verified, definitions()]), "deployer")],
            expect: [],
        },
        {
            title: "staging runs what is not signed yet",
            shows: "good",
            resources: [
                projectExample(
                    "deploy",
                    buildspecOf([definitions().replace("production", "staging")]),
                    "deployer",
                ),
            ],
            expect: [],
        },
        {
            title: "the stage that is judged is in a variable",
            shows: "unknown",
            resources: [run(approved, verdicts[0], verdict("$STAGE"), promote("production"))],
            expect: [{ resource: "build", kind: "inconclusive" }],
        },
        {
            title: "promotion without a verdict to a repository in a variable",
            shows: "unknown",
            resources: [
                run(promote("production").replace("registry.example.com/demo/production", '"$TARGET"')),
            ],
            expect: [
                { resource: "build", kind: "inconclusive" },
                { resource: "build", kind: "inconclusive" },
                { resource: "build", kind: "inconclusive" },
            ],
        },
        {
            title: "build, push to production, scan",
            shows: "bad",
            resources: [run(build, "docker push registry.example.com/demo/prod:1", scanCommand)],
            expect: [{ resource: "build", kind: "violation" }],
        },
        {
            title: "a push built into the build",
            shows: "bad",
            resources: [run("docker buildx build --push -t registry.example.com/demo/prod:1 .", scanCommand)],
            expect: [{ resource: "build", kind: "violation" }],
        },
        {
            title: "a deployment before the scan",
            shows: "bad",
            resources: [run("kubectl apply -f app.yaml", scanCommand)],
            expect: [{ resource: "build", kind: "violation" }],
        },
        {
            title: "scan, then push",
            shows: "good",
            resources: [run(build, scanCommand, "docker push registry.example.com/demo/prod:1")],
            expect: [],
        },
        {
            title: "push to the candidate repository, then scan",
            shows: "good",
            resources: [run(build, "docker push registry.example.com/demo/candidate:1", scanCommand)],
            expect: [],
        },
        {
            title: "no scan in the project",
            shows: "absent",
            resources: [run(build, "docker push registry.example.com/demo/prod:1")],
            expect: [],
        },
        {
            title: "the repository is in a variable",
            shows: "unknown",
            resources: [run(build, 'docker push "$REPOSITORY_URI:1"', scanCommand)],
            expect: [{ resource: "build", kind: "inconclusive" }],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [projectExample("build", unknown)],
            expect: [{ resource: "build", kind: "inconclusive" }],
        },
    ],
};
