import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runProgram } from "../offline/testing/runProgram";

const root = resolve(__dirname, "..");

/** What the program needs to run from a copy; node_modules is found above the copy. */
const programFiles = [
    "Pulumi.yaml",
    "Pulumi.dev.yaml",
    "package.json",
    "tsconfig.json",
    "infra",
    "gate",
    "buildspecs",
];

interface Sabotage {
    title: string;
    file: string;
    /** Text in the file and what takes its place. The text must be there, so that this list cannot rot in silence. */
    replace: [string, string];
    /** Rule and logical name of the resource that must be named. */
    caught: [rule: string, resource: string];
}

const sabotages: Sabotage[] = [
    {
        title: "scan on push is switched off",
        file: "infra/repositories/repositories.ts",
        replace: ["scanOnPush: true", "scanOnPush: false"],
        caught: ["ECR-01R", "sample-repositories-candidate"],
    },
    {
        title: "tags can be overwritten",
        file: "infra/repositories/repositories.ts",
        replace: ['imageTagMutability: "IMMUTABLE"', 'imageTagMutability: "MUTABLE"'],
        caught: ["ECR-02", "sample-repositories-production"],
    },
    {
        title: "the approval is removed",
        file: "infra/pipeline/stages.ts",
        replace: [
            '{ name: "Approve", actions: [approveAction(application.name, approval, approvalTopicArn)] },',
            "",
        ],
        caught: ["PIPE-02", "sample-delivery-pipeline"],
    },
    {
        title: "the scan comes after the release",
        file: "infra/pipeline/stages.ts",
        replace: [
            `        { name: "Test", actions: actions("Test") },
        { name: "Stage", actions: actions("Stage") },
        { name: "ScanStagingImage", actions: actions("ScanStagingImage") },
        { name: "Approve", actions: [approveAction(application.name, approval, approvalTopicArn)] },
        { name: "Publish", actions: actions("Publish") },`,
            `        { name: "Stage", actions: actions("Stage") },
        { name: "ScanStagingImage", actions: actions("ScanStagingImage") },
        { name: "Approve", actions: [approveAction(application.name, approval, approvalTopicArn)] },
        { name: "Publish", actions: actions("Publish") },
        { name: "Test", actions: actions("Test") },`,
        ],
        caught: ["PIPE-01", "sample-delivery-pipeline"],
    },
    {
        title: "the scanner's verdict is swallowed",
        file: "buildspecs/scan-grype.yml",
        replace: ['--execution "$EXECUTION_ID"', '--execution "$EXECUTION_ID" || true'],
        caught: ["BS-02", "sample-delivery-scan-grype-project"],
    },
    {
        title: "the only required scan becomes advisory",
        file: "buildspecs/scan-grype.yml",
        replace: ['GATE_ADVISORY: "{{advisory}}"', 'GATE_ADVISORY: "true"\n    UNUSED: "{{advisory}}"'],
        caught: ["PIPE-01", "sample-delivery-pipeline"],
    },
    {
        title: "a scan step goes on after a failure",
        file: "buildspecs/scan-grype.yml",
        replace: ["on-failure: ABORT", "on-failure: CONTINUE"],
        caught: ["BS-05", "sample-delivery-scan-grype-project"],
    },
    {
        title: "the publish step builds the image again",
        file: "buildspecs/publish.yml",
        replace: [
            "      - node gate.cjs promote",
            "      - docker build --tag again .\n      - node gate.cjs promote",
        ],
        caught: ["BS-10", "sample-delivery-publish-project"],
    },
];

describe("Sabotage of the program", () => {
    let folder: string;
    before(() => {
        mkdirSync(join(root, ".cache"), { recursive: true });
        folder = mkdtempSync(join(root, ".cache", "sabotage-"));
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    for (const [index, { title, file, replace, caught }] of sabotages.entries()) {
        it(`is caught by ${caught[0]}: ${title}`, async () => {
            const cwd = join(folder, String(index));
            for (const name of programFiles) {
                cpSync(join(root, name), join(cwd, name), { recursive: true });
            }
            const path = join(cwd, file);
            const text = readFileSync(path, "utf8");
            assert.ok(text.includes(replace[0]), `${file} does not have: ${replace[0]}`);
            writeFileSync(
                path,
                text.replace(replace[0], () => replace[1]),
            );

            const { policy } = await runProgram({ cwd, stack: "dev", mode: "preview", policy: true });
            const found = (policy?.diagnostics ?? []).filter(
                ({ enforcement, inconclusive }) => enforcement === "mandatory" && !inconclusive,
            );
            const names = found.map(({ policy: rule, urn }) => `${rule} ${urn.split("::").at(-1)}`);
            assert.ok(names.includes(caught.join(" ")), `found only: ${names.join(", ") || "nothing"}`);
            const diagnostic = found.find((entry) => entry.policy === caught[0]);
            assert.ok((diagnostic?.fix ?? "").length > 10, "the finding says how to fix it");
        });
    }
});
