import { describeSabotages } from "./testing/sabotage";

describeSabotages("scans and evidence", [
    {
        title: "the publish step forgets the second scan",
        file: "buildspecs/publish.yml",
        replace: ["--stage scanStagingImage", "--stage test"],
        caught: ["BS-03", "sample-delivery-publish-project"],
    },
    {
        title: "the staging image is not scanned again",
        file: "infra/pipeline/stages.ts",
        replace: ['        { name: "ScanStagingImage", actions: actions("ScanStagingImage") },\n', ""],
        caught: ["PIPE-01", "sample-delivery-pipeline"],
    },
    {
        title: "a scan step may write the evidence of other stages too",
        file: "infra/pipeline/evidencePermissions.ts",
        replace: ["`sha256-*/${scanner}/*/${stage}/*`", "`sha256-*/${scanner}/*`"],
        caught: ["BYP-08", "sample-delivery-scan-grype-role"],
    },
    {
        title: "a scan step may delete evidence",
        file: "infra/pipeline/evidencePermissions.ts",
        replace: ['["s3:GetObject"], [own]', '["s3:GetObject", "s3:DeleteObject"], [own]'],
        caught: ["BYP-08", "sample-delivery-scan-grype-role"],
    },
    {
        title: "a tool is run without a checksum",
        file: "buildspecs/scan-grype.yml",
        replace: [
            'node gate.cjs tools install --tool grype --url "{{grypeUrl}}" --sha256 "{{grypeSha256}}" --to .',
            'curl --fail --location --output grype "{{grypeUrl}}#{{grypeSha256}}" && chmod +x grype',
        ],
        caught: ["BS-12", "sample-delivery-scan-grype-project"],
    },
]);
