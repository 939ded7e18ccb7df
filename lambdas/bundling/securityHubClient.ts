/** In place of `@aws-sdk/client-securityhub`: those of its commands that the functions use, over signed JSON. */
import { SignedJsonClient } from "../effects/signedJson";

/** Paths of the operations (AWS Security Hub API Reference). */
const paths: Record<string, string> = { BatchImportFindings: "/findings/import", GetFindings: "/findings" };

export class SecurityHubClient extends SignedJsonClient {
    constructor() {
        super({
            name: "securityhub",
            requestOf: (operation) => ({
                path: paths[operation] ?? "/",
                headers: { "content-type": "application/json" },
            }),
        });
    }
}

export class BatchImportFindingsCommand {
    readonly operation = "BatchImportFindings";
    constructor(readonly input: unknown) {}
}

export class GetFindingsCommand {
    readonly operation = "GetFindings";
    constructor(readonly input: unknown) {}
}
