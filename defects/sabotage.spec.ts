/** Ways to weaken the stack with all five scanners; each is noticed by the rule that owns it, and nothing else is needed. */
import assert from "node:assert/strict";
import { runProgram } from "../offline/testing/runProgram";
import { advised } from "./testing/advised";
import { everyScanner } from "./testing/everyScanner";
import { types, useProvisionedStack, type SabotagedStack } from "./testing/provisionedStack";

interface Sabotage {
    title: string;
    change: (stack: SabotagedStack) => void;
    /** `RULE resource`. */
    noticed: string;
    advisory?: boolean;
}

const pipeline = "sample-delivery-pipeline";
const publish = "sample-delivery-publish-project";

/** Widens the resource of the role's statement that adds evidence. */
function widenEvidence(role: string, pattern: [string, string]): Sabotage["change"] {
    return (stack) => {
        stack.roleDocument(role, (text) => text.replace(pattern[0], pattern[1]));
    };
}

const sabotages: Sabotage[] = [
    {
        title: "tags can be overwritten",
        change: (stack) => {
            stack.change(types.repository, "-production", (inputs) => {
                inputs["imageTagMutability"] = "MUTABLE";
            });
        },
        noticed: "ECR-02 sample-repositories-production",
    },
    {
        title: "the scan comes after the release",
        change: (stack) => {
            stack.stages((stages) => [
                ...stages.filter(({ name }) => name !== "Test"),
                ...stages.filter(({ name }) => name === "Test"),
            ]);
        },
        noticed: `PIPE-01 ${pipeline}`,
    },
    {
        title: "every scan of a stage becomes advisory",
        change: (stack) => {
            for (const scanner of ["accuknox", "anchore", "grype", "inspector", "lacework"]) {
                stack.buildspec(`scan-${scanner}-project`, /GATE_ADVISORY: .*/, "GATE_ADVISORY: true");
            }
        },
        noticed: `PIPE-01 ${pipeline}`,
    },
    {
        title: "a scan step goes on after a failure",
        change: (stack) => {
            stack.buildspec("scan-grype-project", "on-failure: ABORT", "on-failure: CONTINUE");
        },
        noticed: "BS-05 sample-delivery-scan-grype-project",
    },
    {
        title: "the publish step builds the image again",
        change: (stack) => {
            stack.buildspec(
                "publish-project",
                "      - node gate.cjs promote",
                "      - docker build --tag again .\n      - node gate.cjs promote",
            );
        },
        noticed: `BS-10 ${publish}`,
    },
    {
        title: "the Verify stage is removed",
        change: (stack) => {
            stack.stages((stages) => stages.filter(({ name }) => name !== "Verify"));
        },
        noticed: `PIPE-14 ${pipeline}`,
        advisory: true,
    },
    {
        title: "the ScanStagingImage stage is removed",
        change: (stack) => {
            stack.stages((stages) => stages.filter(({ name }) => name !== "ScanStagingImage"));
        },
        noticed: `PIPE-01 ${pipeline}`,
    },
    {
        title: "the staging image is scanned after the approval",
        change: (stack) => {
            stack.stages((stages) => [
                ...stages.filter(({ name }) => name !== "ScanStagingImage" && name !== "Publish"),
                ...stages.filter(({ name }) => name === "ScanStagingImage"),
                ...stages.filter(({ name }) => name === "Publish"),
            ]);
        },
        noticed: `PIPE-03 ${pipeline}`,
    },
    {
        title: "the verdict about one stage is asked for twice",
        change: (stack) => {
            stack.buildspec("publish-project", "--stage scanStagingImage", "--stage test");
        },
        noticed: `BS-03 ${publish}`,
    },
    {
        title: "the verdict about the staging image is left out",
        change: (stack) => {
            stack.commands("publish-project", (command) =>
                command.includes("--stage scanStagingImage") ? "echo skipped" : command,
            );
        },
        noticed: `BS-03 ${publish}`,
    },
    ...["grype", "accuknox", "lacework"].map((scanner): Sabotage => ({
        title: `the checksum of ${scanner}'s tool is removed`,
        change: (stack) => {
            stack.buildspec(`scan-${scanner}-project`, /--sha256 "[0-9a-f]{64}"/, "");
        },
        noticed: `BS-12 sample-delivery-scan-${scanner}-project`,
    })),
    {
        title: "hadolint is fetched without the gate and never compared",
        change: (stack) => {
            stack.commands("lint-project", (command) =>
                /tools install/.test(command)
                    ? "curl -sSfLo hadolint https://example.com/hadolint && chmod +x hadolint"
                    : command,
            );
        },
        noticed: "BS-12 sample-delivery-lint-project",
    },
    {
        title: "a scan step may write another scanner's evidence",
        change: widenEvidence("scan-anchore-role", ["/anchore/*/test/*", "/*/test/*"]),
        noticed: "BYP-08 sample-delivery-scan-anchore-role",
    },
    {
        title: "a scan step may write another stage's evidence",
        change: widenEvidence("scan-grype-role", ["/grype/*/test/*", "/grype/*"]),
        noticed: "BYP-08 sample-delivery-scan-grype-role",
    },
    {
        title: "the builder may write evidence",
        change: (stack) => {
            stack.grant("build-role", ["s3:PutObject"], ["arn:aws:s3:::portcullis-prod-evidence-*/*"]);
        },
        noticed: "BYP-08 sample-delivery-build-role",
    },
    {
        title: "a scan step may delete what it wrote",
        change: (stack) => {
            stack.grant(
                "scan-grype-role",
                ["s3:DeleteObject*"],
                ["arn:aws:s3:::portcullis-prod-evidence-*/*"],
            );
        },
        noticed: "BYP-08 sample-delivery-scan-grype-role",
    },
    {
        title: "grype leaves out what has no fix",
        change: (stack) => {
            stack.buildspec("scan-grype-project", "--output json", "--only-fixed --output json");
        },
        noticed: "BS-07 sample-delivery-scan-grype-project",
    },
    {
        title: "Trivy minds critical findings only",
        change: (stack) => {
            stack.buildspec(
                "scan-accuknox-project",
                "--scanners vuln",
                "--severity CRITICAL --scanners vuln",
            );
        },
        noticed: "BS-07 sample-delivery-scan-accuknox-project",
    },
    {
        title: "lint goes on after a failure",
        change: (stack) => {
            stack.buildspec("lint-project", "on-failure: ABORT", "on-failure: CONTINUE");
        },
        noticed: "BS-05 sample-delivery-lint-project",
    },
    {
        title: "the secret scan's result is lost",
        change: (stack) => {
            stack.commands("secrets-project", (command) =>
                /gate\.cjs secrets/.test(command) ? `${command} || true` : command,
            );
        },
        noticed: "BS-02 sample-delivery-secrets-project",
    },
    ...["BASH_ENV", "NODE_OPTIONS", "AWS_ENDPOINT_URL_S3"].map((name): Sabotage => ({
        title: `the pipeline gives ${name} to the publish step`,
        change: (stack) => {
            stack.stages((stages) => {
                const [action] = stages.find(({ name: stage }) => stage === "Publish")?.["actions"] as {
                    configuration: { EnvironmentVariables: string };
                }[];
                assert.ok(action);
                const variables = JSON.parse(action.configuration.EnvironmentVariables) as unknown[];
                action.configuration.EnvironmentVariables = JSON.stringify([
                    ...variables,
                    { name, value: "./elsewhere", type: "PLAINTEXT" },
                ]);
                return stages;
            });
        },
        noticed: `PIPE-01 ${pipeline}`,
    })),
    ...(
        [
            ["change the pipeline", "codepipeline:UpdatePipeline", "codepipeline:*:*:portcullis-prod-sample-delivery", "BYP-03"], // prettier-ignore
            ["change the publish step", "codebuild:UpdateProject", "codebuild:*:*:project/portcullis-prod-sample-publish", "BYP-03"], // prettier-ignore
            ["change the publisher's role", "iam:PutRolePolicy", "iam::*:role/portcullis-prod-*", "BYP-03"],
            ["open the production repository", "ecr:SetRepositoryPolicy", "ecr:*:*:repository/*-production", "BYP-03"], // prettier-ignore
            ["start the publish step", "codebuild:StartBuild", "codebuild:*:*:project/portcullis-prod-sample-publish", "BYP-04"], // prettier-ignore
        ] as const
    ).map(([what, action, resource, rule]): Sabotage => ({
        title: `a scan step may ${what}`,
        change: (stack) => {
            stack.grant("scan-grype-role", [action], [`arn:aws:${resource}`]);
        },
        noticed: `${rule} sample-delivery-scan-grype-role`,
    })),
    {
        title: "a scan step's project runs as the publisher",
        change: (stack) => {
            let role: unknown;
            stack.change(types.project, "publish-project", (inputs) => (role = inputs["serviceRole"]));
            stack.change(types.project, "scan-grype-project", (inputs) => (inputs["serviceRole"] = role));
        },
        noticed: "BYP-01 sample-delivery-publish-role",
    },
];

describe("Sabotage of the stack with every scanner", () => {
    const stack = useProvisionedStack();

    it("is not needed for a clean result: nothing is refused, and no more advised than is known", () => {
        assert.deepEqual(stack().refusals(), []);
        assert.deepEqual(stack().weaknesses(), [...advised.keys()].sort());
    });

    for (const { title, change, noticed, advisory } of sabotages) {
        it(`is noticed by ${noticed.split(" ")[0]}: ${title}`, () => {
            const found = advisory ? stack().weaknesses(change) : stack().refusals(change);
            assert.ok(found.includes(noticed), `found only: ${found.join(", ") || "nothing"}`);
        });
    }

    it("is refused before there is a stack: no scanner is required in a stage", async () => {
        for (const stage of ["test", "scanStagingImage"]) {
            const gatePolicy = structuredClone(everyScanner["gatePolicy"]) as {
                requiredScanners: Record<string, string[]>;
            };
            gatePolicy.requiredScanners[stage] = [];
            await assert.rejects(
                runProgram({ stack: "prod", mode: "preview", config: { ...everyScanner, gatePolicy } }),
                new RegExp(`requiredScanners\\.${stage}`),
            );
        }
    }).timeout(120_000);
});
