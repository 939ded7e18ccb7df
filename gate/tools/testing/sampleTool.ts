import { createHash } from "node:crypto";
import { fileOf, type Tool } from "../toolManifest";

/** A tool 1.2.3 whose artefact is these bytes. */
export function sampleTool(url: string, content: Uint8Array): Tool {
    return {
        name: "grype",
        version: "1.2.3",
        platform: "linux/amd64",
        url,
        file: fileOf(url),
        kind: "binary",
        member: null,
        sha256: createHash("sha256").update(content).digest("hex"),
        licence: "Apache-2.0",
        sources: ["one", "two"],
    };
}

/**
 * For use inside `describe`: the AWS SDK finds credentials, region and this endpoint while its tests run.
 * @param endpoint asked for when the first test begins.
 */
export function useS3Environment(endpoint: () => string): void {
    const names = [
        "AWS_ENDPOINT_URL_S3",
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ] as const;
    const earlier = new Map<string, string | undefined>();
    before(() => {
        for (const name of names) {
            earlier.set(name, process.env[name]);
            process.env[name] = "test";
        }
        process.env["AWS_REGION"] = "us-east-1";
        process.env["AWS_ENDPOINT_URL_S3"] = endpoint();
    });
    after(() => {
        for (const [name, value] of earlier) {
            if (value === undefined) delete process.env[name];
            else process.env[name] = value;
        }
    });
}
