/**
 * Which rules about repositories and pipelines the five original designs break, exactly: one more is a false alarm, one
 * less a miss.
 */
import { deepEqual } from "node:assert/strict";
import { findingsOf, runExample } from "../../harness/examples";
import type { ExampleResource } from "../../harness/rule";
import { ecrRules } from "../ecr";
import { codepipelineRules } from "./index";
import { accuknox, awsWorkshop, inspectorGate, lacework, stelligent } from "./originalDesigns";

const rules = [...ecrRules, ...codepipelineRules];

function found(resources: ExampleResource[], kind: "violation" | "inconclusive"): string[] {
    const ids = rules.flatMap((rule) =>
        findingsOf(runExample(rule, { title: "design", shows: "bad", resources, expect: [] }))
            .filter((finding) => finding.kind === kind)
            .map(() => rule.metadata.id),
    );
    return [...new Set(ids)].sort();
}

/** Nothing of a repository is set. */
const bareRepository = ["ECR-01", "ECR-01R", "ECR-02", "ECR-03", "ECR-04"];
/** No key, a bare bucket, no lint and no secret scan, type V1, nobody reviews the source. */
const barePipeline = ["PIPE-11", "PIPE-12", "PIPE-17"];

const designs: [string, ExampleResource[], { broken: string[]; open?: string[] }][] = [
    [
        "Lacework: ignored scans, one role, a promotion of latest, an approval without a word",
        lacework,
        {
            broken: [
                ...bareRepository,
                "ECR-08",
                "PIPE-01",
                // Steps with a role that can push to production and commands that cannot be read come before the approval.
                "PIPE-02",
                "PIPE-05",
                "PIPE-06",
                "PIPE-07",
                "PIPE-09",
                ...barePipeline,
                "PIPE-14",
                "PIPE-16",
                "PIPE-20",
                "PIPE-25",
            ],
        },
    ],
    [
        "AWS workshop: nothing says which repository is production's",
        awsWorkshop,
        {
            broken: [...bareRepository, "ECR-14", "ECR-16", ...barePipeline, "PIPE-25"],
            open: ["PIPE-01", "PIPE-02"],
        },
    ],
    [
        "Inspector gate: one repository, an approval that nothing proves to be answered by a scan",
        inspectorGate,
        {
            broken: [
                ...bareRepository,
                "ECR-14",
                "ECR-16",
                "PIPE-01",
                "PIPE-07",
                "PIPE-09",
                ...barePipeline,
                "PIPE-14",
                "PIPE-16",
                "PIPE-20",
                "PIPE-25",
            ],
        },
    ],
    ["AccuKnox: one project, no pipeline and no repository of Amazon ECR", accuknox, { broken: [] }],
    [
        "Stelligent: a personal token, polling, a repository for everybody",
        stelligent,
        {
            broken: [
                ...bareRepository,
                "ECR-05",
                "ECR-14",
                "ECR-16",
                ...barePipeline,
                "PIPE-13",
                "PIPE-14",
                "PIPE-15",
            ],
            open: ["PIPE-01", "PIPE-02"],
        },
    ],
];

describe("the original designs under the rules about repositories and pipelines", () => {
    for (const [title, resources, { broken, open = [] }] of designs) {
        it(title, () => {
            deepEqual(found(resources, "violation"), broken.sort());
            deepEqual(found(resources, "inconclusive"), open);
        });
    }
});
