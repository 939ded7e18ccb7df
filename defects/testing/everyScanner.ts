/** Stack settings with all five scanners, on top of a stack file: four decide in both stages, Anchore is advisory. */
const deciding = ["grype", "accuknox", "lacework", "inspector"];

export const everyScanner: Record<string, unknown> = {
    scanners: [
        { name: "anchore", mode: "advisory" },
        { name: "grype", mode: "required" },
        {
            name: "accuknox",
            mode: "required",
            tenantId: "4711",
            label: "orders",
            tokenParameter: "/portcullis/accuknox/token",
        },
        {
            name: "lacework",
            mode: "required",
            account: "example",
            apiKeyParameter: "/portcullis/lacework/key",
            apiSecretParameter: "/portcullis/lacework/secret",
            cli: {
                version: "2.5.0",
                url: "https://example.com/lacework/v2.5.0/lacework-cli-linux-amd64.tar.gz",
                sha256: "5".repeat(64),
            },
        },
        { name: "inspector", mode: "required" },
    ],
    gatePolicy: { version: 1, requiredScanners: { test: deciding, scanStagingImage: deciding } },
};
