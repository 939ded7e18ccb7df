/**
 * Sabotage of the sources, judged by the real pack in its own process. Many more ways to weaken the stack are in
 * `defects/sabotage.spec.ts`, where one run of the program serves all of them.
 */
import { describeSabotages } from "./testing/sabotage";

describeSabotages("the program", [
    {
        title: "scan on push is switched off",
        file: "infra/repositories/repositories.ts",
        replace: ["scanOnPush: true", "scanOnPush: false"],
        caught: ["ECR-01R", "sample-repositories-candidate"],
    },
    {
        title: "the approvals are removed",
        file: "infra/pipeline/stages.ts",
        replace: [
            `{
            name: approvalActions.stage,
            actions: approveActions(application.name, approval, topicArns),
        },`,
            "",
        ],
        caught: ["PIPE-02", "sample-delivery-pipeline"],
    },
    {
        title: "the scanner's verdict is swallowed",
        file: "buildspecs/scan-grype.yml",
        replace: ['--execution "$EXECUTION_ID"', '--execution "$EXECUTION_ID" || true'],
        caught: ["BS-02", "sample-delivery-scan-grype-project"],
    },
]);
