import { describeSabotages } from "./testing/sabotage";

describeSabotages("the program", [
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
]);
